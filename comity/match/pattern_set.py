"""The STIX patterns of a set of indicators, ready for lines of logs (docs/match.md, Patterns).

Each pattern is taken apart at its outermost ORs. For each `[ ... ]` of a part, the values are known of which every line that meets it shows
at least one (`terms.pattern_atoms`): the pass over raw bytes looks for them, and only lines that show one are evaluated. A part for which
they are not known needs every line read, and is left out unless that is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from comity.errors import SenderFault
from comity.match.patterns import Pattern
from comity.terms.pattern import parse
from comity.terms.pattern_atoms import Atom, atoms, normalised
from comity.terms.pattern_extent import alternatives, least, most, span, timed

#: Observations that are remembered for one part; one that wants more cannot be met.
MOST = 1_000
NEEDS_ALL = "nothing is known that every line it fits has: give --all-patterns (slow), which evaluates it on each"


class Part(NamedTuple):
    """One alternative of an indicator's pattern. `least`: observations it wants at least; `alone`: one meets it or none does; `seconds`:
    what it spans at most."""

    id: str
    text: str
    pattern: Pattern
    atoms: tuple[frozenset[Atom] | None, ...]
    least: int
    alone: bool
    timed: bool
    seconds: float | None


class PatternSet:
    """The patterns of (text, indicator id) pairs. `every`: each line is evaluated, so that parts without atoms are matched too.

    `left_out` says of each pattern that is not matched, or not all of it, why. Never changed.
    """

    def __init__(self, patterns: Iterable[tuple[str, str]], *, every: bool = False) -> None:
        self.parts: list[Part] = []
        self.left_out: list[tuple[str, str]] = []
        for text, id_ in patterns:
            self._add(text, id_, every)
        #: The `[ ... ]` to be evaluated on each line, by their parts.
        self.on_each = {
            number: leaves
            for number, part in enumerate(self.parts)
            if (leaves := [at for at, each in enumerate(part.atoms) if each is None])
        }

    def _add(self, text: str, id_: str, every: bool) -> None:
        try:
            found = list(compiled(text, id_))
        except SenderFault as fault:
            self.left_out.append((id_, str(fault)))
            return
        matched = [part for part in found if every or None not in part.atoms]
        if len(matched) < len(found):
            self.left_out.append((id_, NEEDS_ALL))
        self.parts += matched

    def entries(self) -> Iterator[tuple[str, str, str]]:
        """(kind, value, `part.leaf`) of the atoms, as an index takes them."""
        for number, part in enumerate(self.parts):
            for leaf, wanted in enumerate(part.atoms):
                for kind, value in sorted(wanted or ()):
                    yield kind, value, f"{number}.{leaf}"


def compiled(text: str, id_: str) -> Iterator[Part]:
    """The parts of a pattern that lines can meet. Raises SenderFault where it is no pattern, or no line can meet it."""
    some = False
    for tree in alternatives(normalised(parse(text))):
        pattern = Pattern(tree)
        needs = tuple(map(atoms, pattern.leaves))
        able = sum(1 << leaf for leaf, wanted in enumerate(needs) if wanted is None or wanted)
        if least(tree) <= MOST and pattern.possible(able):
            some = True
            yield Part(id_, text, pattern, needs, least(tree), most(tree) == 1, timed(tree), span(tree))
    if not some:
        raise SenderFault(f"it asks for what lines of logs do not show (docs/match.md), or for more than {MOST:,} of them")
