"""Checks the store and the log against each other, and names what does not fit. Changes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import msgspec

from comity.admin import logbook
from comity.clock import from_micros, stamp
from comity.errors import IntegrityFault
from comity.ledger.journal import read_entry
from comity.ledger.leaf import Leaf, Opening
from comity.store.conditions import Condition, read_condition
from comity.store.protocol import Row
from comity.terms.item import Envelope, item_hash
from comity.terms.stix import spec_version, version
from comity.terms.traits import base_traits
from comity.world import World

#: Log entries whose objects are items that entered the store with them.
_ENTERING = ("accept", "govern")
_CHUNK = 500


def fsck(world: World) -> Iterator[str]:
    """Problems, one line each, as they are found; none when all is sound. The node may go on meanwhile: what is newer is left out.

    1. the storage engine; 2. the log; 3. each item: bytes, envelope, row and facts; 4. items that the log has and the store has not.
    """
    # 1.
    yield from world.store.check()
    # 2.
    size = world.store.head().size
    yield from logbook.verify(world).problems
    # 3.
    seen: dict[int, set[bytes]] = {}
    conditions = _Conditions(world)
    for rows in _chunks(world):
        bodies, envelopes = world.store.bodies([r.item for r in rows]), world.store.envelopes([r.item for r in rows])
        yield from conditions.read()
        for row in rows:
            if row.item in bodies:  # else it was deleted meanwhile
                body, envelope = bodies[row.item], envelopes[row.item]
                entered = seen.setdefault(row.leaf, set())
                if hashlib.sha256(body).digest() == row.sha:
                    entered.add(item_hash(row.sha, envelope))
                yield from (f"item {row.item} ({row.id}): {problem}" for problem in _about(row, body, envelope, conditions))
    # 4.
    for leaf in world.store.leaves(0, size):
        yield from _against_items(leaf, seen.pop(leaf.index, set()))
    end = world.store.head().size
    for index in sorted(seen):
        if not size <= index < end:
            yield f"items say they entered with leaf {index}, which the log does not have"


class _Conditions:
    """The store's trait rows that can be read."""

    def __init__(self, world: World) -> None:
        self._store = world.store
        self._last = 0
        self.rows: dict[int, Condition] = {}

    def read(self) -> Iterator[str]:
        """Read the rows that are new; those that cannot be read are problems."""
        for number, body in self._store.trait_rows(self._last):
            self._last = number
            try:
                self.rows[number] = read_condition(body)
            except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                yield f"trait row {number} cannot be read: {error}"


def _about(row: Row, body: bytes, raw: bytes, conditions: _Conditions) -> Iterator[str]:
    if hashlib.sha256(body).digest() != row.sha:
        yield "its bytes do not match their hash"
        return
    try:
        obj, envelope = msgspec.json.decode(body, type=dict[str, Any]), msgspec.json.decode(raw, type=Envelope)
        facts = base_traits(obj, envelope)
        said = (envelope.origin, obj["id"], obj["type"], version(obj) or stamp(row.added), spec_version(obj), envelope.expires)
    except (msgspec.MsgspecError, KeyError, AttributeError, UnicodeDecodeError) as error:
        yield f"its bytes or envelope cannot be read: {error}"
        return
    expires = None if row.expires is None else from_micros(row.expires)
    if (row.origin, row.id, row.type, row.version, row.spec, expires) != said:
        yield "its row does not say what its bytes and envelope say"
    base, whole = conditions.rows.get(row.base), conditions.rows.get(row.traits)
    if base is None or whole is None or msgspec.structs.replace(base.base, about=()) != facts or whole.base != base.base:
        yield "its trait row does not say what its bytes and envelope say"


def _chunks(world: World) -> Iterator[list[Row]]:
    before: int | None = None
    while rows := world.store.recent(_CHUNK, before):
        yield rows
        before = rows[-1].added


def _against_items(leaf: Leaf, stored: set[bytes]) -> Iterator[str]:
    try:
        entering = read_entry(leaf.entry).kind in _ENTERING
        named = {hash_ for hash_ in Opening(records=leaf.opening).hashes() if hash_ is not None} if entering else set()
    except IntegrityFault:
        return  # named by the log's own check
    missing, extra = len(named - stored), len(stored - named)
    if missing:
        yield f"leaf {leaf.index}: {missing} of its objects are not in the store as they entered"
    if extra:
        yield f"leaf {leaf.index}: the store has {extra} objects or envelopes that it does not commit to"
