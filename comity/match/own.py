"""The index of what this node itself may match, kept in the node's folder: the next one reads only what came since.

What is kept is used as long as nothing but arrivals can have changed it (`release.basis`). Indicators that came since make a small table
beside it. Everything is read anew where one of them is another version of one that is held, or where they are many (`PART`).

What is withdrawn or revoked must not stay on the disk until somebody matches again: `Forgetting` deletes what is kept as soon as it could
not be used any more.

Crash story: as of `cached`. Of two that write at the same time the last one stays, which is as good. What a crash kept from being
forgotten is forgotten with the next look.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import msgspec

from comity.admin.upkeep import Compiled, note_table
from comity.errors import IntegrityFault
from comity.match.cached import keep, trusted
from comity.match.index import Index
from comity.match.table import Table
from comity.match.table_file import open_table
from comity.match.table_maker import build
from comity.release.basis import Basis, all_new, arrivals, basis, holds
from comity.release.desk import Desk
from comity.release.holdings import every
from comity.release.matchable import Held, matchable, reader
from comity.terms.force import Passed
from comity.world import World

#: Values below which reading costs less than keeping.
WORTH = 1_000
#: How much of what is kept may have come since, as a fraction.
PART = 0.1
_NAME = "own.table"
_HOUR = timedelta(hours=1)


class _Known(msgspec.Struct, kw_only=True):
    """What is kept with a table: what it stands on, what was passed over, and how many items were read for it."""

    on: Basis
    passed: list[Passed] = []
    read: int = 0


class Own:
    """What this node itself may match, read as often as it has changed: `folder` keeps it, None keeps nothing, and `min_score` is as of
    `matchable`, whose scores change with every hour."""

    def __init__(self, desk: Desk, folder: Path | None, min_score: int = 0) -> None:
        self._desk = desk
        self._folder = None if min_score else folder  # a score changes with every hour
        self._min_score = min_score
        self._on: Basis | None = None
        self._added = 0

    def read(self, passed: Callable[[Passed], None] = lambda _: None) -> Index:
        """The index of `matchable`, patterns among it; what is passed over is told."""
        self._added = arrivals(self._desk)
        if self._folder is not None:
            return own_index(self._desk, self._folder, passed, self._stands)
        on = basis(self._desk)
        index = Index.build(matchable(self._desk, self._min_score, passed, patterns=True, met=on.met))
        if self._min_score:
            on.until = min(on.until or on.made + _HOUR, on.made + _HOUR)
        self._stands(on)
        return index

    def changed(self) -> bool:
        """Whether something came since it was read, or what was read is not so any more."""
        return self._on is None or arrivals(self._desk) != self._added or not holds(self._desk, self._on)

    def _stands(self, on: Basis) -> None:
        self._on = on


def own_index(
    desk: Desk, folder: Path, passed: Callable[[Passed], None] = lambda _: None, stands: Callable[[Basis], None] = lambda _: None
) -> Index:
    """The index of `matchable`, patterns among it; what is passed over is told, and what it stands on. Kept in a folder of the node's,
    where that can be."""
    place = folder / _NAME
    table = trusted(place)
    if table is not None:
        known = _known(table)
        if known is not None and holds(desk, known.on):
            known.on.made = desk.world.clock()  # so that no date that is past counts for what is read now
            late = _late(desk, known.on, PART * table.facts.count)
            if late is not None:
                more, told = late
                desk.again(known.read)
                stands(known.on)
                for one in (*known.passed, *told):
                    passed(one)
                return Index([table, *more])
        place.unlink(missing_ok=True)
    known = _Known(on=basis(desk))
    index = _read(desk, place, known, passed)
    stands(known.on)
    return index


def _read(desk: Desk, place: Path, known: _Known, passed: Callable[[Passed], None]) -> Index:
    """Read everything, and keep it."""

    def met(each: Held) -> None:
        known.read += 1
        known.on.met(each)

    with tempfile.TemporaryFile() as records:
        table = build(matchable(desk, 0, known.passed.append, patterns=True, met=met), records)
        for one in known.passed:
            passed(one)
        worth = table.facts.count >= WORTH and holds(desk, known.on)
        kept = worth and keep(table, msgspec.msgpack.encode(known), place)
        note_table(desk.world, Compiled(at=desk.world.clock(), bytes=place.stat().st_size, count=table.facts.count) if kept else None)
        return Index([(trusted(place) if kept else None) or table])


def _late(desk: Desk, on: Basis, most: float) -> tuple[list[Table], list[Passed]] | None:
    """A table of what came after what is kept, if anything did, and what was passed over; None if everything is to be read anew."""
    found: list[str] = []
    told: list[Passed] = []
    entries = []

    def met(each: Held) -> None:
        found.append(each.row.id)
        on.met(each)

    for entry in matchable(desk, 0, told.append, patterns=True, after=on.added, met=met):
        entries.append(entry)
        if len(found) > most:
            return None
    # Another version, or another's copy, of one that is kept says something else of it.
    if len(found) > most or not all_new(desk, found):
        return None
    return ([build(entries)] if entries else []), told


class Forgetting:
    """Deletes what is kept as soon as anything but arrivals may have changed it. Looks at what came since its last look."""

    def __init__(self, world: World, folder: Path) -> None:
        self._world = world
        self._place = folder / _NAME
        self._seen: tuple[int, int] | None = None

    def look(self) -> None:
        """Look once. What is read for it counts as nobody's reading."""
        if not self._place.exists():
            return
        try:
            known = _known(open_table(self._place))
        except IntegrityFault:
            known = None
        if known is None or not self._stands(Desk(self._world), known.on):
            with suppress(OSError):  # it is in use, where a file in use cannot be deleted: then the next time
                self._place.unlink(missing_ok=True)
                note_table(self._world, None)

    def _stands(self, desk: Desk, on: Basis) -> bool:
        if not holds(desk, on):
            return False
        made, seen = self._seen or (on.added, on.added)
        after = seen if made == on.added else on.added
        came = [(at, row.id) for at, row, _ in every(desk, reader(desk), frozenset({"indicator"}), after)]
        self._seen = on.added, came[-1][0] if came else after
        return all_new(desk, [id_ for _, id_ in came])


def _known(table: Table) -> _Known | None:
    try:
        return msgspec.msgpack.decode(table.note, type=_Known)
    except msgspec.MsgspecError:
        return None
