"""STIX patterns over observations (STIX 2.1 section 9.5), all three levels.

An expression is met by observations that are all different and whose times fit. Times only ever narrow which observations may be used:
WITHIN x means that some moment starts a window of x seconds that all fall into, FOLLOWEDBY that some moment divides the ones from the
others. So a pattern is met when, for some choice of moments and of OR's sides, every `[ ... ]` can be given as many different
observations as it wants from those that meet it in its window: a matching in a bipartite graph, not a search through combinations.
"""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from comity.errors import SenderFault
from comity.match.comparisons import Meets, Objects, compile_comparison, types_of
from comity.terms.pattern import Combination, Comparison, Expression, Observation, Repeats, StartStop, Timestamp, Within, parse, timestamp
from comity.terms.pattern_check import joins_types

#: Choices of moments and sides that one question may take; patterns in use take tens.
EFFORT = 20_000


class Observed(NamedTuple):
    """One observed-data: when (nanoseconds since 1970), how often, and its objects by the ids that references use."""

    first: int
    last: int
    number: int
    objects: Objects


class _Want(NamedTuple):
    """So many different observations out of a set (a bit for each)."""

    set: int
    number: int


class Pattern:
    """A compiled pattern, of its text or its tree.

    `inclusive` reads WITHIN as the reference implementation does: x seconds apart is within x. The standard says it is not
    (section 9.5.1: "equal to or later than" is outside).
    """

    def __init__(self, pattern: str | Expression, version: str = "2.1", *, inclusive: bool = False) -> None:
        self._tree = parse(pattern, version) if isinstance(pattern, str) else pattern
        self._slack = 0 if inclusive else -1
        #: What each `[ ... ]` asks for, in the order in which they stand.
        self.leaves: list[Comparison] = []
        self._compiled: list[tuple[Meets, frozenset[str]]] = []
        self._numbers: dict[int, int] = {}
        self._compile(self._tree)

    def _compile(self, tree: Expression) -> None:
        if isinstance(tree, Observation):
            if joins_types(tree.of):
                raise SenderFault("AND joins comparisons of different object types", next="write an observation [ ... ] for each (9.5)")
            self._numbers[id(tree)] = len(self.leaves)
            self.leaves.append(tree.of)
            self._compiled.append((compile_comparison(tree.of), types_of(tree.of)))
        elif isinstance(tree, Combination):
            for part in tree.parts:
                self._compile(part)
        else:
            if isinstance(tree, StartStop):
                _bounds(tree)
            self._compile(tree.of)

    def meets(self, leaf: int, objects: Objects) -> str | None:
        """The id of the first of an observation's objects that meets a `[ ... ]`; None if none does."""
        meets, types = self._compiled[leaf]
        return next((id_ for id_, obj in objects.items() if obj.get("type") in types and meets(obj, objects)), None)

    def possible(self, shown: int) -> bool:
        """Whether observations that meet some `[ ... ]` (a bit for each), however many, can meet the pattern, times aside."""
        endless = Observed(0, 0, sys.maxsize, {})
        return _Question([endless], self._sets([shown]), self._slack).possible(self._tree, 1)

    def _sets(self, shown: Iterable[int]) -> dict[int, int]:
        """The observations that meet each `[ ... ]`."""
        sets = [0] * len(self.leaves)
        for index, bits in enumerate(shown):
            for leaf in _members(bits):
                sets[leaf] |= 1 << index
        return {node: sets[leaf] for node, leaf in self._numbers.items()}

    def matches(self, observations: Sequence[Observed]) -> bool:
        """Whether the observations meet the pattern. Raises SenderFault where it would take more than EFFORT."""
        leaves = range(len(self.leaves))
        return self.met(observations, [sum(1 << leaf for leaf in leaves if self.meets(leaf, seen.objects)) for seen in observations])

    def met(self, observations: Sequence[Observed], shown: Iterable[int]) -> bool:
        """The same, of observations of which it is known which `[ ... ]` they meet."""
        question = _Question(observations, self._sets(shown), self._slack)
        try:
            return question.met([(self._tree, (1 << len(observations)) - 1)], {})
        except RecursionError:
            raise _too_many() from None


