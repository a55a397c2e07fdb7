"""Passing on: a party that is neither the origin of an item nor the centre gives it to another.

A holder has what clauses gave it, and each of these says how far it may go on. So an item goes on to a party only if, for *every* clause
that gave it to the holder, the agreement which that clause means (its own for `parties`, else the one it names) would let the origin
itself release the item to that party. Nobody therefore gets more than by the origin's own decision, over any number of hops.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import msgspec

from comity.agree.clauses import Fact
from comity.agree.wording import words
from comity.terms import tlp
from comity.terms.traits import Traits

#: Under H1-H3 nothing goes onward automatically (G10); H0 adds nothing to the declared purposes.
RESTRICTED = frozenset({"H1", "H2", "H3"})
#: The strictest TLP that may go onward automatically (G10).
CEILING = "green"


class Ground(msgspec.Struct, frozen=True, kw_only=True):
    """A clause that gave an item to its holder: agreement id, clause id, and the clause's word on passing on."""

    agreement: str
    clause: str
    onward: str

    @property
    def under(self) -> str:
        """The id of the agreement under which the item may go on; empty for nowhere."""
        return {"none": "", "parties": self.agreement}.get(self.onward, self.onward)


def automatic(traits: Traits) -> bool:
    """Whether an item may go onward at all without a person (G10): at most TLP:GREEN and without H1-H3."""
    return tlp.within(traits.tlp, CEILING) and RESTRICTED.isdisjoint(traits.handling)


def crossing(recipient: str, traits: Traits) -> Fact:
    """The test of each permit of a protocol: into another body goes what its origin addresses to somebody, and what G10 lets."""
    restricted = [code for code in traits.handling if code in RESTRICTED]
    named = traits.to is not None and recipient in traits.to
    return Fact(
        fact="crossing",
        expected=f"addressed to {recipient}, or TLP at most {CEILING} and no H1-H3",
        actual=f"TLP {traits.tlp}" + (f", handling {words(restricted)}" if restricted else ""),
        holds=named or automatic(traits),
    )


def allowed(grounds: Collection[Ground], reached: Collection[str]) -> bool:
    """Whether every ground leads to one of the agreements that reach the next party. Without grounds the holder should not have it."""
    return bool(grounds) and all(ground.under in reached for ground in grounds)


def fact(holder: str, traits: Traits, grounds: Collection[Ground], reached: Collection[str]) -> Fact:
    """The test of one permit; `reached` are the ids of the agreements by which the origin itself would release to the recipient."""
    restricted = [code for code in traits.handling if code in RESTRICTED]
    handling = f", handling {words(restricted)}" if restricted else ""
    given = words(f"{ground.agreement}/{ground.clause} (onward = {ground.onward})" for ground in grounds)
    return Fact(
        fact="onward transfer",
        expected=f"held by its origin or the centre, or passed on as given, with TLP at most {CEILING} and no H1-H3",
        actual=f"held by {holder}, given by {given}, TLP {traits.tlp}{handling}",
        holds=automatic(traits) and allowed(grounds, reached),
    )


def combined(onwards: Iterable[str]) -> str:
    """How far a recipient may pass on what several clauses give it: as all of them allow. For people; `fact` judges."""
    every = set(onwards)
    if not every or "none" in every:
        return "none"
    return " and ".join(sorted(every - {"parties"})) or "parties"
