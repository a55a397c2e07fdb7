"""The one decision: may this party see this item, for these purposes, now? Pure, numbered, and with its reasons.

Steps; the first that answers decides (the same numbers stand on the code):

1. own: the origin always sees its own item.
2. received: the node's own party sees what was released to it by a peer. The centre of an agreement in force does not, by
   this step: it holds items in custody and reads only what a clause permits it (model.md, Who).
3. public vocabulary: marking and extension definitions.
4. gate, realm: an item in quarantine, or of an exercise, goes nowhere (G3, G15).
5. addressed: an addressed item goes only to those it names; RED must name its recipients (TLP 2.0).
6. purpose: the question and the item must share a declared purpose (G2).
7. clauses: every clause of the governing version of every agreement of the body is tested.
8. onward: when the holder is neither the origin nor the centre, a permit needs `onward = "parties"`, TLP at most GREEN and no
   H1-H3 (G10).
9. a matching forbid denies; else a matching permit permits; else it is denied. Nothing matching is a deny.

Permitting clauses are cited most specific first: one that names the recipient before one about a standing, role or body
before one about anybody; then the same for the origin; then in the order of agreements and clauses.
"""

from __future__ import annotations

from comity.agree.accord import Agreement
from comity.agree.changes import next_change
from comity.agree.clauses import Actor, Case, Clause, Fact, facts
from comity.agree.duration import shortest
from comity.agree.question import BUILT_IN, Decision, Question, Reason
from comity.agree.rules import Rules
from comity.agree.sieve import Sieve, permits
from comity.terms.stix import PUBLIC_TYPES
from comity.terms.traits import Traits

__all__ = ["BUILT_IN", "Decision", "Fact", "Question", "Reason", "Rules", "Sieve", "decide", "next_change", "permits"]

_TEXTS = {
    "own": "A party always sees its own items.",
    "received": "A party sees what was released to it.",
    "public": "Marking and extension definitions are public vocabulary.",
    "gate": "An item in quarantine is not released.",
    "realm": "Exercise items never mix with real ones.",
    "addressed": "An addressed item goes only to the parties it names.",
    "red-names-recipients": "TLP:RED goes only to recipients it names.",
    "purpose": "An item is used only for a purpose it was shared for.",
    "no-clause": "Nothing leaves without a clause that permits it.",
}


def decide(question: Question, traits: Traits, rules: Rules) -> Decision:
    """The decision on one item for one recipient, by the numbered steps of this module; unknown parties are denied."""
    agreements = rules.tried(question.body, question.valid_at)
    early = _standing_rules(question, traits, rules, agreements)
    if early is not None:
        return early
    matched: list[tuple[Agreement, Clause]] = []
    failed: list[tuple[Clause, Reason]] = []
    for agreement in agreements:
        shared, case = _case(question, traits, rules, agreement)
        for clause in agreement.clauses:
            # 7. clauses (and 8. onward, which is one of a permit's facts)
            wrong = tuple(fact for fact in (*shared, *facts(clause, case)) if not fact.holds)
            if wrong:
                failed.append((clause, _reason(agreement, clause, wrong)))
            else:
                matched.append((agreement, clause))
    # 9. forbid beats permit; nothing matching is a deny
    forbidding = [_reason(agreement, clause) for agreement, clause in matched if clause.effect == "forbid"]
    if forbidding:
        return Decision(effect="deny", rule="forbidden", reasons=tuple(forbidding))
    permitting = [(agreement, clause) for agreement, clause in matched if clause.effect == "permit"]
    if permitting:
        return _permit(permitting)
    tried = sorted((reason for clause, reason in failed if clause.effect == "permit"), key=lambda reason: len(reason.facts))
    if tried:
        return Decision(effect="deny", rule="no-clause", reasons=tuple(tried))
    return _built_in("deny", "no-clause", "clause", f"a permit in an agreement of {question.body}", "none")


