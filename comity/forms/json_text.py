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
from comity.forms.json_cut import Text, cut, key

#: Nesting that no STIX object needs, and that every parser survives.
MAX_DEPTH = 64
_INT_LIMIT = 2**63
_NOT_ORDINARY = -(1 << 40)

_SUSPECT = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
#: Every member has one of these; a string may hold more.
_COLON = re.compile(rb'"[ \t\r\n]*+:')


class _Bad(ValueError):
    """Why the text is not in the profile; carried out of json's callbacks."""


def loads(raw: bytes, *, depth: int = MAX_DEPTH) -> Any:
    """The value of a JSON text in the profile. Raises SenderFault that says what is wrong and where."""
    if depth == MAX_DEPTH and not (b"\\u" in raw and _SUSPECT.search(raw)):
        value = _quickly(raw)
        if value is not None:
            return value
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


def _quickly(raw: bytes) -> dict[str, Any] | None:
    """The value of an ordinary object, by a parser that takes the last of two equal keys; None where the profile needs a closer look.

    A text has at least as many quotes with a colon behind as members, and those are at least as many as are left in the value: where the
    first number is the last, no key stood twice.
    """
    try:
        value = msgspec.json.decode(raw)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return None
    return value if type(value) is dict and _members(value, 0) == len(_COLON.findall(raw)) else None


def _members(node: Any, level: int) -> int:
    """How many members an object or list has, nested ones too; less than none for a number that is not a small integer, or deep nesting."""
    if level == MAX_DEPTH:
        return _NOT_ORDINARY
    count = len(node) if type(node) is dict else 0
    for item in node.values() if type(node) is dict else node:
        kind = type(item)
        if kind is dict or kind is list:
            count += _members(item, level + 1)
        elif kind is float or (kind is int and not -_INT_LIMIT <= item < _INT_LIMIT):
            return _NOT_ORDINARY
    return count


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
    yield from enumerate(cut(_opened(raw, b"[", "array"), len(raw)))


def members(raw: bytes) -> Iterator[tuple[str, bytes]]:
    """(key, exact bytes of the value) of a JSON object, duplicates included, whatever is wrong inside the values.

    Raises SenderFault if the first character is not `{`.
    """
    for piece in cut(_opened(raw, b"{", "object"), len(raw), b"}"):
        member = Text((piece,))
        member.next()
        quoted = key(member)
        if quoted is not None:
            yield _key(quoted), piece[member.at :]


def _opened(raw: bytes, bracket: bytes, what: str) -> Text:
    """The text behind its opening bracket. Raises SenderFault if it has another beginning."""
    text = Text((raw,))
    if text.next() != bracket:
        raise SenderFault(f"not a JSON {what}")
    text.at += 1
    return text


def _key(quoted: bytes) -> str:
    try:
        return str(json.loads(quoted))
    except ValueError:
        return quoted[1:].rstrip(b'"').decode("utf-8", "replace")
