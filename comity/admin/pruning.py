"""Letting go of what old log entries say, so that a log can grow for years: their commitments stay, so tree, checkpoints and proofs do.

    1. choose   old entries of the kinds that a log grows by (`PRUNED`), and acceptances of which every object was erased
    2. erase    salt, entry and openings of up to 5,000 of them, with one entry that names their runs: a critical section for each step

Other entries stay: what governs, what a record is vouched for by, tombstones, withdrawals. An entry of kind `prune` is one too.

Crash story: each step is one transaction. Cut off between two, the next run finds what is left.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import msgspec

from comity.ledger.erasure import erase_entry, is_erased, pruned
from comity.ledger.leaf import Leaf, Opening, read_entry
from comity.world import World

#: Kinds of entries that a log grows by: what went to whom, what was refused, who read and signed in.
PRUNED = frozenset({"disclose", "push", "refuse", "access", "notify", "parcel", "sign-in", "sign-out"})
#: Those that name what is here: they go when nothing of it is.
_ENTERED = frozenset({"accept", "derive"})
_STEP = 5_000


class Pruned(msgspec.Struct, frozen=True, kw_only=True):
    """How many entries were pruned, and how many bytes the store takes then."""

    pruned: int
    bytes: int


def prunable(world: World, before: datetime) -> Iterator[list[int]]:
    """The entries made before a moment that may go, some thousand at a time."""
    size = world.store.head().size
    for first in range(0, size, _STEP):
        leaves = list(world.store.leaves(first, min(first + _STEP, size)))
        if found := [leaf.index for leaf in leaves if _old(leaf, before)]:
            yield found


def prune(world: World, before: datetime, by: str, *, compact: bool = False) -> Pruned:
    """Erase what entries made before a moment say, as far as it may go, and overwrite what the store's files have of it.

    `compact` gives the space back to the disk.
    """
    count = 0
    for chosen in prunable(world, before):
        with world.store.write() as tx:
            wanted = set(chosen)
            leaves = [leaf for leaf in world.store.leaves(chosen[0], chosen[-1] + 1) if leaf.index in wanted and not is_erased(leaf)]
            for leaf in leaves:
                tx.erase_leaf(erase_entry(leaf))
            if leaves:
                world.journal.append(tx, pruned([leaf.index for leaf in leaves], at=world.clock(), actor=by))
        count += len(leaves)
    if count:
        world.store.scrub()
    if compact:
        world.store.compact()
    return Pruned(pruned=count, bytes=world.store.space().used)


def _old(leaf: Leaf, before: datetime) -> bool:
    if is_erased(leaf):
        return False
    entry = read_entry(leaf.entry)
    if entry.at >= before:
        return False
    return entry.kind in PRUNED or (entry.kind in _ENTERED and not any(Opening(records=leaf.opening).hashes()))
