"""The one JSON profile (RFC 8259, narrowed): what two parsers could read differently is refused before it is stored.

Refused: invalid UTF-8, duplicate keys, NaN and Infinity, numbers that overflow, lone surrogates, U+0000, deep nesting.
`elements` finds the members of an array as exact byte slices even when some of them are broken, in linear time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NoReturn

import msgspec

from comity.errors import SenderFault

#: Nesting that no STIX object needs, and that every parser survives.
MAX_DEPTH = 64
_INT_LIMIT = 2**63

_SUSPECT = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
# Possessive, so that a string that never ends costs one pass; a raw line break ends it, for JSON allows none inside.
_TOKEN = re.compile(rb'"(?:[^"\\\n]++|\\[^\n])*+"?|[\[\]{},:]')
_SPACE = b" \t\r\n"


class _Bad(ValueError):
    """Why the text is not in the profile; carried out of json's callbacks."""


def loads(raw: bytes, *, depth: int = MAX_DEPTH) -> Any:
    """The value of a JSON text in the profile. Raises SenderFault that says what is wrong and where."""
    try:
        text = raw.decode("utf-8")
        value = _decode(text)
    except UnicodeDecodeError as error:
        raise SenderFault(f"not JSON: byte {error.start} is not valid UTF-8") from None
    except json.JSONDecodeError as error:
        raise SenderFault(f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise SenderFault(f"JSON nested deeper than {depth}", next="flatten it") from None
    except _Bad as error:
        raise SenderFault(f"not acceptable JSON: {error}") from None
    if raw.count(b"{") + raw.count(b"[") > depth and _deeper(value, depth):
        raise SenderFault(f"JSON nested deeper than {depth}", next="flatten it")
    if _SUSPECT.search(raw):
        _check_texts(value)
    return value


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _Bad(f"the key {key[:80]!r} stands twice in one object")
            seen.add(key)
    return found


def _constant(name: str) -> NoReturn:
    raise _Bad(f"{name} is not a JSON number")


def _float(text: str) -> float:
    value = float(text)
    if value - value != 0.0:
        raise _Bad(f"the number {text[:40]} overflows")
    return value


def _int(text: str) -> int:
    if len(text) > 20 or not -_INT_LIMIT <= int(text) < _INT_LIMIT:
        raise _Bad(f"the number {text[:40]} does not fit 64 bits")
    return int(text)


_decode = json.JSONDecoder(object_pairs_hook=_pairs, parse_constant=_constant, parse_float=_float, parse_int=_int).decode


def _deeper(value: Any, depth: int) -> bool:
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(depth):
        if not level:
            return False
        level = [item for node in level for item in (node.values() if type(node) is dict else node) if type(item) in (dict, list)]
    return bool(level)


def _check_texts(value: Any) -> None:
    """Raise for a string with U+0000 or a lone surrogate, both of which only an escape can have brought in."""
    stack = [value]
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            if "\0" in node:
                raise SenderFault("not acceptable JSON: U+0000 in a string")
            try:
                node.encode("utf-8")
            except UnicodeEncodeError as error:
                raise SenderFault(f"not acceptable JSON: lone surrogate U+{ord(node[error.start]):04X} in a string") from None
        elif isinstance(node, dict):
            stack.extend(node.keys())
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)


def elements(raw: bytes) -> list[bytes]:
    """The elements of a JSON array, each the exact bytes it stands in, whatever is wrong inside them.

    Raises SenderFault if the text is not an array at all. An array that does not end gives its last element as far as it goes.
    """
    try:
        return [bytes(item) for item in msgspec.json.decode(raw, type=list[msgspec.Raw])]
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return [piece for _, piece in split_array(raw)]


def split_array(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """(index, exact bytes) of each top-level element, found by brackets and strings alone. Linear on any input.

    Closing brackets that fit nothing inside an element are left in it: the element is then refused, not its neighbours.
    Raises SenderFault if the first character is not `[`.
    """
    start = _skip(raw, 0)
    if raw[start : start + 1] != b"[":
        raise SenderFault("not a JSON array")
    yield from enumerate(raw[a:b] for a, b in _spans(raw, start + 1, b"]"))


def members(raw: bytes) -> Iterator[tuple[str, bytes]]:
    """(key, exact bytes of the value) of a JSON object, duplicates included, whatever is wrong inside the values.

    Raises SenderFault if the first character is not `{`.
    """
    start = _skip(raw, 0)
    if raw[start : start + 1] != b"{":
        raise SenderFault("not a JSON object")
    for a, b in _spans(raw, start + 1, b"}"):
        key = _TOKEN.match(raw, a, b)
        if key is None or key.group()[:1] != b'"':
            continue
        colon = _skip(raw, key.end())
        if raw[colon : colon + 1] == b":":
            yield _key(key.group()), raw[_skip(raw, colon + 1) : b]


def _key(quoted: bytes) -> str:
    try:
        return str(json.loads(quoted))
    except ValueError:
        return quoted[1:].rstrip(b'"').decode("utf-8", "replace")


def _skip(raw: bytes, at: int) -> int:
    while raw[at : at + 1] and raw[at] in _SPACE:
        at += 1
    return at


def _spans(raw: bytes, at: int, close: bytes) -> Iterator[tuple[int, int]]:
    """Spans between the commas of one container that was opened just before `at`, up to its closing bracket."""
    open_ = _Open()
    begin = at
    end = len(raw)
    for match in _TOKEN.finditer(raw, at):
        char = raw[match.start()]
        if char in b"{[":
            open_.push(char)
        elif char in b"}]":
            if open_.stack:
                open_.close(0x7B if char == 0x7D else 0x5B)
            elif raw[match.start() : match.end()] == close:
                end = match.start()
                break
        elif char == 0x2C and not open_.stack:
            yield from _trimmed(raw, begin, match.start())
            begin = match.end()
    yield from _trimmed(raw, begin, end)


class _Open:
    """The containers that stand open, and how many of each sort, so that a bracket that fits none costs nothing."""

    def __init__(self) -> None:
        self.stack = bytearray()
        self._count = {0x7B: 0, 0x5B: 0}

    def push(self, opening: int) -> None:
        self.stack.append(opening)
        self._count[opening] += 1

    def close(self, opening: int) -> None:
        """Close the nearest container of this sort, with whatever stands open inside it; if there is none, nothing."""
        while self._count[opening]:
            last = self.stack.pop()
            self._count[last] -= 1
            if last == opening:
                return


def _trimmed(raw: bytes, begin: int, end: int) -> Iterator[tuple[int, int]]:
    while begin < end and raw[begin] in _SPACE:
        begin += 1
    while end > begin and raw[end - 1] in _SPACE:
        end -= 1
    if end > begin:
        yield begin, end
