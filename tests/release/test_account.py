"""What a party is told of decisions and rules over the wire."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from comity.errors import Denied, NotFound
from comity.intake.govern import add_agreement, add_standing
from comity.intake.registering import take
from comity.release import account
from comity.release.explain import Moments
from comity.terms.party import Standing
from comity.terms.registry import Dispute, Entries, Position
from tests.consortium import MEMBERS, START, Body, indicator, report
from tests.release.test_copies import REDACTED

PURPOSES = ("network-defence",)
OTHERS = MEMBERS.replace('id = "test"', 'id = "others"').replace("in_force = 2021-01-01", 'in_force = 2021-01-01\nentry = "per-party"', 1)


@pytest.fixture
def body():
    return Body()


@pytest.fixture
def kz(body):
    return body.member("KZ")


@pytest.fixture
def uz(body):
    return body.member("UZ")


def test_an_origin_is_told_who_receives_its_own(body, kz, uz):
    body.observer("IR")
    item = indicator()
    kz.submits(item)
    told = {each.party: each.decision.effect for each in account.audience(body.desk, kz.reader, item["id"], PURPOSES)}
    assert told == {"IR": "deny", "KZ": "permit", "SCO-CENTRE": "deny", "UZ": "permit"}
    assert account.why(body.desk, kz.reader, item["id"], "IR", PURPOSES).decision.effect == "deny"


def test_who_sees_an_object_is_told_of_itself_alone(body, kz, uz):
    item = indicator()
    kz.submits(item)
    assert account.why(body.desk, uz.reader, item["id"], "UZ", PURPOSES).decision.effect == "permit"
    with pytest.raises(Denied):
        account.why(body.desk, uz.reader, item["id"], "KZ", PURPOSES)
    with pytest.raises(Denied):
        account.audience(body.desk, uz.reader, item["id"], PURPOSES)


def test_of_two_claims_an_origin_is_told_of_its_own(body, kz, uz):
    item = indicator()
    kz.submits(item, tlp="amber")
    uz.submits(item, tlp="green")
    found = account.audience(body.desk, kz.reader, item["id"], PURPOSES)
    assert {each.row.origin for each in found} == {"KZ"}


@pytest.mark.parametrize("party", ["UZ", "KZ"])
def test_hidden_and_absent_have_the_same_words(body, kz, uz, party):
    item, absent = indicator(), indicator()
    kz.submits(item, to=())
    said = []
    for id_ in (item["id"], absent["id"]):
        with pytest.raises(NotFound) as fault:
            account.why(body.desk, uz.reader, id_, party, PURPOSES)
        said.append(str(fault.value).replace(id_, ""))
    assert said[0] == said[1]


def test_what_an_object_names_is_looked_into_for_the_nodes_own_people_alone(body, kz, uz):
    named, naming = indicator(), None
    naming = report(named["id"])
    kz.submits(named, to=())
    kz.submits(naming)
    assert account.why(body.desk, kz.reader, naming["id"], "UZ", PURPOSES).decision.effect == "permit"
    assert naming["id"] not in uz.reads()
    object.__setattr__(body.world, "settings", msgspec.structs.replace(body.world.settings, party="KZ"))
    assert account.why(body.desk, kz.reader, naming["id"], "UZ", PURPOSES).decision.rule == "references"


def test_agreements_among_others_are_not_cited(body, kz, uz):
    add_agreement(
        body.world, OTHERS.replace("[party.SCO-CENTRE]", "[party.UZ]\nin_force = 2021-01-01\n\n[party.SCO-CENTRE]"), "o.toml", by="test"
    )
    body.observer("IR")
    item = indicator()
    kz.submits(item)
    cited = {reason.agreement for reason in account.why(body.desk, kz.reader, item["id"], "IR", PURPOSES).decision.reasons}
    assert cited == {"test"}
    assert {each.id for each in account.agreements(body.desk, "UZ")} == {"others", "test"}
    assert {each.id for each in account.agreements(body.desk, "KZ")} == {"test"}
    assert {each.id for each in account.agreements(body.desk, "SCO-CENTRE")} == {"others", "test"}


def test_where_no_agreement_may_be_cited_the_rule_is():
    body = Body(agreement=OTHERS)
    kz = body.member("KZ")
    body.member("UZ")
    item = indicator()
    kz.submits(item)
    (reason,) = account.why(body.desk, kz.reader, item["id"], "UZ", PURPOSES).decision.reasons
    assert (reason.agreement, reason.clause) == ("built-in", "no-clause")


def test_the_register(body, kz, uz):
    add_standing(body.world, Standing(party="TJ", body="cica", standing="member", since=START), by="test")
    assert [(each.party, each.body) for each in account.register(body.desk, "KZ")] == [("KZ", "sco"), ("UZ", "sco")]
    assert [each.party for each in account.register(body.desk, "SCO-CENTRE")] == ["TJ", "KZ", "UZ"]
    assert account.register(body.desk, "XX") == []
    assert account.register(body.desk, "KZ", START - timedelta(days=10_000)) == []


def test_claims_of_the_register_are_told_of_bodies_that_one_has_a_standing_in(body, kz, uz):
    add_standing(body.world, Standing(party="TJ", body="cica", standing="member", since=START, source="a"), by="test")
    add_standing(
        body.world, Standing(party="KZ", body="sco", standing="observer", since=START - timedelta(days=4000), source="b"), by="test"
    )
    assert [(each.party, each.standing) for each in account.claims(body.desk, "KZ")] == [
        ("KZ", "observer"),
        ("KZ", "member"),
        ("UZ", "member"),
    ]
    assert [each.party for each in account.claims(body.desk, "SCO-CENTRE")] == ["TJ", "KZ", "KZ", "UZ"]
    assert account.claims(body.desk, "XX") == []


def test_being_told_is_on_record(body, kz, uz):
    from comity.ledger.journal import read_entry

    item = indicator()
    kz.submits(item)
    before = body.world.store.head().size
    account.why(body.desk, uz.reader, item["id"], "UZ", PURPOSES)
    (entry,) = (read_entry(leaf.entry) for leaf in body.world.store.leaves(before))
    assert (entry.kind, entry.party, entry.count) == ("disclose", "UZ", 1)


def test_past_disclosures_are_told_to_the_nodes_people_and_of_oneself(body, kz, uz):
    item = indicator()
    kz.submits(item)
    (mine,) = account.why(body.desk, uz.reader, item["id"], "UZ", PURPOSES).disclosed
    assert mine.agreements == ("test@1/members",)
    # The log's size would tell when others share something.
    assert mine.entry is None
    # The log knows bytes: somebody else's hidden copy may have been what went to UZ.
    assert account.why(body.desk, kz.reader, item["id"], "UZ", PURPOSES).disclosed == ()
    object.__setattr__(body.world, "settings", msgspec.structs.replace(body.world.settings, party="KZ", name="KZ-sco"))
    (told,) = account.why(body.desk, kz.reader, item["id"], "UZ", PURPOSES).disclosed
    assert told.entry is not None
    assert told.at == mine.at


def test_what_a_copy_leaves_out_is_not_told_by_the_facts_of_its_verdict():
    """It is decided by the original's threat words, and asked about a day on which another clause would speak."""
    toml = REDACTED.replace('remove = ["description", "created_by_ref"]', 'remove = ["indicator_types"]').replace(
        'redact = "plain"', 'redact = "plain"\nuntil = 2030-01-01'
    )
    other = """
[[clause]]
id = "anon"
text = "Observers receive what is about anonymization."
effect = "permit"
to = { standing = ["observer"] }
types = ["indicator"]
threat = ["anonymization"]

[profile.plain]"""
    body = Body(toml.replace("[profile.plain]", other))
    kz, ir = body.member("KZ"), body.observer("IR")
    item = indicator(indicator_types=["attribution"])
    kz.submits(item, tlp="green")
    (copy,) = ir.reads()
    when = Moments(on=datetime(2031, 1, 1, tzinfo=UTC))
    found = account.why(body.desk, ir.reader, copy, "IR", PURPOSES, when)
    assert found.decision.effect == "deny"
    said = [str(found.as_json()), *found.sentences(), *found.would_change()]
    assert not any("attribution" in each for each in said)
    assert any("anonymization" in each for each in said)
    whole = account.why(body.desk, kz.reader, copy, "IR", PURPOSES, when)
    assert any("attribution" in each for each in whole.sentences())


def test_the_register_tells_rights_and_status_apart_and_whoever_may_not_read_it_nothing(body):
    body.member("KZ")
    for standing, status_only in (("observer", False), ("acceding", True)):
        add_standing(body.world, Standing(party="IR", body="sco", standing=standing, since=START, status_only=status_only), by="test")
    told = {each.party: (each.standing, each.status) for each in account.register(body.desk, "KZ")}
    assert told == {"KZ": ("member", "member"), "IR": ("observer", "acceding")}
    assert [each.party for each in account.register(body.desk, "KZ", START, known=START - timedelta(days=1))] == []
    assert account.register(body.desk, "ZZ") == []


def test_differences_between_sources_are_told_to_whoever_reads_the_register(body):
    body.member("KZ")
    position = (Position(source="gazette", says="7"),)
    made = [Dispute(about=word, body=word, positions=position) for word in ("sco", "cica", "")]
    take(body.world, Entries(disputes=tuple(made)), by="test")
    assert account.disputes(body.desk, "KZ") == [made[0], made[2]]
    assert account.disputes(body.desk, "ZZ") == []
