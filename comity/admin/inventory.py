"""What a node stores, for those who count: how often each object of an origin is here, from whom, and how far it has written.

Nothing is decided and nothing leaves: these are the node's own figures, as for a check of a whole federation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from comity.clock import micros
from comity.store.conditions import read_condition
from comity.terms.stix import OWN_TYPES
from comity.world import World

_ALL = 1 << 40


def objects(world: World) -> Counter[tuple[str, str]]:
    """(origin, id) -> how many items of it are here; Comity's own objects, such as standings, are left out."""
    return Counter((row.origin, row.id) for row in world.store.recent(_ALL) if row.type not in OWN_TYPES)


def received_from(world: World, party: str) -> int:
    """How many items are here that came from a party's node."""
    held = world.store.arrivals(0, micros(world.clock()))
    return sum(count for row, count in held.items() if read_condition(world.store.trait_body(row)).base.received_from == party)


def written(world: World) -> tuple[int, Mapping[str, int]]:
    """Entries of the log, and the store's counters: both stay as they are as long as nothing is written."""
    return world.store.head().size, world.store.counters()
