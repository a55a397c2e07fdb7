"""The schematic map."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.doors.web.rings import line, placed, width

STANDINGS = st.dictionaries(
    st.text("ABCDEFGH", min_size=2, max_size=5), st.sampled_from(["member", "observer", "guest", None]), min_size=1, max_size=60
)


@given(STANDINGS)
def test_nobody_stands_on_anybody(standings):
    points, reach = placed(standings)
    assert {point["party"] for point in points} == set(standings)
    for at, one in enumerate(points):
        assert math.hypot(one["x"], one["y"]) + 20 <= reach + 0.2
        for other in points[at + 1 :]:
            assert math.hypot(one["x"] - other["x"], one["y"] - other["y"]) > 40


def test_members_stand_innermost_and_the_rest_outermost():
    points, _ = placed({"A": "guest", "B": "observer", "C": "member"})
    far = {point["party"]: math.hypot(point["x"], point["y"]) for point in points}
    assert far["C"] < far["B"] < far["A"]


def test_the_picture_is_the_same_every_time():
    assert placed({"A": "member", "B": "member"}) == placed({"B": "member", "A": "member"})


@pytest.mark.parametrize(("members", "observers", "others"), [(3, 0, 1), (1, 0, 1), (8, 4, 3), (5, 1, 2), (2, 2, 2), (12, 3, 1), (9, 5, 0)])
def test_no_line_runs_through_a_party_that_it_is_not_of(members, observers, others):
    found = {f"{name}{n}": name for name, many in (("member", members), ("observer", observers), ("guest", others)) for n in range(many)}
    points, _ = placed(found)
    for point in points:
        far = math.hypot(point["x"], point["y"])
        for other in (each for each in points if each["party"] != point["party"]):
            along = (other["x"] * point["x"] + other["y"] * point["y"]) / far
            beside = abs(other["y"] * point["x"] - other["x"] * point["y"]) / far
            assert along <= 0 or along > far or beside > 22, (point, other)


def test_where_there_is_room_the_thickest_lines_meet_no_party():
    """As in the demonstration: two members, an observer, a centre."""
    points, _ = placed({"IN": "member", "UZ": "member", "IR": "observer", "SCO-CENTRE": None})
    (centre,) = (point for point in points if point["party"] == "SCO-CENTRE")
    far = math.hypot(centre["x"], centre["y"])
    for other in (each for each in points if each["party"] != "SCO-CENTRE"):
        along = (other["x"] * centre["x"] + other["y"] * centre["y"]) / far
        beside = abs(other["y"] * centre["x"] - other["x"] * centre["y"]) / far
        assert along <= 0 or beside > 20 + 6 + 5, other


@given(STANDINGS)
def test_lines_run_beside_each_other_from_the_middle_to_the_party(standings):
    points, _ = placed(standings)
    for point in points:
        out, back = line(point, "out"), line(point, "in")
        assert abs(math.hypot(out["x1"] - back["x1"], out["y1"] - back["y1"]) - 12) < 0.3
        assert math.hypot(point["x"] - out["x2"], point["y"] - out["y2"]) < 27


def test_a_line_is_thicker_for_more():
    assert width(0, 0) == 1.5
    assert width(1, 4) < width(2, 4) < width(4, 4) == 10
