"""What may be told to clients, by each item's own marking; and that it is on record before."""

from __future__ import annotations

import msgspec
import pytest

from comity.intake.withdraw import withdraw
from comity.ledger.journal import Opening, read_entry
from comity.release.outside import enter, hindrance, teller
from comity.release.select import Query
from comity.terms.traits import Traits
from tests.consortium import Body, indicator

FACTS = Traits(type="indicator", origin="UZ", purposes=("network-defence",), tlp="amber")


@pytest.mark.parametrize(("level", "may"), [("clear", True), ("green", True), ("amber", True), ("amber+strict", False), ("red", False)])
def test_tlp_says_whether_clients_are_told(level, may):
    why = hindrance(msgspec.structs.replace(FACTS, tlp=level), "KZ")
    assert (why == "") is may
    assert may or level.upper() in why


@pytest.mark.parametrize(
    "changes", [{"handling": ("H2",)}, {"handling": ("H1", "H2")}, {"gate": "quarantine"}, {"gate": "counted"}, {"realm": "exercise"}]
)
def test_no_onward_dissemination_and_nothing_that_is_held_or_not_real(changes):
    assert hindrance(msgspec.structs.replace(FACTS, tlp="clear", **changes), "KZ")


def test_a_partys_own_items_are_its_own_to_tell():
    assert hindrance(msgspec.structs.replace(FACTS, handling=("H2",)), "UZ") == ""
    assert hindrance(msgspec.structs.replace(FACTS, tlp="red"), "UZ")
    assert hindrance(msgspec.structs.replace(FACTS, handling=("H1", "H3")), "KZ") == ""


@pytest.fixture
def body() -> Body:
    made = Body()
    made.member("KZ")
    return made


def rows(body: Body, *ids: str):
    return [row for _, row in body.desk.page(teller("KZ", "sco"), Query(ids=ids)).found]


def kept(tx) -> None:
    tx.put_private("test", "told", b"1")


def told(body: Body):
    return [leaf for leaf in body.world.store.leaves() if read_entry(leaf.entry).kind == "notify"]


def test_what_is_told_is_on_record_with_what_is_kept(body):
    body.member("UZ").submits(first := indicator(), second := indicator())
    found = rows(body, first["id"], second["id"])
    assert enter(body.desk, teller("KZ", "sco"), found, {"owner": "digest"}, kept)
    (leaf,) = told(body)
    entry = read_entry(leaf.entry)
    assert (entry.party, entry.count, entry.detail) == ("KZ", 2, {"owner": "digest"})
    assert set(Opening(records=leaf.opening).hashes()) == {row.sha for row in found}
    assert body.world.store.private("test", "told") == b"1"


def test_more_than_an_entry_holds_are_several_entries(body):
    body.member("UZ").submits(*(made := [indicator() for _ in range(1_001)]))
    found = rows(body, *(each["id"] for each in made[:500])) * 2
    found += rows(body, made[-1]["id"])
    assert enter(body.desk, teller("KZ", "sco"), found[:1_001], {}, kept)
    assert [read_entry(leaf.entry).count for leaf in told(body)] in ([1_000, 1], [len(found)])


def test_what_was_withdrawn_meanwhile_is_not_told(body):
    body.member("UZ").submits(first := indicator(), second := indicator())
    found = rows(body, first["id"], second["id"])
    withdraw(body.world, "UZ", first["id"])
    assert not enter(body.desk, teller("KZ", "sco"), found, {}, kept)
    assert told(body) == [] and body.world.store.private("test", "told") is None


def test_what_is_withdrawn_between_the_look_and_the_record_is_not_told(body, monkeypatch):
    body.member("UZ").submits(first := indicator())
    found, look = rows(body, first["id"]), body.desk.seen

    def slow(*args):
        seen = look(*args)
        withdraw(body.world, "UZ", first["id"])
        return seen

    monkeypatch.setattr(body.desk, "seen", slow)
    assert not enter(body.desk, teller("KZ", "sco"), found, {}, kept)
    assert told(body) == []
