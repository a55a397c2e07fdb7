"""Spans, windows and what stands where."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from comity.doors.web.pictures.timeline import GAP, LEAST, LEFT, ROW, ROWS, WIDTH, Span, drawn, told, whole, window

NOW = datetime(2021, 11, 1, tzinfo=UTC)
DAY = timedelta(days=1)
moments = st.integers(-2018 * 365, 7970 * 365).map(lambda days: NOW + days * DAY)


def span(start: int, end: int | None, lane: str = "a", **more) -> Span:
    return Span(lane=lane, start=NOW + start * DAY, end=None if end is None else NOW + end * DAY, what="x", **more)


def test_the_whole_shows_everything_with_room():
    spans = [span(0, 10), span(5, 5), span(-3, None)]
    over = whole(spans, NOW)
    assert all(over.shows(each) for each in spans)
    assert (over.since < NOW - 3 * DAY, over.until > NOW + 10 * DAY) == (True, True)
    assert whole([], NOW).length > DAY


def test_only_what_lies_in_the_window_is_drawn():
    over = window(NOW, NOW + 10 * DAY)
    inside, before, after, across, open_ = span(1, 2), span(-3, -1), span(11, 12), span(-5, 20), span(-5, None)
    assert [over.shows(each) for each in (inside, before, after, across, open_, span(10, 10), span(0, 0))] == [
        True, False, False, True, True, False, True,
    ]  # fmt: skip
    picture = drawn([inside, before, across], ["a"], over)
    assert [(each["x"], each["width"]) for each in picture["spans"]] == [(LEFT, WIDTH), (LEFT + WIDTH / 10, WIDTH / 10)]
    assert [each["cut"] for each in picture["spans"]] == [True, False]


def test_what_overlaps_stands_below_each_other_up_to_some_rows():
    spans = [span(0, 10, count=number) for number in range(ROWS + 3)]
    picture = drawn(spans, ["a", "b"], whole(spans, NOW))
    assert len({each["y"] for each in picture["spans"]}) == ROWS
    assert [(lane["name"], lane["height"], lane["n"]) for lane in picture["lanes"]] == [("a", ROWS * ROW, ROWS + 3), ("b", ROW, 0)]
    apart = drawn([span(0, 1), span(5, 6)], ["a"], window(NOW, NOW + 10 * DAY))
    assert len({each["y"] for each in apart["spans"]}) == 1


def test_a_gap_is_where_nothing_lies_for_a_while():
    over = window(NOW, NOW + 12 * DAY)
    picture = drawn([span(0, 1), span(4, 5, "b"), span(5, 6)], ["a", "b"], over)
    assert [(gap["since"], gap["until"]) for gap in picture["gaps"]] == [(told(NOW + DAY), told(NOW + 4 * DAY))]
    assert drawn([span(0, 1), span(0, None), span(9, 9)], ["a"], over)["gaps"] == []
    short = drawn([span(0, 1), Span(lane="a", start=NOW + DAY + 11 * DAY * GAP, end=NOW + 2 * DAY, what="x")], ["a"], over)
    assert short["gaps"] == []


def test_zooming_and_shifting():
    over = window(NOW, NOW + 8 * DAY)
    closer, wider, later = over.moved(0, 0.5), over.moved(0, 2), over.moved(0.25)
    assert (closer.since, closer.until) == (NOW + 2 * DAY, NOW + 6 * DAY)
    assert (wider.since, wider.until) == (NOW - 4 * DAY, NOW + 12 * DAY)
    assert (later.since, later.until) == (NOW + 2 * DAY, NOW + 10 * DAY)
    assert window(NOW, NOW - DAY).length == LEAST


@given(moments, moments, st.floats(-1, 1), st.floats(0.01, 100))
def test_any_window_can_be_moved_and_has_few_marks(since, until, by, factor):
    over = window(since, until).moved(by, factor)
    assert over.length >= LEAST
    picture = drawn([Span(lane="a", start=since, end=until, what="x")], ["a"], over)
    assert len(picture["marks"]) <= 9
    assert all(LEFT <= mark["x"] <= LEFT + WIDTH for mark in picture["marks"])
