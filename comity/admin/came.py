"""What came to this node by another one: looked up for its administrator after that node's keys were in wrong hands, not released."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from comity.clock import micros, stamp
from comity.terms.item import read_envelope
from comity.world import World

_STEP = 1_000


def came_over(world: World, node: str, since: datetime | None = None) -> Iterator[dict[str, Any]]:
    """Every item here that came from a node (`PARTY/name`) since a moment, newest first: which, not what is in it."""
    from_, before = micros(since) if since else 0, None
    while rows := world.store.recent(_STEP, before):
        envelopes = world.store.envelopes([row.item for row in rows])
        for row in rows:
            if row.added < from_:
                return
            envelope = read_envelope(envelopes[row.item])
            if envelope.hops and envelope.hops[-1] == node:
                yield {
                    "id": row.id, "version": row.version, "type": row.type, "origin": row.origin, "added": stamp(row.added),
                    "sha256": row.sha.hex(),
                }  # fmt: skip
        before = rows[-1].item
