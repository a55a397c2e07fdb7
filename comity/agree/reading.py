"""Strict reading of one TOML table: every key known, every value of its type, every fault collected with its line."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from comity.agree import duration, guard
from comity.agree.findings import Finding
from comity.agree.lines import Lines, Path
from comity.clock import midnight

#: Judges one word: the word itself, or a complaint (what is wrong, what next).
Judge = Callable[[str], tuple[str, str] | None]

_TYPES = {str: "text", bool: "true or false", int: "a whole number", float: "a number", list: "a list", dict: "a table"}
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


#: The greatest version of an agreement.
_MOST = 1_000_000


class Notes:
    """The faults found so far, each on its line."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self.findings: list[Finding] = []

    def error(self, path: Path, message: str, next: str = "") -> None:
        """Record what keeps the agreement from being read."""
        self.findings.append(Finding(line=self.lines.of(path), level="error", message=message, next=next))

    def warning(self, path: Path, message: str, next: str = "") -> None:
        """Record what is legal and probably not meant."""
        self.findings.append(Finding(line=self.lines.of(path), level="warning", message=message, next=next))


def nearest(word: str, known: Iterable[str]) -> str:
    """What to do about an unknown word: the nearest known one, or the list of them."""
    known = sorted(known)
    close = difflib.get_close_matches(word.lower().replace("_", "-"), known, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]!r}?"
    return ("use one of " + ", ".join(known)) if len(known) <= 16 else "see the list of names in the documentation"


def unknown(what: str, word: str, known: Iterable[str]) -> tuple[str, str]:
    """The complaint about a key or table that does not exist; one that a guardrail refuses is told so (product.md G5-G9)."""
    ground = guard.refused(word)
    if ground:
        return f"unknown {what} (guardrail {ground})", "remove it: no agreement may speak of it"
    return f"unknown {what}", nearest(word, known)


def nth(index: int) -> str:
    """`first` for 0, as a reader counts; in figures from the eleventh on."""
    if index < len(_ORDINALS):
        return _ORDINALS[index]
    number = index + 1
    teen = number % 100 in (11, 12, 13)
    return f"{number}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def one_of(known: Iterable[str], what: str) -> Judge:
    """A judge for a closed list; a word that a guardrail refuses is told so (product.md G5-G9)."""
    names = tuple(known)

    def judge(word: str) -> tuple[str, str] | None:
        if word in names:
            return None
        ground = guard.refused(word)
        because = f" (guardrail {ground})" if ground else ""
        return f"{word!r} is not {a(what)}{because}", nearest(word, names)

    return judge


def shaped(pattern: str, what: str, example: str) -> Judge:
    """A judge for words of one shape."""
    shape = re.compile(pattern + r"\Z", re.ASCII)

    def judge(word: str) -> tuple[str, str] | None:
        return None if shape.match(word) else (f"{word!r} is not {a(what)}", f"write it like {example}")

    return judge


def a(what: str) -> str:
    """`an effect`, `a standing`."""
    return f"{'an' if what[:1] in 'aeiou' else 'a'} {what}"


