"""Rows of a feed as indicators: whose they are, and how long they hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.forms.feed_indicators import Source, drafts, period
from comity.forms.table import Row
from comity.terms.item import Draft, Refused
from comity.terms.stix import check

SINCE = datetime(2021, 11, 1, 9, tzinfo=UTC)
DAYS = timedelta(days=1)


def source(**more) -> Source:
    return Source(**{"name": "urls", "url": "https://lists.example/urls.csv", "since": SINCE, "at": SINCE, **more})


def only(row: Row, **more) -> Draft:
    (found,) = drafts([row], source(**more))
    assert isinstance(found, Draft) and check(found.obj) is None
    return found


def test_an_indicator_says_which_feed_it_comes_from():
    found = only(
        Row(1, "domain", "evil.example", SINCE - DAYS, "green", "loader", "lab", 80), threat=("malicious-activity",), life=30 * DAYS
    )
    obj = found.obj
    assert obj["external_references"] == [{"source_name": "urls", "url": "https://lists.example/urls.csv"}]
    assert (obj["labels"], obj["indicator_types"], obj["confidence"]) == (["feed:urls", "source:lab"], ["malicious-activity"], 80)
    assert (obj["valid_from"], obj["valid_until"]) == ("2021-10-31T09:00:00.000Z", "2021-12-01T09:00:00.000Z")
    assert (found.tlp, found.expires, found.derived, found.dated) == ("green", SINCE + 30 * DAYS, True, True)


def test_two_feeds_speak_for_themselves():
    row = Row(1, "domain", "evil.example")
    assert only(row).obj["id"] != only(row, name="others").obj["id"]
    assert only(row).raw == only(row).raw


def test_without_a_life_it_holds_until_further_notice():
    found = only(Row(1, "domain", "evil.example"))
    assert "valid_until" not in found.obj and found.expires is None and not found.dated


def test_versions_of_a_listed_value_have_one_birth_and_later_ends():
    row = Row(1, "domain", "evil.example")
    first, second = only(row, life=30 * DAYS).obj, only(row, life=30 * DAYS, at=SINCE + 15 * DAYS).obj
    assert first["created"] == second["created"] and first["modified"] < second["modified"] and first["valid_until"] < second["valid_until"]


def test_a_row_from_the_future_is_valid_from_now():
    assert only(Row(1, "domain", "evil.example", SINCE + DAYS)).obj["valid_from"] == "2021-11-01T09:00:00.000Z"


def test_refusals_pass():
    refused = Refused(position="line 1", why="x")
    assert list(drafts([refused], source())) == [refused]


@given(st.timedeltas(timedelta(), timedelta(days=3650)), st.timedeltas(timedelta(seconds=2), timedelta(days=400)))
def test_what_is_pulled_within_half_a_life_never_runs_out(passed, life):
    now = SINCE + passed
    at = period(now, SINCE, life)
    assert at <= now < at + life / 2 + timedelta(microseconds=1)


@pytest.mark.parametrize("passed", [timedelta(), timedelta(days=400)])
def test_what_never_ends_needs_no_new_version(passed):
    assert period(SINCE + passed, SINCE, None) == SINCE


def test_a_clock_before_the_beginning():
    assert period(SINCE - DAYS, SINCE, 30 * DAYS) == SINCE
