"""Sightings in a reader's view, put together by what was sighted: the newest of them, and how many were looked at for it.

A sighting stands for as many hits as it says (`count`, else one); one of none says that something was looked for and not seen, and counts
nowhere (STIX 2.1 section 5.2). Its day is that of the last hit, in UTC, else that on which it was made.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from comity.clock import micros
from comity.release.arrivals import Narrow, arrivals
from comity.release.desk import Desk
from comity.release.sight import Reader
from comity.release.views import Seen
from comity.terms.stix import version, version_moment

#: Sightings that are looked at for one page.
LOOKED = 500
_TYPES = frozenset({"sighting"})


class Sighted(msgspec.Struct, kw_only=True):
    """What was sighted: in all `hits`, by party and by day; the sightings; the `first` and `last` day.

    `sources` are the parties whose copies of it are in view. `counted` are the reader's own sightings that do not name it.
    """

    id: str
    hits: int = 0
    sightings: list[str] = []
    parties: dict[str, int] = {}
    days: dict[str, int] = {}
    counted: list[str] = []
    sources: tuple[str, ...] = ()

    @property
    def first(self) -> str:
        """The first day."""
        return min(self.days)

    @property
    def last(self) -> str:
        """The last day."""
        return max(self.days)


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What was sighted, latest first; how many sightings were `looked` at, and the stamp to go on from (None at the end)."""

    sighted: list[Sighted]
    looked: int
    next: int | None


def sighted(desk: Desk, reader: Reader, *, others: bool, at: int | None = None) -> Found:
    """What the reader's own sightings are of, or (`others`) every party's that it sees; those before a stamp if it is given."""
    shelf = arrivals(desk, reader, Narrow(others=others, types=_TYPES), at=at, limit=LOOKED)
    found: dict[str, Sighted] = {}
    for seen in shelf.seen:
        obj = msgspec.json.decode(seen.body, type=dict[str, Any])
        count = obj.get("count", 1)
        if isinstance(obj.get("sighting_of_ref"), str) and isinstance(count, int) and count > 0 and obj.get("revoked") is not True:
            _note(found.setdefault(obj["sighting_of_ref"], Sighted(id=obj["sighting_of_ref"])), seen, obj, count, reader)
    origins = _origins(desk, reader, list(found))
    for each in found.values():
        each.sources = origins.get(each.id, ())
    ordered = sorted(found.values(), key=lambda each: (each.last, each.hits, each.id), reverse=True)
    return Found(sighted=ordered, looked=len(shelf.seen), next=shelf.next)


def _note(about: Sighted, seen: Seen, obj: Mapping[str, Any], count: int, reader: Reader) -> None:
    about.hits += count
    about.sightings.append(seen.row.id)
    about.parties[seen.envelope.origin] = about.parties.get(seen.envelope.origin, 0) + count
    said = obj.get("last_seen") or obj.get("first_seen")
    day = version_moment(said if isinstance(said, str) else version(obj)).date().isoformat()
    about.days[day] = about.days.get(day, 0) + count
    if seen.envelope.origin == reader.party and seen.envelope.gate == "counted":
        about.counted.append(seen.row.id)


def _origins(desk: Desk, reader: Reader, ids: list[str]) -> dict[str, tuple[str, ...]]:
    """id -> the parties whose copies the reader may see."""
    now = micros(desk.world.clock())
    rows = [row for row in desk.world.store.by_id(ids) if row.expires is None or row.expires > now]
    shown = desk.feed(reader).stamps(rows)
    found: dict[str, dict[str, None]] = {}
    for row in rows:
        if row.item in shown:
            found.setdefault(row.id, {})[row.origin] = None
    return {id_: tuple(sorted(parties)) for id_, parties in found.items()}
