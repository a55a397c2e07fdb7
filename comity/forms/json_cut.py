"""Cutting JSON text that arrives in chunks: list elements, members and lines as their exact bytes, in linear time and flat memory.

Brackets and strings alone decide where a piece ends, so one that is broken inside is one broken piece and its neighbours are sound.
Whole pieces that are at hand are cut by one regular expression; what is broken, nested deeper or spread over chunks goes the careful way.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator

from comity.errors import SenderFault

#: An element that goes on for longer than this is not followed to its end, nor is one that opens more brackets than `most` bytes.
FURTHEST = 64 << 20

_STRING = rb'"[^"\\\n]*+(?:\\[^\n][^"\\\n]*+)*+"'
_SPACE = rb"[ \t\r\n]*+"


def _nested(depth: int) -> bytes:
    """An expression for an object or list whose insides nest up to `depth` further: brackets that fit, strings skipped."""
    inside = rb'[^"{}\[\]]++|' + _STRING + (rb"|" + _nested(depth - 1) if depth else b"")
    return rb"\{(?:" + inside + rb")*+\}|\[(?:" + inside + rb")*+\]"


_WHOLE = re.compile(_SPACE + rb"(\{(?:[^\"{}\[\]]++|" + _STRING + rb"|" + _nested(4) + rb")*+\})" + _SPACE + rb"([,\]])")
_KEY = re.compile(_SPACE + rb"(" + _STRING + rb")" + _SPACE + rb":" + _SPACE)
_VALUE = re.compile(_STRING + rb"|" + _nested(5) + rb'|[^"{}\[\],]++')
_BLANK = re.compile(_SPACE)
# A raw line break ends a string, for JSON allows none inside: a quote too many spoils one line, not the rest of the text.
_TOKEN = re.compile(rb'"(?:[^"\\\n]++|\\[^\n])*+("?)|[\[\]{},]')
_STRING_ON = re.compile(rb'(?:[^"\\\n]++|\\[^\n])*+("?)')
_CLOSES = {0x7D: 0x7B, 0x5D: 0x5B}


class Text:
    """A text that comes in chunks. `buffer` holds what has come and is not yet done with, which begins at `at`."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._passed = 0
        self.buffer = b""
        self.at = 0

    @property
    def offset(self) -> int:
        """How many bytes of the text are done with."""
        return self._passed + self.at

    def more(self) -> bool:
        """Fetch a chunk; False at the end of the text. Positions in the buffer move: `at` is the one that is kept."""
        chunk = next((chunk for chunk in self._chunks if chunk), b"")
        if chunk:
            self._passed += self.at
            self.buffer = self.buffer[self.at :] + chunk
            self.at = 0
        return bool(chunk)

    def ahead(self) -> Text:
        """The buffer alone, to look into without passing anything."""
        copy = Text(())
        copy.buffer, copy.at = self.buffer, self.at
        return copy

    def fill(self, size: int) -> None:
        """Have at least `size` bytes in the buffer, or all that is left."""
        while len(self.buffer) - self.at < size and self.more():
            pass

    def next(self) -> bytes:
        """The next byte that is not white space, which stays; empty at the end of the text."""
        while True:
            found = _BLANK.match(self.buffer, self.at)
            self.at = found.end() if found else self.at
            if self.at < len(self.buffer) or not self.more():
                return self.buffer[self.at : self.at + 1]


def cut(text: Text, most: int, close: bytes = b"]") -> Generator[bytes, None, bool]:
    """The elements of the list (`close` `}`: the members of the object) that was opened just before, white space around them removed.

    One of more than `most` bytes gives its first `most` + 1. Returns whether the text went on to the closing bracket; if it ended inside an
    element, that is the last one. Raises SenderFault for an element without end (`FURTHEST`).
    """
    while first := text.next():
        if first == b",":
            text.at += 1
            continue
        found = _WHOLE.match(text.buffer, text.at) if close == b"]" else None
        if found:
            text.at = found.end()
            yield found[1] if len(found[1]) <= most else found[1][: most + 1]
            end = found[2]
        elif len(text.buffer) - text.at <= most and text.more():
            continue
        else:
            piece, end = _carefully(text, most, close)
            if piece:
                yield piece
        if end == close:
            return True
    return False


