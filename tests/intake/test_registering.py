"""A register comes in whole, once, in the log; and by it rights are as its standings say."""

from __future__ import annotations

import msgspec
import pytest

from comity import registry
from comity.admin.fsck import fsck
from comity.clock import parse
from comity.errors import SenderFault
from comity.forms import party_file
from comity.intake.registering import Taken, take
from comity.ledger.journal import read_entry
from comity.terms.party import Standing
from tests import register_file
from tests.consortium import Body

ENTRIES = party_file.read(register_file.raw())


@pytest.fixture(params=["memory", "sqlite"])
def world(request, tmp_path):
    body = Body(agreement=None, store="memory:" if request.param == "memory" else f"sqlite:{tmp_path / 'store.db'}")
    yield body.world
    assert list(fsck(body.world)) == []
    body.world.store.close()


def test_everything_comes_in_at_once_and_once(world):
    taken = take(world, ENTRIES, by="administrator")
    assert taken == {
        "bodies": Taken(new=2, known=0), "parties": Taken(new=6, known=0), "sources": Taken(new=3, known=0),
        "claims": Taken(new=10, known=0), "disputes": Taken(new=4, known=0),
    }  # fmt: skip
    (leaf,) = world.store.leaves()
    entry = read_entry(leaf.entry)
    assert (entry.kind, entry.count, entry.actor) == ("govern", 25, "administrator")
    assert entry.detail["types"]["comity-standing"] == 10
    again = take(world, ENTRIES, by="another")
    assert all(each.new == 0 for each in again.values())
    assert world.store.head().size == 1


def test_what_came_in_is_what_was_said(world):
    take(world, ENTRIES, by="administrator")
    _, rules = world.rulebook.current()
    assert [msgspec.structs.replace(each, known=None) for each in rules.register.standings] == list(ENTRIES.standings)
    assert registry.disputes(world.store) == list(ENTRIES.disputes)
    assert tuple(registry.bodies(world.store).values()) == ENTRIES.bodies
    assert tuple(registry.parties(world.store).values()) == ENTRIES.parties
    assert tuple(registry.sources(world.store).values()) == ENTRIES.sources


def test_another_file_stands_beside_the_first(world):
    take(world, ENTRIES, by="administrator")
    later = register_file.raw(memberships=[register_file.row("AA", "Alder", joined="2001-06-16", sources=["gazette"])])
    assert take(world, party_file.read(later), by="administrator")["claims"] == Taken(new=1, known=0)
    _, rules = world.rulebook.current()
    ((one, other),) = rules.register.conflicts("AA", "river")
    assert {one.source, other.source} == {"charter", "gazette"}
    assert rules.register.standing("AA", "river", parse("2001-06-15")) == "member"


def test_nothing_comes_in_of_what_is_wrong_in_a_part(world):
    wrong = msgspec.structs.replace(ENTRIES.standings[0], standing="boss")
    with pytest.raises(SenderFault):
        take(world, msgspec.structs.replace(ENTRIES, standings=(*ENTRIES.standings, wrong)), by="administrator")
    long = msgspec.structs.replace(ENTRIES.parties[0], title="x" * 100_000)
    with pytest.raises(SenderFault, match="the name of AA is too long: 100000 characters") as told:
        take(world, msgspec.structs.replace(ENTRIES, parties=(long,)), by="administrator")
    assert told.value.next == "at most 500"
    assert world.store.head().size == 0


def test_more_than_one_entry_can_hold_comes_in_as_one_commit(world):
    many = tuple(
        Standing(party=f"P{number}", body="river", standing="member", since=parse("2001-06-15")) for number in range(1_001)
    )  # fmt: skip
    assert take(world, msgspec.structs.replace(ENTRIES, standings=many), by="administrator")["claims"].new == 1_001
    assert [read_entry(leaf.entry).count for leaf in world.store.leaves()] == [1_000, 16]
