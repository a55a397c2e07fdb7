"""Faults at each write step of a node: every commit of its store and every call that makes, names, syncs or removes a file.

A step fails either before it has any effect (failed, not persisted), or after (failed, but persisted): whoever called cannot tell.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from comity.store.sqlite import SqliteStore

#: What a failed call says.
SAID = "Input/output error"
#: The calls of `os` by which this code, pathlib, tarfile and tempfile change files.
CALLS = ("fsync", "link", "mkdir", "rename", "replace", "unlink", "write")


class Steps:
    """Counts the write steps of what runs within `watched`, and lets the one numbered `fail` go wrong: `persisted` or not."""

    def __init__(self, fail: int | None = None, *, persisted: bool = False) -> None:
        self.seen: list[str] = []
        self._fail = fail
        self._persisted = persisted

    def take(self, name: str, effect: Callable[[], Any], fault: Callable[[], Exception]) -> Any:
        """Do a step, or fail at it."""
        self.seen.append(name)
        if len(self.seen) - 1 != self._fail:
            return effect()
        if self._persisted:
            effect()
        raise fault()

    @contextmanager
    def watched(self) -> Iterator[Steps]:
        """While this is entered, every write step passes through here."""
        turn, calls = SqliteStore._turn, {name: getattr(os, name) for name in CALLS}

        def turned(store: SqliteStore, db: sqlite3.Connection, statement: str) -> None:
            if statement != "COMMIT":
                return turn(store, db, statement)
            # As SQLite itself says it, so that the store's own words for it are tried.
            return turn(store, _Commits(self, db), statement)  # type: ignore[arg-type]

        def watched_call(name: str) -> Callable[..., Any]:
            def call(*args: Any, **named: Any) -> Any:
                return self.take(name, lambda: calls[name](*args, **named), lambda: OSError(errno.EIO, SAID))

            return call

        try:
            SqliteStore._turn = turned  # type: ignore[method-assign]
            for name in CALLS:
                setattr(os, name, watched_call(name))
            yield self
        finally:
            SqliteStore._turn = turn  # type: ignore[method-assign]
            for name, call in calls.items():
                setattr(os, name, call)


class _Commits:
    """A connection whose commit is a step."""

    def __init__(self, steps: Steps, db: sqlite3.Connection) -> None:
        self._steps = steps
        self._db = db

    def execute(self, statement: str) -> Any:
        return self._steps.take("commit", lambda: self._db.execute(statement), lambda: sqlite3.OperationalError("disk I/O error"))
