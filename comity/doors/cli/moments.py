"""Dates, moments and durations as command-line values."""

from __future__ import annotations

import re
from datetime import timedelta

import click

from comity.clock import parse

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class _Moment(click.ParamType[str]):
    """A bare date or an RFC 3339 moment; kept as text, since a naive datetime must not arise."""

    name = "date"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            parse(value)
        except ValueError:
            self.fail(f"{value!r} is neither a date like 2021-11-01 nor a moment like 2021-11-01T13:27:00Z", param, ctx)
        return value


def span(text: str) -> timedelta:
    """A duration like 90d, 12h, 30m or 4w. Raises ValueError."""
    found = re.fullmatch(r"([1-9][0-9]{0,4})([mhdw])", text)
    if not found:
        raise ValueError(f"{text!r} is not a duration like 90d, 12h or 30m")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


class _Span(click.ParamType[timedelta]):
    """A duration, as `span` reads it."""

    name = "duration"

    def convert(self, value: str | timedelta, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        if isinstance(value, timedelta):
            return value
        try:
            return span(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


MOMENT = _Moment()
SPAN = _Span()
