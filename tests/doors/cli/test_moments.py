"""Dates and durations on the command line."""

from __future__ import annotations

from datetime import timedelta

import click
import pytest

from comity.doors.cli.moments import MOMENT, SPAN


@pytest.mark.parametrize(
    ("text", "span"),
    [("90d", timedelta(days=90)), ("12h", timedelta(hours=12)), ("30m", timedelta(minutes=30)), ("2w", timedelta(weeks=2))],
)
def test_spans(text, span):
    assert SPAN.convert(text, None, None) == span


@pytest.mark.parametrize("text", ["", "0d", "d", "1y", "-1d", "1.5h", "999999d"])
def test_what_is_no_span(text):
    with pytest.raises(click.BadParameter):
        SPAN.convert(text, None, None)


@pytest.mark.parametrize("text", ["2021-11-01", "2021-11-01T13:27:00Z", "2021-11-01T13:27:00+05:00"])
def test_moments(text):
    assert MOMENT.convert(text, None, None) == text


@pytest.mark.parametrize("text", ["today", "2021-13-01", "2021-11-01T13:27:00", "01.11.2021"])
def test_what_is_no_moment(text):
    with pytest.raises(click.BadParameter):
        MOMENT.convert(text, None, None)
