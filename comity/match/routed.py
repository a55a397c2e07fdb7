"""Which objects are about whose constituency: what has come into a party's view is looked at once, and what touches is noted.

After a change of the constituency everything is looked at again. What came late, by a grant, is met late (`release.routing`).

Crash story: what was noted and how far it has been looked are one commit. Of two that look at once the second finds the mark moved on, and
goes on from there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from weakref import WeakKeyDictionary

import msgspec

from comity.admin.constituency import constituents, version
from comity.release.desk import Desk
from comity.release.routing import met, reached, router, systems
from comity.release.sight import Reader
from comity.terms.constituency import Constituent
from comity.terms.named import systems as belongs_to
from comity.terms.whose import Index

_MARKS = "inbox-marks"
_PAGE = 1_000
#: Pages that are looked at before what was found is made durable.
_PAGES = 20


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """How far a party's items have been looked at, for which state of its constituency."""

    state: str
    after: int = 0


class Noted(msgspec.Struct, frozen=True, kw_only=True):
    """An object of a party's inbox: when it came into the party's view (microseconds), and the ids of the owners it is about."""

    at: int
    owners: tuple[str, ...]


class Answered(msgspec.Struct, frozen=True):
    """What a party answers for, as of one state."""

    state: str
    owners: Mapping[str, Constituent]
    index: Index


_KNOWN: WeakKeyDictionary[Desk, dict[str, tuple[int, Answered]]] = WeakKeyDictionary()


def answered(desk: Desk, party: str) -> Answered:
    """What a party answers for now; worked out again only after a change."""
    count, kept = version(desk.world), _KNOWN.setdefault(desk, {})
    if party not in kept or kept[party][0] != count:
        found = constituents(desk.world, party)
        state = hashlib.sha256(msgspec.json.encode([(each.id, each.holdings) for each in found])).hexdigest()
        kept[party] = (count, Answered(state, {each.id: each for each in found}, Index(found)))
    return kept[party][1]


def route_all(desk: Desk) -> None:
    """Look at what is new to every party that has a constituency here: what a server does by itself."""
    for party in sorted({each.party for each in constituents(desk.world)}):
        route(desk, party, desk.world.settings.body)


def route(desk: Desk, party: str, body: str) -> int:
    """Look at what is new to a party; how many objects were noted."""
    store, reader, key = desk.world.store, router(desk, party, body), f"{party}|{body}"
    count = 0
    while True:
        raw = store.private(_MARKS, key)
        mark = msgspec.json.decode(raw, type=Mark) if raw else Mark(state="")
        now = answered(desk, party)
        fresh = mark.state != now.state
        if not now.owners and raw is None:
            return 0
        found, upto, head, more = _look(desk, reader, now.index, 0 if fresh else mark.after) if now.owners else ({}, 0, 0, False)
        if not fresh and not found and upto == mark.after:
            return count
        with store.write() as tx:
            if store.private(_MARKS, key) != raw:
                continue  # another process was quicker
            if fresh:
                for id_, _ in list(store.privates(_space(party, body))):
                    tx.put_private(_space(party, body), id_, None)
            for id_, each in found.items():
                tx.put_private(_space(party, body), id_, msgspec.json.encode(each))
            tx.put_private(_MARKS, key, msgspec.json.encode(Mark(state=now.state, after=upto)))
            reached(desk, tx, reader, head)
        count += len(found)
        if not more:
            return count


def noted(desk: Desk, party: str, body: str) -> Iterator[tuple[str, Noted]]:
    """Object id and what was noted of it, for all that has been noted."""
    return ((id_, msgspec.json.decode(raw, type=Noted)) for id_, raw in desk.world.store.privates(_space(party, body)))


def noted_of(desk: Desk, party: str, body: str, ids: Iterable[str]) -> dict[str, Noted]:
    """What has been noted of these objects; those that are about nobody's are left out."""
    found = ((id_, desk.world.store.private(_space(party, body), id_)) for id_ in ids)
    return {id_: msgspec.json.decode(raw, type=Noted) for id_, raw in found if raw is not None}


def _space(party: str, body: str) -> str:
    return f"inbox|{party}|{body}"


def _look(desk: Desk, reader: Reader, index: Index, after: int) -> tuple[dict[str, Noted], int, int, bool]:
    """What touches of the next pages; where to go on, how far all has been read, and whether more follows."""
    found: dict[str, Noted] = {}
    numbers: dict[str, str] = {}
    more, head = True, after
    for _ in range(_PAGES):
        page = met(desk, reader, after, _PAGE)
        objects = [(at, msgspec.json.decode(body)) for at, body in page.found]
        number(desk, reader, (obj for _, obj in objects), numbers)
        for at, obj in objects:
            if touches := index.touches(obj, numbers):
                owners = {id_ for touch in touches for held in touch.whose.has for id_ in held.owners}
                found[obj["id"]] = Noted(at=at, owners=tuple(sorted(owners)))
        after, head, more = page.upto, page.head, page.more
        if not more:
            break
    return found, after, head, more


def number(desk: Desk, reader: Reader, objects: Iterable[Mapping[str, Any]], numbers: dict[str, str]) -> None:
    """Add the autonomous systems that these objects belong to."""
    wanted = {ref for obj in objects for ref in belongs_to(obj)} - numbers.keys()
    if wanted:
        numbers.update(dict.fromkeys(wanted, ""))
        numbers.update(systems(desk, reader, wanted))
