"""Tables of indicators that were compiled from files, kept so that the same files need no second compiling: mapped, shared by processes.

A kept table is named by what it was made of: the files' content and names, and the format. It is used only if it is whole (a checksum over
all of it) and its file and folder belong to the user and nobody else may write to them; and, where the files said of an indicator when it
begins or ceases to be in force, only until the first such moment. What was told while it was compiled is kept in it and told again.

Crash story: a table is written under another name and then renamed. What a crash leaves is deleted when it is a day old. Two that compile
the same at once write the same; the last one stays.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import msgspec

from comity import __version__
from comity.clock import now
from comity.config import cache_folder
from comity.errors import IntegrityFault
from comity.match.index import Index
from comity.match.sources import load
from comity.match.table import Table
from comity.match.table_file import open_table, save
from comity.match.table_maker import build
from comity.terms.force import Passed

#: Bytes of files below which compiling costs less than keeping.
WORTH = 1 << 20
#: The most bytes of tables that are kept; those not used for longest go first.
MOST = 4 << 30
_PIECE = 1 << 20
_DAY = 86_400
_SUFFIX = ".table"


class _Told(msgspec.Struct, kw_only=True):
    """What compiling told, and until when that is so."""

    problems: list[str] = []
    passed: list[Passed] = []
    until: datetime | None = None


def index_of(
    paths: Sequence[str], on_problem: Callable[[str], None], passed: Callable[[Passed], None], *, folder: Path | None = None,
    kept: bool = True, until: Callable[[datetime | None], None] = lambda _: None,
) -> Index:  # fmt: skip
    """The index of some files, from `folder` (the user's cache if not given) where it was compiled before. Errors and the rest as `load`;
    `until` is told the first moment at which an indicator of theirs begins or ceases to be in force.

    Where nothing can be kept, it is compiled each time.
    """
    folder = cache_folder() / "tables" if folder is None else folder
    place = folder / (_name(paths) + _SUFFIX) if kept and _large(paths) else None
    table = _kept(place) if place is not None else None
    if place is None or table is None:
        with tempfile.TemporaryFile() as records:
            told = _Told()
            table = build(_entries(paths, told, on_problem, passed), records)
            until(told.until)
            if place is None or not keep(table, msgspec.msgpack.encode(told), place):
                return Index([table])
        return Index([_kept(place) or table])
    told = msgspec.msgpack.decode(table.note, type=_Told)
    until(told.until)
    for problem in told.problems:
        on_problem(problem)
    for one in told.passed:
        passed(one)
    return Index([table])


def _entries(
    paths: Sequence[str], told: _Told, on_problem: Callable[[str], None], passed: Callable[[Passed], None]
) -> Iterator[tuple[str, str, str | None]]:
    def problem(text: str) -> None:
        told.problems.append(text)
        on_problem(text)

    def passing(one: Passed) -> None:
        told.passed.append(one)
        passed(one)

    def changes(moment: datetime) -> None:
        told.until = moment if told.until is None else min(told.until, moment)

    return load(paths, problem, passing, changes)


def _large(paths: Sequence[str]) -> bool:
    """Whether all are files of some size."""
    try:
        found = [os.stat(path) for path in paths if path != "-"]
    except OSError:
        return False
    return len(found) == len(paths) and all(stat.S_ISREG(one.st_mode) for one in found) and sum(one.st_size for one in found) >= WORTH


def _name(paths: Sequence[str]) -> str:
    """Of the files' names as they were given (they are told), their content, and the version, which reads it."""
    whole = hashlib.sha256(__version__.encode())
    for path in paths:
        one = hashlib.sha256()
        try:
            with open(path, "rb") as file:
                while piece := file.read(_PIECE):
                    one.update(piece)
        except OSError:  # `load` says what is wrong
            return "none"
        whole.update(one.digest() + hashlib.sha256(os.fsencode(path)).digest())
    return whole.hexdigest()


def _kept(place: Path) -> Table | None:
    """The table that is kept there; None if there is none, or none that may be used, which is deleted."""
    table = trusted(place)
    if table is None:
        return None
    try:
        told = msgspec.msgpack.decode(table.note, type=_Told)
        if told.until is None or told.until > now():
            os.utime(place)
            return table
    except (msgspec.MsgspecError, OSError):
        pass
    with suppress(OSError):
        place.unlink()
    return None


def trusted(place: Path) -> Table | None:
    """The table that is kept there if it is whole and nobody else could have written it. A damaged one is deleted."""
    try:
        if _own(place.parent, stat.S_ISDIR) and _own(place, stat.S_ISREG):
            return open_table(place, proved=True)
    except OSError:
        pass
    except IntegrityFault:
        with suppress(OSError):
            place.unlink()
    return None


def _own(path: Path, kind: Callable[[int], bool]) -> bool:
    """Whether it is what it should be, no link, belongs to us, and only we may write to it."""
    found = path.lstat()
    return kind(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def keep(table: Table, note: bytes, place: Path) -> bool:
    """Write a table down; whether that could be done."""
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        save(table, place, note)
        _make_room(place)
    except OSError:
        return False
    return True


def _make_room(newest: Path) -> None:
    """Delete what crashes left, and what was not used for longest until the rest is at most `MOST` bytes."""
    found = []
    for path in newest.parent.iterdir():
        with suppress(OSError):
            about = path.lstat()
            if path.suffix == _SUFFIX:
                found.append((about.st_mtime, about.st_size, path))
            elif path.suffix == ".part" and about.st_mtime < time.time() - _DAY:
                path.unlink()
    total = sum(size for _, size, _ in found)
    for _, size, path in sorted(found):
        if total > MOST and path != newest:
            total -= size
            with suppress(OSError):
                path.unlink()
