"""Which lines of a block of raw bytes may show an indicator: all that do, and hardly any that does not.

What a line shows is for its reader and the index to say (`match.scan`); reading costs a hundred times more than this pass. It is compiled
by numba where that can be had, else done by NumPy; both find every line that counts, so the hits are the same.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from comity.match.kernel_numpy import Lines, Numpy
from comity.match.table import Arrays, Facts

#: Lines found before they are handed on.
_OUT = 65_536
#: What NumPy takes at a time: it needs some 60 bytes of memory for each.
_PIECE = 1 << 20


class Prefilter:
    """The pass over raw bytes for one set of indicators. Safe for threads: it keeps nothing."""

    def __init__(self, facts: Facts, arrays: Arrays, *, compiled: bool | None = None) -> None:
        self._facts, self._arrays = facts, arrays
        self._whole = np.zeros((129, 256), bool)
        for length, first in facts.whole:
            self._whole[length, first] = True
        wanted = importlib.util.find_spec("numba") is not None and os.environ.get("COMITY_NUMBA") != "off"
        self.compiled = wanted if compiled is None else compiled
        self._numpy = Numpy(arrays.keys, arrays.nets, facts.six)
        six = (*facts.lengths.get("6", ()), 128) if facts.six else ()
        self._lengths = np.array(sorted(set(six)), np.int64)

    def lines(self, raw: NDArray[np.uint8]) -> tuple[Lines, int]:
        """(line, start, end) of the lines that may show something, counted and placed from the block's beginning; how many lines it has."""
        found, count = [], 0
        for part, lines in self._compiled(raw) if self.compiled else self._by_arrays(raw):
            part[:, 0] += count
            found.append(part)
            count += lines
        return (np.concatenate(found) if found else np.zeros((0, 3), np.int64)), count

    def _compiled(self, raw: NDArray[np.uint8]) -> Iterator[tuple[Lines, int]]:
        from comity.match.kernel import CLASSES, shows

        arrays, at = self._arrays, 0
        while at >= 0:
            out = np.empty((_OUT, 3), np.int64)
            count, lines, further = shows(
                *map(_fixed, (raw[at:], CLASSES, arrays.bloom, arrays.keys, arrays.nets)),
                *(self._lengths, self._whole, self._facts.numbers, np.empty(8, np.uint64), out),
            )
            part = out[:count]
            part[:, 1:] += at
            yield part, lines
            at = at + further if further >= 0 else -1

    def _by_arrays(self, raw: NDArray[np.uint8]) -> Iterator[tuple[Lines, int]]:
        at = 0
        while at < len(raw):
            end = min(len(raw), at + _PIECE)
            if end < len(raw):
                breaks = np.flatnonzero(raw[at:end] == 10)
                end = at + int(breaks[-1]) + 1 if len(breaks) else self._line_end(raw, end)
            if end - at > _PIECE:  # a line longer than a piece is looked at as it is
                yield np.array([[0, at, end - (raw[end - 1] == 10)]], np.int64), 1
            else:
                part, lines = self._numpy.lines(raw[at:end])
                part[:, 1:] += at
                yield part, lines
            at = end

    @staticmethod
    def _line_end(raw: NDArray[np.uint8], at: int) -> int:
        further = np.flatnonzero(raw[at:] == 10)
        return at + int(further[0]) + 1 if len(further) else len(raw)


def _fixed(array: Any) -> Any:
    """An array that may not be written to, as a mapped one is: one compiled version for both."""
    view = array.view()
    view.flags.writeable = False
    return view
