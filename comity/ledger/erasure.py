"""Erasing what a leaf says while the tree stays whole: the opening goes, hash and commitment stay, and a tombstone entry says so.

The store replaces the leaf and appends the tombstone in one transaction; the audit then tells erased from altered: an erased leaf
or record without a tombstone is a finding, and so is a tombstone whose leaf has come back (a restored backup).

A tombstone of kind `erase` is about one leaf. One of kind `purge` is about all that went together at a deadline: its detail has `erased`,
a list of [leaf, first, last, first, last ...], the runs of positions in each leaf. One of kind `prune` names runs of whole leaves.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from comity.errors import IntegrityFault, OurFault
from comity.ledger.journal import MAX_OBJECTS
from comity.ledger.leaf import ERASED, RECORD, SALT, Entry, Leaf, Opening, commit_entry, read_entry

#: The kinds of tombstone entries.
TOMBSTONE, PURGE, PRUNE = "erase", "purge", "prune"
TOMBSTONES = frozenset({TOMBSTONE, PURGE, PRUNE})
#: The most runs of positions that one entry of kind `purge` names.
MAX_RUNS = 5_000


def is_erased(leaf: Leaf) -> bool:
    """Whether the whole entry has been erased."""
    return not (leaf.entry or leaf.opening)


def commitment(leaf: Leaf) -> bytes:
    """What the leaf's hash is over (32 bytes), whether it can still be opened or not."""
    return leaf.salt if is_erased(leaf) else commit_entry(leaf.salt, leaf.entry)


def erase_entry(leaf: Leaf) -> Leaf:
    """The leaf without salt, entry and opening; its commitment stays. Raises OurFault for a tombstone: that would hide another erasure."""
    if not is_erased(leaf) and read_entry(leaf.entry).kind in TOMBSTONES:
        raise OurFault(f"leaf {leaf.index} is a tombstone and cannot be erased")
    return Leaf(index=leaf.index, hash=leaf.hash, salt=commitment(leaf), entry=b"", opening=b"")


def erase_objects(leaf: Leaf, positions: Collection[int]) -> Leaf:
    """The leaf with the records at these 0-based positions reduced to their commitments. Raises OurFault out of range."""
    opening = Opening(records=leaf.opening)
    commitments = opening.commitments()
    if not all(0 <= position < len(commitments) for position in positions):
        raise OurFault(f"leaf {leaf.index} has {len(commitments)} objects, cannot erase {sorted(positions)}")
    records = [
        ERASED + commitment + bytes(SALT) if n in positions else leaf.opening[n * RECORD : (n + 1) * RECORD]
        for n, commitment in enumerate(commitments)
    ]
    return msgspec.structs.replace(leaf, opening=b"".join(records))


def tombstone(leaf: int, *, at: datetime, actor: str, reason: str, positions: Sequence[int] | None = None) -> Entry:
    """The entry that records an erasure of leaf `leaf`: wholly, or of the objects at `positions`."""
    detail = {"leaf": leaf, "reason": reason} | ({} if positions is None else {"objects": sorted(positions)})
    return Entry(kind=TOMBSTONE, at=at, actor=actor, detail=detail)


def read_tombstone(entry: Entry, index: int) -> tuple[int, frozenset[int] | None]:
    """(leaf, positions or None for all) that the tombstone at `index` is about. Raises IntegrityFault unless that is earlier."""
    leaf, positions = entry.detail.get("leaf"), entry.detail.get("objects")
    if type(leaf) is not int or not 0 <= leaf < index:
        raise IntegrityFault("a tombstone that names no earlier leaf")
    if positions is None:
        return leaf, None
    if not isinstance(positions, list) or not all(type(p) is int and p >= 0 for p in positions):
        raise IntegrityFault("a tombstone whose object positions are no list of numbers")
    return leaf, frozenset(positions)


def purged(erased: Mapping[int, Collection[int]], *, at: datetime, actor: str, detail: Mapping[str, Any]) -> Iterator[Entry]:
    """The entries that record an erasure of objects: leaf -> their positions. More than one where they would be long."""
    runs: list[list[int]] = []
    count = 0
    for leaf, positions in sorted(erased.items()):
        named = [leaf, *_runs(positions)]
        if runs and count + len(named) // 2 > MAX_RUNS:
            yield Entry(kind=PURGE, at=at, actor=actor, detail={**detail, "erased": runs})
            runs, count = [], 0
        runs.append(named)
        count += len(named) // 2
    yield Entry(kind=PURGE, at=at, actor=actor, detail={**detail, "erased": runs})


def pruned(leaves: Collection[int], *, at: datetime, actor: str) -> Entry:
    """The entry that records that whole leaves were erased because they are old: their runs, `pruned` in its detail."""
    return Entry(kind=PRUNE, at=at, actor=actor, detail={"pruned": _runs(leaves)})


def prunings(entry: Entry, index: int) -> list[tuple[int, int]]:
    """(first, last) of the runs of leaves that the entry at `index` says were pruned; none of another kind. Raises IntegrityFault."""
    if entry.kind != PRUNE:
        return []
    ends = entry.detail.get("pruned")
    if not isinstance(ends, list) or len(ends) % 2 or not all(type(n) is int and 0 <= n < index for n in ends) or ends != sorted(ends):
        raise IntegrityFault("a pruning that names no runs of earlier leaves")
    return list(zip(ends[::2], ends[1::2], strict=True))


def erasures(entry: Entry, index: int) -> dict[int, frozenset[int] | None]:
    """Leaf -> positions (None: all of it) that the entry at `index` says were erased; none unless it is a tombstone.

    Raises IntegrityFault.
    """
    if entry.kind == TOMBSTONE:
        return dict([read_tombstone(entry, index)])
    found: dict[int, frozenset[int] | None] = {}
    named = entry.detail.get("erased") if entry.kind == PURGE else []
    for each in named if isinstance(named, list) else [None]:
        numbers = each if isinstance(each, list) and all(type(n) is int and n >= 0 for n in each) else []
        leaf, ends = (numbers[0], numbers[1:]) if numbers else (index, [])
        if leaf >= index or not ends or len(ends) % 2 or ends != sorted(ends) or leaf in found or ends[-1] >= MAX_OBJECTS:
            raise IntegrityFault("a purge that names no runs of objects in earlier leaves")
        found[leaf] = frozenset(n for first, last in zip(ends[::2], ends[1::2], strict=True) for n in range(first, last + 1))
    return found


def _runs(positions: Collection[int]) -> list[int]:
    """First and last position of each run, one after the other."""
    ends: list[int] = []
    for position in sorted(set(positions)):
        if ends and position == ends[-1] + 1:
            ends[-1] = position
        else:
            ends += [position, position]
    return ends
