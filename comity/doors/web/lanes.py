"""Standings over time as bars on lanes: geometry for a picture that the server draws, in hundredths of its width."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import MAXYEAR, MINYEAR, UTC, datetime
from itertools import pairwise
from typing import Any

import msgspec

from comity.terms.party import DATED, Register, Standing

#: How many years may lie between two marks of the axis, the closest first, and how many marks there may be.
_STEPS, _MARKS = (1, 2, 5, 10, 20, 50), 8


class Axis(msgspec.Struct, frozen=True, kw_only=True):
    """The time that a picture shows, [since, until)."""

    since: datetime
    until: datetime

    def at(self, moment: datetime) -> float:
        """Where a moment stands: 0 at the beginning, 100 at the end; what is outside, at the nearer edge."""
        part = (moment - self.since) / (self.until - self.since)
        return round(100 * min(1.0, max(0.0, part)), 3)

    def marks(self) -> list[dict[str, Any]]:
        """The years to write under it: `year` and `at`."""
        span = self.until.year - self.since.year
        step = next((each for each in _STEPS if span // each < _MARKS), _STEPS[-1])
        years = range(-(-(self.since.year + 1) // step) * step, self.until.year + 1, step)
        return [{"year": year, "at": self.at(datetime(year, 1, 1, tzinfo=UTC))} for year in years]


def axis(claims: Iterable[Standing], now: datetime) -> Axis:
    """From the year in which the first of some standings began, to the end of the present year or of the last that is to come."""
    found = list(claims)
    moments = [each.since for each in found if each.since >= DATED]
    ends = [each.until for each in found if each.until] + [now, *moments]
    first = max(MINYEAR, min([now.year - 1, *(each.year for each in moments)]))
    return Axis(since=datetime(first, 1, 1, tzinfo=UTC), until=datetime(min(MAXYEAR, max(ends).year + 1), 1, 1, tzinfo=UTC))


def lanes(claims: Sequence[Standing], register: Register, over: Axis) -> list[dict[str, Any]]:
    """A lane for each claim of one party in one body: its standing, and its bars (`at`, `width`, and whether it `counts` there).

    A claim counts while it says what the register goes by; another may take its place before it ends.
    """
    edges = sorted({moment for each in claims for moment in (each.since, each.until) if moment} | {over.since, over.until})
    return [
        {"standing": claim.standing, "source": claim.source, "bars": _bars(claim, edges, register, over)} for claim in claims
    ]  # fmt: skip


def _bars(claim: Standing, edges: Sequence[datetime], register: Register, over: Axis) -> list[dict[str, Any]]:
    bars: list[dict[str, Any]] = []
    for start, end in pairwise(edges):
        if end <= over.since or not claim.holds(start):
            continue
        says = register.status if claim.status_only else register.standing
        counts = says(claim.party, claim.body, start) == claim.standing
        left, right = over.at(start), over.at(end)
        if bars and bars[-1]["counts"] == counts and bars[-1]["at"] + bars[-1]["width"] == left:
            bars[-1]["width"] = round(right - bars[-1]["at"], 3)
        else:
            bars.append({"at": left, "width": round(right - left, 3), "counts": counts})
    return bars
