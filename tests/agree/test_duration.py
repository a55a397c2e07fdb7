"""ISO 8601 durations: which are read, and the calendar they move on."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.agree.duration import after, check, shortest


@pytest.mark.parametrize("text", ["P1Y", "P6M", "P30D", "P2W", "PT72H", "P1Y2M3DT4H5M6S", "P0Y1D"])
def test_a_duration_is_kept_as_written(text: str) -> None:
    assert check(text) == text


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "P1", "1Y", "p1y", "P1Y ", "P1YT", "P0D", "P1W2D", "P1.5Y", "-P1Y", "P1M1Y", "P99999Y", "P١Y"]
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"duration|no time"):
        check(text)


@pytest.mark.parametrize(
    ("start", "text", "end"),
    [
        ((2021, 1, 31), "P1M", (2021, 2, 28)),
        ((2020, 1, 31), "P1M", (2020, 2, 29)),
        ((2020, 2, 29), "P1Y", (2021, 2, 28)),
        ((2021, 11, 30), "P3M", (2022, 2, 28)),
        ((2021, 12, 1), "P1M", (2022, 1, 1)),
        ((2021, 12, 31), "P1D", (2022, 1, 1)),
        ((2021, 1, 1), "P2W", (2021, 1, 15)),
        ((2021, 1, 1), "PT72H", (2021, 1, 4)),
    ],
)
def test_the_calendar(start: tuple[int, int, int], text: str, end: tuple[int, int, int]) -> None:
    assert after(datetime(*start, tzinfo=UTC), text) == datetime(*end, tzinfo=UTC)


def test_the_shortest_ends_first() -> None:
    assert shortest(["P1Y", None, "P11M", "P366D"]) == "P11M"
    assert shortest(["PT49H", "P2D"]) == "P2D"
    assert shortest([None]) is None
    assert shortest([]) is None


@given(st.datetimes(timezones=st.just(UTC), max_value=datetime(3000, 1, 1)), st.integers(1, 999), st.sampled_from("YMD"))  # noqa: DTZ001
def test_time_goes_forward(start: datetime, number: int, unit: str) -> None:
    assert after(start, f"P{number}{unit}") > start


@pytest.mark.parametrize(
    ("start", "text"), [((9999, 12, 31), "P1D"), ((9999, 12, 1), "P1M"), ((9500, 1, 1), "P999Y"), ((9999, 12, 31), "PT24H")]
)
def test_what_lies_beyond_the_calendar_ends_with_it(start: tuple[int, int, int], text: str) -> None:
    """A date far away, which a party may state in an act, must not keep everybody from their answers."""
    assert after(datetime(*start, tzinfo=UTC), text) == datetime.max.replace(tzinfo=UTC)
    assert after(datetime(9999, 12, 30, tzinfo=UTC), "P1D") == datetime(9999, 12, 31, tzinfo=UTC)
