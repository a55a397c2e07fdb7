"""The one clock. Everything is UTC with microseconds; a naive datetime is a type error (model.md, When)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

#: Gives the present moment; replaced in tests and exercises.
Clock = Callable[[], datetime]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


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
    if len(text) == 10:
        return midnight(date.fromisoformat(text))
    if "T" not in text and "t" not in text:
        raise ValueError(f"not an RFC 3339 timestamp: {text!r}")
    moment = datetime.fromisoformat(text.upper())
    if moment.tzinfo is None:
        raise ValueError(f"timestamp without an offset: {text!r}")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"outside the years 1 to 9999: {text!r}") from None


def midnight(day: date) -> datetime:
    """The moment a bare date stands for: 00:00:00Z (model.md, When)."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
