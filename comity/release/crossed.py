"""For which parties rows went to another body's hub: kept, so that it is noticed when these are others than before.

The hub there holds each item for the parties that were named with it. When a party joins or leaves them, the items of a row are taken back
and go again with the parties of now (`narrowing.note`), so that the hub never decides among those of yesterday.

Crash story: what is kept is one private value per row, written with what it is about, or right after the page that it went with. Cut off
between, the row counts as not kept, and is with the next page.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from comity.release.across import Across
from comity.store import Store
from comity.store.protocol import Segment, Tx
from comity.world import World

_SPACE = "crossed"


def keep(world: World, sight: Across, rows: Iterable[int]) -> None:
    """Keep for whom the items of these home rows have just gone; writes only what is new."""
    held = _held(world.store, sight)
    fresh = sorted(row for row in set(rows) if row not in held)
    if fresh:
        with world.store.write() as tx:
            _put(tx, sight, fresh)


def readdressed(world: World, sight: Across) -> list[int]:
    """The home rows that go across for other parties than they went for."""
    homes = set(sight.homes())
    return [row for row, to in _held(world.store, sight).items() if row in homes and to != sight.to(row)]


def close(store: Store, tx: Tx, sight: Across, rows: Iterable[int]) -> dict[int, list[Segment]]:
    """The runs of items in these rows that have gone, and from now on for the parties of now; in the critical section."""
    rows, head = list(rows), store.reader(sight.reader.key) or 0
    found: dict[int, list[Segment]] = {row: [] for row in rows}
    for segment in store.segments(sight.reader.key):
        if segment.home in found:
            last = tx.last_ordinal(segment.home, head) if segment.last is None else segment.last
            found[segment.home] += [segment._replace(last=last)] if last >= segment.first else []
    _put(tx, sight, rows)
    return found


def _put(tx: Tx, sight: Across, rows: Iterable[int]) -> None:
    for row in rows:
        tx.put_private(_SPACE, f"{_start(sight)}{row:012d}", msgspec.json.encode(sight.to(row)))


def _held(store: Store, sight: Across) -> dict[int, tuple[str, ...]]:
    start, found = _start(sight), dict[int, tuple[str, ...]]()
    for key, value in store.privates(_SPACE, start):
        if not key.startswith(start):
            break
        found[int(key.removeprefix(start))] = msgspec.json.decode(value, type=tuple[str, ...])
    return found


def _start(sight: Across) -> str:
    return f"{sight.reader.key}/"
