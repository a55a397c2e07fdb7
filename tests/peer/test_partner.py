"""What is kept of a link between Comity nodes."""

from __future__ import annotations

import pytest

from comity.peer import partner
from comity.peer.partner import Made, Place, State
from tests.linked import Node


def test_a_new_link_stands_at_its_beginning_and_keeps_what_it_is_told() -> None:
    world = Node("KZ").world
    assert partner.state(world, "hub") == State()
    assert partner.made(world, "hub", 0) == Made(sequence=0, hash="", place=Place())
    with world.store.write() as tx:
        partner.change(world, tx, "hub", made=3)
        partner.change(world, tx, "hub", last="x")
        partner.remember(tx, "hub", Made(sequence=3, hash="h", place=Place(own=7)))
    assert partner.state(world, "hub") == State(made=3, last="x")
    assert partner.made(world, "hub", 3) == Made(sequence=3, hash="h", place=Place(own=7))
    assert partner.made(world, "other", 3) is None


def test_only_the_latest_parcels_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partner, "KEPT", 2)
    world = Node("KZ").world
    for sequence in range(1, 5):
        with world.store.write() as tx:
            partner.remember(tx, "hub", Made(sequence=sequence, hash="h", place=Place()))
    assert [number for number in range(1, 5) if partner.made(world, "hub", number)] == [3, 4]
