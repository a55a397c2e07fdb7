"""The rules a node holds: read from its items, read again only after a change, by whichever process."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from comity.intake.govern import add_agreement, add_standing
from comity.rulebook import GOVERNED, Rulebook
from comity.store.memory import MemoryStore
from comity.terms.party import Standing
from tests.consortium import MEMBERS, START, Body, indicator

MEMBER = Standing(party="KZ", body="sco", standing="member", since=START)


@pytest.fixture(params=["memory", "sqlite"])
def body(request, tmp_path):
    body = Body(agreement=None, store="memory:" if request.param == "memory" else f"sqlite:{tmp_path / 'store.db'}")
    yield body
    body.world.store.close()


def test_an_empty_store_has_no_rules(body):
    version, rules = body.world.rulebook.current()
    assert version == 0
    assert (rules.agreements, rules.register.standings) == ((), ())


def test_rules_stay_the_same_until_one_changes(body):
    add_standing(body.world, MEMBER, by="test")
    version, rules = body.world.rulebook.current()
    assert body.world.rulebook.current()[1] is rules
    add_standing(body.world, msgspec.structs.replace(MEMBER, party="UZ"), by="test")
    later, changed = body.world.rulebook.current()
    assert later > version
    assert len(changed.register.standings) == len(rules.register.standings) + 1


def test_an_ordinary_submission_changes_no_rules(body):
    kz = body.member("KZ")
    version, rules = body.world.rulebook.current()
    kz.submits(indicator())
    assert body.world.rulebook.current() == (version, rules)
    assert body.world.rulebook.current()[1] is rules


def test_all_agreements_and_standings_are_there_in_order(body):
    add_agreement(body.world, MEMBERS, "a", by="test")
    add_agreement(body.world, MEMBERS.replace("version = 1", "version = 2"), "a", by="test")
    add_standing(body.world, MEMBER, by="test")
    add_standing(body.world, msgspec.structs.replace(MEMBER, party="UZ", until=START + timedelta(days=1), name="Uzbekistan"), by="test")
    _, rules = body.world.rulebook.current()
    assert [(each.id, each.version) for each in rules.agreements] == [("test", 1), ("test", 2)]
    assert [standing.party for standing in rules.register.standings] == ["KZ", "UZ"]
    assert rules.register.standings[1].until == START + timedelta(days=1)
    assert rules.register.names() == {"UZ": "Uzbekistan"}


def test_a_standing_is_known_from_when_it_was_stored(body):
    row = add_standing(body.world, msgspec.structs.replace(MEMBER, since=START - timedelta(days=400)), by="test")
    _, rules = body.world.rulebook.current()
    known = rules.register.standings[0].known
    assert known is not None
    assert (known - START) // timedelta(microseconds=1) == row.added - (START.timestamp() * 1_000_000)
    assert rules.register.standing("KZ", "sco", START, known_at=START - timedelta(days=1)) is None
    assert rules.register.standing("KZ", "sco", START, known_at=known) == "member"


def test_what_another_process_changes_is_noticed(tmp_path):
    url = f"sqlite:{tmp_path / 'store.db'}"
    one = Body(agreement=None, store=url)
    other = Body(agreement=None, store=url)
    key = one.world.journal
    object.__setattr__(other.world, "journal", key)
    assert one.world.rulebook.current()[0] == 0
    add_standing(other.world, MEMBER, by="test")
    assert one.world.rulebook.current()[1].register.standing("KZ", "sco", START) == "member"
    one.world.store.close()
    other.world.store.close()


class Counting(MemoryStore):
    """Counts how often items are looked up by type."""

    asked = 0

    def by_type(self, type_):
        self.asked += 1
        return super().by_type(type_)


def test_the_store_is_read_again_only_after_a_change():
    store = Counting()
    rulebook = Rulebook(store)
    for _ in range(10):
        rulebook.current()
    assert store.asked == 5
    with store.write() as tx:
        tx.bump(GOVERNED)
    for _ in range(10):
        rulebook.current()
    assert store.asked == 10


def test_a_members_claim_of_a_standing_is_no_rule(body):
    """Only what intake.govern entered counts: a submission of such a type is refused, so nothing is there to read."""
    kz = body.member("KZ")
    before = body.world.rulebook.current()
    fake = {**indicator(), "type": "comity-standing", "id": "comity-standing--11111111-1111-4111-8111-111111111111"}
    kz.submits({**fake, "party": "XX", "body": "sco", "standing": "member", "since": "2001-06-15T00:00:00.000Z"})
    assert body.world.rulebook.current() == before
