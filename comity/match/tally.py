"""Hits counted: by indicator, by who said it, by the day of the event, by log."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from comity.match.hit import Hit

BY = ("indicator", "source", "day", "file")
#: An indicator's value as it is counted: kind, value, id.
Value = tuple[str, str, str]


class Tally:
    """Takes hits and keeps counts of them, as many as there are groups and indicators seen, not hits."""

    def __init__(self, by: str) -> None:
        self._by = by
        self._counts: Counter[tuple[str, Value]] = Counter()

    def take(self, hits: Iterable[Hit]) -> int:
        """Count some hits; how many they were."""
        count = 0
        for hit in hits:
            group = hit.file if self._by == "file" else _day(hit) if self._by == "day" else ""
            self.add(group, (hit.kind, hit.value, hit.indicator), 1)
            count += 1
        return count

    def add(self, group: str, value: Value, number: int) -> None:
        """Count a value so many times more."""
        self._counts[group, value] += number

    def values(self) -> set[Value]:
        """The indicators that were hit."""
        return {value for _, value in self._counts}

    def rows(self, sources: Callable[[Value], Iterable[str]] = lambda _: ()) -> Iterator[dict[str, Any]]:
        """A row for each group: days in their order, others with most hits first. `sources`: who gave an indicator; each of them counts."""
        if self._by == "indicator":
            ordered = sorted(self._counts.items(), key=lambda pair: (-pair[1], pair[0][1][2], pair[0]))
            for (_, (kind, text, id_)), number in ordered:
                yield {"hits": number, "kind": kind, "value": text, "indicator": id_}
            return
        numbers: Counter[str] = Counter()
        values: dict[str, set[Value]] = defaultdict(set)
        for (group, value), number in self._counts.items():
            for each in sources(value) if self._by == "source" else (group,):
                numbers[each] += number
                values[each].add(value)
        order = sorted(numbers) if self._by == "day" else sorted(numbers, key=lambda name: (-numbers[name], name))
        for name in order:
            yield {self._by: name, "hits": numbers[name], "indicators": len(values[name])}


def _day(hit: Hit) -> str:
    """The day of the event in UTC; where its line does not say it, the log's name stands for it."""
    return hit.at.date().isoformat() if hit.at is not None else f"unknown ({hit.file})"
