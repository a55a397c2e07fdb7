from __future__ import annotations

import pytest

from comity.terms.pattern import parse
from comity.terms.pattern_extent import alternatives, least, most, span, timed

A = "[domain-name:value = 'a.example']"
TIMES = "START t'2024-01-01T00:00:00Z' STOP t'2025-01-01T00:00:00Z'"


@pytest.mark.parametrize(
    ("text", "fewest", "greatest", "seconds", "asks"),
    [
        (A, 1, 1, 0.0, False),
        (f"{A} AND {A}", 2, 2, None, False),
        (f"{A} OR ({A} AND {A})", 1, 2, None, False),
        (f"{A} OR {A}", 1, 1, 0.0, False),
        (f"({A} OR ({A} AND {A})) WITHIN 5 SECONDS", 1, 2, 5.0, True),
        (f"(({A} FOLLOWEDBY {A}) WITHIN 5 SECONDS) WITHIN 9 SECONDS", 2, 2, 5.0, True),
        (f"(({A} AND {A}) WITHIN 5 SECONDS) REPEATS 3 TIMES", 6, 6, None, True),
        (f"({A} AND {A}) {TIMES}", 2, 2, None, True),
        (f"(({A} FOLLOWEDBY {A}) WITHIN 5 SECONDS) OR {A} {TIMES}", 1, 2, 5.0, True),
    ],
)
def test_what_a_pattern_wants(text: str, fewest: int, greatest: int, seconds: float | None, asks: bool) -> None:
    tree = parse(text)
    assert (least(tree), most(tree), span(tree), timed(tree)) == (fewest, greatest, seconds, asks)


def test_alternatives_are_the_outermost_ors() -> None:
    text = "[domain-name:value = 'a.example' OR (url:value = 'x' AND url:value = 'y')] OR ([file:name = 'z'] OR [file:name = 'w' OR file:name = 'v'] REPEATS 2 TIMES)"  # fmt: skip
    parts = ["[domain-name:value = 'a.example']", "[url:value = 'x' AND url:value = 'y']", "[file:name = 'z']", "[file:name = 'w' OR file:name = 'v'] REPEATS 2 TIMES"]  # fmt: skip
    assert list(alternatives(parse(text))) == [parse(part) for part in parts]
