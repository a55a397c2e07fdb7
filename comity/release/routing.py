"""What comes into a party's view, looked at by this node itself to tell whose constituency it is about. Nothing is released by that.

It is read by the party's own streams (`release.feed`) as a client of its own, so that what becomes visible late is met late, and once. What
is found is given to the party by the desk like anything else, and recorded then.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from comity.release.desk import PAGE_BYTES, Desk
from comity.release.record import advance
from comity.release.select import Query, cut
from comity.release.sight import Reader
from comity.store.protocol import Tx
from comity.terms.item import PURPOSES

#: The client of a party that reads for it.
CLIENT = "inbox"


class Met(msgspec.Struct, frozen=True, kw_only=True):
    """A part of what came: (stamp, received bytes), ascending. `upto` is where to go on; `head` how far all has been read by then."""

    found: list[tuple[int, bytes]]
    upto: int
    head: int
    more: bool


def router(desk: Desk, party: str, body: str) -> Reader:
    """A party as it is read for: whatever it may see for any purpose."""
    return Reader(party=party, body=body, purposes=PURPOSES, client=CLIENT)


def met(desk: Desk, reader: Reader, after: int, limit: int) -> Met:
    """What the reader meets after a stamp: its own items and those of others."""
    added = desk.world.store.counters().get("added", 0)
    chosen = cut(desk.world, desk.feed(reader), Query(after=after, limit=limit), PAGE_BYTES)
    found = list(zip(chosen.found.at, chosen.found.body, strict=True))
    upto = found[-1][0] if found else after
    return Met(found=found, upto=upto, head=upto if chosen.more else max(added, upto), more=chosen.more)


def reached(desk: Desk, tx: Tx, reader: Reader, head: int) -> None:
    """Note within the critical section how far has been read: what becomes visible later gets a later stamp."""
    advance(desk.world, tx, reader, head)


def systems(desk: Desk, reader: Reader, ids: Iterable[str]) -> dict[str, str]:
    """Id -> `AS64496`, of those of these objects that are autonomous systems and the reader may see."""
    feed = desk.feed(reader)
    rows = [row for row in desk.world.store.by_id(list(dict.fromkeys(ids))) if row.type == "autonomous-system"]
    seen = feed.stamps(rows)
    bodies = desk.world.store.bodies([row.item for row in rows if row.item in seen])
    return {obj["id"]: f"AS{obj.get('number')}" for obj in map(msgspec.json.decode, bodies.values())}
