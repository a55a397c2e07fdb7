"""Passing on, as far as each of its parts can say."""

from __future__ import annotations

import pytest

from comity.agree.onward import Ground, allowed, automatic, combined, fact
from tests.agree.treaty import item


def ground(onward: str, agreement: str = "ict") -> Ground:
    return Ground(agreement=agreement, clause="a", onward=onward)


@pytest.mark.parametrize(
    ("tlp", "handling", "goes"),
    [
        ("clear", (), True), ("green", ("H0",), True), ("amber", (), False), ("red", (), False),
        ("green", ("H1",), False), ("green", ("H2",), False), ("green", ("H0", "H3"), False),
    ],
)  # fmt: skip
def test_what_goes_on_without_a_person(tlp: str, handling: tuple[str, ...], goes: bool) -> None:
    assert automatic(item(tlp=tlp, handling=handling)) is goes


@pytest.mark.parametrize(
    ("grounds", "reached", "goes"),
    [
        ([], {"ict"}, False),
        ([ground("none")], {"ict", ""}, True),  # an agreement without an id is none: `fact` never has one
        ([ground("none")], {"ict"}, False),
        ([ground("parties")], {"ict"}, True),
        ([ground("parties")], {"data"}, False),
        ([ground("data")], {"data"}, True),
        ([ground("data")], {"ict"}, False),
        ([ground("parties"), ground("data")], {"ict"}, False),
        ([ground("parties"), ground("data")], {"ict", "data"}, True),
        ([ground("parties"), ground("parties", "data")], {"ict"}, False),
        ([ground("parties"), ground("none")], {"ict"}, False),
    ],
)
def test_every_ground_must_lead_to_the_next_party(grounds: list[Ground], reached: set[str], goes: bool) -> None:
    assert allowed(grounds, reached) is goes


def test_the_fact_says_who_holds_it_by_what() -> None:
    found = fact("UZ", item(handling=("H0", "H2")), [ground("parties"), ground("none", "data")], {"ict"})
    assert not found.holds
    assert found.actual == "held by UZ, given by ict/a (onward = parties), data/a (onward = none), TLP amber, handling H2"
    assert fact("UZ", item(tlp="green"), [ground("parties")], {"ict"}).holds
    assert not fact("UZ", item(tlp="amber"), [ground("parties")], {"ict"}).holds
    assert not fact("UZ", item(tlp="green"), [ground("parties")], {"data"}).holds
    assert fact("UZ", item(tlp="green"), [], {"ict"}).actual == "held by UZ, given by none, TLP green"


@pytest.mark.parametrize(
    ("onwards", "said"),
    [
        ([], "none"),
        (["parties"], "parties"),
        (["parties", "none"], "none"),
        (["parties", "b", "a", "b"], "a and b"),
        (["parties", "a"], "a"),
    ],
)
def test_what_a_recipient_of_several_may_do(onwards: list[str], said: str) -> None:
    assert combined(onwards) == said
