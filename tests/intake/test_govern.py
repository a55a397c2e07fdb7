"""Standings and agreements: recorded once, in the log, seen by the rules at once."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from comity.admin.fsck import fsck
from comity.errors import AgreementFault, Conflict, IntegrityFault, NotFound, SenderFault
from comity.intake.govern import add_agreement, add_key, add_standing
from comity.ledger.journal import read_entry
from comity.ledger.keys import LogKey, write_verifier
from comity.rulebook import GOVERNED
from comity.terms.party import Standing
from tests.consortium import MEMBERS, START, Body

MEMBER = Standing(party="KZ", body="sco", standing="member", since=START)


@pytest.fixture(params=["memory", "sqlite"])
def body(request, tmp_path):
    body = Body(agreement=None, store="memory:" if request.param == "memory" else f"sqlite:{tmp_path / 'store.db'}")
    yield body
    assert list(fsck(body.world)) == []
    body.world.store.close()


def test_a_standing_holds_from_its_moment(body):
    add_standing(body.world, MEMBER, by="admin")
    _, rules = body.world.rulebook.current()
    assert rules.register.standing("KZ", "sco", START) == "member"
    assert rules.register.standing("KZ", "sco", START - timedelta(microseconds=1)) is None
    assert rules.register.standing("KZ", "cica", START) is None


def test_all_that_is_said_of_a_standing_comes_back(body):
    full = Standing(
        party="UZ", body="sco", standing="observer", since=START, until=START + timedelta(days=1), name="Uzbekistan", source="a page"
    )
    add_standing(body.world, full, by="admin")
    _, rules = body.world.rulebook.current()
    (found,) = rules.register.standings
    assert msgspec.structs.replace(found, known=None) == full
    assert found.known is not None
    assert found.known >= START


@pytest.mark.parametrize("change", [{"party": "kz"}, {"body": "SCO"}, {"standing": "Member"}])
def test_names_are_brought_to_their_one_spelling(body, change):
    first = add_standing(body.world, MEMBER, by="admin")
    assert add_standing(body.world, msgspec.structs.replace(MEMBER, **change), by="admin") == first


def test_the_same_fact_twice_is_recorded_once(body):
    first = add_standing(body.world, MEMBER, by="admin")
    size, governed = body.world.store.head().size, body.world.store.counter(GOVERNED)
    assert add_standing(body.world, MEMBER, by="another") == first
    assert (body.world.store.head().size, body.world.store.counter(GOVERNED)) == (size, governed)
    assert body.world.store.counts() == {"comity-standing": 1}


@pytest.mark.parametrize(
    "change",
    [
        {"standing": "observer"},
        {"since": START + timedelta(days=1)},
        {"until": START + timedelta(days=9)},
        {"source": "elsewhere"},
        {"body": "cica"},
    ],
)
def test_another_fact_is_another_record(body, change):
    first = add_standing(body.world, MEMBER, by="admin")
    assert add_standing(body.world, msgspec.structs.replace(MEMBER, **change), by="admin") != first


LONG = [{"name": "x" * 100_000}, {"note": "x" * 10_001}]


@pytest.mark.parametrize("change", [{"party": "K"}, {"party": "K Z"}, {"body": "s_c_o"}, {"body": ""}, {"standing": "acceding"}, *LONG])
def test_malformed_names_are_refused_and_leave_nothing(body, change):
    with pytest.raises(SenderFault):
        add_standing(body.world, msgspec.structs.replace(MEMBER, **change), by="admin")
    assert body.world.store.recent(1) == []
    assert body.world.store.head().size == 0


def test_a_governance_item_is_in_the_log_with_who_entered_it(body):
    row = add_standing(body.world, MEMBER, by="the administrator")
    entry = read_entry(list(body.world.store.leaves())[row.leaf].entry)
    assert (entry.kind, entry.actor, entry.party, entry.count) == ("govern", "the administrator", "SCO-CENTRE", 1)
    assert entry.detail == {"type": "comity-standing", "id": row.id}


def test_every_change_advances_the_rules(body):
    before, _ = body.world.rulebook.current()
    add_standing(body.world, MEMBER, by="admin")
    between, _ = body.world.rulebook.current()
    add_agreement(body.world, MEMBERS, "a.toml", by="admin")
    after, rules = body.world.rulebook.current()
    assert before < between < after
    assert [(agreement.id, agreement.version) for agreement in rules.agreements] == [("test", 1)]


def test_an_agreement_keeps_its_very_text(body):
    text = MEMBERS + "\n# said beside it: ‘quoted’\n"
    row = add_agreement(body.world, text, "a.toml", by="admin")
    obj = msgspec.json.decode(body.world.store.bodies([row.item])[row.item])
    assert (obj["text"], obj["agreement_id"], obj["agreement_version"]) == (text, "test", 1)


def test_the_same_agreement_twice_is_recorded_once(body):
    first = add_agreement(body.world, MEMBERS, "a.toml", by="admin")
    assert add_agreement(body.world, MEMBERS, "other-name.toml", by="admin") == first


def test_another_text_under_the_same_version_is_refused(body):
    add_agreement(body.world, MEMBERS, "a.toml", by="admin")
    with pytest.raises(Conflict, match="same version") as fault:
        add_agreement(body.world, MEMBERS.replace("AMBER", "any level"), "a.toml", by="admin")
    assert "version" in fault.value.next
    assert body.world.store.counts() == {"comity-agreement": 1}


def test_the_next_version_stands_beside_the_first(body):
    add_agreement(body.world, MEMBERS, "a.toml", by="admin")
    add_agreement(body.world, MEMBERS.replace("version = 1", "version = 2"), "a.toml", by="admin")
    _, rules = body.world.rulebook.current()
    assert sorted(agreement.version for agreement in rules.agreements) == [1, 2]


def test_a_faulty_text_is_refused_and_leaves_nothing(body):
    with pytest.raises(AgreementFault):
        add_agreement(body.world, MEMBERS.replace('effect = "permit"', 'effect = "perhaps"'), "a.toml", by="admin")
    assert body.world.store.recent(1) == []
    assert body.world.rulebook.current()[1].agreements == ()


def test_members_do_not_meet_governance_unasked(body):
    add_agreement(body.world, MEMBERS, "a.toml", by="admin")
    kz = body.member("KZ")
    assert kz.reads() == []


VERIFIERS = [write_verifier(LogKey.generate("comity.example/acts").verifier) for _ in range(2)]


def test_keys_of_a_party_are_those_entered_and_not_given_up(body):
    first, second = VERIFIERS
    assert add_key(body.world, "uz", first, by="admin") is not None
    assert add_key(body.world, "UZ", first, by="admin") is None  # once
    add_key(body.world, "UZ", second, by="admin")
    add_key(body.world, "KZ", second, by="admin")
    assert body.world.rulebook.party_keys() == [("UZ", first), ("UZ", second), ("KZ", second)]
    add_key(body.world, "UZ", first, by="admin", trusted=False)
    assert [write_verifier(key) for key in body.world.rulebook.keys("UZ")] == [second]
    with pytest.raises(NotFound, match=r"no key .* of UZ"):
        add_key(body.world, "UZ", first, by="admin", trusted=False)
    add_key(body.world, "UZ", first, by="admin")
    assert len(body.world.rulebook.keys("UZ")) == 2


@pytest.mark.parametrize(
    "key", ["", "x", VERIFIERS[0] + "\n", VERIFIERS[0].replace("acts+", "acts+0")], ids=["empty", "x", "newline", "number"]
)
def test_a_malformed_key_is_refused(body, key):
    with pytest.raises(IntegrityFault, match="not a verifier key"):
        add_key(body.world, "UZ", key, by="admin")
    assert body.world.rulebook.party_keys() == []
