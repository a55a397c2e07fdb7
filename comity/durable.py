"""Files that are there as a whole or not at all, whatever ends the process or the power."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

#: What stands behind the name of a file that is not whole yet.
PART = ".part"


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
