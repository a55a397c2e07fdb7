"""What a node was given and may no longer see: a standing that ended, an agreement that changed, an audience that became smaller.

A reader's streams keep the runs of items that it could see (`release.feed`). When one is closed, its items become a `Narrowing`, and the
run is forgotten: if the reader may see them again, they go to it again as a late grant. So it is with what another body's hub holds for
other parties than now (`release.crossed`).

Crash story: noting a narrowing and forgetting its runs is one critical section. Narrowings are kept, so a node that was restored from a
backup is told of them again.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from weakref import WeakKeyDictionary

import msgspec

from comity.release import crossed
from comity.release.across import Across
from comity.release.desk import Desk
from comity.release.sight import Reader, Sight
from comity.store.protocol import Row, Segment, Source
from comity.terms.item import arrival, read_envelope

_SPACE = "narrowings"
#: Items of one narrowing, and rows looked at per step.
_STEP = 1_000
#: Narrowings read at once.
_READ = 8

#: Per desk and reader: the sight, and the count of moved items, under which nothing single was lost.
_SINGLES: WeakKeyDictionary[Desk, dict[str, tuple[Sight, int]]] = WeakKeyDictionary()


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """Items of a home row, by their numbers there."""

    home: int
    first: int
    last: int


class Narrowing(msgspec.Struct, frozen=True, kw_only=True):
    """Runs of items that a reader could see until a moment, and single items beside them; `why` is the decision now, in words."""

    at: datetime
    runs: tuple[Run, ...] = ()
    items: tuple[int, ...] = ()
    why: str = ""


class Lost(msgspec.Struct, frozen=True, kw_only=True):
    """An item that is no longer for a reader: its row, its stamp at the node that vouches for it, since when, and why."""

    row: Row
    entered: int
    at: datetime
    why: str


def note(desk: Desk, reader: Reader, link: str) -> None:
    """Find what the reader of a link could see and no longer may, and keep it for `lost`. Writes only if there is anything."""
    store, sight = desk.world.store, desk.feed(reader).sight
    if sight.rules.unheard:  # what only waits is not lost
        sight = desk.sight(reader, supposed=sight.rules.heard())
    visible = set(sight.homes())
    gone: dict[int, list[Segment]] = {}
    for segment in store.segments(reader.key):
        if segment.home not in visible and segment.last is not None and segment.last >= segment.first:
            gone.setdefault(segment.home, []).append(segment)
    items = _singles(desk, reader, sight)
    others = crossed.readdressed(desk.world, sight) if isinstance(sight, Across) else []
    if not gone and not items and not others:
        return
    parts = [items[start : start + _STEP] for start in range(0, len(items), _STEP)]
    at, first_row = desk.world.clock(), [*gone, *others, *(row.traits for row in store.rows(items[:1]).values())][0]
    with store.write() as tx:
        if isinstance(sight, Across):
            gone |= crossed.close(store, tx, sight, others)
        runs = [Run(home=s.home, first=first, last=last) for all_ in gone.values() for s in all_ for first, last in _parts(s)]
        number = 1 + max((int(key.rpartition("/")[2]) for key, _ in store.privates(_SPACE, f"{link}/") if _of(key, link)), default=0)
        why = _why(sight, first_row)
        made = [Narrowing(at=at, runs=(run,), why=why) for run in runs] + [Narrowing(at=at, items=tuple(part), why=why) for part in parts]
        for offset, each in enumerate(made):
            tx.put_private(_SPACE, f"{link}/{number + offset:08d}", msgspec.json.encode(each))
        tx.put_segments(reader.key, [Segment(home, 1, 0, None) for home in gone])
        tx.drop_late(reader.key, items)
    if others:
        desk.forget(reader)


def _parts(segment: Segment) -> Iterator[tuple[int, int]]:
    """A segment's numbers, no more than _STEP at once."""
    last = segment.last or 0
    for first in range(segment.first, last + 1, _STEP):
        yield first, min(last, first + _STEP - 1)


def lost(desk: Desk, link: str, after: int) -> Iterator[tuple[int, list[Lost]]]:
    """(number, what was lost: at most _STEP items) of each narrowing of a link after a number; items that have gone since are left out."""
    while found := list(desk.world.store.privates(_SPACE, f"{link}/{after:08d}", _READ)):
        for key, value in found:
            if not _of(key, link):
                return
            after = int(key.rpartition("/")[2])
            yield after, list(_items(desk, msgspec.json.decode(value, type=Narrowing)))


def _of(key: str, link: str) -> bool:
    return key.rpartition("/")[0] == link


def _items(desk: Desk, narrowing: Narrowing) -> Iterator[Lost]:
    store = desk.world.store
    rows = list(store.rows(narrowing.items).values())
    for run in narrowing.runs:
        rows += [row for _, row in store.page([Source(run.home, run.first, run.last)], 0, run.last - run.first + 1, 0)]
    for start in range(0, len(rows), _STEP):
        part = rows[start : start + _STEP]
        envelopes = store.envelopes([row.item for row in part])
        for row in part:
            entered = arrival(row.added, read_envelope(envelopes[row.item]))
            yield Lost(row=row, entered=entered, at=narrowing.at, why=narrowing.why)


def _singles(desk: Desk, reader: Reader, sight: Sight) -> list[int]:
    """Single late items that the reader has come to and may no longer see."""
    store = desk.world.store
    state = (sight, store.counter("moves"))
    looked = _SINGLES.setdefault(desk, {})
    if looked.get(reader.key) == state:
        return []
    homes, head, after, found = set(sight.homes()), store.reader(reader.key) or 0, 0, list[int]()
    while page := store.page([Source(home=-1, reader=reader.key)], after, _STEP, 0):
        found += [row.item for at, row in page if at <= head and row.home not in homes and not sight.meets(row.traits)]
        after = page[-1][0]
    looked[reader.key] = state
    return found


def _why(sight: Sight, row: int) -> str:
    """Why the reader may not see a row's items, in the words of the first reason."""
    if isinstance(sight, Across):
        return f"It goes to {'other parties' if sight.sees(row) else 'no party'} of {sight.reader.across} now."
    reasons = sight.decision(row).reasons
    return reasons[0].text if reasons else ""
