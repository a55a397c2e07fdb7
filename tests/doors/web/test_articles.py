"""An agreement's text as plain data."""

from __future__ import annotations

import pytest

from comity import samples
from comity.agree.agreement import read
from comity.agree.difference import amendments, moves
from comity.agree.document import as_text
from comity.doors.web import articles
from comity.release import account
from comity.wire import PartyStatus, PartyStep
from tests.consortium import MEMBERS, START, Body

FULL = MEMBERS.replace(
    'types = ["@threat", "@observables", "@links"]\ntlp_max = "green"',
    """types = ["report"]
tlp_max = "green"
redact = "brief"
retain = "P1Y"
onward = "parties"
since = 2021-05-01
duty = ["feedback within P30D"]
approval = { procedure = "silence", window = "P14D" }""",
).replace("[party.SCO-CENTRE]", '[profile.brief]\nremove = ["description"]\n\n[cap.analyst]\ntlp_max = "green"\n\n[party.SCO-CENTRE]')


def test_a_clause_says_as_data_what_it_says_to_the_machine():
    _, clause = articles.clauses(read(FULL))
    assert clause["to"] == {"standing": ["observer"], "body": [], "role": [], "party": []}
    assert clause["from"] is None
    assert (clause["redact"], clause["retain"], clause["onward"]) == (["description"], "P1Y", "parties")
    assert clause["approval"] == {"procedure": "silence", "window": "P14D", "sponsors": 2, "lapse": None}
    assert clause["duty"] == [{"name": "feedback", "within": "P30D", "by": None}]
    assert clause["since"] == "2021-05-01T00:00:00Z"
    assert clause["purposes"] == ["network-defence"]


def test_it_says_what_the_document_says():
    agreement = read(FULL)
    document = as_text(agreement)
    for clause in articles.clauses(agreement):
        assert all(line in document for line in clause["said"])
        assert FULL.splitlines()[clause["line"] - 1] == "[[clause]]"


def test_limits_and_head():
    agreement = read(FULL)
    assert articles.limits(agreement) == {"caps": [{"role": "analyst", "tlp_max": "green"}], "budgets": []}
    found = articles.head(agreement)
    assert (found["ref"], found["in_force"], found["sha256"]) == ("test@1", "2021-01-01T00:00:00Z", agreement.sha256)


def test_a_life_has_a_row_for_each_step_and_one_for_a_party_without():
    took = PartyStatus(
        party="KZ", role="party", standing="member", bound=False, why="signed but not ratified", authority="CERT",
        steps=(PartyStep(step="signed", on=START, until=None, clause="", word="signature"),),
    )  # fmt: skip
    none = PartyStatus(party="UZ", role="party", standing="member", bound=True, why="", authority="", steps=())
    rows = articles.steps([articles.life(took), articles.life(none)])
    assert [(row["party"], row["step"], row["on"]) for row in rows] == [("KZ", "signed", "2021-11-01T09:00:00Z"), ("UZ", "", None)]


@pytest.mark.parametrize("party", ["SCO-CENTRE", "KZ"])
def test_lives_are_those_that_the_party_is_told_of(party):
    body = Body(agreement=FULL)
    body.member("KZ")
    (agreement,) = account.agreements(body.desk, party)
    found = [articles.life(each) for each in account.statuses(body.desk, party, agreement)]
    assert {each["party"]: each["bound"] for each in found} == {"SCO-CENTRE": True, "KZ": True}


def test_a_protocol_is_between_bodies_and_its_changes_say_of_which():
    old = samples.read("hub-protocol-sample.toml").decode()
    new = old.replace('types = ["indicator", "@observables"]', 'types = ["indicator", "malware", "@observables"]', 1)
    new = new.replace('restricted = "amber+strict"', 'restricted = "red"')
    assert articles.head(read(old))["bodies"] == ["sco", "cica"]
    (move,) = (articles.move(each) for each in moves(read(old), read(new)))
    assert move["recipients"] == [{"standing": "member", "body": "cica", "any": True, "parties": []}]
    assert [one["body"] for one in move["origins"]] == ["sco"]
    made = [articles.amendment(each) for each in amendments(read(old), read(new))]
    assert [(each["part"], each["name"], each["field"]) for each in made] == [("clause", "art-1", "types"), ("map", "cica", "tlp")]
    assert made[1]["now"] == {"form": "list", "value": [{"form": "text", "value": "restricted → red"}]}
