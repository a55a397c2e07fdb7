"""Parts of files: mapped where all of them is wanted, read where a little is. What is mapped counts as memory that is used, and with each
byte that is looked at the system maps 64 KiB around it."""

from __future__ import annotations

import copy
import io
import mmap
import os
from typing import IO, Any, Protocol


class Section(Protocol):
    """Bytes of which some are asked for at a time."""

    def read(self, at: int, size: int) -> bytes:
        """So many bytes from a place on, fewer at the end."""
        ...


class Held:
    """A section in memory."""

    def __init__(self, data: Any) -> None:
        self._data = memoryview(data).cast("B") if len(data) else memoryview(b"")

    def read(self, at: int, size: int) -> bytes:
        """As `Section`."""
        return bytes(self._data[at : at + size])


class Filed:
    """A section of a file, which may be closed, from a byte on. Safe for threads, and for processes that are forked."""

    def __init__(self, file: IO[bytes], begin: int = 0) -> None:
        self._file = io.FileIO(os.dup(file.fileno()))
        self._number = self._file.fileno()
        self._begin = begin

    def after(self, begin: int) -> Filed:
        """What begins so many bytes further on, of the same file."""
        found = copy.copy(self)
        found._begin += begin
        return found

    def read(self, at: int, size: int) -> bytes:
        """As `Section`."""
        return os.pread(self._number, size, self._begin + at)


def section(file: IO[bytes]) -> Section:
    """All of a file, which is written, or of one in memory."""
    if isinstance(file, io.BytesIO):
        return Held(file.getvalue())
    file.flush()
    return Filed(file)


def mapped(file: IO[bytes], size: int) -> Any:
    """The first bytes of a file, mapped; of one in memory, those."""
    if isinstance(file, io.BytesIO):
        return file.getvalue()
    file.flush()
    return mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ) if size else b""
