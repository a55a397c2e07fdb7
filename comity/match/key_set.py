"""A set of keys as the pass over raw bytes asks it: sorted, with a Bloom filter before it and a directory into it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from comity.match.keys import Keys

#: Bits of the Bloom filter for each key.
BITS = 16


def distinct(found: Keys) -> Keys:
    """Sorted, in place, and without what repeats."""
    found.sort()
    repeated = found[1:] == found[:-1]
    return found[np.concatenate(([True], ~repeated))] if repeated.any() else found


def bloom(parts: Iterable[Keys], count: int) -> Keys:
    """The Bloom filter of so many keys: three bits of one word each (`kernel_keys`)."""
    words = 1
    while words * 64 < count * BITS:
        words *= 2
    bits = np.zeros(words, np.uint64)
    for part in parts:
        place = (part >> np.uint64(20)) & np.uint64(words - 1)
        for shift in (0, 6, 12):
            np.bitwise_or.at(bits, place, np.uint64(1) << ((part >> np.uint64(shift)) & np.uint64(63)))
    return bits


def among(found: Keys, filter_: Keys, keys: Keys) -> NDArray[np.bool_]:
    """Which of some are among the sorted keys of a filter; few that are not pass the filter."""
    one = np.uint64(1)
    bits = filter_[(found >> np.uint64(20)) & np.uint64(len(filter_) - 1)]
    passed = np.full(len(found), one)
    for shift in (0, 6, 12):
        passed &= bits >> ((found >> np.uint64(shift)) & np.uint64(63))
    some = np.flatnonzero(passed)
    held = np.zeros(len(found), bool)
    held[some] = keys[np.minimum(np.searchsorted(keys, found[some]), len(keys) - 1)] == found[some]
    return held


def directory(parts: Iterable[Keys], count: int) -> NDArray[np.uint32]:
    """Where the keys of each bucket start among so many sorted ones: some eight keys have their highest bits in common."""
    bits = (count >> 3).bit_length()
    if not bits:
        return np.array([0, count], np.uint32)
    starts = np.zeros((1 << bits) + 1, np.uint32)
    for part in parts:
        held, many = np.unique(part >> np.uint64(64 - bits), return_counts=True)
        starts[held + np.uint64(1)] += many.astype(np.uint32)
    return np.cumsum(starts, dtype=np.uint32)
