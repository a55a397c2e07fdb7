"""Overwriting what SQLite leaves of removed rows in its file: `secure_delete` zeroes what is freed, but not the gaps within its pages.

When SQLite spreads rows over pages anew it copies them, and what stood in the middle of a page, between the numbers of its cells and their
contents, stays there until it is written over (file format, section 1.6: the unallocated region). Rows that were copied and later removed
are thus found in the raw file. Nothing ever reads these gaps, so they may be overwritten in place:

    1. the log of changes (`-wal`) is brought into the file and cut to nothing
    2. within a write transaction, if no change came between, the gaps of a stretch of the file are zeroed
    3. the transaction changes something: every other connection then drops the pages that it had in memory, old gaps and all

Crash story: a gap holds nothing. Cut off anywhere, some gaps are zeroed and others not yet; the next run zeroes them.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from comity.errors import OperatorFault

if TYPE_CHECKING:
    import numpy as np

#: Bytes of the file that one transaction goes through, some tenths of a second's work, and how often it is tried.
_STRETCH = 1 << 25
_TRIES = 20
#: First byte of a page of a b-tree -> bytes of its header (file format, section 1.6).
_HEADERS = {2: 12, 5: 12, 10: 8, 13: 8}
#: Pages from which the first byte of an overflow page, part of a page's number, can look like that of a b-tree's page.
_MOST = 2 << 24
#: Seconds to wait for readers and writers.
_PATIENCE = 20.0


def opened(path: str) -> int:
    """The file for `overwrite`. Whoever opens it closes it after all of the process's connections: see `SqliteStore.close`."""
    return os.open(path, os.O_RDWR)


def overwrite(path: str, file: int) -> bool:
    """Zero the gaps of all pages, and cut the log of changes to nothing; False if a reader held on to that log, or writers never paused.

    Raises OperatorFault for a file of more than 2**25 pages.
    """
    first = 0
    while first < _pages(file)[2] or not first:
        done = next(filter(None, (_stretch(path, file, first) for _ in range(_TRIES))), 0)
        if not done:
            return False
        first += done
    return _cut(path)


def _pages(file: int) -> tuple[int, int, int]:
    """Bytes of a page, bytes at its end that are not used, and the number of pages (file format, section 1.3)."""
    header = os.pread(file, 100, 0)
    size = int.from_bytes(header[16:18], "big")
    size = 65536 if size == 1 else size
    return size, header[20], os.fstat(file).st_size // max(size, 1)


def _connect(path: str) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None, timeout=_PATIENCE)


def _cut(path: str) -> bool:
    """Step 1."""
    with closing(_connect(path)) as db:
        (busy, *_) = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy


def _stretch(path: str, file: int, first: int) -> int:
    """Steps 1 to 3 for some pages; how many, 0 if something came between."""
    if not _cut(path):
        return 0
    with closing(_connect(path)) as db:
        # 2. A new connection has no page in memory that is older than this.
        db.execute("BEGIN IMMEDIATE")
        if os.stat(f"{path}-wal").st_size:
            db.execute("ROLLBACK")
            return 0
        size, reserved, count = _pages(file)
        if count >= _MOST:
            db.execute("ROLLBACK")
            raise OperatorFault(f"{path} has {count} pages: too many to overwrite in place", next="stop the node and run VACUUM on it")
        step = max(1, _STRETCH // size)
        changed = _zero(file, first, min(step, count - first), size, reserved)
        # 3.
        if changed:
            os.fsync(file)
            db.execute("INSERT OR REPLACE INTO private VALUES('scrub','mark',randomblob(8))")
        db.execute("COMMIT")
    return step


def _zero(file: int, first: int, count: int, size: int, reserved: int) -> int:
    """Zero the gaps of these pages, within a write transaction and with nothing in the log of changes; how many were not zero."""
    import numpy as np  # it takes a while to load, and only this needs it

    data = np.frombuffer(os.pread(file, count * size, first * size), np.uint8).reshape(-1, size)
    changed = 0
    for number, (start, end) in enumerate(_gaps(data, first == 0, size - reserved)):
        if start < end and data[number, start:end].any():
            os.pwrite(file, bytes(end - start), (first + number) * size + start)
            changed += 1
    return changed


def _gaps(data: np.ndarray, front: bool, usable: int) -> list[tuple[int, int]]:
    """(start, end) of the gap in each page; (0, 0) of a page that is no b-tree's. The first page of a file has the file's header before."""
    found: list[tuple[int, int]] = []
    for number, page in enumerate(data):
        at = 100 if front and number == 0 else 0
        header = _HEADERS.get(int(page[at]))
        if header is None:
            found.append((0, 0))
            continue
        cells, content = (int(page[at + n]) << 8 | int(page[at + n + 1]) for n in (3, 5))
        found.append((at + header + 2 * cells, min(content or 65536, usable)))
    return found
