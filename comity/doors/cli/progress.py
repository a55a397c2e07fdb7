"""How far a long command is: one line on a terminal's stderr that is written over, and nothing anywhere else."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")
#: Seconds between two looks at it.
_OFTEN = 0.2


class Progress:
    """Counts what is read and what is done. Shown only if stderr is a terminal that no data goes to."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty() and not sys.stdout.isatty()
        self._began = self._last = time.monotonic()
        self._read = self._done = self._bytes = 0

    def always(self) -> Progress:
        """Show it also where stdout is a terminal: for output that comes at the end, or clears the line first."""
        self._shown = sys.stderr.isatty()
        return self

    def chunks(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """The chunks of a file, counted as they are read."""
        for chunk in chunks:
            self._bytes += len(chunk)
            self._show()
            yield chunk

    def reading(self, pieces: Iterable[T]) -> Iterator[T]:
        """The objects that are read, counted: some of them wait long before anything becomes of them."""
        for piece in pieces:
            self._read += 1
            self._show()
            yield piece

    def doing(self, outcomes: Iterable[T]) -> Iterator[T]:
        """What became of objects, counted. The line is gone when it ends, and `clear` removes it in between."""
        try:
            for outcome in outcomes:
                self._done += 1
                self._show()
                yield outcome
        finally:
            self.clear()

    def clear(self) -> None:
        """Leave an empty line for other words."""
        if self._shown:
            print("\r\033[K", end="", file=sys.stderr, flush=True)

    def _show(self) -> None:
        if not self._shown or (at := time.monotonic()) - self._last < _OFTEN:
            return
        self._last = at
        rate = self._done / (at - self._began)
        size = f", {self._bytes / 1e6:,.0f} MB" if self._bytes else ""
        print(f"\r\033[K{self._read:,} read{size}, {self._done:,} done, {rate:,.0f}/s ", end="", file=sys.stderr, flush=True)
