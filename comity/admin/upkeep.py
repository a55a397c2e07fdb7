"""What was last done to keep a node well, for whoever looks after it: the last backup, and the table that logs are matched with.

Nothing depends on these notes. Crash story: a note is one commit after what it is about; what a crash keeps from being noted was done.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

import msgspec

from comity.world import World

_SPACE = "upkeep"


class Backup(msgspec.Struct, frozen=True, kw_only=True):
    """A backup that was made, read back and found whole at `at`; its length in bytes, and whether the keys are in it."""

    at: datetime
    bytes: int
    keys: bool


class Compiled(msgspec.Struct, frozen=True, kw_only=True):
    """The node's own table of what is matched: since when it is kept, its length in bytes, and how many values it has."""

    at: datetime
    bytes: int
    count: int


_Note = TypeVar("_Note", Backup, Compiled)


def note_backup(world: World, backup: Backup) -> None:
    """Note a backup in place of the one before."""
    _put(world, "backup", msgspec.json.encode(backup))


def last_backup(world: World) -> Backup | None:
    """The last backup that was made of this node; None if none was."""
    return _got(world, "backup", Backup)


def note_table(world: World, table: Compiled | None) -> None:
    """Note the table that is kept now; None: none is."""
    _put(world, "table", msgspec.json.encode(table) if table else None)


def kept_table(world: World) -> Compiled | None:
    """The table that is kept; None if none is."""
    return _got(world, "table", Compiled)


def _put(world: World, key: str, value: bytes | None) -> None:
    if world.store.private(_SPACE, key) != value:
        with world.store.write() as tx:
            tx.put_private(_SPACE, key, value)


def _got(world: World, key: str, type_: type[_Note]) -> _Note | None:
    kept = world.store.private(_SPACE, key)
    return msgspec.json.decode(kept, type=type_) if kept is not None else None
