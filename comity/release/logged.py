"""Entries of the log that answer a question: of what kind, about which party or object, from when until when. Newest first.

The log has no index but its order, so a look goes back entry by entry and stops after `LOOKED`; it says where, and the next goes on there.
It shows entries, never objects. What entries say of an object is looked for by the hashes of those of its claims that the reader may see.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import msgspec

from comity.clock import micros
from comity.ledger.journal import Leaf, read_entry
from comity.release.desk import Desk
from comity.release.sight import Reader
from comity.store.copied import copies_of
from comity.terms.item import item_hash

#: Entries that one look goes through at most.
LOOKED = 2_000
_CHUNK = 250
#: Moments of entries that were made at the same time may be in another order than the entries.
_NEAR = 100


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked: each part that is not empty has to fit. [since, until) are moments; `id` is an object's."""

    kind: str = ""
    party: str = ""
    id: str = ""
    since: datetime | None = None
    until: datetime | None = None

    @property
    def everything(self) -> bool:
        """Whether nothing in particular is asked."""
        return self == Wanted()


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """Leaves, newest first; `before` is the index to go on from, None at the end. `looked` is how many entries were looked at."""

    leaves: list[Leaf]
    before: int | None
    looked: int


def find(desk: Desk, reader: Reader, wanted: Wanted, *, before: int | None = None, limit: int = 50) -> Found:
    """The latest entries that fit, or those with an index less than `before`."""
    size = desk.world.store.head().size
    end = size if before is None else max(0, min(before, size))
    start = 0
    if wanted.until is not None:
        end = min(end, _first_from(desk, size, wanted.until) + _NEAR)
    if wanted.since is not None:
        start = max(0, _first_from(desk, size, wanted.since) - _NEAR)
    fits = _fits(desk, reader, wanted)
    found: list[Leaf] = []
    looked = 0
    for leaf in _backwards(desk, start, end):
        looked += 1
        if fits(leaf):
            found.append(leaf)
        if len(found) == limit or looked == LOOKED:
            return Found(leaves=found, before=leaf.index if leaf.index > start else None, looked=looked)
    return Found(leaves=found, before=None, looked=looked)


def _backwards(desk: Desk, start: int, end: int) -> Iterator[Leaf]:
    while end > start:
        first = max(start, end - _CHUNK)
        yield from reversed(list(desk.world.store.leaves(first, end)))
        end = first


def _fits(desk: Desk, reader: Reader, wanted: Wanted) -> Callable[[Leaf], bool]:
    hashes = _hashes(desk, reader, wanted.id) if wanted.id else set()

    def fits(leaf: Leaf) -> bool:
        if wanted.everything:
            return True
        if not leaf.entry or (wanted.id and not any(sha in leaf.opening for sha in hashes)):
            return False
        entry = read_entry(leaf.entry)
        return (
            wanted.kind in ("", entry.kind)
            and wanted.party in ("", entry.party)
            and (wanted.since is None or wanted.since <= entry.at)
            and (wanted.until is None or entry.at < wanted.until)
        )

    return fits


def _hashes(desk: Desk, reader: Reader, id_: str) -> set[bytes]:
    """What entries may know an object by: its bytes, its bytes with their envelope, and those of its redacted copies."""
    store, now = desk.world.store, micros(desk.world.clock())
    rows = [row for row in store.by_id([id_]) if row.expires is None or row.expires > now]
    shown = desk.feed(reader).stamps(rows)
    rows = [row for row in rows if row.item in shown]
    rows += copies_of(store, rows)
    envelopes = store.envelopes([row.item for row in rows])
    return {row.sha for row in rows} | {item_hash(row.sha, envelopes[row.item]) for row in rows if row.item in envelopes}


def _first_from(desk: Desk, size: int, moment: datetime) -> int:
    """The index of the first entry that is not before a moment, as far as entries are in the order of their moments."""
    low, high = 0, size
    while low < high:
        middle = (low + high) // 2
        at = _moment(desk, middle, high)
        if at is not None and at < moment:
            low = middle + 1
        else:
            high = middle
    return low


def _moment(desk: Desk, index: int, end: int) -> datetime | None:
    """When an entry was made; of one that was erased, the next one's moment."""
    for leaf in desk.world.store.leaves(index, end):
        if leaf.entry:
            return read_entry(leaf.entry).at
    return None
