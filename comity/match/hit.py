"""What a line of a log shows of an indicator: a hit, or one of the observations that a pattern wants."""

from __future__ import annotations

from datetime import datetime

import msgspec


class Hit(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One indicator seen on one physical line. `value` is its normal form, `observed` the text that matched, `at` the event's own time.

    Of kind `pattern`, `value` is the pattern's text, and the line is the one by which it was met.
    """

    file: str
    line: int
    field: str
    kind: str
    value: str
    observed: str
    how: str
    indicator: str
    at: datetime | None = None


class Shown(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A line that meets some `[ ... ]` (a bit for each) of a part of a pattern set, by its number."""

    file: str
    line: int
    part: int
    leaves: int
    field: str
    observed: str
    at: datetime | None = None