class _Question:
    """One pattern, these observations: which sets meet its leaves is known; what remains are times and difference."""

    def __init__(self, observations: Sequence[Observed], sets: Mapping[int, int], slack: int) -> None:
        self._seen = observations
        self._sets = sets
        self._slack = slack
        self._left = EFFORT
        self._firsts = _Moments([seen.first for seen in observations])
        self._lasts = _Moments([-seen.last for seen in observations])

    def met(self, goals: list[tuple[Expression, int]], wants: Mapping[int, int]) -> bool:
        """Whether all goals (each with the observations it may use) can be met beside what is wanted already: set -> how many of it."""
        goals, wanted = list(goals), dict(wants)
        while goals:
            self._left -= 1
            if self._left < 0:
                raise _too_many()
            tree, allowed = goals.pop()
            if isinstance(tree, StartStop):
                goals.append((tree.of, allowed & self._between(tree)))
            elif isinstance(tree, Combination) and tree.operator == "AND":
                goals.extend((part, allowed) for part in tree.parts)
            elif (want := self._want(tree, allowed)) is not None:
                if not _enough(want, self._seen):
                    return False
                wanted[want.set] = wanted.get(want.set, 0) + want.number
            else:
                self._left -= len(wanted) // 8  # to place many takes longer
                return _feasible(wanted, self._seen) and self._branch(tree, allowed, goals, wanted)
        return _feasible(wanted, self._seen)

    def _want(self, tree: Expression, allowed: int) -> _Want | None:
        """What an expression comes to that is about one set: `[ ... ]`, some of them joined by OR, or one that repeats."""
        if isinstance(tree, Observation):
            return _Want(self._sets[id(tree)] & allowed, 1)
        if isinstance(tree, Repeats) and isinstance(tree.of, Observation):
            return _Want(self._sets[id(tree.of)] & allowed, tree.times)
        if isinstance(tree, Combination) and tree.operator == "OR":
            union = 0
            for part in tree.parts:
                if not isinstance(part, Observation):
                    return None
                union |= self._sets[id(part)]
            return _Want(union & allowed, 1)
        return None

    def _branch(self, tree: Expression, allowed: int, rest: list[tuple[Expression, int]], wants: Mapping[int, int]) -> bool:
        """An expression that can be met in several ways, each tried with all the rest."""
        if isinstance(tree, Repeats):
            return self._repeats(tree, allowed, rest, wants)
        if isinstance(tree, Within):
            return self._within(tree, allowed, rest, wants)
        assert isinstance(tree, Combination)
        if tree.operator == "OR":
            return any(self.met([*rest, (part, allowed)], wants) for part in tree.parts)
        return self._followed(tree, allowed, rest, wants)

    def _followed(self, tree: Combination, allowed: int, rest: list[tuple[Expression, int]], wants: Mapping[int, int]) -> bool:
        first, *others = tree.parts
        later = others[0] if len(others) == 1 else Combination("FOLLOWEDBY", tuple(others))
        for moment in self._moments(allowed, lambda seen: seen.first):
            before, after = self._begun(allowed, moment), self._lasting(allowed, moment)
            if self.possible(first, before) and self.met([*rest, (first, before), (later, after)], wants):
                return True
        return False

    def _repeats(self, tree: Repeats, allowed: int, rest: list[tuple[Expression, int]], wants: Mapping[int, int]) -> bool:
        if tree.times > sum(seen.number for seen in self._seen):
            return False
        return self.met([*rest, *([(tree.of, allowed)] * tree.times)], wants)

    def _within(self, tree: Within, allowed: int, rest: list[tuple[Expression, int]], wants: Mapping[int, int]) -> bool:
        span = round(tree.seconds * 1e9) + self._slack
        for moment in self._moments(allowed, lambda seen: seen.last):
            window = self._lasting(self._begun(allowed, moment + span), moment)
            if self.possible(tree.of, window) and self.met([*rest, (tree.of, window)], wants):
                return True
        return False

    def possible(self, tree: Expression, allowed: int) -> bool:
        """A quick no: some `[ ... ]` that must be met has nothing in the window."""
        if isinstance(tree, Observation):
            return bool(self._sets[id(tree)] & allowed)
        if isinstance(tree, Combination):
            parts = (self.possible(part, allowed) for part in tree.parts)
            return any(parts) if tree.operator == "OR" else all(parts)
        if isinstance(tree, Repeats) and isinstance(tree.of, Observation):
            return _enough(_Want(self._sets[id(tree.of)] & allowed, tree.times), self._seen)
        return self.possible(tree.of, allowed)

    def _between(self, tree: StartStop) -> int:
        start, stop = _bounds(tree)
        return self._lasting(self._begun(-1, stop - 1), start) if start < stop else 0

    def _begun(self, allowed: int, moment: int) -> int:
        """Of the allowed observations, those that may have been at `moment` or before."""
        return allowed & self._firsts.until(moment)

    def _lasting(self, allowed: int, moment: int) -> int:
        """Those that may have been at `moment` or after."""
        return allowed & self._lasts.until(-moment)

    def _moments(self, allowed: int, of: Callable[[Observed], int]) -> list[int]:
        return sorted({of(self._seen[index]) for index in _members(allowed)})


