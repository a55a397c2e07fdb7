"""Pieces of work of which each can be done by itself, and again: a whole log, or the lines that begin in a part of a plain one."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

from comity.forms import detect
from comity.forms.candidates import State
from comity.match.openfile import is_packed, opened
from comity.match.recode import recoded
from comity.match.scan import STEERED, reader_for, state_of

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

#: Bytes of a part.
PART = 16 << 20
_LOOK = 64 << 10


class Unit(NamedTuple):
    """The lines of a log that begin in [start, end), all of them where `end` is 0. `last`: no other unit of this log follows. `state`: what
    its reader is taken to know when it begins. `packed`: it is compressed."""

    path: str
    format: str
    start: int = 0
    end: int = 0
    last: bool = True
    state: State = None
    packed: bool = False


def units_of(path: str, format: str) -> Iterator[Unit]:
    """The units of one log, in order. What is packed or no UTF-8 is one unit. Raises NotFound or OperatorFault."""
    with opened(path) as file:
        packed = bool(is_packed(path))
        text = recoded(file)
        head = text.peek(detect.HEAD)[: detect.HEAD]
        form = detect.log_format(head) if format == "auto" else format
        size = 0 if packed or text is not file else Path(path).stat().st_size
    if size < 2 * PART:
        yield Unit(path, form, packed=packed)
        return
    state = _headed(head, form)
    for start in range(0, size, PART):
        yield Unit(path, form, start, min(size, start + PART), start + PART >= size, state if start else None)


def _headed(head: bytes, form: str) -> State:
    """What a reader knows behind the headers at the beginning of a log."""
    reader = reader_for(form)
    steers = STEERED.get(form)
    for line in head.removeprefix(b"\xef\xbb\xbf").split(b"\n")[:-1][:100]:
        if line[:1] == b"#" or (steers is not None and steers(line.removesuffix(b"\r"))):
            reader.candidates(line.removesuffix(b"\r"))
    return state_of(reader)


class Part(io.RawIOBase):
    """The lines of a plain file that begin in [start, end), as a file."""

    def __init__(self, file: io.BufferedReader, start: int, end: int) -> None:
        self._file = file
        self._at = _line_start(file, start)
        self._end = end
        self._ended = self._at >= end
        file.seek(self._at)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        if self._ended:
            return 0
        view, last = memoryview(buffer).cast("B"), self._end - 1 - self._at
        count = self._file.readinto1(view[: max(last + 1, _LOOK)])
        # Its last line ends where the part does, or behind it.
        found = bytes(view[max(last, 0) : count]).find(b"\n") if last < count else -1
        if found >= 0:
            count, self._ended = max(last, 0) + found + 1, True
        self._at += count
        return count


def part_of(file: io.BufferedReader, unit: Unit) -> io.BufferedReader:
    """What a unit has to read of an opened log."""
    return io.BufferedReader(cast(io.RawIOBase, Part(file, unit.start, unit.end))) if unit.end else file


def _line_start(file: io.BufferedReader, at: int) -> int:
    """Where the first line begins that does not begin before a place."""
    if at == 0:
        return 0
    at -= 1
    file.seek(at)
    while piece := file.read1(_LOOK):
        found = piece.find(b"\n")
        if found >= 0:
            return at + found + 1
        at += len(piece)
    return at
