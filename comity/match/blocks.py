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

import numpy as np

from comity.match import openfile
from comity.match.kernel_numpy import Lines
from comity.match.openfile import DAMAGED, lines
from comity.match.prefilter import Prefilter

#: Bytes of one pass, and below which a file is read line by line.
BLOCK = 4 << 20
SMALL = 256 << 10


class Chosen:
    """Gives (1-based line number, line) of each line that may show an indicator, and of a file's first; knows how many lines there were.

    Whatever was read before a file proves damaged is given before that is raised.
    """

    def __init__(self, file: io.BufferedReader, prefilter: Callable[[], Prefilter], *, live: bool = False) -> None:
        self.last = 0
        self._file = file
        self._prefilter = prefilter
        self._live = live
        self._fault: Exception | None = None
        self._ended = 0

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        head = self._read(SMALL)
        if len(head) < SMALL and not self._live:
            yield from self._plain(head)
        else:
            yield from self._passes(head)
        if self._fault is not None:
            raise self._fault

    def _plain(self, raw: bytes) -> Iterator[tuple[int, bytes]]:
        if self._fault is not None:
            raw = raw[: raw.rfind(b"\n") + 1]
        for number, line in lines(io.BufferedReader(io.BytesIO(raw))):
            self.last = number
            yield number, line

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

    def _passes(self, head: bytes) -> Iterator[tuple[int, bytes]]:
        prefilter = self._prefilter()
        threads = max(1, os.cpu_count() or 1)
        waiting: deque[tuple[bytes, Future[tuple[Lines, int]]]] = deque()
        with ThreadPoolExecutor(threads) as pool:
            for block in self._blocks(head):
                waiting.append((block, pool.submit(prefilter.lines, np.frombuffer(block, np.uint8))))
                if len(waiting) > threads or self._live:
                    yield from self._taken(*waiting.popleft())
            while waiting:
                yield from self._taken(*waiting.popleft())

    def _taken(self, block: bytes, future: Future[tuple[Lines, int]]) -> Iterator[tuple[int, bytes]]:
        found, count = future.result()
        first = self._ended == 0 and not self.last
        if first and (not len(found) or found[0, 0] > 0):  # it may be a header
            end = block.find(b"\n")
            yield 1, _line(block, 0, end if end >= 0 else len(block))
        for line, start, end in found.tolist():
            yield self._ended + line + 1, _line(block, start, end)
        self.last = self._ended + count
        self._ended = self.last if block.endswith(b"\n") else self.last - 1

    def _blocks(self, head: bytes) -> Iterator[bytes]:
        """What is read, cut behind line breaks; a line longer than `MAX_LINE` is cut there, and its pieces have one number."""
        kept = head.removeprefix(b"\xef\xbb\xbf")
        ended = False
        while not ended:
            more = self._read(BLOCK)
            ended = not more
            kept += more
            # A line that damage cut off may end in the middle of a name.
            cut = len(kept) if ended and self._fault is None else kept.rfind(b"\n") + 1
            if not cut and len(kept) >= openfile.MAX_LINE:
                cut = openfile.MAX_LINE
            if cut:
                yield kept[:cut]
                kept = kept[cut:]


def _line(block: bytes, start: int, end: int) -> bytes:
    """A line without its end, which may be of two characters."""
    return block[start : end - 1 if end > start and block[end - 1] == 13 and end < len(block) else end]
