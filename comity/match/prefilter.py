"""Which lines of a block of raw bytes may show an indicator: all that do, and hardly any that does not.

What a line shows is for its reader and the index to say (`match.scan`); reading costs a hundred times more than this pass. It is compiled
by numba where that can be had, else done by NumPy; both find every line that counts, so the hits are the same.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from comity.match.kernel_numpy import Lines, Numpy
from comity.match.table import Wanted


class Prefilter:
    """The pass over raw bytes for one set of indicators, or one that finds `every` line. Safe for threads: it keeps nothing."""

    def __init__(self, wanted: Wanted, *, compiled: bool | None = None, every: bool = False) -> None:
        found = importlib.util.find_spec("numba") is not None and os.environ.get("COMITY_NUMBA") != "off"
        self.compiled = found if compiled is None else compiled
        self._pass: _Pass
        if every:
            self._pass = _Every()
        elif self.compiled:
            from comity.match.compiled import Compiled

            self._pass = Compiled(wanted)
        else:
            self._pass = Numpy([(each.bloom, each.keys) for each in (wanted.most, wanted.more)], wanted.nets(), wanted.facts.six)

    def lines(self, raw: NDArray[np.uint8]) -> tuple[Lines, int]:
        """(line, start, end) of the lines that may show something, counted and placed from the block's beginning; how many lines it has."""
        found, count = [], 0
        for part, lines in self._pass.pieces(raw):
            part[:, 0] += count
            found.append(part)
            count += lines
        return (np.concatenate(found) if found else np.zeros((0, 3), np.int64)), count


class _Every:
    """Finds all lines, where something is asked of each."""

    def pieces(self, raw: NDArray[np.uint8]) -> Iterator[tuple[Lines, int]]:
        """As `Numpy.pieces`."""
        ends = np.flatnonzero(raw == 10)
        if len(raw) and raw[-1] != 10:
            ends = np.append(ends, len(raw))
        starts = np.concatenate((np.zeros(1, np.int64), ends[:-1] + 1))[: len(ends)]
        yield np.column_stack((np.arange(len(ends)), starts, ends)), len(ends)


class _Pass(Protocol):
    def pieces(self, raw: NDArray[np.uint8]) -> Iterator[tuple[Lines, int]]: ...
