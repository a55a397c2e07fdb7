"""What every door does for a request and an act: who it is of, what they must see, and the answer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from comity.admin import users
from comity.admin.tokens import APPROVE, SCOPES, Token, create
from comity.doors import approving
from comity.errors import Denied, NotFound, SenderFault
from comity.intake.govern import add_agreement
from comity.release.account import agreements
from comity.release.sight import Reader
from tests.approving import GUESTS, TWO, Meeting
from tests.consortium import indicator


@pytest.fixture
def meeting() -> Meeting:
    return Meeting()


def token(meeting: Meeting, name: str | None, party: str = "KZ", scopes: tuple[str, ...] = (*SCOPES, APPROVE)) -> Token:
    world = meeting.body.world
    if name is not None and name not in [user.name for user in users.users(world)]:
        users.add(world, name, party, "point-of-contact")
    expires = meeting.body.clock() + timedelta(days=1)
    return create(world, party=None if name else party, user=name, scopes=scopes if name else SCOPES, expires=expires)[0]


def reader(token: Token) -> Reader:
    return Reader(party=token.party, body="sco", purposes=token.purposes, client=token.id)


def test_a_tool_asks_and_a_person_approves(meeting):
    (id_,) = meeting.shares(indicator(), tlp="green")
    tool, anna = token(meeting, None), token(meeting, "anna")
    assert (approving.holder(tool).robot, approving.holder(anna).robot) == (True, False)
    (made,) = approving.request(meeting.desk, reader(tool), approving.holder(tool), [id_, id_], ["BY", "BY"])
    assert (made.clause, made.recipients, made.ids, made.person) == (GUESTS, ("BY",), (id_,), f"token {tool.id}")
    with pytest.raises(Denied, match="a tool may not"):
        approving.act(meeting.desk, tool, reader(tool), made.id, "approve")
    done = approving.act(meeting.desk, anna, reader(anna), made.id, "approve")
    assert (done.state, [act.person for act in done.acts]) == ("approved", ["anna"])
    assert meeting.by.polls() == [id_]


def test_a_person_without_the_scope_may_not_act(meeting):
    (id_,) = meeting.shares(indicator(), tlp="green")
    anna = token(meeting, "anna", scopes=SCOPES)
    (made,) = approving.request(meeting.desk, reader(anna), approving.holder(anna), [id_], ["BY"])
    with pytest.raises(Denied, match="not issued for approve"):
        approving.act(meeting.desk, anna, reader(anna), made.id, "approve")


def test_what_one_does_not_see_is_not_there_whoever_may_act_on_it(meeting):
    (id_,) = meeting.shares(indicator(), tlp="green")
    (made,) = approving.request(meeting.desk, None, approving.holder(token(meeting, None)), [id_], ["BY"])
    uz = token(meeting, "zafar", "UZ")
    said = []
    for request in (made.id, "apr_000000000000"):
        with pytest.raises(NotFound) as fault:
            approving.act(meeting.desk, uz, reader(uz), request, "approve")
        said.append(str(fault.value))
    assert said[0] == said[1]
    with pytest.raises(NotFound):
        approving.request(meeting.desk, reader(uz), approving.holder(uz), [meeting.shares(indicator())[0]], ["BY"])


def test_whoever_sees_it_and_may_not_act_is_told_who_may(meeting):
    (id_,) = meeting.shares(indicator(), tlp="green")
    uz = token(meeting, "zafar", "UZ")
    (made,) = approving.request(meeting.desk, reader(uz), approving.holder(uz), [id_], ["BY"])
    with pytest.raises(Denied) as fault:
        approving.act(meeting.desk, uz, reader(uz), made.id, "approve")
    assert fault.value.next == "a person of KZ may"


PACT = """
[agreement]
id = "pact"
version = 1
title = "Between two"
body = "sco"
purposes = ["network-defence"]
in_force = 2021-01-01
entry = "per-party"

[[clause]]
id = "one"
text = "TJ receives indicators with the origin's consent."
effect = "permit"
to = { party = ["TJ"] }
types = ["indicator"]
tlp_max = "amber"
approval = { procedure = "origin" }

[party.KZ]
in_force = 2021-01-01

[party.TJ]
in_force = 2021-01-01

[party.SCO-CENTRE]
role = "centre"
in_force = 2021-01-01
"""


def asked(meeting, holder, *to: str):
    try:
        made = approving.request(meeting.desk, reader(holder), approving.holder(holder), [meeting.item], list(to))
    except SenderFault as fault:
        return str(fault)
    return [(each.clause, each.asks, each.recipients, each.state) for each in made]


@pytest.mark.parametrize("secret", ["an agreement that asks", "one that permits", "consent"])
def test_who_asks_about_anothers_object_is_not_told_what_others_agreed_or_consented_to(meeting, secret):
    """UZ sees an indicator of KZ, by two persons' consent, and asks that TJ get it."""
    (meeting.item,) = meeting.shares(indicator())
    (request,) = meeting.asks([meeting.item], "UZ")
    for person in ("anna", "bulat"):
        meeting.does("approve", request, f"KZ/{person}")
    uz, kz = token(meeting, "zafar", "UZ"), token(meeting, "anna")
    before = asked(meeting, uz, "TJ")
    assert before == [(TWO, "two persons of the origin", ("TJ",), "requested")]
    if secret == "consent":
        (other,) = meeting.asks([meeting.item], "TJ")
        for person in ("anna", "bulat"):
            meeting.does("approve", other, f"KZ/{person}")
    else:
        text = PACT if secret == "an agreement that asks" else PACT.replace('approval = { procedure = "origin" }', "")
        add_agreement(meeting.body.world, text, "pact.toml", by="test")
    assert asked(meeting, uz, "TJ") == before
    if secret != "consent":
        assert [each.id for each in agreements(meeting.desk, "UZ")] == ["careful"]
    own = {"an agreement that asks": "pact@1/one", "one that permits": "nothing awaits", "consent": "nothing awaits"}
    assert own[secret] in str(asked(meeting, kz, "TJ"))
