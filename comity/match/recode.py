"""Text as the readers want it: UTF-8 with lines that end in a line feed. UTF-16 (exports of Windows) and lone carriage returns (old
Macintosh) are turned into that while they are read, so that line numbers are those of the file."""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

#: How much is looked at.
_HEAD = 65_536
_PIECE = 1 << 20


def encoding_of(head: bytes) -> str:
    """`UTF-16LE` or `UTF-16BE`, with or without a byte order mark; `UTF-8` for anything else, which may not even be text."""
    if head.startswith(codecs.BOM_UTF16_LE):
        return "UTF-16LE"
    if head.startswith(codecs.BOM_UTF16_BE):
        return "UTF-16BE"
    half = len(head[:4096]) // 2
    for name, at in (("UTF-16LE", 1), ("UTF-16BE", 0)):
        # Nearly every other byte is zero, and none of those between.
        if half > 8 and head[: half * 2][at::2].count(0) > half * 0.8 and head[: half * 2][1 - at :: 2].count(0) == 0:
            return name
    return "UTF-8"


def ends_of(head: bytes) -> str:
    """How lines end: `LF`, `CRLF`, or `CR` where nothing else does."""
    if b"\n" in head:
        return "CRLF" if head.count(b"\r\n") * 2 > head.count(b"\n") else "LF"
    return "CR" if head.rstrip(b"\r").count(b"\r") else "LF"


class _Recoded(io.RawIOBase):
    """A file through a function that takes its pieces and, at the end, nothing."""

    def __init__(self, file: io.BufferedReader, step: Callable[[bytes, bool], bytes]) -> None:
        self._file = file
        self._step = step
        self._ready = memoryview(b"")
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        while not self._ready and not self._ended:
            piece = self._file.read1(_PIECE)
            self._ended = not piece
            self._ready = memoryview(self._step(piece, self._ended))
        view = memoryview(buffer).cast("B")
        count = min(len(view), len(self._ready))
        view[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count


def recoded(file: io.BufferedReader, *, live: bool = False) -> io.BufferedReader:
    """An opened file as UTF-8 with line feeds. What is neither UTF-16 nor ends its lines otherwise is given as it is."""
    head = file.peek(_HEAD)[:_HEAD]
    encoding = encoding_of(head)
    if encoding != "UTF-8":
        decode = codecs.getincrementaldecoder(encoding)("replace").decode
        return io.BufferedReader(_Recoded(file, lambda piece, ended: decode(piece, ended).encode("utf-8", "replace")), _PIECE)
    if not live and ends_of(head) == "CR":
        return io.BufferedReader(_Recoded(file, lambda piece, _: piece.replace(b"\r", b"\n")), _PIECE)
    return file
