"""The bytes of a log in blocks of whole lines, in a few buffers that are used again: they stay in the processor's cache."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import NamedTuple, cast

from comity.match import openfile
from comity.match.openfile import DAMAGED

#: Bytes of a block.
BLOCK = 1 << 20
_MARK = b"\xef\xbb\xbf"
#: A line that is cut is cut behind one of these, if one stands in its last so many bytes.
_SEAMS = (b" ", b'"', b",", b"\t", b";")
_SEAM = 64 << 10


class Block(NamedTuple):
    """The lines raw[start:end], of which the last may have no end; or a `piece` of one that is longer than `MAX_LINE`. What lies before
    `start` is a byte order mark."""

    raw: bytearray
    start: int
    end: int
    piece: bool


class Blocks:
    """Gives the blocks of a file. One is good until `ahead` further ones were asked for, and the next.

    Of a file that proves damaged the lines before that are given; `fault` says then what it was. Of a `live` one, what there is.
    """

    def __init__(self, file: io.BufferedReader, *, live: bool = False, ahead: int = 0) -> None:
        self.fault: Exception | None = None
        #: What the file's own buffer has already, None before that is known; all else is read past it: an error would cost its content.
        self._buffered: memoryview | None = None
        self._file = file
        self._live = live
        self._rooms = [bytearray(BLOCK)]
        self._most = ahead + 2
        self._at = self._have = 0
        self._ended = False

    def small(self, size: int) -> bytes | None:
        """All that the file has, if that is less than so many bytes; else it is given in blocks. Asked before them, or not at all."""
        if self._live or not size:
            return None
        room, have = memoryview(bytearray(size)), 0
        while have < size and not self._ended:
            have += self._given(room[have:])
        if self._ended:
            return bytes(room[:have])
        self._buffered = memoryview(b"".join((room, self._buffered or b"")))
        return None

    def __iter__(self) -> Iterator[Block]:
        start = None
        while not (self._ended and not self._have):
            if not self._ended:
                self._fill()
            room = self._rooms[self._at]
            if start is None:
                start = len(_MARK) if room.startswith(_MARK) else 0
            end, piece = self._cut(room)
            if end > start:
                yield Block(room, start, end, piece)
                start = 0
                self._next(end)
            elif self._ended:  # damage cut it off, perhaps in the middle of a name
                return
            elif self._have == len(room):
                self._rooms[self._at] = room + bytes(len(room))

    def _cut(self, room: bytearray) -> tuple[int, bool]:
        """Where the block ends, 0 if nowhere yet, and whether that is within a line."""
        if self._ended and self.fault is None:
            return self._have, False
        end = room.rfind(b"\n", 0, self._have) + 1
        most = openfile.MAX_LINE
        if end or self._ended or self._have < most:
            return end, False
        return max(room.rfind(seam, max(0, most - _SEAM), most) for seam in _SEAMS) + 1 or most, True

    def _fill(self) -> None:
        """Read until the buffer is full, the file ends, or a live one gave something."""
        room = memoryview(self._rooms[self._at])
        while self._have < len(room) and not self._ended:
            self._have += self._given(room[self._have :])
            if self._live:
                return

    def _given(self, room: memoryview) -> int:
        """How many bytes there are more; none at the end, or where the file proves damaged."""
        try:
            count = self._read(room)
        except DAMAGED as error:
            self.fault = error
            count = 0
        self._ended = not count
        return count

    def _read(self, room: memoryview) -> int:
        if self._buffered is None:
            self._buffered = memoryview(self._file.peek(1))
        if not self._buffered:
            return cast(io.RawIOBase, self._file.raw).readinto(room) or 0
        count = min(len(room), len(self._buffered))
        room[:count] = self._buffered[:count]
        self._buffered = self._buffered[count:]
        return count

    def _next(self, end: int) -> None:
        """Begin the next buffer with what follows the block."""
        before, kept = self._rooms[self._at], self._have - end
        self._at = (self._at + 1) % self._most
        if self._at == len(self._rooms):
            self._rooms.append(bytearray(len(before)))
        elif len(self._rooms[self._at]) < len(before):
            self._rooms[self._at] = bytearray(len(before))
        memoryview(self._rooms[self._at])[:kept] = memoryview(before)[end : self._have]
        self._have = kept
