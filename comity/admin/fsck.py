"""Checks the store and the log against each other, and names what does not fit. Changes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import msgspec

from comity.admin import logbook
from comity.errors import IntegrityFault
from comity.ledger.journal import read_entry
from comity.ledger.leaf import Leaf, Opening
from comity.store.conditions import read_condition
from comity.store.protocol import Row
from comity.terms.item import Envelope, item_hash
from comity.terms.traits import base_traits
from comity.world import World

#: Log entries whose objects are items that entered the store with them.
_ENTERING = ("accept", "govern")
_CHUNK = 500


def fsck(world: World) -> Iterator[str]:
    """Problems, one line each, as they are found; none when all is sound.

    1. the storage engine; 2. the log; 3. each item: bytes, envelope and facts; 4. items that the log has and the store has not.
    """
    # 1.
    yield from world.store.check()
    # 2.
    yield from logbook.verify(world).problems
    # 3.
    seen: dict[int, set[bytes]] = {}
    conditions = {}
    for number, body in world.store.trait_rows(0):
        try:
            conditions[number] = read_condition(body)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            yield f"trait row {number} cannot be read: {error}"
    for rows in _chunks(world):
        bodies, envelopes = world.store.bodies([r.item for r in rows]), world.store.envelopes([r.item for r in rows])
        for row in rows:
            body, envelope = bodies[row.item], envelopes[row.item]
            name = f"item {row.item} ({row.id})"
            if hashlib.sha256(body).digest() != row.sha:
                yield f"{name}: its bytes do not match their hash"
                continue
            seen.setdefault(row.leaf, set()).add(item_hash(row.sha, envelope))
            try:
                facts = base_traits(msgspec.json.decode(body), msgspec.json.decode(envelope, type=Envelope))
            except (msgspec.MsgspecError, KeyError, UnicodeDecodeError) as error:
                yield f"{name}: its envelope cannot be read: {error}"
                continue
            base, whole = conditions.get(row.base), conditions.get(row.traits)
            if base is None or whole is None or msgspec.structs.replace(base.base, about=()) != facts or whole.base != base.base:
                yield f"{name}: its trait row does not say what its bytes and envelope say"
    # 4.
    for leaf in world.store.leaves():
        yield from _against_items(leaf, seen.pop(leaf.index, set()))
    for index in seen:
        yield f"items say they entered with leaf {index}, which the log does not have"


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
