"""The one clock. Everything is UTC with microseconds; a naive datetime is a type error (model.md, When)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

#: Gives the present moment; replaced in tests and exercises.
Clock = Callable[[], datetime]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

#: RFC 3339 section 5.6, or its full-date alone; Python itself also takes week dates and other ISO 8601 forms.
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d([Tt]\d\d:\d\d:\d\d(?:\.\d{1,32})?(?:[Zz]|[+-]\d\d:\d\d))?\Z", re.ASCII)


def now() -> datetime:
    """The present moment, timezone-aware UTC."""
    return datetime.now(UTC)


def micros(moment: datetime) -> int:
    """Microseconds since 1970-01-01T00:00:00Z, exact (no float). Raises TypeError for a naive datetime."""
    if moment.tzinfo is None:
        raise TypeError("a moment must be timezone-aware")
    return (moment - EPOCH) // timedelta(microseconds=1)


def from_micros(value: int) -> datetime:
    """The inverse of `micros`."""
    return EPOCH + timedelta(microseconds=value)


def stamp(value: int) -> str:
    """A TAXII timestamp: exactly six fraction digits and `Z` (TAXII 2.1 section 2). `value` is microseconds."""
    return from_micros(value).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def parse(text: str) -> datetime:
    """An RFC 3339 moment of any precision, or a bare date (00:00:00Z). Raises ValueError."""
    found = _RFC3339.match(text)
    if found is None:
        raise ValueError(f"neither a date nor an RFC 3339 timestamp with an offset: {text[:80]!r}")
    if found.group(1) is None:
        return midnight(date.fromisoformat(text))
    moment = datetime.fromisoformat(text.upper())
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"outside the years 1 to 9999: {text!r}") from None


def parse_loosely(text: str) -> datetime:
    """A moment as documents and tables write it: any ISO 8601 form that Python knows, UTC where none is said. Raises ValueError."""
    try:
        moment = datetime.fromisoformat(text.strip().upper())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError:
        raise ValueError(f"outside the years 1 to 9999: {text!r}") from None


def midnight(day: date) -> datetime:
    """The moment a bare date stands for: 00:00:00Z (model.md, When)."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