class _Open:
    """The brackets that stand open, and how many of each sort, so that one that fits none costs nothing."""

    def __init__(self) -> None:
        self.stack = bytearray()
        self._count = {0x7B: 0, 0x5B: 0}

    def push(self, opening: int) -> None:
        self.stack.append(opening)
        self._count[opening] += 1

    def close(self, opening: int) -> None:
        """Close the nearest of this sort, with whatever stands open inside it; if there is none, nothing."""
        while self._count[opening]:
            last = self.stack.pop()
            self._count[last] -= 1
            if last == opening:
                return


def _carefully(text: Text, most: int, close: bytes) -> tuple[bytes, bytes]:
    """The next element, and what ended it: a comma, the closing bracket, or the end of the text (empty). Chunk by chunk."""
    open_ = _Open()
    kept = bytearray()
    length, in_string = 0, False
    while True:
        reach, in_string, end = _step(text.buffer, text.at, open_, in_string, close)
        if len(kept) <= most:
            kept += text.buffer[text.at : min(reach, text.at + most + 1)]
        length += reach - text.at
        text.at = reach + len(end)
        if end:
            break
        if length > FURTHEST or len(open_.stack) > most:
            raise SenderFault(f"an object that goes on for {length} bytes, ending at byte {text.offset}: nothing after it was read")
        if not text.more():
            kept += text.buffer[text.at :]  # a lone backslash at the very end
            text.at = len(text.buffer)
            break
    return bytes(kept).rstrip(b" \t\r\n")[: most + 1], end


def _step(buffer: bytes, at: int, open_: _Open, in_string: bool, close: bytes) -> tuple[int, bool, bytes]:
    """Follow one buffer: where the element's own bytes end in it, whether within a string, and what ended the element, if anything."""
    if in_string:
        found = _STRING_ON.match(buffer, at)
        at = found.end() if found else at
        if _cut_off(buffer, at, found):
            return at, True, b""
    for match in _TOKEN.finditer(buffer, at):
        char = buffer[match.start()]
        if char == 0x22:
            if _cut_off(buffer, match.end(), match):
                return match.end(), True, b""
        elif char == 0x2C:
            if not open_.stack:
                return match.start(), False, b","
        elif char in _CLOSES:
            if open_.stack:
                open_.close(_CLOSES[char])
            elif char == close[0]:
                return match.start(), False, close
        else:
            open_.push(char)
    return len(buffer), False, b""


def _cut_off(buffer: bytes, end: int, found: re.Match[bytes] | None) -> bool:
    """Whether a string reaches the end of the buffer unclosed (up to a lone backslash, whose other half is still to come)."""
    return found is not None and not found[1] and buffer[end:] in (b"", b"\\")


def key(text: Text) -> bytes | None:
    """The quoted key of the member that begins here, passed with its colon; None where none stands whole in the buffer."""
    found = _KEY.match(text.buffer, text.at)
    if not found:
        return None
    text.at = found.end()
    return found[1]


def value(text: Text) -> bytes | None:
    """The value that begins here, passed with the comma after it; None where none stands whole in the buffer."""
    found = _VALUE.match(text.buffer, text.at)
    if not found:
        return None
    text.at = found.end()
    if text.next() == b",":
        text.at += 1
    return found[0]


def lines(text: Text, most: int) -> Iterator[bytes]:
    """The lines of the text without their ends; one of more than `most` bytes gives its first `most` + 1."""
    while text.at < len(text.buffer) or text.more():
        kept = b""
        while (end := text.buffer.find(b"\n", text.at)) < 0:
            kept = (kept + text.buffer[text.at : text.at + most + 1])[: most + 1]
            text.at = len(text.buffer)
            if not text.more():
                break
        if end >= 0:
            kept += text.buffer[text.at : min(end, text.at + most + 1)]
            text.at = end + 1
        yield kept[: most + 1]
