"""A set of keys as the pass over raw bytes asks it: sorted, with a Bloom filter before it and a directory into it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from comity.match.keys import Keys

#: Bits of the Bloom filter for each key.
BITS = 16
#: Keys that are taken into a filter at a time.
_PART = 1 << 17


def distinct(found: Keys) -> Keys:
    """Sorted, in place, and without what repeats."""
    found.sort()
    repeated = found[1:] == found[:-1]
    return found[np.concatenate(([True], ~repeated))] if repeated.any() else found


def bloom(found: Keys) -> Keys:
    """The Bloom filter of some keys: three bits of one word each (`kernel_keys`)."""
    words = 1
    while words * 64 < len(found) * BITS:
        words *= 2
    bits = np.zeros(words, np.uint64)
    for first in range(0, len(found), _PART):
        part = found[first : first + _PART]
        place = (part >> np.uint64(20)) & np.uint64(words - 1)
        for shift in (0, 6, 12):
            np.bitwise_or.at(bits, place, np.uint64(1) << ((part >> np.uint64(shift)) & np.uint64(63)))
    return bits


def directory(found: Keys) -> NDArray[np.uint32]:
    """Where the sorted keys of each bucket start: some eight keys have their highest bits in common."""
    bits = max(0, (len(found) >> 3).bit_length())
    firsts = np.arange(1 << bits, dtype=np.uint64) << np.uint64(64 - bits) if bits else np.zeros(1, np.uint64)
    return np.append(np.searchsorted(found, firsts), len(found)).astype(np.uint32)
