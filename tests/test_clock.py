"""One time: UTC, microseconds, exact."""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.clock import EPOCH, from_micros, micros, midnight, now, parse, stamp

MOMENTS = st.datetimes(timezones=st.just(UTC))


def test_now_is_utc():
    assert now().tzinfo is UTC
    assert abs(now() - datetime.now(UTC)) < timedelta(seconds=5)


@given(moment=MOMENTS)
def test_micros_are_exact_both_ways(moment):
    assert from_micros(micros(moment)) == moment


@given(moment=MOMENTS)
def test_a_stamp_is_read_back(moment):
    text = stamp(micros(moment))
    assert parse(text) == moment
    assert len(text) == len("2021-11-01T09:00:00.000000Z")


def test_micros_keep_what_a_float_would_lose():
    moment = datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
    assert micros(moment) == 253_402_300_799_999_999
    assert micros(EPOCH) == 0


def test_micros_of_another_zone_are_those_of_the_same_moment():
    assert micros(datetime(2021, 11, 1, 14, tzinfo=timezone(timedelta(hours=5)))) == micros(datetime(2021, 11, 1, 9, tzinfo=UTC))


def test_a_naive_moment_is_a_type_error():
    with pytest.raises(TypeError):
        micros(datetime(2021, 11, 1))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("value", "text"), [(0, "1970-01-01T00:00:00.000000Z"), (1, "1970-01-01T00:00:00.000001Z"), (-1, "1969-12-31T23:59:59.999999Z")]
)
def test_stamps_have_six_digits_and_z(value, text):
    assert stamp(value) == text


def test_stamps_sort_as_texts():
    values = [micros(datetime(year, 1, 1, tzinfo=UTC)) for year in (1, 99, 1969, 1970, 2021, 9999)]
    assert sorted(map(stamp, values)) == list(map(stamp, values))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2021-11-01T09:00:00Z", datetime(2021, 11, 1, 9, tzinfo=UTC)),
        ("2021-11-01t09:00:00z", datetime(2021, 11, 1, 9, tzinfo=UTC)),
        ("2021-11-01T09:00:00.5Z", datetime(2021, 11, 1, 9, 0, 0, 500_000, tzinfo=UTC)),
        ("2021-11-01T09:00:00.123456789Z", datetime(2021, 11, 1, 9, 0, 0, 123_456, tzinfo=UTC)),
        ("2021-11-01T09:00:00+05:00", datetime(2021, 11, 1, 4, tzinfo=UTC)),
        ("2021-11-01", datetime(2021, 11, 1, tzinfo=UTC)),
    ],
)
def test_timestamps_of_any_precision(text, moment):
    assert parse(text) == moment
    assert parse(text).tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "", "now", "2021-11-01T09:00:00", "2021-11-01 09:00:00Z", "2021-13-01T00:00:00Z", "2021-02-29", "2021-11-31", "2021-11-01T25:00:00Z",
        "2021-11-01T09:00:60Z", "2021-11-01T", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "10000-01-01T00:00:00Z", "1635757200",
    ],
)  # fmt: skip
def test_what_is_no_timestamp(text):
    with pytest.raises(ValueError):
        parse(text)


@given(text=st.text(max_size=40))
def test_any_text_is_a_moment_or_a_value_error(text):
    with contextlib.suppress(ValueError):
        assert parse(text).tzinfo is UTC


def test_a_bare_date_is_its_midnight():
    assert midnight(date(2021, 11, 1)) == datetime(2021, 11, 1, tzinfo=UTC)


def test_documents_write_moments_in_many_ways():
    from comity.clock import parse_loosely

    for text in ("2021-11-01T13:27+0000", "2021-11-01 13:27:00", "2021-11-01T18:27:00+05:00", "20211101T132700Z"):
        assert parse_loosely(text) == datetime(2021, 11, 1, 13, 27, tzinfo=UTC)
        if text != "2021-11-01T18:27:00+05:00":
            with pytest.raises(ValueError):
                parse(text)
    with pytest.raises(ValueError):
        parse_loosely("0001-01-01T00:00:00+23:59")
