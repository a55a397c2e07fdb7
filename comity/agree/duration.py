"""ISO 8601 durations as an agreement writes them (`P1Y`, `P6M`, `P30D`, `PT72H`); calendar arithmetic, no averages."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

# Every number is bounded: a duration is at most some hundred years.
_DURATION = re.compile(
    r"P(?:(?P<w>\d{1,4})W|(?:(?P<y>\d{1,3})Y)?(?:(?P<m>\d{1,3})M)?(?:(?P<d>\d{1,5})D)?"
    r"(?P<t>T(?:(?P<H>\d{1,5})H)?(?:(?P<M>\d{1,5})M)?(?:(?P<S>\d{1,6})S)?)?)\Z",
    re.ASCII,
)
_REFERENCE = datetime(2001, 1, 1, tzinfo=UTC)
#: What lies beyond the calendar ends with it.
_LAST = datetime.max.replace(tzinfo=UTC)


def _parts(text: str) -> dict[str, int]:
    match = _DURATION.match(text)
    if match is None or match["t"] == "T":
        raise ValueError(f"{text!r} is not an ISO 8601 duration such as P1Y, P6M, P30D or PT72H")
    parts = {name: int(value) for name, value in match.groupdict().items() if value and name != "t"}
    if not any(parts.values()):
        raise ValueError(f"{text!r} lasts no time at all")
    return parts


def check(text: str) -> str:
    """The text itself if it is a duration longer than nothing (ISO 8601 section 5.5.2, whole numbers). Raises ValueError."""
    _parts(text)
    return text


def after(moment: datetime, text: str) -> datetime:
    """The moment a duration later, within the year 9999. A month ends on its own last day: 31 January plus `P1M` is 28 or 29 February."""
    parts = _parts(text)
    months = moment.month - 1 + 12 * parts.get("y", 0) + parts.get("m", 0)
    year, month = moment.year + months // 12, months % 12 + 1
    if year > _LAST.year:
        return _LAST
    day = min(moment.day, calendar.monthrange(year, month)[1])
    rest = timedelta(
        weeks=parts.get("w", 0),
        days=parts.get("d", 0),
        hours=parts.get("H", 0),
        minutes=parts.get("M", 0),
        seconds=parts.get("S", 0),
    )
    begun = moment.replace(year=year, month=month, day=day)
    return begun + rest if rest <= _LAST - begun else _LAST


def shortest(durations: Iterable[str | None]) -> str | None:
    """The duration that ends first (None entries say nothing); None when there is none (model.md, When: the earliest)."""
    return min((text for text in durations if text), key=lambda text: after(_REFERENCE, text), default=None)
