"""A chain of decisions: an item on its way over several hands, each hop decided for the party that then holds it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import msgspec

from comity.agree.decide import decide
from comity.agree.question import Decision, Question
from comity.agree.rules import Rules
from comity.terms.traits import Traits


def relay(path: Sequence[str], question: Question, traits: Traits, rules: Rules) -> list[Decision]:
    """The decision of each hop of `path` (first the holder that begins, then each that passes it on), up to the first that is no permit.

    The question says for what body, purposes and moment; its own recipient and holder do not matter. Fewer decisions than hops, or a last
    one that does not permit: the item does not arrive.
    """
    found: list[Decision] = []
    for holder, recipient in pairwise(path):
        found.append(decide(msgspec.structs.replace(question, holder=holder, recipient=recipient), traits, rules))
        if not found[-1].permits:
            break
    return found
