"""STIX patterns as values: the grammar of STIX 2.1 section 9 (and of 2.0 part 5, where it differs), read strictly.

The tree is flat where the grammar is: `a AND b AND c` is one node of three, so a pattern of 10^5 terms is no deeper than one of two.
Only parentheses nest, to DEPTH. One pass over the text; every token is found by an expression that cannot backtrack.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Iterator
from typing import TypeVar

import msgspec

from comity.errors import SenderFault

T = TypeVar("T")

#: Parentheses inside each other; no rule needs more, and no reader of the tree has to fear for its stack.
DEPTH = 64
#: Characters of one pattern. STIX sets none; an object may have 1 MiB.
LENGTH = 4 << 20

#: A step of an object path: a property, an index, or None for `[*]`.
Step = str | int | None


class Path(msgspec.Struct, frozen=True):
    """An object path (section 9.7): `file:hashes.'SHA-256'` is type `file` and steps `hashes`, `SHA-256`."""

    type: str
    steps: tuple[Step, ...]


class Binary(msgspec.Struct, frozen=True):
    """The bytes of a `b'...'` or `h'...'` constant."""

    value: bytes


class Timestamp(msgspec.Struct, frozen=True, order=True):
    """A `t'...'` constant as something that sorts at any precision: seconds as written, and the fraction without trailing zeros."""

    seconds: str
    fraction: str


Constant = bool | int | float | str | Binary | Timestamp


class Test(msgspec.Struct, frozen=True):
    """One comparison. `operator` is `=`, `!=`, `<`, `>`, `<=`, `>=`, `IN`, `LIKE`, `MATCHES`, `ISSUBSET`, `ISSUPERSET` or `EXISTS`;
    `values` has one constant, a set's for IN, none for EXISTS."""

    __test__ = False  # not a test case of ours

    path: Path
    operator: str
    values: tuple[Constant, ...]
    negated: bool = False


class Join(msgspec.Struct, frozen=True):
    """Comparisons joined inside one observation by `AND` or `OR`."""

    operator: str
    parts: tuple[Comparison, ...]


Comparison = Test | Join


class Observation(msgspec.Struct, frozen=True):
    """`[ ... ]`: what one observation must show."""

    of: Comparison


class Combination(msgspec.Struct, frozen=True):
    """Observation expressions joined by `AND`, `OR` or `FOLLOWEDBY`."""

    operator: str
    parts: tuple[Expression, ...]


class Within(msgspec.Struct, frozen=True):
    """`of WITHIN seconds SECONDS`."""

    of: Expression
    seconds: float


class Repeats(msgspec.Struct, frozen=True):
    """`of REPEATS times TIMES`."""

    of: Expression
    times: int


class StartStop(msgspec.Struct, frozen=True):
    """`of START start STOP stop`: from `start`, before `stop`."""

    of: Expression
    start: Timestamp
    stop: Timestamp


Qualified = Within | Repeats | StartStop
Expression = Observation | Combination | Within | Repeats | StartStop


class PatternFault(SenderFault):
    """A pattern that is not one: what was expected, at which character (from 1)."""


_SPACE = r"[ \t\r\n\x0b\x0c\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
_TOKENS = (
    ("space", rf"(?:{_SPACE}++|/\*(?:[^*]|\*(?!/))*+\*/|//[^\r\n]*+)"),
    ("timestamp", r"t'\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d++)?Z'"),
    ("binary", r"b'(?:[A-Za-z0-9+/]{4})*+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?'"),
    ("hex", r"h'(?:[0-9A-Fa-f]{2})*+'"),
    ("string", r"'(?:[^'\\]++|\\['\\])*+'"),
    ("float", r"[+-]?\d*+\.\d++"),
    ("int", r"[+-]?(?:0|[1-9]\d*+)(?![\d.])"),
    ("word", r"(?![tbh]')[A-Za-z_][A-Za-z0-9_]*+(?:-[A-Za-z0-9_-]*+)?"),
    ("sign", r"==|=|!=|<>|<=|<|>=|>|[\[\]():.,*]"),
)
_TOKEN = re.compile("|".join(f"(?P<{name}>{text})" for name, text in _TOKENS), re.ASCII)
_ESCAPE = re.compile(r"\\(['\\])")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?Z\Z", re.ASCII)
_KEYWORDS = frozenset(
    {
        *("AND", "OR", "NOT", "FOLLOWEDBY", "LIKE", "MATCHES", "ISSUPERSET", "ISSUBSET", "EXISTS", "LAST", "IN"),
        *("START", "STOP", "SECONDS", "WITHIN", "REPEATS", "TIMES", "true", "false"),
    }
)
_EQUAL = {"=": "=", "==": "=", "!=": "!=", "<>": "!="}
_ORDER = frozenset({"<", ">", "<=", ">="})
_TEXT = frozenset({"LIKE", "MATCHES", "ISSUBSET", "ISSUPERSET"})


