"""What came into a reader's view, in the order in which it came, the newest or the oldest first, and only what is asked for.

Filters choose among trait rows, never among items: a stream whose facts do not fit is not read. What has to be looked at item by item (a
state that the node's people gave it) goes back a bounded way, and then says from where to go on. What is shown leaves by `Desk.page`;
counting and looking release nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from comity.clock import micros
from comity.release.desk import Desk
from comity.release.feed import Feed
from comity.release.select import Query, select
from comity.release.sight import Reader, Sight
from comity.release.views import Seen, ample, seen_of
from comity.store.protocol import Row, Source

#: How far apart, in microseconds, the first look back is; each next one looks `_WIDER` times as far.
_NEAR, _WIDER = 1_000_000, 8
#: How often a page goes further when filters leave it short; each time over twice as many items.
_ROUNDS = 8

#: Whether an item that is met at a stamp is wanted.
Wanted = Callable[[int, Row], bool]


class Shelf(msgspec.Struct, frozen=True, kw_only=True):
    """Items in order; `next` is the stamp to go on from (microseconds), None at the end."""

    seen: list[Seen]
    next: int | None


class Narrow(msgspec.Struct, frozen=True, kw_only=True):
    """What to look for: the party's `own`, what `others` gave; None leaves a fact open.

    `gate` is one of `terms.item.GATES`, `agreement` an id, whatever version.
    """

    own: bool = True
    others: bool = True
    types: frozenset[str] | None = None
    origins: frozenset[str] | None = None
    tlps: frozenset[str] | None = None
    gate: str | None = None
    agreement: str | None = None

    def takes(self, sight: Sight, row: int) -> bool:
        """Whether the facts of a trait row fit."""
        facts = sight.traits(row)
        return (
            (self.types is None or facts.type in self.types)
            and (self.origins is None or facts.origin in self.origins)
            and (self.tlps is None or facts.tlp in self.tlps)
            and (self.gate is None or facts.gate == self.gate)
            and (self.agreement is None or any(text.partition("@")[0] == self.agreement for text in sight.came(row)))
        )


def arrivals(
    desk: Desk,
    reader: Reader,
    narrow: Narrow,
    *,
    at: int | None = None,
    oldest: bool = False,
    limit: int = 50,
    wanted: Wanted | None = None,
) -> Shelf:
    """A page of what came, beyond the stamp `at` if it is given. Everything on it is given by the desk, on record."""
    chosen, following = met(desk, reader, narrow, at=at, oldest=oldest, limit=limit, wanted=wanted)
    return Shelf(seen=given(desk, reader, chosen), next=following)


def met(
    desk: Desk, reader: Reader, narrow: Narrow, *, at: int | None, oldest: bool, limit: int, wanted: Wanted | None
) -> tuple[list[tuple[int, Row]], int | None]:  # fmt: skip
    """(stamp, row) of what `arrivals` would give, and the stamp to go on from; looked at, not released."""
    return _chosen(desk, reader, narrow, at, oldest, limit, wanted)


def given(desk: Desk, reader: Reader, chosen: Sequence[tuple[int, Row]]) -> list[Seen]:
    """Of these what the reader may still see, given by the desk."""
    ids = tuple(dict.fromkeys(row.id for _, row in chosen))
    page = desk.page(reader, Query(ids=ids, limit=ample(desk, ids)))
    bodies = {row.item: (row, body) for (_, row), body in zip(page.found, page.bodies, strict=True)}
    return seen_of(desk, reader, [(stamp, *bodies[row.item]) for stamp, row in chosen if row.item in bodies])


def known(desk: Desk, reader: Reader, narrow: Narrow, ids: Sequence[str], wanted: Wanted) -> list[tuple[int, Row]]:
    """(stamp, row) of those of these objects that the reader may see and that fit, in their order; looked at, not released."""
    order = {id_: place for place, id_ in enumerate(ids)}
    rows = desk.seen(reader, Query(own=narrow.own, others=narrow.others, types=narrow.types, ids=tuple(order), limit=ample(desk, ids)))
    sight, stamps = desk.sight(reader), desk.feed(reader).stamps(rows)
    met = [(stamps[row.item], row) for row in rows if row.item in stamps and narrow.takes(sight, row.base)]
    return sorted((each for each in met if wanted(*each)), key=lambda each: order[each[1].id])


def named(desk: Desk, reader: Reader, narrow: Narrow, ids: Sequence[str], wanted: Wanted | None = None) -> list[Seen]:
    """Of these objects what the reader may see and fits, in their order, given by the desk."""
    order = {id_: place for place, id_ in enumerate(ids)}
    query = Query(own=narrow.own, others=narrow.others, types=narrow.types, ids=tuple(order), limit=ample(desk, ids))
    page, sight = desk.page(reader, query), desk.sight(reader)
    found = [(at, row, body) for (at, row), body in zip(page.found, page.bodies, strict=True)]
    fit = [each for each in found if narrow.takes(sight, each[1].base) and (wanted is None or wanted(each[0], each[1]))]
    return seen_of(desk, reader, sorted(fit, key=lambda each: order[each[1].id]))


def waiting(
    desk: Desk, reader: Reader, narrow: Narrow, limit: int, wanted: Wanted | None = None, *, after: int = 0, before: int | None = None
) -> tuple[list[tuple[int, Row]], bool]:  # fmt: skip
    """The newest (stamp, row) that fit and came after a stamp, and before another, at most `limit`, and whether there may be more.

    Looked at, not released.
    """

    def late(stamp: int, row: Row) -> bool:
        return stamp > after and (wanted is None or wanted(stamp, row))

    chosen, following = _chosen(desk, reader, narrow, before, False, limit, late, after)
    return chosen, following is not None and (len(chosen) == limit or following > after)


def _chosen(
    desk: Desk, reader: Reader, narrow: Narrow, at: int | None, oldest: bool, limit: int, wanted: Wanted | None, after: int = 0
) -> tuple[list[tuple[int, Row]], int | None]:
    feed = desk.feed(reader)
    # What has other facts today than when it came stands in the stream that it came in.
    moved = {row.home for row in desk.world.store.moved()}
    feed = feed.narrowed(lambda home: home in moved or narrow.takes(feed.sight, home))

    def fits(stamp: int, row: Row) -> bool:
        return narrow.takes(feed.sight, row.base) and (wanted is None or wanted(stamp, row))

    return _forward(desk, feed, narrow, at, limit, fits) if oldest else _back(desk, feed, narrow, at, limit, fits, after)


def _back(
    desk: Desk, feed: Feed, narrow: Narrow, at: int | None, limit: int, fits: Wanted, after: int
) -> tuple[list[tuple[int, Row]], int | None]:  # fmt: skip
    """The newest before `at`, newest first; no further back than `after`."""
    sources = feed.sources(own=narrow.own, others=narrow.others, types=narrow.types)
    newest = desk.world.store.last_added() + 1
    end = newest if at is None else max(0, min(at, newest))
    chosen: list[tuple[int, Row]] = []
    window = 4 * limit
    for _ in range(_ROUNDS):
        start = _start(desk, sources, end, limit + 1, window)
        query = Query(own=narrow.own, others=narrow.others, types=narrow.types, after=start, limit=window)
        chosen[:0] = [(stamp, row) for stamp, row in select(desk.world, feed, query).found if stamp < end and fits(stamp, row)]
        end, window = start + 1, 2 * window
        if start <= after or len(chosen) > limit:
            break
    kept = chosen[-limit:]
    following = kept[0][0] if len(chosen) > limit else end if end > 1 else None
    return kept[::-1], following


def _forward(desk: Desk, feed: Feed, narrow: Narrow, at: int | None, limit: int, fits: Wanted) -> tuple[list[tuple[int, Row]], int | None]:
    """The oldest after `at`, oldest first."""
    chosen: list[tuple[int, Row]] = []
    after, window = max(0, min(at or 0, desk.world.store.last_added())), 4 * limit
    for _ in range(_ROUNDS):
        query = Query(own=narrow.own, others=narrow.others, types=narrow.types, after=after, limit=window)
        met = select(desk.world, feed, query)
        chosen += [(stamp, row) for stamp, row in met.found if fits(stamp, row)]
        if len(chosen) > limit:
            return chosen[:limit], chosen[limit - 1][0]
        if not met.more:
            return chosen, None
        after, window = met.found[-1][0], 2 * window
    return chosen, after


def _start(desk: Desk, sources: Sequence[Source], end: int, enough: int, window: int) -> int:
    """A moment after which, and before `end`, stand at least `enough` and at most `window` items; 0 when there are fewer in all."""
    now = micros(desk.world.clock())

    def count(after: int) -> int:
        return sum(at < end for at, _ in desk.world.store.page(sources, after, window + 1, now))

    few, width = end, _NEAR
    while True:
        many = max(0, end - width)
        found = count(many)
        if found > window:
            break
        if found >= enough or many == 0:
            return many
        few, width = many, width * _WIDER
    # Stamps are unique, so some moment between the two has enough and not too many.
    while few - many > 1:
        middle = (few + many) // 2
        found = count(middle)
        if enough <= found <= window:
            return middle
        few, many = (few, middle) if found > window else (middle, many)
    return few
