"""A party's inbox: what it may see and what names something of its constituency, by owner, the newest first.

1. route  what has come into the party's view is looked at, and what touches is noted                           match.routed
2. read   what was noted is given by the desk: decided anew at that moment, and recorded as any read is
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from comity.clock import from_micros, micros
from comity.match.routed import Answered, Noted, answered, noted, number, route
from comity.release.desk import Desk
from comity.release.select import Query
from comity.release.sight import Reader
from comity.store.protocol import Row
from comity.terms.constituency import Constituent
from comity.terms.whose import Held, Touch
from comity.wire_constituency import InboxItem, InboxTouch

_PAGE = 1_000
_LAST = 1 << 63


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """An item of an inbox with whose it is and the row behind it."""

    item: InboxItem
    owner: Constituent
    row: Row


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """Some of an inbox, and the key to go on after; None at the end."""

    told: list[Told]
    next: str | None


def read(
    desk: Desk, reader: Reader, *, since: datetime | None = None, owner: str | None = None, after: str = "", limit: int = _PAGE,
    wanted: Callable[[str, Noted], bool] = lambda id_, each: True,
) -> Part:  # fmt: skip
    """Steps 1 and 2: the newest of what the reader's party may see of its inbox, from a key on; at most so many objects.

    What is not `wanted` by what was noted of it is not given.
    """
    route(desk, reader.party, reader.body)
    now = answered(desk, reader.party)
    first = micros(since) if since else 0
    theirs = None if owner is None else {id_ for id_, each in now.owners.items() if each.owner == owner}
    kept = []
    for id_, each in noted(desk, reader.party, reader.body):
        if each.at >= first and (theirs is None or not theirs.isdisjoint(each.owners)) and wanted(id_, each):
            kept.append((f"{_LAST - each.at:020d}|{id_}", each.at, id_))
    kept = sorted(each for each in kept if each[0] > after)
    chosen = kept[:limit]
    found = _given(desk, reader, now, {id_: at for _, at, id_ in chosen}) if chosen else []
    return Part(told=[each for each in found if owner in (None, each.item.owner)], next=chosen[-1][0] if len(chosen) < len(kept) else None)


def everything(desk: Desk, reader: Reader, since: datetime | None = None, owner: str | None = None, **more: Any) -> Iterator[Told]:
    """All of it, part by part. The words are those of `read`."""
    after: str | None = ""
    while after is not None:
        part = read(desk, reader, since=since, owner=owner, after=after, **more)
        yield from part.told
        after = part.next


def _given(desk: Desk, reader: Reader, now: Answered, stamps: Mapping[str, int]) -> list[Told]:
    """Step 2: what the desk gives of some objects, once for each owner, in the order of their stamps."""
    pages = list(_pages(desk, reader, tuple(stamps)))
    objects = {row.item: msgspec.json.decode(body) for row, body in pages}
    numbers: dict[str, str] = {}
    number(desk, reader, objects.values(), numbers)
    sight = desk.sight(reader)
    found = []
    for row, _ in sorted(pages, key=lambda one: (-stamps[one[0].id], one[0].id, one[0].origin)):
        touches = now.index.touches(objects[row.item], numbers)
        owners = dict.fromkeys(id_ for touch in touches for held in touch.whose.has for id_ in held.owners)
        for constituent in (now.owners[id_] for id_ in owners):
            item = InboxItem(
                owner=constituent.owner, id=row.id, type=row.type, version=row.version, origin=row.origin, tlp=sight.traits(row.base).tlp,
                added=from_micros(stamps[row.id]), touches=tuple(_told(now, constituent, touches)),
            )  # fmt: skip
            found.append(Told(item=item, owner=constituent, row=row))
    return found


def _pages(desk: Desk, reader: Reader, ids: tuple[str, ...]) -> Iterator[tuple[Row, bytes]]:
    after, more = 0, True
    while more:
        page = desk.page(reader, Query(ids=ids, after=after, limit=_PAGE))
        yield from ((row, body) for (_, row), body in zip(page.found, page.bodies, strict=True))
        after, more = page.found[-1][0] if page.found else after, page.more and bool(page.found)


def _told(now: Answered, owner: Constituent, touches: Sequence[Touch]) -> Iterator[InboxTouch]:
    """What of an object is an owner's, and who else has it within something larger."""
    for touch in touches:
        for held in touch.whose.has:
            if owner.id in held.owners:
                others = {id_ for each in (*touch.whose.has, *touch.whose.besides) for id_ in each.owners} - {owner.id}
                yield InboxTouch(
                    kind=touch.kind, value=touch.value, holding=held.holding.value, why=_why(touch, held),
                    also=tuple(sorted(now.owners[id_].owner for id_ in others)),
                )  # fmt: skip


def _why(touch: Touch, held: Held) -> str:
    """Why a value is held, in words."""
    value, of = touch.value, held.holding.value
    if held.holding.kind == "asn":
        return f"it is {of}" if touch.kind == "asn" else f"the address is of {of}"
    about = {"url": "the URL's host", "email": "its mail domain", "cidr": "the network", "domain": "the name"}.get(
        touch.kind, "the address"
    )
    if held.holding.kind == "domain":
        host = value.rpartition("@")[2]
        return f"{about} is {of}" if host == of else f"{about} is {of} or below it" if touch.kind == "url" else f"{about} is below {of}"
    return (
        f"{about} overlaps {of}" if touch.kind == "cidr" and value != of else f"{about} is in {of}" if value != of else f"{about} is {of}"
    )
