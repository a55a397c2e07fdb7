"""What is out and leads to persons though nobody has looked: it came before there was a gate, or before the gate found as much.

Read only. People decide what becomes of it: a recall, an answer to a ticket, or nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from comity.ledger.journal import read_entry
from comity.store.protocol import Row
from comity.terms.item import Envelope, read_envelope
from comity.terms.persons import Found, findings, held
from comity.terms.stix import OWN_TYPES
from comity.world import World

#: Items that are read together.
_PAGE = 500


def unlooked(world: World) -> Iterator[tuple[Row, tuple[Found, ...]]]:
    """Items with what in them leads to persons, the newest first: not what waits, was reviewed, or passes by its producer's word.

    Every item of the store is read.
    """
    store, before = world.store, None
    while rows := store.recent(_PAGE, before):
        numbers = [row.item for row in rows]
        bodies, envelopes = store.bodies(numbers), store.envelopes(numbers)
        for row in rows:
            if row.item not in bodies or row.item not in envelopes or row.type in OWN_TYPES:
                continue
            said, raw = read_envelope(envelopes[row.item]), bodies[row.item]
            if said.gate == "quarantine" or (found := _held(raw, said)) == () or _reviewed(world, row, said):
                continue
            yield row, found
        before = rows[-1].added


def _held(raw: bytes, said: Envelope) -> tuple[Found, ...]:
    return held(findings(msgspec.json.decode(raw), raw, said.person), said.person)


def _reviewed(world: World, row: Row, said: Envelope) -> bool:
    """Whether people released it, here (as its entry says) or at its origin; or it was made here of what they released."""
    if said.category or said.made_of is not None:
        return True
    (leaf,) = world.store.leaves(row.leaf, row.leaf + 1)
    return bool(leaf.entry) and read_entry(leaf.entry).detail.get("cause") == "reviewed"
