"""Files that are there as a whole or not at all, whatever ends the process or the power; folders to make them in; and locks on files, which
end with the process that has them.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

#: What stands behind the name of a file that is not whole yet.
PART = ".part"
_NEW = 60


def put_whole(path: Path, pieces: Iterable[bytes], mode: int = 0o666) -> None:
    """Write a file. It has its name only once all of it is on the disk, and what had the name stays until then. Raises OSError."""
    part = path.with_name(path.name + PART)
    try:
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def locked(path: Path, *, shared: bool = False) -> Iterator[None]:
    """Wait for a lock on a file, which is made if need be, and hold it: alone, or `shared` with others who share it. Raises OSError."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "ab") as file:
        fcntl.flock(file, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        yield


@contextmanager
def scratch(folder: Path, prefix: str) -> Iterator[Path]:
    """A folder in another for what is being made, gone afterwards. Those that a killed run has left there are removed first.

    Whoever works in one has a lock on it, which ends with its process. Raises OSError.
    """
    for left in folder.glob(f"{prefix}*"):
        _remove_left(left)
    with tempfile.TemporaryDirectory(dir=folder, prefix=prefix) as name:
        held = os.open(name, os.O_RDONLY)
        try:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield Path(name)
        finally:
            os.close(held)


def _remove_left(folder: Path) -> None:
    """Remove a folder that nobody works in; one that was made within the last minute may not be locked yet."""
    with suppress(OSError):
        held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(held).st_ctime < time.time() - _NEW:
                shutil.rmtree(folder)
        finally:
            os.close(held)