class _Token(msgspec.Struct, frozen=True):
    kind: str
    text: str
    at: int


def parse(text: str, version: str = "2.1") -> Expression:
    """The tree of a pattern. `version` 2.0 also takes strings as START and STOP. Raises PatternFault."""
    if len(text) > LENGTH:
        raise PatternFault(f"a pattern of {len(text)} characters", next=f"at most {LENGTH}")
    return _Parser(text, version).whole()


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None or found.lastgroup is None:
            raise _unexpected(text, at)
        if found.lastgroup != "space":
            yield _Token(found.lastgroup, found.group(), at)
        at = found.end()


def _unexpected(text: str, at: int) -> PatternFault:
    what = text[at : at + 20]
    if what[:1] == "'" or (what[:2] in ("t'", "b'", "h'")):
        sort = {"t": "timestamp", "b": "base64", "h": "hex"}.get(what[0], "string")
        return PatternFault(f"character {at + 1}: not a {sort} constant: {what!r}", next=r"in strings write \' for ' and \\ for \ ")
    return PatternFault(f"character {at + 1}: {what!r} is not a word of the pattern language")


class _Parser:
    """Recursive descent over the tokens; recursion only at parentheses."""

    def __init__(self, text: str, version: str) -> None:
        self._text = text
        self._version = version
        self._rest = _tokens(text)
        self._depth = 0
        self._next = next(self._rest, None)

    def whole(self) -> Expression:
        found = self._joined(("FOLLOWEDBY", "OR", "AND"))
        if self._next is not None:
            raise self._expected("the end, or AND, OR, FOLLOWEDBY or a qualifier")
        return found

    # Tokens

    def _expected(self, what: str) -> PatternFault:
        if self._next is None:
            return PatternFault(f"the pattern ends where {what} should stand")
        return PatternFault(f"character {self._next.at + 1}: {self._next.text[:40]!r} stands where {what} should")

    def _take(self) -> _Token:
        token = self._next
        if token is None:
            raise self._expected("more")
        self._next = next(self._rest, None)
        return token

    def _is(self, text: str) -> bool:
        return self._next is not None and self._next.text == text

    def _accept(self, text: str) -> bool:
        if self._is(text):
            self._take()
            return True
        return False

    def _require(self, text: str) -> None:
        if not self._accept(text):
            raise self._expected(repr(text))

    def _of_kind(self, kinds: tuple[str, ...], what: str) -> _Token:
        if self._next is None or self._next.kind not in kinds:
            raise self._expected(what)
        return self._take()

    def _nested(self, inner: Callable[[], T]) -> T:
        self._require("(")
        self._depth += 1
        if self._depth > DEPTH:
            raise PatternFault(f"parentheses nested deeper than {DEPTH}")
        found = inner()
        self._depth -= 1
        self._require(")")
        return found

    # Observation expressions (section 9.5.2): the operators given, loosest first

    def _joined(self, operators: tuple[str, ...]) -> Expression:
        if not operators:
            return self._qualified()
        parts = [self._joined(operators[1:])]
        while self._accept(operators[0]):
            parts.append(self._joined(operators[1:]))
        return parts[0] if len(parts) == 1 else Combination(operators[0], tuple(parts))

    def _qualified(self) -> Expression:
        found: Expression
        if self._is("("):
            found, once = self._nested(lambda: self._joined(("FOLLOWEDBY", "OR", "AND"))), False
        else:
            self._require("[")
            found = Observation(self._comparisons(("OR", "AND")))
            self._require("]")
            once = self._version != "2.0"
        kinds: list[type] = []
        while (after := self._qualifier(found)) is not None:
            if once and type(after) in kinds:
                raise PatternFault(
                    "a qualifier of one kind stands twice on one observation", next="use parentheses (STIX 2.1 section 9.5.1)"
                )
            kinds.append(type(after))
            if len(kinds) > DEPTH:
                raise PatternFault(f"more than {DEPTH} qualifiers on one expression")
            found = after
        return found

    def _qualifier(self, of: Expression) -> Qualified | None:
        if self._accept("WITHIN"):
            seconds = float(self._positive(("int", "float")).text)
            self._require("SECONDS")
            return Within(of, seconds)
        if self._accept("REPEATS"):
            times = int(self._positive(("int",)).text)
            self._require("TIMES")
            return Repeats(of, times)
        if self._accept("START"):
            start = self._moment()
            self._require("STOP")
            return StartStop(of, start, self._moment())
        return None

    def _positive(self, kinds: tuple[str, ...]) -> _Token:
        token = self._next
        if token is None or token.kind not in kinds or float(token.text) <= 0 or len(token.text) > 18:
            raise self._expected("a positive number")
        return self._take()

    def _moment(self) -> Timestamp:
        old = self._version == "2.0"
        token = self._of_kind(("timestamp", "string") if old else ("timestamp",), "a timestamp constant t'...'")
        found = timestamp(token.text.removeprefix("t")[1:-1])
        if found is None:
            raise PatternFault(f"character {token.at + 1}: {token.text[:40]} is not a timestamp (RFC 3339, UTC, Z)")
        return found

    # Comparison expressions (section 9.6)

    def _comparisons(self, operators: tuple[str, ...]) -> Comparison:
        if not operators:
            return self._nested(lambda: self._comparisons(("OR", "AND"))) if self._is("(") else self._test()
        parts = [self._comparisons(operators[1:])]
        while self._accept(operators[0]):
            parts.append(self._comparisons(operators[1:]))
        return parts[0] if len(parts) == 1 else Join(operators[0], tuple(parts))

    def _test(self) -> Test:
        negated = self._accept("NOT")
        if negated or self._is("EXISTS"):
            self._require("EXISTS")
            return Test(self._path(), "EXISTS", (), negated)
        path = self._path()
        negated = self._accept("NOT")
        token = self._next
        operator = token.text if token is not None and token.kind in ("sign", "word") else ""
        if operator in _EQUAL:
            self._take()
            return Test(path, _EQUAL[operator], (self._constant(),), negated)
        if operator in _ORDER:
            self._take()
            if self._is("true") or self._is("false"):
                raise self._expected("a constant that has an order")
            return Test(path, operator, (self._constant(),), negated)
        if operator in _TEXT:
            self._take()
            return Test(path, operator, (_string(self._of_kind(("string",), "a string constant").text),), negated)
        if operator == "IN":
            self._take()
            return Test(path, operator, self._set(), negated)
        raise self._expected("a comparison operator")

    def _set(self) -> tuple[Constant, ...]:
        self._require("(")
        found: list[Constant] = []
        if not self._is(")"):
            found.append(self._constant())
            while self._accept(","):
                found.append(self._constant())
        self._require(")")
        return tuple(found)

    def _path(self) -> Path:
        type_ = self._of_kind(("word",), "an object path")
        if type_.text in _KEYWORDS:
            raise PatternFault(f"character {type_.at + 1}: {type_.text} stands where an object path should")
        self._require(":")
        steps: list[Step] = [self._name()]
        while True:
            if self._accept("."):
                steps.append(self._name())
            elif self._accept("["):
                steps.append(None if self._accept("*") else int(self._of_kind(("int",), "an index or *").text[:18]))
                self._require("]")
            else:
                return Path(type_.text, tuple(steps))

    def _name(self) -> str:
        token = self._of_kind(("word", "string"), "a property name")
        if token.kind == "string":
            return _string(token.text)
        if "-" in token.text or token.text in _KEYWORDS:
            raise PatternFault(f"character {token.at + 1}: the property name {token.text!r} must be quoted", next=f"write '{token.text}'")
        return token.text

    def _constant(self) -> Constant:
        if self._is("true") or self._is("false"):
            return self._take().text == "true"
        token = self._of_kind(("int", "float", "string", "binary", "hex", "timestamp"), "a constant")
        if token.kind == "int":
            if len(token.text) > 20:
                raise PatternFault(f"character {token.at + 1}: the number has {len(token.text)} digits", next="write at most 19")
            return int(token.text)
        if token.kind == "float":
            return float(token.text)
        if token.kind == "string":
            return _string(token.text)
        if token.kind == "binary":
            return Binary(binascii.a2b_base64(token.text[2:-1]))
        if token.kind == "hex":
            return Binary(bytes.fromhex(token.text[2:-1]))
        found = timestamp(token.text[2:-1])
        assert found is not None  # the token's own expression is stricter
        return found


def timestamp(text: str) -> Timestamp | None:
    """A STIX timestamp as a constant; None if it is not one."""
    found = _MOMENT.match(text)
    return Timestamp(found.group(1), (found.group(2) or "").rstrip("0")) if found else None


def _string(quoted: str) -> str:
    inner = quoted[1:-1]
    return _ESCAPE.sub(r"\1", inner) if "\\" in inner else inner
