"""Duties with and without deadlines."""

from __future__ import annotations

import pytest

from comity.agree.duties import Duty, combined, read
from comity.agree.guard import DUTIES
from tests.agree.treaty import day


@pytest.mark.parametrize(
    ("text", "duty"),
    [
        ("feedback", Duty(name="feedback")),
        ("feedback within P30D", Duty(name="feedback", within="P30D")),
        ("report-sightings by 2022-06-30", Duty(name="report-sightings", by=day(6, 30, 2022))),
    ],
)
def test_what_a_duty_says(text: str, duty: Duty) -> None:
    assert read(text) == duty


@pytest.mark.parametrize(
    "text", ["", "feed back", "feedback within", "feedback within 30 days", "feedback by soon", "feedback by 2022-13-01", "feedback  within P1D",
             "feedback within P0D", "surveillance", "feedback within P1D by 2022-01-01"]
)  # fmt: skip
def test_what_is_none(text: str) -> None:
    with pytest.raises(ValueError):
        read(text)


def test_a_guardrail_is_named() -> None:
    with pytest.raises(ValueError, match=r"'surveillance' is not a duty \(guardrail G9"):
        read("surveillance within P1D")
    with pytest.raises(ValueError, match=r"'feed' is not a duty\Z"):
        read("feed within P1D")


def test_a_deadline_counts_from_receipt_or_is_a_date() -> None:
    assert read("feedback within P1M").due(day(1, 31)) == day(2, 28)
    assert read("feedback by 2022-06-30").due(day(1)) == day(6, 30, 2022)
    assert read("feedback").due(day(1)) is None


def test_together_a_deadline_swallows_the_duty_without_one() -> None:
    assert combined(["report-sightings", "feedback", "feedback within P30D", "feedback by 2022-06-30", "feedback"]) == (
        "feedback by 2022-06-30",
        "feedback within P30D",
        "report-sightings",
    )
    assert combined([]) == ()
    assert combined(DUTIES) == tuple(sorted(DUTIES))
