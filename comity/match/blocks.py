"""The lines of a log that are worth reading, in order, with their numbers: blocks of it go through the prefilter.

The passes run where they are asked for, or in threads beside (they hold no lock of Python's), so that reading goes on meanwhile. A file
too small to gain from it is read line by line.
"""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from comity.match.buffers import Block, Blocks
from comity.match.kernel_numpy import Lines
from comity.match.openfile import is_packed, lines
from comity.match.prefilter import Prefilter

#: Bytes below which a file is read line by line: no pass is at hand sooner, and what it looks into is memory.
SMALL = 4 << 20
#: Bytes of all logs from which on the compiled pass is sooner done than NumPy's: it takes half a second to load, and 100 MB of memory.
MUCH = 12 << 20
#: How many times its size a packed log has, as most do.
_UNPACKED = 10


#: Whether a line changes how those after it are read.
Steers = Callable[[bytes], bool]


class Line(NamedTuple):
    """A line without its end: its number from 1, and whether it is only a piece of one that is longer than `MAX_LINE`."""

    number: int
    raw: bytes
    piece: bool = False


class Chosen:
    """Gives each line that may show an indicator, each that `steers`, and a file's first; knows how many lines and bytes there were.

    `on_long` is told the number of a line that is cut, and where it begins in the unpacked file; `on_block` how many lines and bytes were
    read since it was last told, after their lines. Whatever was read before a file proves damaged is given before that is raised.
    `threads` do the passes; with none they are done here. A file of less than `small` bytes (`SMALL`) needs no pass.
    """

    def __init__(
        self, file: io.BufferedReader, prefilter: Callable[[], Prefilter], *, live: bool = False, steers: Steers | None = None,
        on_long: Callable[[int, int], None] | None = None, on_block: Callable[[int, int], None] | None = None, threads: int = 0,
        small: int | None = None,
    ) -> None:  # fmt: skip
        self.last = 0
        self.bytes = 0
        self._blocks = Blocks(file, live=live, ahead=threads)
        self._prefilter = prefilter
        self._live = live
        self._steers = steers
        self._on_long = on_long
        self._on_block = on_block
        self._threads = threads
        self._small = SMALL if small is None else small
        self._ended = 0
        self._within = False

    def __iter__(self) -> Iterator[Line]:
        small = self._blocks.small(self._small)
        if small is not None:
            yield from self._plain(small)
        elif self._threads:
            yield from self._beside()
        else:
            look = self._prefilter().lines
            for block in self._blocks:
                yield from self._taken(block, *look(_bytes(block)))
        if self._blocks.fault is not None:
            raise self._blocks.fault

    def _plain(self, raw: bytes) -> Iterator[Line]:
        if self._blocks.fault is not None:
            raw = raw[: raw.rfind(b"\n") + 1]
        for number, line in lines(io.BufferedReader(io.BytesIO(raw))):
            self.last = number
            yield Line(number, line)
        self.bytes = len(raw)
        self._told(self.last, len(raw))

    def _beside(self) -> Iterator[Line]:
        """What passes in threads find."""
        look = self._prefilter().lines
        waiting: deque[tuple[Block, Future[tuple[Lines, int]]]] = deque()
        with ThreadPoolExecutor(self._threads) as pool:
            for block in self._blocks:
                waiting.append((block, pool.submit(look, _bytes(block))))
                if len(waiting) > self._threads or self._live:
                    first, future = waiting.popleft()
                    yield from self._taken(first, *future.result())
            while waiting:
                first, future = waiting.popleft()
                yield from self._taken(first, *future.result())

    def _taken(self, block: Block, found: Lines, count: int) -> Iterator[Line]:
        raw, begin, within = memoryview(block.raw), block.start, self._within
        places = found.tolist()
        if self._ended == 0 and not self.last and (not places or places[0][0]):  # it may be a header
            end = block.raw.find(b"\n", begin, block.end)
            places.insert(0, (0, 0, (end if end >= 0 else block.end) - begin))
        if self._steers is not None:
            places = sorted({line: (line, start, end) for line, start, end in [*places, *_steering(block, self._steers)]}.values())
        if block.piece and not within and self._on_long is not None:
            self._on_long(self._ended + 1, self.bytes)
        first = self._ended + 1
        for line, start, end in places:
            if end > start and raw[begin + end - 1] == 13 and begin + end < block.end:  # CRLF
                end -= 1
            yield Line(first + line, bytes(raw[begin + start : begin + end]), block.piece or (line == 0 and within))
        before, self.last = self.last, self._ended + count
        self._ended = self.last if raw[block.end - 1] == 10 else self.last - 1
        self._within = block.piece
        self.bytes += block.end
        self._told(self.last - before, block.end)

    def _told(self, lines: int, size: int) -> None:
        if self._on_block is not None:
            self._on_block(lines, size)


def much(paths: Iterable[str]) -> bool:
    """Whether so much is to be read that the compiled pass is worth loading; of what is no file, nobody knows, and it may be."""
    total = 0
    for path in paths:
        with suppress(OSError):
            if path == "-" or not Path(path).is_file():
                return True
            total += Path(path).stat().st_size * (_UNPACKED if is_packed(path) else 1)
            if total >= MUCH:
                return True
    return False


def _bytes(block: Block) -> NDArray[np.uint8]:
    return np.frombuffer(block.raw, np.uint8, block.end - block.start, block.start)


def _steering(block: Block, steers: Steers) -> Iterator[tuple[int, int, int]]:
    """The lines of a block that steer, as the passes give lines; such a line begins with a letter, a quote, `_`, `@` or `#`."""
    raw = _bytes(block)
    ends = np.flatnonzero(raw == 10)
    starts = np.concatenate((np.zeros(1, np.int64), ends + 1))
    ends = np.append(ends, len(raw))
    whole = starts < len(raw)
    for line in np.flatnonzero(_LETTER[raw[starts[whole]]]).tolist():
        start, end = int(starts[line]), int(ends[line])
        if steers(raw[start:end].tobytes().removesuffix(b"\r")):
            yield line, start, end


_LETTER = np.array([bytes([byte]).isalpha() or byte >= 128 or byte in b"_@#\"'" for byte in range(256)])
