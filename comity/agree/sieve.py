"""The fast path: one question, compiled once, asked of thousands of trait rows. Always agrees with `decide.decide`.

The steps have the numbers of `decide`. Whatever depends only on the question, or on the item's origin, type and agreement, is settled once
and kept; per row there remain sets and ranks to compare. Three things are weighed singly, by `weigh`, where nothing simpler has decided:
what may only go onward, what somebody may have approved, and what goes as a redacted copy.
"""

from __future__ import annotations

import msgspec

from comity.agree.accord import Agreement
from comity.agree.clauses import Clause, Selector, common, covered
from comity.agree.onward import automatic
from comity.agree.question import Question
from comity.agree.redact import Profile
from comity.agree.rules import Rules
from comity.agree.weigh import applies, weigh
from comity.terms import pap
from comity.terms.party import ENDED
from comity.terms.stix import PUBLIC_TYPES
from comity.terms.tlp import LEVELS, RANK
from comity.terms.traits import Traits


class _Test(msgspec.Struct, frozen=True):
    """What is left of a clause once recipient, origin and type are settled."""

    purposes: frozenset[str]
    threat: frozenset[str]
    ceiling: int
    pap: int
    handling: frozenset[str]  # the codes it accepts; empty for any
    producer: bool  # the recipient must be a producer of what the item is about
    approval: bool
    onward: bool  # the item may only go onward (step 8)
    crosses: bool  # a protocol between bodies permits it: `onward.crossing`
    redact: bool  # it permits a copy only


class _Tests(msgspec.Struct, frozen=True):
    """The clauses that may match items of one origin, type and agreement; `singly` are the permits that `weigh` must judge.

    `copies` are the permits of a redacted copy.
    """

    forbids: list[_Test]
    permits: list[_Test]
    singly: list[_Test]
    copies: list[_Test]


