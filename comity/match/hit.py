"""What a line of a log shows of an indicator: a hit, or one of the observations that a pattern wants."""

from __future__ import annotations

from datetime import datetime
from typing import Any

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


#: A hit, or what is shown, as the plain values of its fields: processes hand these on in half the time.
Row = tuple[Any, ...]


def row_of(found: Hit | Shown) -> Row:
    """The values of its fields."""
    return msgspec.structs.astuple(found)


def of_row(row: Row, lines: int) -> Hit | Shown:
    """What `row_of` was given, so many lines further on."""
    if len(row) == len(Shown.__struct_fields__):
        file, line, part, leaves, field, observed, at = row
        return Shown(file=file, line=line + lines, part=part, leaves=leaves, field=field, observed=observed, at=at)
    file, line, field, kind, value, observed, how, indicator, at = row
    return Hit(
        file=file, line=line + lines, field=field, kind=kind, value=value, observed=observed, how=how, indicator=indicator, at=at
    )  # fmt: skip
