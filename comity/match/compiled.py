"""The pass over raw bytes as numba compiles it: its arguments as they must be, and what is told while it is compiled."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from threading import Timer
from typing import Any

import numpy as np
from numpy.typing import NDArray

from comity.match.kernel import shows
from comity.match.kernel_keys import ALONE, CHUNK, NOTED, NUMBER, Room, Sets
from comity.match.kernel_numpy import Lines
from comity.match.table import Wanted

#: Seconds after which it is told that something is compiled.
SLOW = 2.0
#: Lines found before they are handed on.
_OUT = 4_096


class Compiled:
    """The compiled pass for one set of indicators. Safe for threads: it keeps nothing."""

    def __init__(self, wanted: Wanted) -> None:
        facts, most, more = wanted
        finals = 0
        for length in {length for _, _, length in facts.numbers} | {length for length, _ in facts.whole}:
            finals |= 1 << min(length, 63)
        special = np.zeros(256 << 8, np.uint8)
        for kind, texts in ((ALONE, facts.whole), (NUMBER, facts.numbers)):
            for length, first, *_ in texts:
                for byte in {first, ord(chr(first).upper())}:
                    special[min(length, 255) << 8 | byte] |= kind
        six = sorted({*facts.lengths.get("6", ()), 128}) if facts.six else []
        nets = wanted.nets()
        self._sets = Sets(
            bloom=_fixed(most.bloom), starts=_fixed(most.starts), keys=_fixed(most.keys),
            more_bloom=_fixed(more.bloom), more_starts=_fixed(more.starts), more_keys=_fixed(more.keys),
            nets=_fixed(nets), lengths=_fixed(np.array(six, np.int64)), special=_fixed(special),
            shortest=min(5, min(length for length, _ in facts.whole).bit_length() - 1) if facts.whole else -1, alone=bool(facts.whole),
            fours=facts.fours, finals=np.uint64(finals), numeric=bool(facts.fours or facts.numbers or facts.whole or len(nets)),
        )  # fmt: skip

        _ready(self._sets)

    def pieces(self, raw: NDArray[np.uint8]) -> Iterator[tuple[Lines, int]]:
        """As `Numpy.pieces`."""
        at = 0
        while at >= 0:
            out = np.empty((_OUT, 3), np.int64)
            tail = np.full(64, 32, np.uint8)
            left = (len(raw) - at) % 64
            tail[:left] = raw[len(raw) - left :]
            count, lines, further = shows(_fixed(raw[at:]), _fixed(tail), self._sets, _room(), out)
            part = out[:count]
            part[:, 1:] += at
            yield part, lines
            at = at + further if further >= 0 else -1


def _ready(sets: Sets) -> None:
    """Compile the pass, or load what was compiled before on this machine; where that takes long, a warning says so while it does."""
    slow = Timer(SLOW, logging.getLogger(__name__).warning, ["compiling the matcher for this machine, once: some seconds"])
    slow.daemon = True
    slow.start()
    try:
        shows(_fixed(np.zeros(0, np.uint8)), _fixed(np.full(64, 32, np.uint8)), sets, _room(), np.empty((1, 3), np.int64))
    finally:
        slow.cancel()


def _room() -> Room:
    words = CHUNK // 64
    return Room(
        np.empty(NOTED, np.uint64), np.empty(NOTED, np.int64), np.empty(words, np.uint64), np.empty(words, np.uint64),
        np.empty(8, np.uint64),
    )  # fmt: skip


def _fixed(array: Any) -> Any:
    """An array that may not be written to, as a mapped one is: one compiled version for both."""
    view = array.view()
    view.flags.writeable = False
    return view
