"""Patterns over the events of logs: from what single lines show to hits (STIX 2.1 section 9.5).

The events are those of all logs that are matched together, in the order in which they are read; what counts is the time that each says.
A pattern is met by the line with which the events since it was last met are enough; then it begins anew. What it remembers is bounded:
where more is remembered than `MOST`, what is out of its window goes first, then the oldest of what is most frequent, which is told.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import reduce
from operator import or_

from comity.clock import micros
from comity.errors import SenderFault
from comity.match.hit import Hit, Shown
from comity.match.pattern_set import MOST, Part, PatternSet
from comity.match.patterns import Observed
from comity.terms.pattern_atoms import PATTERN


class Joined:
    """Puts together what the lines of some logs show. `tell` is told, once for each pattern, what could not be kept or used."""

    def __init__(self, patterns: PatternSet, tell: Callable[[str], None]) -> None:
        self._parts = patterns.parts
        self._states: dict[int, _State] = {}
        self._tell = tell
        self._untimed: Counter[str] = Counter()
        self._line: tuple[str, int] | None = None
        self._given: set[tuple[str, str]] = set()

    def of(self, stream: Iterable[Hit | Shown]) -> Iterator[Hit]:
        """The hits of values as they are, and those of patterns at the lines that complete them; one for each line and indicator."""
        for each in stream:
            if isinstance(each, Hit):
                yield each
                continue
            if self._line != (each.file, each.line):
                self._line = each.file, each.line
                self._given.clear()
            part = self._parts[each.part]
            if self._completes(part, each) and (part.id, part.text) not in self._given:
                self._given.add((part.id, part.text))
                yield Hit(
                    file=each.file, line=each.line, field=each.field, kind=PATTERN, value=part.text, observed=each.observed, how=PATTERN,
                    indicator=part.id, at=each.at,
                )  # fmt: skip
        for id_, count in self._untimed.items():
            self._tell(f"{id_}: its pattern asks when events were, and {count:,} that it fits do not say it: they were passed over")

    def _completes(self, part: Part, shown: Shown) -> bool:
        if part.timed and shown.at is None:
            self._untimed[part.id] += 1
            return False
        moment = 0 if shown.at is None else micros(shown.at) * 1_000
        if part.alone:
            return part.pattern.met([Observed(moment, moment, 1, {})], [shown.leaves])
        state = self._states.setdefault(shown.part, _State(part))
        where = f"{shown.file}, line {shown.line:,}"
        try:
            met = state.take(moment, shown.leaves)
        except SenderFault as fault:
            self._tell(f"{part.id}: at {where}: {fault}: it begins anew there")
            met = False
            state.clear()
        if state.forgot and not state.told:
            state.told = True
            self._tell(
                f"{part.id}: its pattern has more than {MOST:,} events to remember at {where}: the oldest are forgotten from there on"
            )
        return met


class _State:
    """The events that a part remembers, in the order of their times: (nanoseconds, which `[ ... ]` they meet)."""

    def __init__(self, part: Part) -> None:
        self._part = part
        self._span = None if part.seconds is None else round(part.seconds * 1e9)
        self._events: list[tuple[int, int]] = []
        self.forgot = self.told = False

    def clear(self) -> None:
        """Begin anew."""
        self._events.clear()

    def take(self, moment: int, leaves: int) -> bool:
        """Whether one more event meets the part, together with those that are remembered. Raises SenderFault where that takes too long."""
        insort(self._events, (moment, leaves))
        if _met(self._part, self._around(moment)):
            self.clear()
            return True
        if len(self._events) > MOST:
            self._events = self._around(self._events[-1][0])
        if len(self._events) > MOST:
            self.forgot = True
            (common, _), *_ = Counter(bits for _, bits in self._events).most_common(1)
            del self._events[next(at for at, (_, bits) in enumerate(self._events) if bits == common)]
        return False

    def _around(self, moment: int) -> list[tuple[int, int]]:
        """Those that can meet the part together with an event at a moment."""
        if self._span is None:
            return self._events
        first = bisect_left(self._events, moment - self._span, key=_moment)
        return self._events[first : bisect_right(self._events, moment + self._span, key=_moment)]


def _moment(event: tuple[int, int]) -> int:
    return event[0]


def _met(part: Part, events: list[tuple[int, int]]) -> bool:
    if len(events) < part.least or not part.pattern.possible(reduce(or_, (leaves for _, leaves in events), 0)):
        return False
    return part.pattern.met([Observed(moment, moment, 1, {}) for moment, _ in events], [leaves for _, leaves in events])
