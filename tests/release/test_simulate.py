"""What a simulation counts is what the pages would then do."""

from __future__ import annotations

from datetime import timedelta
from time import process_time

import pytest

from comity.agree.agreement import read
from comity.errors import SenderFault
from comity.intake.govern import add_agreement
from comity.release.select import Query
from comity.release.sight import Reader
from comity.release.simulate import simulate
from comity.terms.tlp import TLP2_IDS
from tests.consortium import MEMBERS, START, Body, Member, indicator, relationship, report

#: What everybody sees.
MARK = TLP2_IDS["green"]
LONG_AGO = START - timedelta(days=300)
#: Observers up to AMBER; version 2 of `MEMBERS`.
WIDER = MEMBERS.replace("version = 1", "version = 2").replace('tlp_max = "green"', 'tlp_max = "amber"')
NARROWER = MEMBERS.replace("version = 1", "version = 2").replace('tlp_max = "amber"', 'tlp_max = "green"')
COPIES = (
    WIDER
    + """
[profile.thin]
remove = ["description", "external_references.url"]

[[clause]]
id = "copies"
text = "Guests receive reports without what identifies anybody."
effect = "permit"
to = { standing = ["guest"] }
types = ["report"]
tlp_max = "amber"
redact = "thin"

[[clause]]
id = "asked"
text = "Guests receive indicators once the origin agrees."
effect = "permit"
to = { standing = ["guest"] }
types = ["indicator"]
tlp_max = "amber"
approval = { procedure = "origin" }
"""
)

MORE_CLAUSES = "".join(
    f"""
[[clause]]
id = "more-{number}"
text = "Guests."
effect = "permit"
to = {{ standing = ["guest"] }}
types = ["*"]
"""
    for number in range(3)
)


def text(toml):
    return read(toml, name="next.toml")


def told(found):
    return {(each.party, each.type, each.before, each.after): each.items for each in found.items}


@pytest.fixture
def body():
    made = Body()
    for code, standing in (("KZ", "member"), ("UZ", "member"), ("IR", "observer"), ("AF", "guest")):
        made.party(code, standing)
    return made


def submit(body, party, *objects, **options):
    return Member(body, party).submits(*objects, **options)


def test_a_wider_text_gives_more_and_takes_nothing(body):
    submit(body, "KZ", indicator(), indicator(), tlp="amber")
    submit(body, "KZ", indicator(), tlp="green")
    found = simulate(body.desk, text(WIDER), LONG_AGO)
    assert told(found) == {("IR", "indicator", "deny", "permit"): 2}
    (shift,) = found.items
    assert (shift.clause, shift.clause_before, shift.tlp) == ("test@2/observers", "", "amber")
    assert found.counted == 3
    assert found.sentences == ("IR: 2 more indicators up to TLP:AMBER (clause observers)", "nobody loses anything")


def test_a_narrower_text_takes_and_names_the_clause_that_gave(body):
    submit(body, "KZ", indicator(), tlp="amber")
    found = simulate(body.desk, text(NARROWER), LONG_AGO)
    assert told(found) == {("UZ", "indicator", "permit", "deny"): 1}
    assert found.sentences == ("UZ: no longer 1 indicator up to TLP:AMBER (clause members gave them)", "nobody receives more")


def test_the_same_text_changes_nothing(body):
    submit(body, "KZ", indicator())
    found = simulate(body.desk, text(MEMBERS), LONG_AGO)
    assert (found.items, found.sentences) == ((), ("nobody receives more or less",))


def test_copies_and_approvals_are_told_with_what_is_withheld(body):
    submit(body, "KZ", indicator(), tlp="amber")
    submit(body, "KZ", report(MARK), tlp="amber")
    found = simulate(body.desk, text(COPIES), LONG_AGO)
    guest = {each.type: each for each in found.items if each.party == "AF"}
    assert (guest["report"].after, guest["report"].withheld) == ("redact", ("description", "external_references.url"))
    assert (guest["indicator"].after, guest["indicator"].clause) == ("approve", "test@2/asked")
    assert "AF: 1 more indicator up to TLP:AMBER, once approved (clause asked); " in found.sentences[0]
    assert "1 more report up to TLP:AMBER, as copies without description and external_references.url (clause copies)" in found.sentences[0]


