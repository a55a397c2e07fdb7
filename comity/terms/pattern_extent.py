"""How much a STIX pattern wants: how many observations, over which time, and the parts of which one is enough (STIX 2.1 section 9.5)."""

from __future__ import annotations

from collections.abc import Iterator

from comity.terms.pattern import Combination, Expression, Join, Observation, Repeats, Within


def alternatives(tree: Expression) -> Iterator[Expression]:
    """The patterns of which at least one is met whenever the whole is: the sides of its outermost ORs."""
    if isinstance(tree, Combination) and tree.operator == "OR":
        for part in tree.parts:
            yield from alternatives(part)
    elif isinstance(tree, Observation) and isinstance(tree.of, Join) and tree.of.operator == "OR":
        for side in tree.of.parts:
            yield from alternatives(Observation(side))
    else:
        yield tree


def least(tree: Expression) -> int:
    """The fewest observations that can meet it."""
    if isinstance(tree, Observation):
        return 1
    if isinstance(tree, Combination):
        return (min if tree.operator == "OR" else sum)(map(least, tree.parts))
    return least(tree.of) * (tree.times if isinstance(tree, Repeats) else 1)


def most(tree: Expression) -> int:
    """The most observations that it can want."""
    if isinstance(tree, Observation):
        return 1
    if isinstance(tree, Combination):
        return (max if tree.operator == "OR" else sum)(map(most, tree.parts))
    return most(tree.of) * (tree.times if isinstance(tree, Repeats) else 1)


def timed(tree: Expression) -> bool:
    """Whether it asks when anything was."""
    if isinstance(tree, Observation):
        return False
    if isinstance(tree, Combination):
        return tree.operator == "FOLLOWEDBY" or any(map(timed, tree.parts))
    return timed(tree.of) if isinstance(tree, Repeats) else True


def span(tree: Expression) -> float | None:
    """Seconds between the first and the last of the observations that meet it, at most; None where nothing bounds them."""
    if isinstance(tree, Observation):
        return 0.0
    if isinstance(tree, Combination):
        spans = [span(part) for part in tree.parts] if tree.operator == "OR" else [None]
        return None if None in spans else max(each for each in spans if each is not None)
    inner = span(tree.of)
    if isinstance(tree, Within):
        return tree.seconds if inner is None else min(tree.seconds, inner)
    return None if isinstance(tree, Repeats) else inner
