"""Hits of what is known to be good."""

from __future__ import annotations

from comity.match.hit import Hit
from comity.match.suppression import Suppression

LISTS = {("domain", "cdn.test"): ("Large sites", "CDNs"), ("domain", "www.example.com"): ("Documentation",)}


def hit(value: str) -> Hit:
    return Hit(file="a", line=1, field="query", kind="domain", value=value, observed=value, how="exact", indicator="indicator--x")


HITS = [hit("cdn.test"), hit("bad.test"), hit("cdn.test"), hit("www.example.com")]


def good(kind: str, value: str) -> tuple[str, ...]:
    return LISTS.get((kind, value), ())


def test_they_are_left_out_and_counted() -> None:
    made = Suppression(good)
    assert [each.value for each in made.of(HITS)] == ["bad.test", "www.example.com"]
    (found,) = made.found
    assert (found.kind, found.value, found.lists, found.hits) == ("domain", "cdn.test", ("Large sites", "CDNs"), 2)


def test_or_kept_and_counted() -> None:
    made = Suppression(good, keep=True)
    assert list(made.of(HITS)) == HITS
    assert [(one.value, one.hits) for one in made.found] == [("cdn.test", 2)]


def test_each_value_is_looked_up_once() -> None:
    asked: list[str] = []
    made = Suppression(lambda kind, value: asked.append(value) or ())  # type: ignore[func-returns-value]
    assert list(made.of(HITS)) == HITS
    assert asked == ["cdn.test", "bad.test"]  # examples are not looked up
    assert made.found == []
