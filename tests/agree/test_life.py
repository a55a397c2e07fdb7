"""One party's steps, and from when to when they bind it."""

from __future__ import annotations

from datetime import datetime

import msgspec
import pytest

from comity.agree.life import SIGNATURE, TEXT, Signatory, Suspension
from tests.agree.treaty import day

PAUSED = Signatory(
    party="UZ",
    in_force=day(2),
    suspended=(Suspension(since=day(4), until=day(5)), Suspension(since=day(8))),
    until=day(12),
)
LEAVING = Signatory(party="UZ", in_force=day(2), withdrawal=day(3, 10))


@pytest.mark.parametrize(
    ("section", "at", "notice", "why"),
    [
        (PAUSED, day(1, 31), None, "in force for it from 2021-02-01"),
        (PAUSED, day(2), None, ""),
        (PAUSED, day(4), None, "suspended for it until 2021-05-01"),
        (PAUSED, day(4, 30), None, "suspended for it until 2021-05-01"),
        (PAUSED, day(5), None, ""),
        (PAUSED, day(8), None, "suspended for it"),
        (PAUSED, day(12), None, "ended for it on 2021-12-01"),
        (LEAVING, day(3, 9), None, ""),
        (LEAVING, day(3, 10), None, "withdrawn for it on 2021-03-10"),
        (LEAVING, day(3, 10), "P6M", ""),
        (LEAVING, day(9, 9), "P6M", ""),
        (LEAVING, day(9, 10), "P6M", "withdrawn for it on 2021-09-10"),
    ],
)
def test_what_stands_in_the_way(section: Signatory, at: datetime, notice: str | None, why: str) -> None:
    assert section.hindrance(at, notice, required=True) == section.hindrance(at, notice, required=False) == why


def test_without_a_date_it_is_bound_only_where_none_is_needed() -> None:
    section = Signatory(party="UZ")
    assert section.hindrance(day(3), None, required=True) == "not yet in force for it"
    assert section.hindrance(day(3), None, required=False) == ""
    assert section.entered(day(3), required=False)
    assert not section.entered(day(3), required=True)


def test_it_has_entered_from_its_day_on_whatever_came_later() -> None:
    assert [PAUSED.entered(at, required=True) for at in (day(1, 31), day(2), day(4), day(12, 31))] == [False, True, True, True]


def test_it_ends_with_whatever_comes_first() -> None:
    assert Signatory(party="UZ").end("P6M") is None
    assert LEAVING.end("P6M") == day(9, 10)
    both = Signatory(party="UZ", withdrawal=day(3), until=day(5))
    assert (both.end(None), both.end("P6M")) == (day(3), day(5))
    assert both.hindrance(day(6), "P6M", required=False) == "ended for it on 2021-05-01"


def test_every_moment_at_which_it_changes() -> None:
    assert list(PAUSED.moments(None)) == [day(2), day(12), day(4), day(5), day(8), None]
    assert list(LEAVING.moments("P1M")) == [day(2), day(4, 10)]


def test_its_steps_and_on_whose_word_they_are() -> None:
    full = msgspec.structs.replace(PAUSED, signed=day(1), ratified=day(1, 20), reservations=("art-3",), words=(("ratified", SIGNATURE),))
    said = [(step.step, step.on, step.until, step.clause, step.word) for step in full.steps(None)]
    assert said == [
        ("signed", day(1), None, "", TEXT),
        ("ratified", day(1, 20), None, "", SIGNATURE),
        ("in force", day(2), day(12), "", TEXT),
        ("reserves", None, None, "art-3", TEXT),
        ("suspended", day(4), day(5), "", TEXT),
        ("suspended", day(8), None, "", TEXT),
    ]
    (_, notice) = LEAVING.steps("P6M")
    assert (notice.step, notice.on, notice.until) == ("gave notice", day(3, 10), day(9, 10))
    assert Signatory(party="UZ").steps(None) == []
