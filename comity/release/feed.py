"""Which streams a reader's pages are merged from, and the stamps at which it meets each item.

A reader polls with a cursor: the last stamp it saw. So something it may see only from now on must not stand behind that cursor. When a
home row becomes visible to a reader that has read before, the items it has missed get a range of fresh stamps, for this reader alone
(model.md, Late grants). The store keeps, per reader and home row, the runs of item numbers it could see (`Segment`) and how far it had
read (its head). A row whose items name others gives no range: how those spread over rows depends on claims that the reader may not see,
so they get their stamps one by one, in the order in which they came, like those that move between rows. An item that goes out of sight
before the reader has come to its late stamp gets another one when it comes back. Everything is settled at the reader's next request, so it
makes no difference what brought the change about: a standing, an agreement, a ratification, an approval, or a date that came.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy

from comity.clock import micros
from comity.release.sight import Sight
from comity.store.placing import reserve, stamps
from comity.store.protocol import Row, Segment, Source, Tx
from comity.world import World

#: More than a reader has late items.
_MANY = 1 << 31


class Feed:
    """The settled streams of one reader under one sight."""

    def __init__(self, sight: Sight, segments: Sequence[Segment], late: Callable[[Sequence[int]], dict[int, int]]) -> None:
        self.sight = sight
        self._late = late
        self._only: Callable[[int], bool] | None = None
        self._homes = set(sight.homes())
        self._segments: dict[int, list[Segment]] = {}
        for segment in segments:
            if segment.home in self._homes:
                self._segments.setdefault(segment.home, []).append(segment)

    def narrowed(self, wanted: Callable[[int], bool]) -> Feed:
        """The same feed with the streams of only those home rows that are wanted; single items stay."""
        narrow = copy(self)
        narrow._only = wanted
        return narrow

    def sources(self, own: bool, others: bool, types: frozenset[str] | None) -> list[Source]:
        """The streams of a collection: the reader's own items, what others gave, or both; of some types if given."""
        reader = self.sight.reader
        found = self._own(types) if own else []
        if not others:
            return found
        for home, segments in self._segments.items():
            if (types is None or self.sight.type_of(home) in types) and (self._only is None or self._only(home)):
                found.extend(Source(home=home, first=s.first, last=s.last, base=s.base) for s in segments)
        found.append(Source(home=-1, reader=reader.key, types=types))
        return found

    def streams(self, home: int) -> list[Source]:
        """Those of one home row of others."""
        return [Source(home=home, first=s.first, last=s.last, base=s.base) for s in self._segments.get(home, ())]

    def _own(self, types: frozenset[str] | None) -> list[Source]:
        """Of some types or facts by their rows: among a party's own items such may be far apart."""
        if types is None and self._only is None:
            return [Source(home=0, origin=self.sight.reader.party)]
        return [Source(home=row) for row in self.sight.own(types) if self._only is None or self._only(row)]

    def stamps(self, rows: Sequence[Row]) -> dict[int, int]:
        """item -> the one stamp at which the reader meets it; rows it may not see are left out.

        A redacted copy of what it may have whole stands in no stream: asked for by name, it has its own stamp.
        A late item whose home row has become visible since stands in the home's stream alone, so a row that a stream gives at
        another stamp than this one is not shown there.
        """
        found: dict[int, int] = {}
        waiting: list[int] = []
        for row in rows:
            if row.origin == self.sight.reader.party:
                found[row.item] = row.added
            elif self.sight.spared(row.traits):
                if self.sight.sees(row.traits):
                    found[row.item] = row.added
            elif row.home in self._homes or self.sight.sees(row.traits):
                segment = next((s for s in self._segments.get(row.home, ()) if _within(s, row.ordinal)), None)
                if segment is None:
                    waiting.append(row.item)
                else:
                    found[row.item] = row.added if segment.base is None else segment.base + row.ordinal - segment.first
        if waiting:
            found.update(self._late(waiting))
        return found