def test_copies_that_were_made_are_not_counted_beside_their_originals(body):
    add_agreement(body.world, COPIES, "now.toml", by="test")
    submit(body, "KZ", report(MARK, description="from our sensor"), report(MARK), tlp="green")
    # A report that names what the guest does not see is not copied for it either.
    hidden = indicator()
    submit(body, "KZ", hidden, report(hidden["id"]), tlp="green")
    guest = Reader(party="AF", body="sco", purposes=("network-defence",))
    assert len(body.desk.page(guest, Query()).found) == 2
    found = simulate(body.desk, text(COPIES.replace("version = 2", "version = 3").replace('redact = "thin"\n', "")), LONG_AGO)
    assert found.counted == 4
    assert told(found) == {("AF", "report", "redact", "permit"): 2}


def test_only_what_came_in_since_and_is_alive_counts(body):
    submit(body, "KZ", indicator(), tlp="amber")
    body.clock.at += timedelta(days=40)
    submit(body, "KZ", indicator(), tlp="amber")
    submit(body, "KZ", indicator(), tlp="amber", expires=body.clock.at + timedelta(hours=1))
    assert simulate(body.desk, text(WIDER), body.clock.at - timedelta(days=30)).counted == 2
    body.clock.at += timedelta(hours=2)
    assert simulate(body.desk, text(WIDER), body.clock.at - timedelta(days=30)).counted == 1
    assert simulate(body.desk, text(WIDER), LONG_AGO).counted == 2


def test_what_names_others_counts_only_if_those_are_visible_too(body):
    seen, hidden = indicator(), indicator()
    submit(body, "KZ", seen, tlp="amber")
    submit(body, "KZ", hidden, tlp="red", to=("UZ",))
    submit(body, "KZ", relationship(seen["id"], seen["id"]), relationship(seen["id"], hidden["id"]), tlp="amber")
    assert told(simulate(body.desk, text(WIDER), LONG_AGO)) == {
        ("IR", "indicator", "deny", "permit"): 1,
        ("IR", "relationship", "deny", "permit"): 1,
    }


@pytest.mark.parametrize("toml", [WIDER, NARROWER, COPIES], ids=["wider", "narrower", "copies"])
def test_what_is_foretold_is_what_happens_then(body, toml):
    for tlp in ("clear", "green", "amber", "red"):
        seen = indicator()
        submit(body, "KZ", seen, relationship(seen["id"], seen["id"]), tlp=tlp, to=("UZ",) if tlp == "red" else None)
        submit(body, "IR", indicator(), tlp=tlp)

    def whole(party):
        page = body.desk.page(Reader(party=party, body="sco", purposes=("network-defence",)), Query(own=False, limit=1_000))
        return {(row.origin, row.id) for _, row in page.found}

    parties = ("KZ", "UZ", "IR", "AF")
    before = {party: whole(party) for party in parties}
    found = simulate(body.desk, text(toml), LONG_AGO)
    more = {p: sum(s.items for s in found.items if s.party == p and s.after == "permit") for p in parties}
    less = {p: sum(s.items for s in found.items if s.party == p and s.before == "permit") for p in parties}
    assert any(more.values()) or any(less.values())
    add_agreement(body.world, toml, "next.toml", by="test")
    after = {party: whole(party) for party in parties}
    assert more == {p: len(after[p] - before[p]) for p in parties}
    assert less == {p: len(before[p] - after[p]) for p in parties}