def _standing_rules(question: Question, traits: Traits, rules: Rules, agreements: tuple[Agreement, ...]) -> Decision | None:
    """Steps 1 to 6, which no clause can change."""
    recipient = question.recipient
    # 1. own
    if recipient == traits.origin:
        return _built_in("permit", "own")
    # 2. received
    if recipient == question.holder and traits.received_from is not None and not _custody(question, rules, agreements):
        return _built_in("permit", "received")
    # 3. public vocabulary
    if traits.type in PUBLIC_TYPES and traits.gate == "open":
        return _built_in("permit", "public")
    # 4. gate, realm
    if traits.gate != "open":
        return _built_in("deny", "gate", "gate", "open", traits.gate)
    if traits.realm != "real":
        return _built_in("deny", "realm", "realm", "real", traits.realm)
    # 5. addressed
    if traits.to is not None and recipient not in traits.to:
        return _built_in("deny", "addressed", "addressed to", " or ".join(traits.to) or "nobody", recipient)
    if traits.to is None and traits.tlp == "red":
        return _built_in("deny", "red-names-recipients", "addressed to", "the recipients named one by one", "nobody named")
    # 6. purpose
    if set(question.purposes).isdisjoint(traits.purposes):
        return _built_in("deny", "purpose", "purpose", " or ".join(traits.purposes), ", ".join(question.purposes) or "none")
    return None


def _custody(question: Question, rules: Rules, agreements: tuple[Agreement, ...]) -> bool:
    """Whether the holder is the centre of any of these agreements."""
    register, at, known = rules.register, question.valid_at, question.known_at
    return any(agreement.custodian(question.holder, register, at, known) for agreement in agreements)


def _case(question: Question, traits: Traits, rules: Rules, agreement: Agreement) -> tuple[list[Fact], Case]:
    """The facts all clauses of an agreement share, and the case its clauses are tested on."""
    register, at, known = rules.register, question.valid_at, question.known_at
    producer = {"producer"} if question.recipient in traits.about else set()
    case = Case(
        body=agreement.body,
        purposes=tuple(purpose for purpose in question.purposes if purpose in traits.purposes),
        valid_at=at,
        traits=traits,
        origin=Actor(side="origin", party=traits.origin, roles=frozenset({agreement.role(traits.origin)})),
        recipient=Actor(side="recipient", party=question.recipient, roles=frozenset({agreement.role(question.recipient), *producer})),
        agreement_purposes=agreement.purposes,
        holder=question.holder,
        custodian=question.holder == traits.origin or agreement.custodian(question.holder, register, at, known),
        standing=lambda party, body: register.standing(party, body, at, known),
    )
    return agreement.facts(traits.origin, question.recipient, register, at, known), case


def _permit(permitting: list[tuple[Agreement, Clause]]) -> Decision:
    permitting = sorted(permitting, key=lambda pair: pair[1].specificity, reverse=True)
    clauses = [clause for _, clause in permitting]
    return Decision(
        effect="permit",
        rule="clause",
        reasons=tuple(_reason(agreement, clause) for agreement, clause in permitting),
        duties=tuple(sorted({duty for clause in clauses for duty in clause.duty})),
        # The strictest: none, then one named agreement, then the parties.
        onward=min((clause.onward for clause in clauses), key=lambda onward: {"none": 0, "parties": 2}.get(onward, 1)),
        retain=shortest(clause.retain for clause in clauses),
    )


def _reason(agreement: Agreement, clause: Clause, wrong: tuple[Fact, ...] = ()) -> Reason:
    return Reason(agreement=agreement.id, version=agreement.version, clause=clause.id, text=clause.text, effect=clause.effect, facts=wrong)


def _built_in(effect: str, rule: str, fact: str = "", expected: str = "", actual: str = "") -> Decision:
    failed = (Fact(fact=fact, expected=expected, actual=actual, holds=False),) if fact else ()
    reason = Reason(agreement=BUILT_IN, clause=rule, text=_TEXTS[rule], effect="permit" if effect == "permit" else "forbid", facts=failed)
    return Decision(effect=effect, rule=rule, reasons=(reason,))
