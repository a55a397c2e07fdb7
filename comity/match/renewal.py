"""Indicators that are read again while logs are followed: what comes is looked for, what ends or is withdrawn is not, within seconds."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from comity.clock import now
from comity.errors import Fault
from comity.match.cached import index_of
from comity.match.index import Index
from comity.terms.force import Passed

#: Seconds between two looks at whether indicators have changed, at least.
EVERY = 2.0
#: And so many times what the last look took: reading takes at most a twentieth of the time.
_SPARED = 20


class Source(Protocol):
    """Where indicators are read."""

    def read(self, passed: Callable[[Passed], None]) -> Index: ...
    def changed(self) -> bool: ...


class Files:
    """Indicators of some files; what is wrong in them is told to `problem`. Standard input is read once."""

    def __init__(self, paths: Sequence[str], problem: Callable[[str], None], *, kept: bool) -> None:
        self._paths = paths
        self._problem = problem
        self._keeps = kept
        self._until: datetime | None = None
        self._seen: list[tuple[int, ...]] = []

    def read(self, passed: Callable[[Passed], None]) -> Index:
        """Their index."""
        self._seen = self._look()
        return index_of(self._paths, self._problem, passed, kept=self._keeps, until=self._ends)

    def changed(self) -> bool:
        """Whether one is another file, or was written to, or a date came that one names."""
        return "-" not in self._paths and (self._seen != self._look() or (self._until is not None and now() >= self._until))

    def _ends(self, until: datetime | None) -> None:
        self._until = until

    def _look(self) -> list[tuple[int, ...]]:
        return [_state(path) for path in self._paths if path != "-"]


def _state(path: str) -> tuple[int, ...]:
    try:
        found = os.stat(path)
    except OSError:
        return ()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


class Renewal:
    """A source that is looked at every few seconds. Where it cannot be read, what was read before stays, and `tell` is told why, once."""

    def __init__(self, source: Source, tell: Callable[[str], None]) -> None:
        self._source = source
        self._tell = tell
        self._told = ""
        self._next = time.monotonic() + EVERY

    def __call__(self) -> Index | None:
        """The new index, None while it is what it was."""
        began = time.monotonic()
        if began < self._next:
            return None
        try:
            return self._source.read(lambda _: None) if self._source.changed() else None
        except Fault as fault:
            if str(fault) != self._told:
                self._told = str(fault)
                self._tell(f"indicators could not be read again, and stay as they were: {fault}")
            return None
        finally:
            ended = time.monotonic()
            self._next = ended + max(EVERY, _SPARED * (ended - began))
