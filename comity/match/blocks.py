"""The lines of a log that are worth reading, in order, with their numbers: blocks go through the prefilter on all cores.

The passes run in threads (they hold no lock of Python's), reading and what follows a pass in the caller's. A file too small to gain from it
is read line by line.
"""

from __future__ import annotations

import io
import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from comity.match import openfile
from comity.match.kernel_numpy import Lines
from comity.match.openfile import DAMAGED, lines
from comity.match.prefilter import Prefilter

#: Bytes of one pass, and below which a file is read line by line.
BLOCK = 4 << 20
SMALL = 256 << 10


#: A line that is cut is cut behind one of these, if one stands in its last so many bytes.
_SEAMS = (b" ", b'"', b",", b"\t", b";")
_SEAM = 64 << 10
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
    read since it was last told. Whatever was read before a file proves damaged is given before that is raised.
    """

    def __init__(
        self, file: io.BufferedReader, prefilter: Callable[[], Prefilter], *, live: bool = False, steers: Steers | None = None,
        on_long: Callable[[int, int], None] | None = None, on_block: Callable[[int, int], None] | None = None, threads: int | None = None,
    ) -> None:  # fmt: skip
        self.last = 0
        self.bytes = 0
        self._file = file
        self._prefilter = prefilter
        self._live = live
        self._steers = steers
        self._on_long = on_long
        self._on_block = on_block
        self._threads = threads or max(1, os.cpu_count() or 1)
        self._fault: Exception | None = None
        self._ended = 0
        self._within = False

    def __iter__(self) -> Iterator[Line]:
        head = self._read(SMALL)
        if len(head) < SMALL and not self._live:
            yield from self._plain(head)
        else:
            yield from self._passes(head)
        if self._fault is not None:
            raise self._fault

    def _plain(self, raw: bytes) -> Iterator[Line]:
        if self._fault is not None:
            raw = raw[: raw.rfind(b"\n") + 1]
        for number, line in lines(io.BufferedReader(io.BytesIO(raw))):
            self.last = number
            yield Line(number, line)
        self.bytes = len(raw)
        self._told(self.last, len(raw))

    def _read(self, least: int) -> bytes:
        """At least so many bytes, less only at the end; what there is, of a live input."""
        pieces: list[bytes] = []
        size = 0
        while size < least and self._fault is None:
            try:
                piece = self._file.read1(BLOCK)
            except DAMAGED as error:
                self._fault = error
                break
            if not piece:
                break
            pieces.append(piece)
            size += len(piece)
            if self._live:
                break
        return b"".join(pieces)

    def _passes(self, head: bytes) -> Iterator[Line]:
        look = self._prefilter().lines
        waiting: deque[tuple[bytes, bool, Future[tuple[Lines, int]]]] = deque()
        with ThreadPoolExecutor(self._threads) as pool:
            for block, cut in self._blocks(head):
                waiting.append((block, cut, pool.submit(look, np.frombuffer(block, np.uint8))))
                if len(waiting) > self._threads or self._live:
                    yield from self._taken(*waiting.popleft())
            while waiting:
                yield from self._taken(*waiting.popleft())

    def _taken(self, block: bytes, cut: bool, future: Future[tuple[Lines, int]]) -> Iterator[Line]:
        found, count = future.result()
        places = {line: (start, end) for line, start, end in found.tolist()}
        if self._ended == 0 and not self.last:  # it may be a header
            end = block.find(b"\n")
            places.setdefault(0, (0, end if end >= 0 else len(block)))
        if self._steers is not None:
            places.update(_steering(block, self._steers))
        if cut and not self._within and self._on_long is not None:
            self._on_long(self._ended + 1, self.bytes)
        for line in sorted(places):
            start, end = places[line]
            yield Line(self._ended + line + 1, _line(block, start, end), cut or (line == 0 and self._within))
        before, self.last = self.last, self._ended + count
        self._ended = self.last if block.endswith(b"\n") else self.last - 1
        self._within = cut
        self.bytes += len(block)
        self._told(self.last - before, len(block))

    def _told(self, lines: int, size: int) -> None:
        if self._on_block is not None:
            self._on_block(lines, size)

    def _blocks(self, head: bytes) -> Iterator[tuple[bytes, bool]]:
        """What is read, cut behind line breaks; of a line longer than `MAX_LINE` pieces, which say so and have one number."""
        kept, ended = head.removeprefix(b"\xef\xbb\xbf"), False
        while True:
            # A line that damage cut off may end in the middle of a name.
            cut = len(kept) if ended and self._fault is None else kept.rfind(b"\n") + 1
            piece = not cut and len(kept) >= openfile.MAX_LINE
            if piece:
                cut = (
                    max(kept.rfind(seam, max(0, openfile.MAX_LINE - _SEAM), openfile.MAX_LINE) for seam in _SEAMS) + 1 or openfile.MAX_LINE
                )
            if cut and (ended or piece or self._live or len(kept) >= BLOCK):
                yield kept[:cut], piece
                kept = kept[cut:]
            if ended and not kept:
                return
            if ended and self._fault is not None and b"\n" not in kept:
                return
            if not piece and not ended:
                more = self._read(BLOCK)
                ended = not more
                end = more.rfind(b"\n") + 1
                if end and len(more) >= BLOCK and not self._live:  # the usual case, with one copy
                    yield b"".join((kept, memoryview(more)[:end])), False
                    kept = more[end:]
                else:
                    kept += more


def _steering(block: bytes, steers: Steers) -> Iterator[tuple[int, tuple[int, int]]]:
    """The lines of a block that steer, by their place in it; such a line begins with a letter, a quote, `_`, `@` or `#`."""
    raw = np.frombuffer(block, np.uint8)
    starts = np.concatenate((np.zeros(1, np.int64), np.flatnonzero(raw == 10) + 1))
    starts = starts[: len(starts) - (starts[-1] == len(raw))]
    for line in np.flatnonzero(_LETTER[raw[starts]]).tolist():
        start = int(starts[line])
        end = block.find(b"\n", start)
        end = len(block) if end < 0 else end
        if steers(_line(block, start, end)):
            yield line, (start, end)


_LETTER = np.array([bytes([byte]).isalpha() or byte >= 128 or byte in b"_@#\"'" for byte in range(256)])


def _line(block: bytes, start: int, end: int) -> bytes:
    """A line without its end, which may be of two characters."""
    return block[start : end - 1 if end > start and block[end - 1] == 13 and end < len(block) else end]