class Sieve:
    """One question over many items. Holds what it has compiled per (origin, type, agreement): keep one per page, not for ever."""

    def __init__(self, question: Question, rules: Rules) -> None:
        self._question = question
        self._rules = rules
        self._register = rules.register
        self._purposes = frozenset(question.purposes)
        self.reads_received = question.recipient == question.holder and not rules.custody(
            question.holder, question.body, question.valid_at, question.known_at
        )
        self._left: dict[str, list[tuple[str, Clause, _Test]]] = {}
        self._compiled: dict[tuple[str, str, str | None], _Tests] = {}

    def permits(self, traits: Traits) -> bool:
        """Whether `decide` would permit items with these traits, as they are."""
        if traits.profile is not None:
            original = msgspec.structs.replace(traits, profile=None)
            copy = self.copy(original)
            return self.permits(original) if copy is None else copy.key == traits.profile
        recipient = self._question.recipient
        if traits.origin == recipient:  # 1
            return True
        if self.reads_received and traits.received_from is not None and self._common(traits):  # 2
            return True
        if traits.type in PUBLIC_TYPES and traits.gate == "open":  # 3
            return True
        shared = self._shared(traits)
        if not shared:
            return False
        tests = self._tests(traits)
        # 7
        if any(_holds(test, traits, shared, recipient) for test in tests.forbids):
            return False
        # 9
        consent = "H3" in traits.handling
        if not consent and any(_holds(test, traits, shared, recipient) for test in tests.permits):
            return True
        singly = [*tests.singly, *tests.permits] if consent else tests.singly
        if not any(_possible(test, traits, consent) and _holds(test, traits, shared, recipient) for test in singly):
            return False
        return bool(weigh(self._question, traits, self._rules).whole)  # 8

    def copy(self, traits: Traits) -> Profile | None:
        """What the copies leave out as which items with these traits go to the recipient; None where `decide` does not say `redact`."""
        tests = self._tests(traits)
        if not tests.copies or traits.profile is not None or self.permits(traits):
            return None
        shared, consent = self._shared(traits), "H3" in traits.handling
        if not any(_possible(test, traits, consent) and _holds(test, traits, shared, self._question.recipient) for test in tests.copies):
            return None
        return weigh(self._question, traits, self._rules).profile

    def _shared(self, traits: Traits) -> frozenset[str]:
        """Steps 4 to 6: for which of the question's purposes clauses may permit the item; none if they cannot."""
        if traits.gate != "open" or traits.realm != "real" or self._rules.waits(self._question, traits.giver):  # 4
            return frozenset()
        if traits.tlp == "red" if traits.to is None else self._question.recipient not in traits.to:  # 5
            return frozenset()
        return self._common(traits)  # 6

    def _common(self, traits: Traits) -> frozenset[str]:
        """The question's purposes for which the item was shared."""
        return self._purposes.intersection(common(self._purposes, traits) if traits.handling else traits.purposes)

    def _tests(self, traits: Traits) -> _Tests:
        key = (traits.origin, traits.kind, traits.under)
        tests = self._compiled.get(key)
        if tests is None:
            tests = self._compiled[key] = self._compile(*key)
        return tests

    def _compile(self, origin: str, type_: str, under: str | None) -> _Tests:
        left = self._left.get(origin)
        if left is None:
            left = self._left[origin] = self._settle(origin)
        tests = _Tests([], [], [], [])
        for agreement, clause, test in left:
            types = covered(clause.types)
            if types is not None and type_ not in types:
                continue
            if clause.effect == "forbid":
                tests.forbids.append(test)
            elif under not in (None, agreement):
                continue
            elif test.redact:
                tests.copies.append(test)
            else:
                (tests.singly if test.approval or test.onward else tests.permits).append(test)
        return tests

    def _settle(self, origin: str) -> list[tuple[str, Clause, _Test]]:
        """(agreement id, clause, what remains of it) of every clause that may match items of an origin."""
        found = []
        recipient, holder, at, known = self._question.recipient, self._question.holder, self._question.valid_at, self._question.known_at
        for agreement in self._rules.governing(origin, recipient, at, known):
            if not all(agreement.binds(party, self._register, at, known) for party in (recipient, origin)):
                continue
            ours = applies(agreement, self._question)
            onward = holder != origin and not agreement.custodian(holder, self._register, at, known)
            for clause in agreement.clauses:
                if clause.effect == "permit" and (clause.names_nothing or not ours):
                    continue
                test = self._remains(agreement, clause, origin, onward)
                if test is not None:
                    found.append((agreement.id, clause, test))
        return found

    def _remains(self, agreement: Agreement, clause: Clause, origin: str, onward: bool) -> _Test | None:
        """What remains to be tested of a clause; None when it cannot match whatever the rest."""
        recipient, permit = self._question.recipient, clause.effect == "permit"
        if not clause.holds(self._question.valid_at) or not agreement.reservation(clause, origin, recipient).holds:
            return None
        if not self._selects(agreement, clause.from_, origin, producer=False):
            return None
        if permit and agreement.role(recipient) == "centre" and not (clause.to and (clause.to.role or clause.to.party)):
            return None
        plain = self._selects(agreement, clause.to, recipient, producer=False)
        if not plain and not self._selects(agreement, clause.to, recipient, producer=True):
            return None
        return _Test(
            purposes=frozenset(clause.purposes or agreement.purposes),
            threat=frozenset(clause.threat),
            ceiling=RANK[clause.tlp_max] if clause.tlp_max is not None else len(LEVELS),
            pap=pap.RANK[clause.pap_max] if clause.pap_max is not None else len(pap.LEVELS),
            handling=frozenset(clause.handling),
            producer=not plain,
            approval=permit and clause.approval is not None,
            onward=permit and onward,
            crosses=permit and bool(agreement.bodies),
            redact=permit and bool(clause.redact),
        )

    def _selects(self, agreement: Agreement, selector: Selector | None, party: str, *, producer: bool) -> bool:
        if selector is None:
            return True
        bodies = selector.body or agreement.spans
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


def permits(question: Question, traits: Traits, rules: Rules) -> bool:
    """Whether `decide` would permit the whole item; for many items of one question keep a `Sieve`."""
    return Sieve(question, rules).permits(traits)


def _holds(test: _Test, traits: Traits, shared: frozenset[str], recipient: str) -> bool:
    if RANK[traits.tlp] > test.ceiling or test.purposes.isdisjoint(shared):
        return False
    if test.threat and test.threat.isdisjoint(traits.threat):
        return False
    if traits.pap is not None and pap.RANK[traits.pap] > test.pap:
        return False
    if test.handling and not test.handling.issuperset(traits.handling):
        return False
    if test.crosses and traits.to is None and not automatic(traits):  # an item with `to` reaches this only for those it names (5)
        return False
    return not test.producer or recipient in traits.about


def _possible(test: _Test, traits: Traits, consent: bool) -> bool:
    """Whether it is worth weighing: what nobody was asked to approve is not approved, and what G10 keeps from going on does not."""
    return (bool(traits.approvals) or not (test.approval or consent)) and (not test.onward or automatic(traits))
