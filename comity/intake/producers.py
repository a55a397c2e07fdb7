"""Whom a sighting or an opinion goes back to: the parties whose copy of the object the sender could see when it sent it.

Settled once, when it enters. A party that claims the same id afterwards, or whose claim the sighter was never shown, is not told:
otherwise anybody who guesses an id would learn who sees it.
"""

from __future__ import annotations

from collections.abc import Iterable

from comity.agree.decide import Question, Sieve
from comity.store.conditions import read_condition
from comity.world import World


def producers(world: World, sighter: str, purposes: tuple[str, ...], subjects: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Object id -> the parties, sorted, that a sighting of it by `sighter` goes back to."""
    ids = list(dict.fromkeys(subjects))
    found: dict[str, set[str]] = {id_: set() for id_ in ids}
    if ids:
        _, rules = world.rulebook.current()
        settings = world.settings
        question = Question(
            recipient=sighter, body=settings.body, purposes=purposes, holder=settings.party, valid_at=world.clock()
        )  # fmt: skip
        sieve = Sieve(question, rules)
        for row in world.store.by_id(ids):
            if sieve.permits(read_condition(world.store.trait_body(row.base)).base):
                found[row.id].add(row.origin)
    return {id_: tuple(sorted(origins)) for id_, origins in found.items()}