def _within(segment: Segment, ordinal: int) -> bool:
    return segment.first <= ordinal and (segment.last is None or ordinal <= segment.last)


def settle(world: World, sight: Sight, read: int = 0) -> Feed:
    """Bring the reader's segments up to date with what it may see now; writes only if something changed.

    `read` is how far the reader has got, where that may be further than the store knows.
    """
    store, key = world.store, sight.reader.key
    segments = store.segments(key)
    if _open(segments) != set(sight.homes()) or _unstamped(world, sight) or _lost(world, sight):
        with store.write() as tx:
            known = store.reader(key)
            _settle(world, tx, sight, store.segments(key), max(known or 0, read) if known is not None or read else None)
            segments = store.segments(key)
    return Feed(sight, segments, lambda items: store.late(key, items))


def _open(segments: Sequence[Segment]) -> set[int]:
    return {segment.home for segment in segments if segment.last is None}


def _settle(world: World, tx: Tx, sight: Sight, segments: Sequence[Segment], head: int | None) -> None:
    """1. close what is no longer visible; 2. open what became visible, with a range for what was missed; 3. single late items, which go
    with what is no longer visible and come with what became so.

    Nothing that the reader meets may depend on what it cannot see: ranges come in the order of the items' own facts, single items in
    the order in which they came. (Row numbers would tell which facts came first, hidden items' included.)
    """
    key, now = sight.reader.key, micros(world.clock())
    runs: dict[int, list[Segment]] = {}
    for segment in segments:
        runs.setdefault(segment.home, []).append(segment)
    visible, opened = set(sight.homes()), _open(segments)
    changed: list[Segment] = []
    # 1.
    for home in sorted(opened - visible):
        *earlier, last = runs[home]
        end = tx.last_ordinal(home, head or 0)
        changed.extend([*earlier, last._replace(last=max(end, last.first - 1))])
    # 2. A reader that has never read has no cursor to be behind.
    late: dict[int, None] = {}
    for home in sorted(visible - opened, key=sight.facts):
        earlier = runs.get(home, [])
        first = earlier[-1].last + 1 if earlier and earlier[-1].last is not None else 1
        missed = tx.last_ordinal(home, head) if head is not None else 0
        changed.extend(earlier)
        if missed >= first and sight.names(home):
            met = [row.item for _, row in world.store.page([Source(home, first, missed)], 0, missed - first + 1, now)]
            late.update(dict.fromkeys(met))
        elif missed >= first:
            changed.append(Segment(home, first, missed, reserve(tx, now, missed - first + 1)))
        changed.append(Segment(home, max(first, missed + 1), None, None))
    tx.put_segments(key, changed)
    # 3.
    if lost := _lost(world, sight):
        tx.drop_late(key, lost)
    have = world.store.late(key, list(late))
    single = sorted({item for item in late if item not in have} | set(_unstamped(world, sight)))
    if single:
        tx.put_late(key, list(zip(stamps(tx, now, len(single)), single, strict=True)))
    # Whoever has streams has read up to somewhere: an empty page that was the first says nothing in the store.
    if world.store.reader(key) is None:
        tx.put_reader(key, head or 0)


def _unstamped(world: World, sight: Sight) -> list[int]:
    """Items visible only through the row they moved to, that have no late stamp for this reader yet."""
    homes, own = set(sight.homes()), sight.reader.party
    moved = [r.item for r in world.store.moved() if r.origin != own and r.home not in homes and sight.meets(r.traits)]
    have = world.store.late(sight.reader.key, moved) if moved else {}
    return [item for item in moved if item not in have]


def _lost(world: World, sight: Sight) -> list[int]:
    """Single late items that the reader has not come to yet and may no longer see."""
    key, homes = sight.reader.key, set(sight.homes())
    ahead = world.store.page([Source(home=-1, reader=key)], world.store.reader(key) or 0, _MANY, micros(sight.question.valid_at))
    return [row.item for _, row in ahead if row.home not in homes and not sight.meets(row.traits)]
