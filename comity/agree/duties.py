"""What a recipient takes on: a closed list of duties, each alone or with a deadline (`feedback within P30D`, `feedback by 2022-06-30`)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

import msgspec

from comity.agree import duration, guard
from comity.clock import parse

_SHAPE = re.compile(r"(?P<name>[^ ]+)(?: within (?P<within>[^ ]+)| by (?P<by>\d{4}-\d\d-\d\d))?\Z", re.ASCII)


class Duty(msgspec.Struct, frozen=True, kw_only=True):
    """One duty: `within` an ISO 8601 duration from receipt, or `by` a date (00:00:00Z), or whenever the occasion comes."""

    name: str
    within: str | None = None
    by: datetime | None = None

    def due(self, received: datetime) -> datetime | None:
        """The deadline for somebody who received the item at a moment; None where there is none."""
        return duration.after(received, self.within) if self.within else self.by


def read(text: str) -> Duty:
    """The duty that a text states. Raises ValueError."""
    found = _SHAPE.match(text)
    if found is None or found["name"] not in guard.DUTIES:
        name = found["name"] if found else text
        ground = guard.refused(name)
        raise ValueError(f"{name!r} is not a duty" + (f" (guardrail {ground})" if ground else ""))
    within, by = found["within"], found["by"]
    return Duty(name=found["name"], within=duration.check(within) if within else None, by=parse(by) if by else None)


def combined(texts: Iterable[str]) -> tuple[str, ...]:
    """The duties of several clauses together, sorted: one without a deadline adds nothing to the same with one."""
    every = set(texts)
    dated = {read(text).name for text in every if " " in text}
    return tuple(sorted(text for text in every if " " in text or text not in dated))
