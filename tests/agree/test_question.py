"""The small promises of the answer's value."""

from __future__ import annotations

import pytest

from comity.agree.question import BUILT_IN, EFFECTS, Decision, Reason
from tests.agree.treaty import day


@pytest.mark.parametrize("effect", EFFECTS)
def test_only_a_permit_releases_the_item_as_it_is(effect: str) -> None:
    assert Decision(effect=effect, rule="clause").permits is (effect == "permit")


def test_an_item_expires_when_the_first_of_all_retentions_says_so() -> None:
    both = Decision(effect="permit", rule="clause", retains=("P1M", "P30D"))
    assert both.expires(day(2)) == day(3)  # February is shorter than 30 days
    assert both.expires(day(3)) == day(3, 31)
    assert both.retain == "P30D"
    assert Decision(effect="permit", rule="clause").expires(day(2)) is None


def test_a_duty_is_due_by_the_earliest_of_its_deadlines() -> None:
    decision = Decision(effect="permit", rule="clause", duties=("feedback by 2021-03-01", "feedback within P30D", "report-sightings"))
    assert decision.due(day(1)) == {"feedback": day(1, 31), "report-sightings": None}
    assert decision.due(day(2, 15)) == {"feedback": day(3), "report-sightings": None}


@pytest.mark.parametrize(("effect", "rule", "governed"), [
    ("permit", "clause", True), ("redact", "clause", True), ("approve", "approval", True), ("permit", "own", False), ("deny", "no-clause", False),
])  # fmt: skip
def test_what_governs_is_the_first_clause_of_a_release(effect: str, rule: str, governed: bool) -> None:
    first = Reason(agreement="ict", version=1, clause="a", text="A.", effect="permit")
    found = Decision(effect=effect, rule=rule, reasons=(first, Reason(agreement="ict", version=1, clause="b", text="B.", effect="permit")))
    assert (found.governing == first) is governed


def test_a_reason_names_its_version() -> None:
    assert Reason(agreement="ict", version=3, clause="a", text="A.", effect="permit").ref == "ict@3"
    assert Reason(agreement=BUILT_IN, clause="own", text="A.", effect="permit").ref == "built-in"
