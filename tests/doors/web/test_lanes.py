"""Standings as bars over time."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.doors.web.lanes import axis, lanes
from comity.terms.party import STANDINGS, Register, Standing

NOW = datetime(2021, 11, 1, tzinfo=UTC)


def year(number: int) -> datetime:
    return datetime(number, 1, 1, tzinfo=UTC)


def held(standing: str, since: int, until: int | None = None, source: str = "") -> Standing:
    return Standing(party="IR", body="sco", standing=standing, since=year(since), until=year(until) if until else None, source=source)


def test_a_standing_counts_until_another_takes_its_place():
    claims = [held("observer", 2005), held("member", 2015)]
    over = axis(claims, NOW)
    assert (over.since, over.until) == (year(2005), year(2022))
    first, second = lanes(claims, Register(claims), over)
    assert [(bar["at"], bar["counts"]) for bar in first["bars"]] == [(0.0, True), (over.at(year(2015)), False)]
    assert [(bar["at"], bar["counts"]) for bar in second["bars"]] == [(over.at(year(2015)), True)]


def test_two_sources_stand_side_by_side():
    claims = [held("member", 2001, source="a"), held("observer", 2001, source="b")]
    register = Register(claims)
    found = lanes(claims, register, axis(claims, NOW))
    assert [lane["source"] for lane in found] == ["a", "b"]
    assert [bar["counts"] for lane in found for bar in lane["bars"]] == [False, True]


def test_what_always_was_does_not_stretch_the_axis():
    claims = [Standing(party="KZ", body="sco", standing="member", since=datetime(1970, 1, 1, tzinfo=UTC)), held("observer", 2019)]
    over = axis(claims, NOW)
    assert over.since == year(2019)
    assert lanes(claims[:1], Register(claims), over)[0]["bars"] == [{"at": 0.0, "width": 100.0, "counts": True}]


def test_an_axis_without_claims_shows_a_year():
    assert axis([], NOW).since == year(2020)


@given(
    st.lists(st.tuples(st.sampled_from(STANDINGS), st.integers(1990, 2020), st.none() | st.integers(2021, 2030)), min_size=1, max_size=6)
)
def test_bars_lie_within_the_picture_and_one_counts_wherever_a_standing_is_held(found):
    claims = [held(*each) for each in found]
    register, over = Register(claims), axis(claims, NOW)
    drawn = lanes(claims, register, over)
    for lane in drawn:
        assert lane["bars"], lane
        assert all(0 <= bar["at"] <= bar["at"] + bar["width"] <= 100.001 for bar in lane["bars"])
    counting = {
        lane["standing"] for lane in drawn for bar in lane["bars"] if bar["counts"] and bar["at"] <= over.at(NOW) < bar["at"] + bar["width"]
    }
    assert counting == {register.standing("IR", "sco", NOW)} - {None}
    assert 1 <= len(over.marks()) <= 9


@pytest.mark.parametrize("at", [datetime(1, 1, 1, tzinfo=UTC), datetime(2020, 2, 29, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)])
def test_an_axis_to_the_ends_of_time(at):
    over = axis([held("member", 2005)], at)
    assert over.since < over.until and over.marks()