def _too_many() -> SenderFault:
    return SenderFault("the pattern can be met in too many ways to try them all", next="give WITHIN or START and STOP")


class _Moments:
    """Which of some moments are not after another: a bit for each. Some thousand answers are kept, the rest worked out from the nearest."""

    def __init__(self, moments: Sequence[int]) -> None:
        self._order = sorted(range(len(moments)), key=moments.__getitem__)
        self._sorted = [moments[index] for index in self._order]
        self._step = len(moments) // 1_024 + 1
        self._sets = [0]
        for at in range(0, len(moments), self._step):
            self._sets.append(self._with(self._sets[-1], at, at + self._step))

    def until(self, moment: int) -> int:
        """Those at it or before."""
        count = bisect_right(self._sorted, moment)
        return self._with(self._sets[count // self._step], count - count % self._step, count)

    def _with(self, bits: int, start: int, end: int) -> int:
        for index in self._order[start:end]:
            bits |= 1 << index
        return bits


def _enough(want: _Want, seen: Sequence[Observed]) -> bool:
    """Whether the set alone holds as many as are wanted."""
    if want.set.bit_count() >= want.number:
        return True
    return sum(seen[index].number for index in _members(want.set)) >= want.number


def _members(bits: int) -> Iterable[int]:
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low


def _feasible(wanted: Mapping[int, int], seen: Sequence[Observed]) -> bool:
    """Whether every want can have its own observations, none used more often than it was seen (augmenting paths)."""
    wants = [_Want(set_, number) for set_, number in wanted.items()]
    if len(wants) == 1:
        return _enough(wants[0], seen)
    given: dict[int, list[int]] = {}

    def place(want: int, visited: set[int]) -> bool:
        for index in _members(wants[want].set):
            if index in visited:
                continue
            visited.add(index)
            holders = given.setdefault(index, [])
            if len(holders) < seen[index].number:
                holders.append(want)
                return True
            for at, holder in enumerate(holders):
                if holder != want and place(holder, visited):
                    holders[at] = want
                    return True
        return False

    order = sorted(range(len(wants)), key=lambda want: wants[want].set.bit_count())
    return all(place(want, set()) for want in order for _ in range(wants[want].number))


def _bounds(tree: StartStop) -> tuple[int, int]:
    return _nanoseconds(tree.start), _nanoseconds(tree.stop)


def _nanoseconds(moment: Timestamp) -> int:
    try:
        seconds = datetime.fromisoformat(moment.seconds.replace(":60", ":59")).replace(tzinfo=UTC)
    except ValueError:
        raise SenderFault(f"{moment.seconds} is not a date", next="correct it") from None
    return int(seconds.timestamp()) * 1_000_000_000 + int(moment.fraction[:9].ljust(9, "0"))


def read_observations(bundles: Sequence[Mapping[str, Any]]) -> list[Observed]:
    """Observations as a pattern sees them, from bundles of observed-data and observables, or observed-data of STIX 2.0.

    Raises SenderFault for one that lacks what it must have (section 4.14).
    """
    every: list[Mapping[str, Any]] = []
    for bundle in bundles:
        objects = bundle.get("objects") if isinstance(bundle, Mapping) else None
        every.extend(objects if isinstance(objects, list) and bundle.get("type") != "observed-data" else [bundle])
    by_id = {obj["id"]: obj for obj in every if isinstance(obj, Mapping) and isinstance(obj.get("id"), str)}
    return [_observed(obj, by_id) for obj in every if isinstance(obj, Mapping) and "first_observed" in obj]


def _observed(obj: Mapping[str, Any], by_id: Objects) -> Observed:
    times = [_moment(obj, name) for name in ("first_observed", "last_observed")]
    count = obj.get("number_observed")
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        raise SenderFault("observed-data: number_observed must be a whole number from 1", next="correct the observation")
    inside = obj.get("objects")
    if isinstance(inside, Mapping):
        objects = {key: value for key, value in inside.items() if isinstance(value, Mapping)}
    elif isinstance(obj.get("object_refs"), list):
        objects = {ref: by_id[ref] for ref in obj["object_refs"] if isinstance(ref, str) and ref in by_id}
    else:
        raise SenderFault("observed-data: object_refs (2.1) or objects (2.0) must be there", next="correct the observation")
    return Observed(times[0], times[1], count, objects)


def _moment(obj: Mapping[str, Any], name: str) -> int:
    found = timestamp(obj[name]) if isinstance(obj.get(name), str) else None
    if found is None:
        raise SenderFault(f"observed-data: {name} is not a STIX timestamp", next="correct the observation")
    return _nanoseconds(found)
