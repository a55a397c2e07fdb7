"""Comparisons of STIX patterns as functions: does one object, with those it refers to, meet `a:b = 1 AND a:c LIKE '%'`?

STIX 2.1 section 9.6. A missing property meets no comparison, whatever its operator. Values of types that do not compare are unequal:
`=` and the other operators are false of them, `!=` is true; NOT turns the answer round where the values could be compared, and for
`=`, `!=`, IN, LIKE, MATCHES and the subset operators wherever there is a value.
"""

from __future__ import annotations

import base64
import ipaddress
import operator
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from comity.errors import SenderFault
from comity.terms.linear_regex import byte_searcher, searcher
from comity.terms.pattern import Binary, Comparison, Constant, Join, Path, Step, Test, Timestamp, timestamp

#: The objects of one observation by the ids that their references name.
Objects = Mapping[str, Mapping[str, Any]]
#: Whether an object of an observation meets a comparison.
Meets = Callable[[Mapping[str, Any], Objects], bool]
#: Whether one value does; None where it cannot be compared at all.
_Judge = Callable[[Any], bool | None]

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {"<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge}


def compile_comparison(of: Comparison) -> Meets:
    """The function of a comparison expression. Raises SenderFault for an expression that has no meaning (MATCHES '(')."""
    if isinstance(of, Test):
        return _test(of)
    parts = [compile_comparison(part) for part in of.parts]
    if of.operator == "AND":
        return lambda obj, objects: all(part(obj, objects) for part in parts)
    return lambda obj, objects: any(part(obj, objects) for part in parts)


def _test(test: Test) -> Meets:
    type_, walk = test.path.type, _walker(test.path)
    if test.operator == "EXISTS":
        wanted = not test.negated
        return lambda obj, objects: obj.get("type") == type_ and bool(walk(obj, objects)) is wanted
    judge = _judge(test)

    def meets(obj: Mapping[str, Any], objects: Objects) -> bool:
        return obj.get("type") == type_ and any(judge(value) for value in walk(obj, objects))

    return meets


def _walker(path: Path) -> Callable[[Mapping[str, Any], Objects], list[Any]]:
    """All values that an object path leads to (section 9.7). References are followed where the path goes on behind them.

    Each step goes through each object once, however many references lead there: their number does not multiply from step to step.
    """

    def walk(obj: Mapping[str, Any], objects: Objects) -> list[Any]:
        found: list[Any] = [obj]
        refers = False
        for step in path.steps:
            if isinstance(step, str):
                within = [objects.get(value) if isinstance(value, str) else value for value in found] if refers else found
                found = _properties(within, step)
                refers = step.endswith(("_ref", "_refs"))
            else:
                found = [each for value in found if isinstance(value, list) for each in _elements(value, step)]
        return found

    return walk


def _properties(values: Iterable[Any], name: str) -> list[Any]:
    """The property of that name of each object among the values; of one that stands there twice, once."""
    found = []
    for owner in {id(value): value for value in values if isinstance(value, Mapping)}.values():
        if name in owner:
            try:
                found.append(_typed(name, owner[name]))
            except ValueError:
                continue
    return found


def _elements(values: list[Any], index: int | None) -> list[Any]:
    """All elements of a list, or the one at an index if there is one."""
    return values if index is None else values[index : index + 1] if index >= 0 else []


def _typed(name: Step, value: Any) -> Any:
    """A property's value: bytes where its name says that the text spells bytes (section 9.6.4). Raises ValueError where it spells none."""
    if isinstance(value, str) and isinstance(name, str) and name.endswith(("_bin", "_hex")):
        return base64.b64decode(value, validate=True) if name.endswith("_bin") else bytes.fromhex(value)
    return value


def _judge(test: Test) -> _Judge:
    judge = _positive(test)
    if test.operator == "!=":
        return (lambda value: bool(judge(value))) if test.negated else (lambda value: not judge(value))
    if not test.negated:
        return judge

    def turned(value: Any) -> bool | None:
        found = judge(value)
        return None if found is None else not found

    return turned


def _positive(test: Test) -> _Judge:
    constants = tuple(map(_constant, test.values))
    if test.operator in ("=", "!="):
        return _equals(constants[0])
    if test.operator == "IN":
        return _within_set(constants)
    if test.operator in _COMPARE:
        return _ordered(constants[0], _COMPARE[test.operator])
    if test.operator in ("LIKE", "MATCHES"):
        return _matching(_like(constants[0]) if test.operator == "LIKE" else unicodedata.normalize("NFC", constants[0]))
    return _subset(constants[0], inside=test.operator == "ISSUBSET")


def _constant(constant: Constant) -> Any:
    if isinstance(constant, Binary):
        return constant.value
    if isinstance(constant, Timestamp):
        try:
            datetime.fromisoformat(constant.seconds)
        except ValueError:
            raise SenderFault(f"{constant.seconds} is not a date", next="correct the pattern") from None
    return constant


def _sort(value: Any) -> str:
    if isinstance(value, bool):
        return "flag"
    return "number" if isinstance(value, int | float) else type(value).__name__


def _alike(value: Any, constant: Any) -> tuple[Any, Any] | None:
    """A value and a constant as two that compare; None if they do not (section 9.6.3)."""
    if isinstance(constant, Timestamp) and isinstance(value, str):
        found = timestamp(value)
        try:
            datetime.fromisoformat(found.seconds if found else "")
        except ValueError:
            raise SenderFault(f"{value[:60]!r} is compared with a timestamp and is none", next="correct the observation") from None
        return found, constant
    if isinstance(value, str) and isinstance(constant, bytes):
        other = _as_bytes(value)
        return None if other is None else (other, constant)
    if isinstance(value, bytes) and isinstance(constant, str):
        other = _as_bytes(constant)
        return None if other is None else (value, other)
    return (value, constant) if _sort(value) == _sort(constant) else None


def _as_bytes(text: str) -> bytes | None:
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return None


def _equals(constant: Any) -> _Judge:
    def judge(value: Any) -> bool:
        pair = _alike(value, constant)
        return pair is not None and pair[0] == pair[1]

    return judge


def _within_set(constants: tuple[Any, ...]) -> _Judge:
    if len({_sort(constant) for constant in constants}) > 1:
        raise SenderFault("IN: the constants of a set are of one type", next="correct the pattern")
    first = constants[0] if constants else None
    if not isinstance(first, str):
        judges = [_equals(constant) for constant in constants]
        return lambda value: any(judge(value) for judge in judges)
    texts, raw = frozenset(constants), frozenset(map(_as_bytes, constants))
    return lambda value: value in texts if isinstance(value, str) else isinstance(value, bytes) and value in raw


def _ordered(constant: Any, compare: Callable[[Any, Any], bool]) -> _Judge:
    def judge(value: Any) -> bool | None:
        pair = _alike(value, constant)
        if pair is None:
            return False if {type(value), type(constant)} == {str, bytes} else None
        return None if isinstance(pair[0], bool | list | dict) else compare(*pair)

    return judge


def _like(text: str) -> str:
    """`%` is any run of characters, `_` any one, all else itself."""
    spelled = {"%": ".*", "_": "."}
    return r"\A" + "".join(spelled.get(char) or re.escape(char) for char in unicodedata.normalize("NFC", text)) + r"\z"


def _matching(expression: str) -> _Judge:
    search = searcher(expression)
    try:
        search_bytes = byte_searcher(expression)
    except SenderFault:
        search_bytes = _never

    def judge(value: Any) -> bool:
        if isinstance(value, str):
            return search(unicodedata.normalize("NFC", value))
        return isinstance(value, bytes) and search_bytes(value)

    return judge


def _never(_: bytes) -> bool:
    return False


def _subset(constant: str, *, inside: bool) -> _Judge:
    fixed = _network(constant)

    def judge(value: Any) -> bool:
        other = _network(value) if isinstance(value, str) else None
        if fixed is None or other is None or fixed.version != other.version:
            return False
        small, large = (other, fixed) if inside else (fixed, other)
        return small.subnet_of(large)  # type: ignore[arg-type]

    return judge


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def types_of(of: Comparison) -> frozenset[str]:
    """The object types that a comparison names: an observation without any of them does not meet it."""
    if isinstance(of, Join):
        return frozenset().union(*map(types_of, of.parts))
    return frozenset({of.path.type})
