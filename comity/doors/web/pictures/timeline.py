"""Spans of time on lanes, a window onto them, and what stands where: pure, in pixels, one pixel of height for one of the picture.

A window is half-open. Zooming and shifting give new windows, so that they are addresses. Where nothing lies on any lane for a good while,
that is a gap, which is shaded and listed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

#: Pixels: the width of the plot, the place where it begins, a row's height, and rows of one lane at most (others lie on the last).
WIDTH, LEFT, ROW, ROWS = 810, 210, 24, 8
#: A gap is at least this part of the window.
GAP = 1 / 12
#: The shortest window.
LEAST = timedelta(minutes=1)
_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
#: How far apart the marks of the axis may be, with how much of a moment's text each needs.
_STEPS = (
    (_MINUTE, 16), (5 * _MINUTE, 16), (15 * _MINUTE, 16), (_HOUR, 16), (3 * _HOUR, 16), (6 * _HOUR, 16), (12 * _HOUR, 16), (_DAY, 10),
    (2 * _DAY, 10), (7 * _DAY, 10), (14 * _DAY, 10), (30 * _DAY, 10), (91 * _DAY, 10), (182 * _DAY, 10), (365 * _DAY, 10),
    (2 * 365 * _DAY, 10), (5 * 365 * _DAY, 10), (10 * 365 * _DAY, 10), (50 * 365 * _DAY, 10), (1000 * 365 * _DAY, 10),
    (2500 * 365 * _DAY, 10),
)  # fmt: skip
_MARKS = 7
_FIRST, _LAST = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """Something at a moment, or from one to another (`end` None: no end), in UTC; `what` it is, where it leads, how often it was."""

    lane: str
    start: datetime
    end: datetime | None
    what: str
    href: str = ""
    count: int = 1


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """[since, until), at least `LEAST` long."""

    since: datetime
    until: datetime

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return self.until - self.since

    def at(self, moment: datetime) -> float:
        """Where a moment stands in pixels; what is outside stands at the nearer edge."""
        part = (moment - self.since) / self.length
        return round(LEFT + WIDTH * min(1.0, max(0.0, part)), 1)

    def shows(self, span: Span) -> bool:
        """Whether any of a span lies in it."""
        return span.start < self.until and (span.end is None or max(span.end, span.start) >= self.since)

    def moved(self, by: float, factor: float = 1.0) -> Window:
        """Shifted by a part of its length, and made longer or shorter around its middle."""
        length = max(LEAST, min(self.length * factor, _LAST - _FIRST))
        shift = self.length * (0.5 + by) - length / 2
        since = self.since + max(_FIRST - self.since, min(shift, _LAST - length - self.since))
        return window(since, since + length)


def window(since: datetime, until: datetime) -> Window:
    """A window; the other way round or too short, it becomes the shortest from its beginning."""
    since = min(since, _LAST - LEAST)
    return Window(since=since, until=max(until, since + LEAST))


def whole(spans: Iterable[Span], now: datetime) -> Window:
    """The window that shows them all, with a little room on both sides; the last day where there are none."""
    ends = [moment for span in spans for moment in (span.start, span.end) if moment]
    first, last = min(ends, default=now - _DAY), max(ends, default=now)
    room = max((last - first) * 0.04, LEAST)
    return window(max(_FIRST, first - min(room, first - _FIRST)), min(_LAST, last + min(room, _LAST - last)))


def drawn(spans: Sequence[Span], lanes: Sequence[str], over: Window) -> dict[str, Any]:
    """The picture: `lanes` with their place and height, `spans` with theirs, `marks` of the axis, `gaps`, `width` and `height`."""
    top, placed, found = 8.0, [], []
    for lane in lanes:
        rows: list[float] = []
        mine = sorted((span for span in spans if span.lane == lane and over.shows(span)), key=lambda span: (span.start, span.what))
        for span in mine:
            x0, x1 = over.at(span.start), over.at(span.end or over.until) if span.end != span.start else over.at(span.start)
            row = next((number for number, end in enumerate(rows) if end < x0 - 6), min(len(rows), ROWS - 1))
            rows[row : row + 1] = [max(x1, x0 + 18)]
            found.append(_placed(span, x0, x1, top + row * ROW, over))
        height = max(1, len(rows)) * ROW
        placed.append({"name": lane, "y": top, "height": height, "n": len(mine)})
        top += height + 10
    return {
        "lanes": placed, "spans": found, "marks": _marks(over), "gaps": _gaps(spans, over), "width": LEFT + WIDTH + 20, "height": top + 22,
    }  # fmt: skip


def _placed(span: Span, x0: float, x1: float, y: float, over: Window) -> dict[str, Any]:
    return {
        "lane": span.lane, "what": span.what, "href": span.href, "count": span.count, "start": told(span.start),
        "end": told(span.end) if span.end else None, "x": x0, "y": y, "width": round(max(0.0, x1 - x0), 1), "open": span.end is None,
        "cut": span.start < over.since or (span.end is not None and span.end > over.until),
    }  # fmt: skip


def _marks(over: Window) -> list[dict[str, Any]]:
    """The moments to write under it, at whole steps."""
    step, length = next((each for each in _STEPS if over.length / each[0] <= _MARKS), _STEPS[-1])
    origin = datetime(1970, 1, 1, tzinfo=UTC)
    number = -((origin - over.since) // step)
    found = []
    while number * step < over.until - origin:
        moment = origin + number * step
        found.append({"at": told(moment), "x": over.at(moment), "text": moment.isoformat(" ")[:length]})
        number += 1
    return found


def _gaps(spans: Sequence[Span], over: Window) -> list[dict[str, Any]]:
    """Where nothing lies on any lane for at least `GAP` of the window, between what lies before and after."""
    covered = sorted((span.start, span.end or over.until) for span in spans if over.shows(span))
    found, reached = [], covered[0][1] if covered else over.until
    for start, end in covered[1:]:
        if start - reached >= over.length * GAP:
            found.append({"since": told(reached), "until": told(start), "x": over.at(reached), "width": over.at(start) - over.at(reached)})
        reached = max(reached, end)
    return found


def told(moment: datetime) -> str:
    """RFC 3339 to the second."""
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
