from __future__ import annotations

from datetime import UTC, datetime

import pytest

from comity.match.hit import Hit
from comity.match.tally import BY, Tally


def hit(value: str, file: str, day: int | None = None) -> Hit:
    at = datetime(2021, 11, day, 23, tzinfo=UTC) if day else None
    return Hit(
        file=file, line=1, field="query", kind="domain", value=value, observed=value, how="exact", indicator=f"indicator--{value}", at=at
    )


HITS = [hit("a", "x", 2), hit("a", "x", 2), hit("b", "x", 1), hit("b", "y"), hit("a", "y", 1)]
SOURCES = {"a": ("one", "two"), "b": ("two",)}


@pytest.mark.parametrize(
    ("by", "want"),
    [
        ("indicator", [("a", 3), ("b", 2)]),
        ("source", [("two", 5, 2), ("one", 3, 1)]),
        ("day", [("2021-11-01", 2, 2), ("2021-11-02", 2, 1), ("unknown (y)", 1, 1)]),
        ("file", [("x", 3, 2), ("y", 2, 2)]),
    ],
)
def test_counts(by: str, want: list[tuple[object, ...]]) -> None:
    tally = Tally(by)
    assert tally.take(HITS) == 5
    rows = list(tally.rows(lambda value: SOURCES[value[1]]))
    if by == "indicator":
        assert [(row["value"], row["hits"]) for row in rows] == want
        assert set(rows[0]) == {"hits", "kind", "value", "indicator"}
    else:
        assert [(row[by], row["hits"], row["indicators"]) for row in rows] == want
    assert by in BY
    assert {value for _, value, _ in tally.values()} == {"a", "b"}
