"""Which `[ ... ]` of which patterns a line meets: asked only of those of which it shows a value that they need."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from comity.forms.candidates import Candidate, Reader, Records
from comity.match.event_view import Event
from comity.match.index import Match
from comity.match.pattern_set import PatternSet


class Mark(NamedTuple):
    """A line meets some `[ ... ]` (a bit for each) of a part of the pattern set; `observed` is what meets the first of them."""

    part: int
    leaves: int
    field: str
    observed: str


class Watch:
    """Evaluates a set of patterns. `atoms` says which of its atoms some candidates show."""

    def __init__(self, patterns: PatternSet, atoms: Callable[[list[Candidate]], Mapping[tuple[str, str], tuple[Match, str, str]]]) -> None:
        self._patterns = patterns
        self._atoms = atoms

    def marks(self, line: bytes, candidates: list[Candidate], reader: Reader) -> list[Mark]:
        """What a line meets; `reader` has just read it."""
        wanted: dict[int, set[int]] = {number: set(leaves) for number, leaves in self._patterns.on_each.items()}
        for match, _, _ in self._atoms(candidates).values():
            for place in match.ids:
                part, _, leaf = place.partition(".")
                wanted.setdefault(int(part), set()).add(int(leaf))
        if not wanted:
            return []
        event = Event(candidates, reader.record(line) if isinstance(reader, Records) else {})
        return [mark for part, leaves in sorted(wanted.items()) if (mark := self._mark(part, leaves, event)) is not None]

    def _mark(self, number: int, leaves: set[int], event: Event) -> Mark | None:
        pattern = self._patterns.parts[number].pattern
        found = {leaf: id_ for leaf in sorted(leaves) if (id_ := pattern.meets(leaf, event.objects)) is not None}
        if not found:
            return None
        return Mark(number, sum(1 << leaf for leaf in found), *event.sources[next(iter(found.values()))])
