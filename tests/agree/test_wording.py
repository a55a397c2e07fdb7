"""Lists, moments and names for people."""

from __future__ import annotations

import pytest

from comity.agree.wording import day, joined, listed, moment, plural, words
from tests.agree.treaty import day as on


def test_lists() -> None:
    assert (words(["a", "b"]), words([])) == ("a, b", "none")
    assert (joined(["a", "b", "c"]), joined(["a"]), joined([])) == ("a, b and c", "a", "nobody")
    assert listed("abcdef") == "a, b, c, d, e and f"
    assert listed("abcdefgh") == "a, b, c, d, e, f and 2 more"
    assert listed("abc", 2) == "a, b and 1 more"


def test_moments() -> None:
    assert day(on(9, 17)) == moment(on(9, 17)) == "2021-09-17"
    assert moment(on(9, 17).replace(hour=13, minute=5, second=9, microsecond=120)) == "2021-09-17 13:05:09 UTC"
    assert day(on(9, 17).replace(hour=5)) == "2021-09-17T05:00:00Z"


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("report", "reports"), ("malware", "malware"), ("vulnerability", "vulnerabilities"), ("survey", "surveys"), ("mutex", "mutexes"),
        ("process", "processes"), ("course-of-action", "courses-of-action"), ("infrastructure", "infrastructure"),
    ],
)  # fmt: skip
def test_plurals(one: str, many: str) -> None:
    assert plural(one) == many