def test_a_text_of_another_agreement_comes_in_addition(body):
    submit(body, "KZ", indicator(), tlp="amber")
    found = simulate(body.desk, text(WIDER.replace('id = "test"', 'id = "another"')), LONG_AGO)
    assert told(found) == {("IR", "indicator", "deny", "permit"): 1}


def test_nothing_is_written(body):
    submit(body, "KZ", indicator(), tlp="amber")
    head, counters = body.world.store.head(), body.world.store.counters()
    simulate(body.desk, text(WIDER), LONG_AGO)
    assert (body.world.store.head(), body.world.store.counters()) == (head, counters)


def test_a_member_is_told_of_its_own_items_and_of_itself_alone(body):
    kz, uz = (Reader(party=party, body="sco", purposes=("network-defence",)) for party in ("KZ", "UZ"))
    submit(body, "KZ", indicator(), indicator(), tlp="amber")
    submit(body, "UZ", indicator(), tlp="amber")
    assert told(simulate(body.desk, text(WIDER), LONG_AGO, asker=kz)) == {("IR", "indicator", "deny", "permit"): 2}
    assert told(simulate(body.desk, text(NARROWER), LONG_AGO, asker=uz)) == {
        ("KZ", "indicator", "permit", "deny"): 1,
        ("UZ", "indicator", "permit", "deny"): 2,
    }


def test_what_a_member_may_not_see_changes_nothing_that_it_is_told(body):
    ir = Reader(party="IR", body="sco", purposes=("network-defence",))
    mine = indicator()
    submit(body, "IR", mine, relationship(mine["id"], "indicator--00000000-0000-4000-8000-000000000000"), tlp="amber")
    submit(body, "KZ", indicator(), tlp="green")
    without = simulate(body.desk, text(WIDER), LONG_AGO, asker=ir)
    submit(body, "KZ", indicator(id="indicator--00000000-0000-4000-8000-000000000000"), indicator(), tlp="amber")
    with_hidden = simulate(body.desk, text(WIDER), LONG_AGO, asker=ir)
    assert (without.items, without.counted) == (with_hidden.items, with_hidden.counted)


def test_who_the_parties_of_an_agreement_are_is_told_to_those_who_may_read_it(body):
    """A draft under an id that others' agreement has is told of as one under an id that nobody has."""
    draft = WIDER.replace('id = "test"', 'id = "pact"').replace("in_force = 2021-01-01", 'in_force = 2021-01-01\nentry = "per-party"')
    ir = Reader(party="IR", body="sco", purposes=("network-defence",))
    submit(body, "IR", indicator(), tlp="amber")
    without = simulate(body.desk, text(draft), LONG_AGO, on=START, asker=ir)
    pact = draft.replace("version = 2", "version = 1") + "in_force = 2021-01-01\n"
    add_agreement(body.world, pact + "".join(f"[party.{code}]\nin_force = 2021-01-01\n" for code in ("KZ", "UZ")), "pact.toml", by="test")
    assert simulate(body.desk, text(draft), LONG_AGO, on=START, asker=ir) == without
    assert "for SCO-CENTRE, KZ and UZ" in " ".join(simulate(body.desk, text(draft), LONG_AGO, on=START).assumed)


def test_how_much_a_member_may_have_counted_is_bounded(body):
    """A text of the most bytes that the API takes, which names ten thousand parties."""
    kz = Reader(party="KZ", body="sco", purposes=("network-defence",))
    submit(body, "KZ", *(indicator(indicator_types=[f"kind-{number}"]) for number in range(60)), tlp="amber")
    many = text(WIDER + "".join(f"[party.{number:05d}]\n" for number in range(8_000)) + MORE_CLAUSES)
    started = process_time()
    with pytest.raises(SenderFault, match="too much"):
        simulate(body.desk, many, LONG_AGO, asker=kz)
    assert process_time() - started < 2
    assert simulate(body.desk, text(WIDER), LONG_AGO, asker=kz).counted == 60