class Table:
    """One table and its reader methods. A missing or wrong value is noted, and a harmless stand-in returned."""

    def __init__(self, notes: Notes, data: Any, path: Path, name: str, keys: tuple[str, ...]) -> None:
        self.notes = notes
        self.path = path
        self.name = name
        self.data: Mapping[str, Any] = data if isinstance(data, dict) else {}
        self.sound = isinstance(data, dict)
        if not self.sound:
            notes.error(path, f"{name} must be a table, not {_named(data)}", f"write keys and values in it: {{ {keys[0]} = … }}")
        for key in self.data:
            if key not in keys:
                notes.error((*path, key), *unknown(f"key {key!r} in {name}", key, keys))

    def text(self, key: str, judge: Judge | None = None, *, required: bool = False, default: str = "") -> str:
        """A text, not blank; judged if there is a judge."""
        value = self._value(key, str, required)
        if value is None:
            return default
        if not value.strip():
            self.notes.error((*self.path, key), f"{key} of {self.name} is empty", "write it, or leave the key out")
            return default
        complaint = judge(value) if judge else None
        if complaint:
            self.notes.error((*self.path, key), f"{key}: {complaint[0]}", complaint[1])
            return default
        return str(value)

    def flag(self, key: str) -> bool:
        """`true` or `false`; false when absent."""
        return bool(self._value(key, bool, False))

    def whole(self, key: str, *, required: bool = False) -> int:
        """A whole number from 1; 1 stands in for a wrong one."""
        value = self._value(key, int, required)
        if value is not None and value < 1:
            self.notes.error((*self.path, key), f"{key} of {self.name} must be 1 or more", "count from 1")
        if value is not None and value > _MOST:
            self.notes.error((*self.path, key), f"{key} of {self.name} is too large", f"at most {_MOST}")
            return 1
        return int(value) if value else 1

    def inner(self, key: str, keys: tuple[str, ...]) -> Table:
        """The table that is the value of a key."""
        return Table(self.notes, self.data[key], (*self.path, key), f"{key} of {self.name}", keys)

    def tables(self, key: str, keys: tuple[str, ...]) -> list[Table]:
        """The tables in a list; none when absent."""
        value = self._value(key, list, False) or []
        return [Table(self.notes, each, (*self.path, key, index), f"{key} of {self.name}", keys) for index, each in enumerate(value)]

    def moment(self, key: str) -> datetime | None:
        """A date (00:00:00Z) or a date-time with an offset; None when absent."""
        value = self.data.get(key)
        if value is None:
            return None
        if isinstance(value, datetime):
            if value.tzinfo is not None:
                return value.astimezone(UTC)
            self.notes.error((*self.path, key), f"{key} of {self.name} has no offset", "add Z for UTC, or write a bare date")
        elif isinstance(value, date):
            return midnight(value)
        else:
            message = f"{key} of {self.name} must be a date, not {_named(value)}"
            self.notes.error((*self.path, key), message, "write it without quotes: 2021-09-17")
        return None

    def period(self, first: str, last: str) -> tuple[datetime | None, datetime | None]:
        """Two moments in this order; an interval that holds no moment is a fault."""
        since, until = self.moment(first), self.moment(last)
        if since is not None and until is not None and until <= since:
            self.notes.error((*self.path, last), f"{last} of {self.name} is not after {first}", "the interval would be empty")
        return since, until

    def duration(self, key: str, *, required: bool = False) -> str | None:
        """An ISO 8601 duration as written; None when absent or wrong."""
        value = self.text(key, required=required)
        try:
            return duration.check(value) if value else None
        except ValueError as wrong:
            self.notes.error((*self.path, key), f"{key}: {wrong}", "a year is P1Y, 90 days are P90D")
            return None

    def words(self, key: str, judge: Judge, *, required: bool = False) -> tuple[str, ...]:
        """A list of texts, each judged, none twice; empty when absent. An empty list is a fault: it would mean nobody."""
        value = self._value(key, list, required)
        if value is None:
            return ()
        if not value:
            self.notes.error((*self.path, key), f"{key} of {self.name} is an empty list", "name at least one, or drop the key")
        found: list[str] = []
        for index, word in enumerate(value):
            path = (*self.path, key, index)
            complaint = judge(word) if isinstance(word, str) else (f"expected text, not {_named(word)}", "put it in quotes")
            if complaint:
                self.notes.error(path, f"{key}: {complaint[0]}", complaint[1])
            elif word in found:
                self.notes.warning(path, f"{key}: {word!r} is said twice", "remove one")
            else:
                found.append(word)
        return tuple(found)

    def _value(self, key: str, kind: type, required: bool) -> Any:
        value = self.data.get(key)
        if value is None:
            # Of what is no table, one complaint is enough.
            if required and self.sound:
                self.notes.error(self.path, f"{self.name} has no {key}", f"add {key} = …")
            return None
        if type(value) is kind:  # exactly: true is no whole number
            return value
        hint = f'write {key} = ["{value}"]' if kind is list and isinstance(value, str) else f"write {_TYPES[kind]}"
        self.notes.error((*self.path, key), f"{key} of {self.name} must be {_TYPES[kind]}, not {_named(value)}", hint)
        return None


def _named(value: object) -> str:
    return _TYPES.get(type(value), "a date or time")
