"""What readers have been shown, as far as it can be checked: streams and late items of what is there, at stamps that were given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from comity.store.protocol import Row, Segment, Source
from comity.world import World

_CHUNK = 1_000
#: Before every stamp and every expiry.
_EVER = -(1 << 62)


def reader_problems(world: World) -> Iterator[str]:
    """What does not fit, one line each. See `release.feed` for what heads, segments and late stamps are."""
    for reader in world.store.readers():
        try:
            found = list(_about(world, reader))
        except Exception as error:  # whatever damage makes the check itself stumble is to be named, not to end it
            found = [f"it cannot be checked: {error!r}"]
        yield from (f"reader {reader!r}: {problem}" for problem in found)


def _about(world: World, reader: str) -> Iterator[str]:
    store = world.store
    segments, late, head = store.segments(reader), list(_late(world, reader)), store.reader(reader)
    # What these are about was there before them, and what counts them only grows.
    numbered, last = store.numbered(), store.last_added()
    if head is None or not 0 <= head <= last:
        yield f"it has read up to {head}, and stamps go from 0 to {last}"
    runs: dict[int, Segment] = {}
    for segment in segments:
        yield from (f"segment {tuple(segment)}: {problem}" for problem in _run(segment, runs.get(segment.home), numbered, last))
        runs[segment.home] = segment
    known: set[int] = set()
    for at, row in late:
        if row.item in known:
            yield f"late item {row.item}: it stands there more than once"
        if not row.added < at <= last:
            yield f"late item {row.item}: its stamp {at} is not between its own ({row.added}) and the last that was given ({last})"
        known.add(row.item)


def _run(segment: Segment, before: Segment | None, numbered: Mapping[int, int], last: int) -> Iterator[str]:
    """One run of numbers, and the one before it in the same home row."""
    count = numbered.get(segment.home)
    if count is None:
        yield "there is no such row"
        return
    end = count if segment.last is None else segment.last
    if not (1 <= segment.first <= end + 1 and end <= count):
        yield f"its numbers are not within the {count} of the row"
    if before is not None and (before.last is None or before.last >= segment.first):
        yield "it runs into the one before"
    if segment.base is not None and (segment.last is None or not 1 <= segment.base <= segment.base + end - segment.first <= last):
        yield f"its stamps are not within those given (up to {last})"


def _late(world: World, reader: str) -> Iterator[tuple[int, Row]]:
    """Every late item of a reader with its stamp."""
    after = _EVER
    while found := world.store.page([Source(home=-1, reader=reader)], after, _CHUNK, _EVER):
        yield from found
        after = found[-1][0]
