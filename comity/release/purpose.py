"""Declared purposes (guardrail G2): what is asked for by name is given only for a purpose that it was shared for.

    1. usable   what the reader sees for the purposes that it declares          given, as by any other way out
    2. seen     what it sees for the purposes it is entitled to, and no others  refused: recorded, then Denied
    3. neither  hidden or absent, which is the same                             nothing is found

The origin of an object is told of refusals where it asks about the object (`why`, `audience`): who declared which purposes, when, how
often. This binds Comity's own functions. What is done with an object elsewhere, it does not bind.

Crash story: a refusal's log entry and the record that its origin is told from are one transaction, durable before the refusal is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from comity.errors import Denied
from comity.ledger.journal import MAX_OBJECTS, Entry
from comity.release.desk import Desk, Page
from comity.release.select import Query
from comity.release.sight import Reader
from comity.store.protocol import Row
from comity.wire import Refusal
from comity.world import World

_SPACE = "refusals"


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    """How often a party declared some purposes about an item and was refused, and when last."""

    purposes: tuple[str, ...]
    last: datetime
    times: int


def declared(desk: Desk, reader: Reader, purposes: tuple[str, ...], query: Query) -> Page:
    """A page of the objects that a query names, for purposes declared. `reader` has all purposes that it may declare.

    Empty when hidden or absent. Raises Denied for objects that it sees for other purposes alone.
    """
    purposes = tuple(sorted(set(purposes)))
    entitled = set(purposes) <= set(reader.purposes)
    seen = [] if entitled else desk.seen(reader, query)
    if not seen:
        # 1. and 3.
        page = desk.object(msgspec.structs.replace(reader, purposes=purposes if entitled else ()), query)
        seen = [] if page.found or query.after else desk.seen(reader, query)
        if not seen:
            return page
    # 2.
    _record(desk, reader, purposes, [row for row in seen if row.origin != reader.party])
    shared = sorted({name for row in seen for name in desk.sight(reader).traits(row.base).purposes})
    raise Denied(
        f"it was not shared with {reader.party} for {' or '.join(purposes)}, or this may not be declared here; the refusal is on record",
        next=f"it was shared for {', '.join(shared)}; what may be declared here is {', '.join(reader.purposes)}",
    )


def narrowed(reader: Reader, purposes: tuple[str, ...]) -> Reader:
    """The reader for purposes that it declares where it names no object. Raises Denied for those that it may not."""
    if not set(purposes) <= set(reader.purposes):
        raise Denied("this token may not be used for that purpose", next="its purposes are " + ", ".join(reader.purposes))
    return msgspec.structs.replace(reader, purposes=purposes)


def refusals(world: World, row: Row, party: str) -> tuple[Refusal, ...]:
    """What a party declared about an item and was refused, latest last; for the item's origin and for the party itself."""
    kept = [msgspec.json.decode(value, type=_Kept) for key, value in world.store.privates(_SPACE) if key.startswith(_key(row, party))]
    return tuple(Refusal(at=each.last, purposes=each.purposes, times=each.times) for each in sorted(kept, key=lambda each: each.last))


def _key(row: Row, party: str, purposes: tuple[str, ...] = ()) -> str:
    return f"{row.item:020d}|{party}|{','.join(purposes)}"


def _record(desk: Desk, reader: Reader, purposes: tuple[str, ...], rows: Sequence[Row]) -> None:
    world = desk.world
    at = world.clock()
    detail = {"body": reader.body, "purposes": list(purposes), **({"token": reader.client} if reader.client else {})}
    with world.store.write() as tx:
        for start in range(0, len(rows), MAX_OBJECTS):
            part = rows[start : start + MAX_OBJECTS]
            world.journal.append(tx, Entry(kind="refuse", at=at, party=reader.party, count=len(part), detail=detail), [r.sha for r in part])
        for row in rows:
            key = _key(row, reader.party, purposes)
            before = world.store.private(_SPACE, key)
            times = msgspec.json.decode(before, type=_Kept).times if before else 0
            tx.put_private(_SPACE, key, msgspec.json.encode(_Kept(purposes=purposes, last=at, times=times + 1)))
