"""Where tombstones wait."""

from __future__ import annotations

from comity.forms.tombstone import Tombstone
from comity.store import tombstones
from tests.consortium import START, Body


def test_each_party_has_its_own_in_the_order_of_stamps_and_is_told_once():
    world = Body().world
    one, other = (Tombstone(recalls=(name,), origin="KZ", id="x", at=START) for name in ("1.1", "2.1"))
    with world.store.write() as tx:
        tombstones.put(tx, "UZ", 20, other)
        tombstones.put(tx, "UZ", 3, one)
        tombstones.put(tx, "UZB", 4, one)
        tombstones.keep_told(world.store, tx, "UZ", one, START)
    assert [at for at, _ in tombstones.after(world.store, "UZ", 0)] == [3, 20]
    assert list(tombstones.after(world.store, "UZ", 3)) == [(20, other)]
    assert list(tombstones.after(world.store, "TJ", 0)) == []
    assert tombstones.told(world.store, "UZ", "1.1") == START and tombstones.told(world.store, "UZ", "2.1") is None
    with world.store.write() as tx:
        tombstones.keep_told(world.store, tx, "UZ", one, START.replace(year=2030))
    assert tombstones.told(world.store, "UZ", "1.1") == START
