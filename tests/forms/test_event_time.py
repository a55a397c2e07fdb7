from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.forms.event_time import moment_of

AT = datetime(2021, 11, 1, 6, 7, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    "line",
    [
        b"1635746828.000000\tCabc\t192.0.2.1",
        b"1635746828.000     56 192.0.2.1 TCP_MISS/200",
        b'"1635746828",x',
        b"1635746828000;x",
        b'{"ts":1635746828.0,"created":"2020-01-01T00:00:00Z"}',
        b'{"a":1,"@timestamp":"2021-11-01T06:07:08.000Z"}',
        b'{"timestamp":"2021-11-01T08:07:08.000000+0200","event_type":"dns"}',
        b'{"time":"12:00","UtcTime":"2021-11-01 06:07:08"}',
        b'{"timestamp":1635746828000000}',
        b"2021-11-01 06:07:08 192.0.2.1 a.example",
        b"2021/11/01 06:07:08,x",
        b"2021-11-01\t06:07:08\tx",
        b'192.0.2.1 - - [01/Nov/2021:07:07:08 +0100] "GET /"',
        b"01-Nov-2021 06:07:08.000 queries: info:",
        b"<134>1 2021-11-01T02:07:08-04:00 host a",
    ],
)
def test_the_time_that_a_line_says(line: bytes) -> None:
    assert moment_of(line) == AT


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"Nov  1 06:07:08 host a",
        b"2021-13-41 06:07:08",
        b"99/Xyz/2021:00:00:00",
        b"1.5\tx",
        b'{"ts":"x"}',
        b"9999999999999999",
        b'{"ts":"1e99999999"}',
    ],
)
def test_lines_that_say_none(line: bytes) -> None:
    assert moment_of(line) is None


@given(st.binary(max_size=80))
def test_any_bytes(line: bytes) -> None:
    for each in (line, b'{"ts":"' + line, b'{"ts":9' + line):
        found = moment_of(each)
        assert found is None or found.tzinfo is UTC
