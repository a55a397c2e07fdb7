"""Opening logs and lists as they lie about: plain, packed by gzip, zstandard, bzip2 or xz, or standard input; told by content, not by name.

A compressed file that ends early or is damaged gives everything before the damage, and then raises: hits are not lost
because a sensor died while it wrote, and the damage is not taken for the end.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from comity.errors import Fault, NotFound, OperatorFault, SenderFault
from comity.forms import detect
from comity.match.inflate import DAMAGE, PACKINGS, Packing, Piecemeal, Unpacker

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

#: The most bytes of a document (STIX, MISP, a report) that are held in memory at once, as they are when unpacked. Tables and logs stream.
MOST = 512 << 20
#: A line longer than this is read in pieces that all have its number: binary junk must not fill the memory.
MAX_LINE = 4 * 1024 * 1024
#: A compressed file that grows more than so many times is taken for a bomb, once it has given more than `_FREE` bytes.
RATIO = 500
_FREE = 1 << 30


class Bomb(Exception):
    """A compressed file that unpacks to out of all proportion."""


class Damage(Exception):
    """A compressed file whose content cannot be told."""


#: What a damaged compressed file raises while it is read, and one that is not read to its end.
DAMAGED = (EOFError, OSError, Damage, Bomb)
_BUFFER = 1 << 20
#: What is read ahead of a file as it lies there: enough to tell what it is. Whoever reads large blocks reads past it.
_AHEAD = 64 << 10


class _File(io.FileIO):
    """A file whose read errors say where they are."""

    def readinto(self, buffer: WriteableBuffer, /) -> int | None:
        try:
            return super().readinto(buffer)
        except OSError as error:
            raise OSError(error.errno, f"{error.strerror}, at byte {self.tell():,}") from None


class _Unpacked(io.RawIOBase):
    """A compressed file as its content, member after member; of a `live` one, as soon as there is some."""

    def __init__(self, file: io.BufferedReader, packing: Packing, ratio: int, *, live: bool) -> None:
        self._file = file
        self._live = live
        self._packing = packing
        self._ratio = ratio
        self._taken = self._given = 0
        self._unpacker: Unpacker | None = None
        self._left = b""
        self._ready = memoryview(b"")
        self._fault: Exception | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view, count = memoryview(buffer).cast("B"), 0
        while count < len(view) and self._gets_ready(raising=not count):
            piece = self._ready[: len(view) - count]
            view[count : count + len(piece)] = piece
            count, self._ready = count + len(piece), self._ready[len(piece) :]
            if self._live:
                break
        return count

    def _gets_ready(self, *, raising: bool) -> bool:
        """Unpack until something is ready; whether it is. A fault is raised where nothing was given before it."""
        while not self._ready:
            if self._fault is not None:
                if raising:
                    raise self._fault
                return False
            if isinstance(self._unpacker, Piecemeal) and self._unpacker.full:
                self._unpack(b"")
                continue
            data = self._left or self._file.read(self._packing.step)
            self._taken += 0 if self._left else len(data)
            if data:
                self._unpack(data)
            elif self._unpacker is None:
                return False
            else:
                self._fault = EOFError(f"it ends in the middle, at byte {self._taken:,}")
        return True

    def _unpack(self, data: bytes) -> None:
        self._left = b""
        if self._unpacker is None:
            data = data.lstrip(b"\0")
            if not data:
                return
            self._unpacker = self._packing.fresh()
        try:
            self._ready = memoryview(self._unpacker.decompress(data))
        except DAMAGE as error:
            self._fault = Damage(f"{error}, near byte {max(0, self._taken - len(data)):,}")
            return
        self._given += len(self._ready)
        if self._ratio and self._given > max(_FREE, self._ratio * self._taken):
            self._fault = Bomb(f"{self._taken:,} bytes of it unpack to more than {self._given:,}, out of all proportion; not read further")
        if self._unpacker.eof:
            self._left, self._unpacker = self._unpacker.unused_data, None


@contextmanager
def opened(path: str, *, ratio: int = RATIO) -> Iterator[io.BufferedReader]:
    """The decompressed bytes of a file, or of standard input for `-`; up to `ratio` times what is packed, 0 for no bound.

    Raises NotFound, OperatorFault, or SenderFault for an archive of several files.
    """
    with ExitStack() as stack:
        try:
            # Standard input without the buffer in between, which would wait until it is full.
            file = getattr(sys.stdin.buffer, "raw", sys.stdin.buffer) if path == "-" else stack.enter_context(_File(path))
            ready = _decompressed(path, file, ratio)
        except FileNotFoundError:
            raise NotFound(f"no such file: {path}") from None
        except OSError as error:
            raise OperatorFault(f"cannot read {path}: {error.strerror}") from None
        yield ready


def damaged(path: str, error: Exception, after: str = "") -> Fault:
    """The fault for what is among DAMAGED: a file that is damaged, or one that its disk does not give. `after`: how far it was read."""
    if isinstance(error, OSError):
        why = error.strerror or error
        return OperatorFault(f"cannot read {path}{after}: {why}", next="check the disk that it is on; what stands before it is complete")
    return SenderFault(f"{path} is damaged{after}: {error}", next="get the file again; what stands before it is complete")


def _decompressed(path: str, file: IO[bytes], ratio: int) -> io.BufferedReader:
    plain: io.BufferedReader = io.BufferedReader(cast(io.RawIOBase, file), _AHEAD)
    packed = detect.packed(plain.peek(detect.PACKED)[: detect.PACKED])
    if packed == "zip":
        raise SenderFault(f"{path} is a ZIP archive, which may hold several files", next="unpack it first, with: unzip FILE")
    return io.BufferedReader(_Unpacked(plain, PACKINGS[packed], ratio, live=path == "-"), _BUFFER) if packed else plain


def is_packed(path: str) -> str:
    """How a file that can be opened is compressed, as `detect.packed` says it."""
    with Path(path).open("rb") as file:
        return detect.packed(file.read(detect.PACKED))


def whole(file: io.BufferedReader, path: str, most: int | None = None) -> bytes:
    """All that is left of an opened file. Raises SenderFault as soon as that is more than `most` (`MOST`) bytes: a small archive may hold
    a lot."""
    most = MOST if most is None else most
    pieces, left = [], most + 1
    while left and (piece := file.read(min(left, _BUFFER))):
        pieces.append(piece)
        left -= len(piece)
    if not left:
        raise SenderFault(f"{path} holds more than the {most} bytes that are read at once", next="split it")
    return b"".join(pieces)


def lines(file: io.BufferedReader) -> Iterator[tuple[int, bytes]]:
    """(1-based physical line number, line without its end); a byte order mark before the first line is dropped."""
    number = 1
    readline = file.readline
    while True:
        line = readline(MAX_LINE)
        if not line:
            return
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        if line[-1:] == b"\n":
            yield number, line[:-2] if line[-2:-1] == b"\r" else line[:-1]
            number += 1
        else:
            yield number, line
