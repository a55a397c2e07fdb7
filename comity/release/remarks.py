"""What is said about one object: sightings, opinions and notes of whomever, as far as a reader may see them.

What is said of a redacted copy is said of its original, for a reader who sees that (`release.surroundings`).
"""

from __future__ import annotations

import msgspec

from comity.clock import micros
from comity.release.around import around
from comity.release.desk import Desk
from comity.release.select import Query
from comity.release.sight import Reader
from comity.release.surroundings import About, about
from comity.release.views import Seen, ample, seen_of
from comity.store.copied import copies_of

SIGHTINGS, OPINIONS = frozenset({"sighting"}), frozenset({"opinion", "note"})
#: Ties of the object that are looked at, and what is said that is read, unless fewer are asked for.
LOOKED, MOST = 2_000, 500


class Remarks(msgspec.Struct, frozen=True, kw_only=True):
    """Sightings and what people think, what was said last first; `more` when there may be others that were not looked at."""

    sightings: list[Seen]
    opinions: list[Seen]
    more: bool

    @property
    def about(self) -> About:
        """The same as what weighs in a score."""
        found = [(one.row.origin, msgspec.json.decode(one.body)) for one in (*self.sightings, *self.opinions)]
        return about(found)


def remarks(desk: Desk, reader: Reader, id_: str, most: int = MOST) -> Remarks:
    """What is said about an object, `most` of it. Nothing for an object that the reader may not see."""
    found, said, more = around(desk, reader, [id_, *_copies(desk, reader, id_)], LOOKED), [], False
    for each in found.values():
        said += [tie.other for tie in each.ties if tie.type in SIGHTINGS | OPINIONS]
        more = more or each.more
    ids = tuple(dict.fromkeys(said))
    seen = gathered(desk, reader, ids[:most])
    seen.sort(key=lambda one: one.stamp, reverse=True)
    return Remarks(
        sightings=[one for one in seen if one.row.type in SIGHTINGS],
        opinions=[one for one in seen if one.row.type in OPINIONS],
        more=more or len(ids) > most,
    )


def gathered(desk: Desk, reader: Reader, ids: tuple[str, ...]) -> list[Seen]:
    """The last visible versions of these objects, on record as given to the reader."""
    if not ids:
        return []
    page = desk.page(reader, Query(ids=ids, limit=ample(desk, ids)))
    return seen_of(desk, reader, [(at, row, body) for (at, row), body in zip(page.found, page.bodies, strict=True)])


def _copies(desk: Desk, reader: Reader, id_: str) -> list[str]:
    """The ids of the redacted copies of those claims of an object that the reader sees."""
    now, sight = micros(desk.world.clock()), desk.sight(reader)
    rows = [row for row in desk.world.store.by_id([id_]) if (row.expires is None or row.expires > now) and sight.sees(row.traits)]
    return list(dict.fromkeys(row.id for row in copies_of(desk.world.store, rows)))
