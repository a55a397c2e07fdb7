"""What logs have shown, kept as Parquet by day, so that an indicator that comes later is found in what is past (docs/loop.md).

    FOLDER/2021-11-01/<digest>.parquet     kind, value, count, first, last, source

A part is never changed. Its name says what is in it and from which log, and so does `source`: the same log kept twice counts once. A day of
many parts is compacted into one, which keeps every row's source. Reading needs the parts of one day at a time and nothing besides: days may
lie on several machines, each asked for its own.

Crash story: a part is written beside its place, made durable, and renamed into it. A compaction removes the parts it was made of after
that; cut off between, their rows are there twice under one source, and count once. A part that is damaged is told and left out.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from comity.clock import from_micros, micros
from comity.durable import locked
from comity.errors import OperatorFault
from comity.match.observed import Observed

#: Different values of a log in memory, and parts of a day before they are compacted.
MOST, PARTS = 500_000, 16
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_COLUMNS = "kind, value, count, first, last, source"
_PAGE = 10_000
#: Nobody reads while parts are removed.
_LOCK = ".lock"


class Kept(NamedTuple):
    """A value that was observed on a day, how often, and when first and last."""

    day: date
    kind: str
    value: str
    times: int
    first: datetime
    last: datetime


def keep(folder: Path, source: str, found: Iterable[Observed], now: datetime, since: date = date.min) -> int:
    """Keep what a log has shown from a day on; how many different values of a day. Events that say no time count as of now."""
    days: dict[date, dict[tuple[str, str], list[int]]] = {}
    size = count = part = 0
    for kind, value, said in found:
        at = said or now
        if at.date() < since:
            continue
        moment = micros(at)
        row = days.setdefault(at.date(), {}).setdefault((kind, value), [0, moment, moment])
        size += not row[0]
        row[0] += 1
        row[1], row[2] = min(row[1], moment), max(row[2], moment)
        if size >= MOST:
            count += _flushed(folder, f"{source} {part}", days)
            days, size, part = {}, 0, part + 1
    return count + _flushed(folder, f"{source} {part}", days)


def kept(folder: Path, since: date, tell: Callable[[str], None] = lambda _: None) -> Iterator[Kept]:
    """What was observed from a day on, day by day. A part that cannot be read is told and left out."""
    for day in days(folder):
        if day >= since:
            with locked(folder / _LOCK, shared=True):
                yield from _of_day(folder, day, tell)


def days(folder: Path) -> list[date]:
    """The days of which something is kept."""
    names = [each.name for each in folder.iterdir() if _DAY.match(each.name)] if folder.is_dir() else []
    return sorted(date.fromisoformat(name) for name in names)


def purge(folder: Path, before: date) -> int:
    """Remove what is older than its time (G11); how many days went."""
    over = [day for day in days(folder) if day < before]
    if over:
        with locked(folder / _LOCK):
            for day in over:
                shutil.rmtree(folder / day.isoformat(), ignore_errors=True)
    return len(over)


def _flushed(folder: Path, source: str, found: dict[date, dict[tuple[str, str], list[int]]]) -> int:
    for day, rows in found.items():
        keys = sorted(rows)
        digest = hashlib.sha256(repr((source, day, [(key, rows[key]) for key in keys])).encode()).hexdigest()[:32]
        numbers = np.array([rows[key] for key in keys], np.int64).reshape(-1, 3)
        table = {
            "kind": np.array([kind for kind, _ in keys], object),
            "value": np.array([value for _, value in keys], object),
            "count": numbers[:, 0], "first": numbers[:, 1], "last": numbers[:, 2],
        }  # fmt: skip
        with _database() as con:
            con.register("part", table)
            said = "SELECT kind, value, count, make_timestamp(first) AS first, make_timestamp(last) AS last, ? AS source FROM part"
            _write(con, said, [digest], folder / day.isoformat(), digest)
        _compact(folder, day)
    return sum(map(len, found.values()))


def _compact(folder: Path, day: date) -> None:
    """Make one part of many. What is damaged stays where it is, to be told by whoever reads."""
    place = folder / day.isoformat()
    if len(_parts(place)) <= PARTS:
        return
    with locked(folder / _LOCK):
        parts = [path for path in _parts(place) if not _damage(path)]
        if len(parts) > 1:
            _merge(place, parts)


def _merge(place: Path, parts: list[Path]) -> None:
    names = [str(path) for path in parts]
    digest = hashlib.sha256(repr(sorted(path.name for path in parts)).encode()).hexdigest()[:32]
    with _database() as con:
        _write(con, f"SELECT DISTINCT {_COLUMNS} FROM read_parquet(?) ORDER BY kind, value", [names], place, digest)
    for path in parts:
        path.unlink(missing_ok=True)


def _write(con: Any, select: str, values: list[Any], place: Path, name: str) -> None:
    partial = place / f".{name}.{secrets.token_hex(4)}"
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        target = str(partial).replace("'", "''")
        con.execute(f"COPY ({select}) TO '{target}' (FORMAT parquet, COMPRESSION zstd)", values)
        for path, flags in ((partial, os.O_RDWR), (place, os.O_RDONLY)):
            handle = os.open(path, flags)
            os.fsync(handle)
            os.close(handle)
            if path == partial:
                partial.replace(place / f"{name}.parquet")
    except OSError as error:
        raise OperatorFault(f"cannot keep what was observed in {place}: {error}", next="check the folder and its permissions") from error


def _of_day(folder: Path, day: date, tell: Callable[[str], None]) -> Iterator[Kept]:
    parts = []
    for path in _parts(folder / day.isoformat()):
        damage = _damage(path)
        if damage:
            tell(f"{path} cannot be read and is left out: {damage}")
        else:
            parts.append(str(path))
    if not parts:
        return
    # One source counts once, though it stands in two parts.
    once = "SELECT kind, value, source, max(count) AS c, min(first) AS f, max(last) AS l FROM read_parquet(?) GROUP BY kind, value, source"
    said = f"SELECT kind, value, sum(c)::BIGINT, epoch_us(min(f)), epoch_us(max(l)) FROM ({once}) GROUP BY kind, value ORDER BY kind, value"
    with _database() as con:
        rows = con.execute(said, [parts])
        while page := rows.fetchmany(_PAGE):
            for kind, value, count, first, last in page:
                yield Kept(day, kind, value, count, from_micros(first), from_micros(last))


def _parts(place: Path) -> Sequence[Path]:
    return sorted(place.glob("[!.]*.parquet"))


def _damage(path: Path) -> str:
    """What is wrong with a part, "" for nothing: all of it is read, since a page of it may be damaged."""
    with _database() as con:
        try:
            con.execute(f"SELECT max(hash({_COLUMNS})) FROM read_parquet(?)", [[str(path)]]).fetchall()
        except Exception as error:  # of DuckDB's own kinds, which are imported only where it is used
            return str(error).splitlines()[0]
    return ""


def _database() -> Any:
    """DuckDB in memory, which fetches nothing from anywhere. Raises OperatorFault where it is missing."""
    try:
        import duckdb
    except ImportError:
        raise OperatorFault("keeping what logs have shown needs DuckDB", next="pip install 'comity[history]'") from None
    limits: dict[str, Any] = {
        "threads": 2,
        "memory_limit": "1GB",
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    return duckdb.connect(":memory:", config=limits)
