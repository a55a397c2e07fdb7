"""The pass over raw bytes where numba is missing: the same lines as `kernel.shows`, and some more; the hits are the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from comity.match.key_set import among
from comity.match.keys import Keys, keys_of

_TOKEN = np.zeros(256, np.uint8)
for _byte in b"abcdefghijklmnopqrstuvwxyz0123456789-_.":
    _TOKEN[_byte] = _byte
for _byte in b"ABCDEFGHIJKLMNOPQRSTUVWXYZ":
    _TOKEN[_byte] = _byte + 32
#: Bytes before or after a dot that may be a defanged one, and those that may spell a name otherwise.
_ODD = np.zeros(256, bool)
_ODD[128:] = True
_ODD[list(b"\\[({")] = True

#: What is taken at a time: it needs some 60 bytes of memory for each.
_PIECE = 1 << 17

#: No name that is wanted is longer: the beginning of what is costs no key.
_LONGEST = 4096

Lines = NDArray[np.int64]


class Numpy:
    """Finds lines by arrays alone. `sets` are keys, each behind its filter; `six`: whether any address of version 6 is wanted; then every
    line with one may be it."""

    def __init__(self, sets: Sequence[tuple[Keys, Keys]], nets: NDArray[np.uint8], six: bool) -> None:
        self._sets, self._nets, self._six = sets, nets, six

    def pieces(self, raw: NDArray[np.uint8]) -> Iterator[tuple[Lines, int]]:
        """`lines` of a block piece by piece: the place of each from the block's beginning, its line's number from the piece's."""
        at = 0
        while at < len(raw):
            end = min(len(raw), at + _PIECE)
            if end < len(raw):
                breaks = np.flatnonzero(raw[at:end] == 10)
                end = at + int(breaks[-1]) + 1 if len(breaks) else _line_end(raw, end)
            if end - at > _PIECE:  # a line longer than a piece is looked at as it is
                yield np.array([[0, at, end - (raw[end - 1] == 10)]], np.int64), 1
            else:
                part, lines = self.lines(raw[at:end])
                part[:, 1:] += at
                yield part, lines
            at = end

    def lines(self, raw: NDArray[np.uint8]) -> tuple[Lines, int]:
        """(line, start, end) of the lines that may show something, and how many lines there are. At most `_PIECE` bytes."""
        ends = np.flatnonzero(raw == 10)
        if len(raw) and raw[-1] != 10:
            ends = np.append(ends, len(raw))
        if not len(ends):
            return np.zeros((0, 3), np.int64), 0
        starts = np.concatenate(([0], ends[:-1] + 1))
        shown = raw[starts] == 35
        for places in (self._names(raw), self._networks(raw), self._odd(raw)):
            shown[np.searchsorted(ends, places)] = True
        found = np.flatnonzero(shown)
        return np.stack((found, starts[found], ends[found]), axis=1), len(ends)

    def _names(self, raw: NDArray[np.uint8]) -> NDArray[np.int64]:
        """Where a label begins from which on the token is wanted."""
        lower = _TOKEN[raw]
        inside = lower != 0
        inside[1:] &= (lower[1:] != 46) | (lower[:-1] != 46)  # a name or an address ends before a second dot
        edges = np.flatnonzero(np.diff(np.concatenate(([False], inside, [False])).astype(np.int8)))
        begins, ends = edges[::2], edges[1::2].copy()
        ends -= lower[ends - 1] == 46
        labels = inside.copy()
        labels[1:] &= ~inside[:-1] | (lower[:-1] == 46)
        at = np.flatnonzero(labels)
        to = ends[np.searchsorted(begins, at, side="right") - 1]
        some = (to > at) & (to - at <= _LONGEST)
        at, to = at[some], to[some]
        found = keys_of(raw, at, to)
        held = np.zeros(len(at), bool)
        for bloom, keys in self._sets:
            if len(keys):
                held |= among(found, bloom, keys)
        return at[held]

    def _networks(self, raw: NDArray[np.uint8]) -> NDArray[np.int64]:
        """Where a number with three dots stands, when networks are wanted."""
        if not len(self._nets):
            return np.zeros(0, np.int64)
        digit = (raw >= 48) & (raw <= 57)
        dot = np.flatnonzero(raw[1:-1] == 46) + 1
        return dot[digit[dot - 1] & digit[dot + 1]]

    def _odd(self, raw: NDArray[np.uint8]) -> NDArray[np.int64]:
        places = np.flatnonzero(_ODD[raw])
        if self._six:
            double = np.flatnonzero(raw == 58)
            places = np.concatenate((places, double))
        dots = np.flatnonzero((raw[:-1] == 46) & (raw[1:] == 93)) if len(raw) > 1 else places[:0]
        return np.concatenate((places, dots))


def _line_end(raw: NDArray[np.uint8], at: int) -> int:
    further = np.flatnonzero(raw[at:] == 10)
    return at + int(further[0]) + 1 if len(further) else len(raw)
