"""The fast path: one question, compiled once, asked of thousands of trait rows. Always agrees with `decide.decide`.

The steps have the numbers of `decide`. Whatever depends only on the question, or on the item's origin and type, is settled
once and kept; per row there remain sets and ranks to compare.
"""

from __future__ import annotations

import msgspec

from comity.agree.accord import Agreement
from comity.agree.clauses import ONWARD_CEILING, RESTRICTED, Clause, Selector, covered
from comity.agree.question import Question
from comity.agree.rules import Rules
from comity.terms.party import ENDED
from comity.terms.stix import PUBLIC_TYPES
from comity.terms.tlp import LEVELS, RANK
from comity.terms.traits import Traits

_GREEN = RANK[ONWARD_CEILING]


class _Test(msgspec.Struct, frozen=True):
    """What is left of a clause once recipient, origin and type are settled."""

    purposes: frozenset[str]
    threat: frozenset[str]
    ceiling: int
    producer: bool  # the recipient must be a producer of what the item is about
    onward: bool  # the item may only go onward (step 8)


class Sieve:
    """One question over many items. Holds what it has compiled per (origin, type): keep one per page, not for ever."""

    def __init__(self, question: Question, rules: Rules) -> None:
        self._question = question
        self._register = rules.register
        self._purposes = frozenset(question.purposes)
        agreements = rules.tried(question.body, question.valid_at)
        self._custody = any(self._custodian(agreement) for agreement in agreements)
        self.reads_received = question.recipient == question.holder and not self._custody
        # Only an agreement that binds the recipient can have a clause that matches.
        self._agreements = [agreement for agreement in agreements if self._binds(agreement, question.recipient)]
        self._compiled: dict[tuple[str, str], tuple[list[_Test], list[_Test]]] = {}

    def permits(self, traits: Traits) -> bool:
        """Whether `decide` would not deny items with these traits."""
        recipient = self._question.recipient
        if traits.origin == recipient:  # 1
            return True
        if self.reads_received and traits.received_from is not None:  # 2
            return True
        if traits.type in PUBLIC_TYPES and traits.gate == "open":  # 3
            return True
        if traits.gate != "open" or traits.realm != "real":  # 4
            return False
        if traits.tlp == "red" if traits.to is None else recipient not in traits.to:  # 5
            return False
        common = self._purposes.intersection(traits.purposes)
        if not common:  # 6
            return False
        key = (traits.origin, traits.type)
        tests = self._compiled.get(key)
        if tests is None:
            tests = self._compiled[key] = self._compile(*key)
        forbids, permits = tests
        # 7, 8, 9
        if any(_holds(test, traits, common, recipient) for test in forbids):
            return False
        return any(_holds(test, traits, common, recipient) for test in permits)

    def _compile(self, origin: str, type_: str) -> tuple[list[_Test], list[_Test]]:
        forbids: list[_Test] = []
        permits: list[_Test] = []
        for agreement in self._agreements:
            if not self._binds(agreement, origin):
                continue
            onward = self._question.holder != origin and not self._custodian(agreement)
            for clause in agreement.clauses:
                test = self._left(agreement, clause, origin, type_, onward)
                if test is not None:
                    (permits if clause.effect == "permit" else forbids).append(test)
        return forbids, permits

    def _left(self, agreement: Agreement, clause: Clause, origin: str, type_: str, onward: bool) -> _Test | None:
        """What remains to be tested of a clause; None when it cannot match whatever the rest."""
        types = covered(clause.types)
        if clause.effect == "permit" and clause.names_nothing:
            return None
        if not clause.holds(self._question.valid_at) or (types is not None and type_ not in types):
            return None
        if not self._selects(agreement, clause.from_, origin, producer=False):
            return None
        recipient = self._question.recipient
        if clause.effect == "permit" and agreement.role(recipient) == "centre" and not (clause.to and (clause.to.role or clause.to.party)):
            return None
        plain = self._selects(agreement, clause.to, recipient, producer=False)
        if not plain and not self._selects(agreement, clause.to, recipient, producer=True):
            return None
        passing_on = onward and clause.effect == "permit"
        if passing_on and clause.onward != "parties":
            return None
        return _Test(
            purposes=frozenset(clause.purposes or agreement.purposes),
            threat=frozenset(clause.threat),
            ceiling=RANK[clause.tlp_max] if clause.tlp_max is not None else len(LEVELS),
            producer=not plain,
            onward=passing_on,
        )

    def _selects(self, agreement: Agreement, selector: Selector | None, party: str, *, producer: bool) -> bool:
        if selector is None:
            return True
        bodies = selector.body or (agreement.body,)
        if selector.party and party not in selector.party:
            return False
        if selector.role and agreement.role(party) not in selector.role and not (producer and "producer" in selector.role):
            return False
        if not selector.standing and not selector.body:
            return True
        held = {self._standing(party, body) for body in bodies}
        if selector.standing and held.isdisjoint(selector.standing):
            return False
        return not selector.body or bool(held - {None, *ENDED})

    def _standing(self, party: str, body: str) -> str | None:
        return self._register.standing(party, body, self._question.valid_at, self._question.known_at)

    def _binds(self, agreement: Agreement, party: str) -> bool:
        return agreement.binds(party, self._register, self._question.valid_at, self._question.known_at)

    def _custodian(self, agreement: Agreement) -> bool:
        return agreement.custodian(self._question.holder, self._register, self._question.valid_at, self._question.known_at)


def permits(question: Question, traits: Traits, rules: Rules) -> bool:
    """Whether `decide` would not deny; for many items of one question keep a `Sieve`."""
    return Sieve(question, rules).permits(traits)


def _holds(test: _Test, traits: Traits, common: frozenset[str], recipient: str) -> bool:
    rank = RANK[traits.tlp]
    if rank > test.ceiling or test.purposes.isdisjoint(common):
        return False
    if test.threat and test.threat.isdisjoint(traits.threat):
        return False
    if test.producer and recipient not in traits.about:
        return False
    return not test.onward or (rank <= _GREEN and RESTRICTED.isdisjoint(traits.handling))
