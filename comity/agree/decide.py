"""The one decision: may this party see this item, for these purposes, now? Pure, numbered, and with its reasons.

A redacted copy goes where its original goes, and besides to whom its profile is meant for (ADR 10): so the decision on a copy is that on
its original, and a `redact` with the very profile of the copy is a permit of it.

Steps; the first that answers decides (the same numbers stand on the code, 7 to 9 in `weigh`):

1. own: the origin always sees its own item.
2. received: the node's own party sees what was released to it by a peer, for a purpose it was shared for (G2). The centre of an
   agreement in force does not, by this step: it holds items in custody and reads only what a clause permits it (model.md, Who).
3. public vocabulary: marking and extension definitions.
4. gate, realm: an item in quarantine, a sighting that is only counted, or an item of an exercise, goes nowhere (G3, G15, G16). Nor does,
   once the holder's node was restored from a backup, what came from a node that has not said since what it took back.
5. addressed: an addressed item goes only to those it names; RED must name its recipients (TLP 2.0).
6. purpose: the question and the item must share a declared purpose (G2); under H1 judicial use is none.
7. clauses: every permit of the agreements of the body is tested, and every forbid of any agreement; of each agreement the version that
   governs between origin and recipient (`Rules.governing`).
8. onward: when the holder is neither the origin nor the agreement's centre, the clauses that gave the item to the holder must let it go
   on, with TLP at most GREEN and no H1-H3 (`onward`, G10).
9. a matching forbid denies; else a permit of the whole item permits; else one with a profile gives a redacted copy; else one that
   awaits approval (its own, or under H3 the origin's) asks for it; else it is denied. Nothing matching is a deny.

Permitting clauses are cited most specific first: one that names the recipient before one about a standing, role or body
before one about anybody; then the same for the origin; then in the order of agreement ids and clauses. The first governs (ADR 7).
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from comity.agree.accord import Agreement
from comity.agree.changes import next_change
from comity.agree.clauses import Fact, common
from comity.agree.duties import combined
from comity.agree.onward import automatic
from comity.agree.onward import combined as combined_onward
from comity.agree.question import BUILT_IN, Decision, Question, Reason
from comity.agree.rules import Rules
from comity.agree.sieve import Sieve, permits
from comity.agree.weigh import Tried, unapproved, weigh
from comity.terms.stix import PUBLIC_TYPES
from comity.terms.traits import Traits

__all__ = ["BUILT_IN", "Decision", "Fact", "Question", "Reason", "Rules", "Sieve", "awaited", "decide", "next_change", "permits"]

_TEXTS = {
    "own": "A party always sees its own items.",
    "received": "A party sees what was released to it, for what it was shared for.",
    "public": "Marking and extension definitions are public vocabulary.",
    "gate": "An item in quarantine is not released.",
    "counted": "A sighting is only counted, unless the sighter consents to be named (G16).",
    "realm": "Exercise items never mix with real ones.",
    "restored": "This node was restored from a backup: what it has of a party waits until that party's node says what it took back since.",
    "addressed": "An addressed item goes only to the parties it names.",
    "red-names-recipients": "TLP:RED goes only to recipients it names.",
    "purpose": "An item is used only for a purpose it was shared for.",
    "handling": "H1: no judicial use without the origin's permission.",
    "copy": "A redacted copy goes only to those to whom a clause gives this very copy.",
    "no-clause": "Nothing leaves without a clause that permits it.",
}


def decide(question: Question, traits: Traits, rules: Rules) -> Decision:
    """The decision on one item for one recipient, by the numbered steps of this module; unknown parties are denied."""
    if traits.profile is not None:
        return _on_copy(decide(question, msgspec.structs.replace(traits, profile=None), rules), traits.profile)
    early = _standing_rules(question, traits, rules)
    if early is not None:
        return early
    weighed = weigh(question, traits, rules)
    # 9.
    if weighed.forbidding:
        return Decision(effect="deny", rule="forbidden", reasons=_reasons(weighed.forbidding))
    if weighed.whole:
        return _released("permit", (*weighed.whole, *weighed.copies), traits)
    if weighed.copies:
        return _released("redact", weighed.copies, traits)
    if weighed.pending:
        return _released("approve", weighed.pending, traits)
    if weighed.failed:
        nearest = sorted(weighed.failed, key=lambda each: len(each.wrong))
        return Decision(effect="deny", rule="no-clause", reasons=_reasons(nearest))
    return _built_in("deny", "no-clause", "clause", f"a permit in an agreement of {question.body}", "none")


def awaited(question: Question, traits: Traits, rules: Rules) -> tuple[str, ...]:
    """What has yet to be approved for an item to go to a recipient by some clause: `agreement@version/clause` or `rules.H3`, each once.

    The governing clause's first. Nothing where the whole item goes without, or nobody's approval would let it go.
    """
    original = msgspec.structs.replace(traits, profile=None)
    return () if _standing_rules(question, original, rules) is not None else unapproved(question, original, rules)


def _on_copy(original: Decision, key: str) -> Decision:
    """What the decision on an original means for its copy under the profile with this key."""
    if original.effect != "redact":
        return original
    if original.profile is not None and original.profile.key == key:
        return msgspec.structs.replace(original, effect="permit", profile=None)
    return _built_in("deny", "copy", "profile", original.profile.name if original.profile else "one that the agreement has", "another")


def _standing_rules(question: Question, traits: Traits, rules: Rules) -> Decision | None:
    """Steps 1 to 6, which no clause can change."""
    recipient = question.recipient
    # 1. own
    if recipient == traits.origin:
        return _built_in("permit", "own")
    # 2. received
    received = recipient == question.holder and traits.received_from is not None and bool(common(question.purposes, traits))
    if received and not _custody(question, rules):
        return _built_in("permit", "received")
    # 3. public vocabulary
    if traits.type in PUBLIC_TYPES and traits.gate == "open":
        return _built_in("permit", "public")
    # 4. gate, realm, restored
    if traits.gate != "open":
        return _built_in("deny", "counted" if traits.gate == "counted" else "gate", "gate", "open", traits.gate)
    if traits.realm != "real":
        return _built_in("deny", "realm", "realm", "real", traits.realm)
    if rules.waits(question, traits.giver):
        return _built_in("deny", "restored", "heard since the restore", traits.giver, "not yet")
    # 5. addressed
    if traits.to is not None and recipient not in traits.to:
        return _built_in("deny", "addressed", "addressed to", recipient, ", ".join(traits.to) or "nobody")
    if traits.to is None and traits.tlp == "red":
        return _built_in("deny", "red-names-recipients", "addressed to", "the recipients named one by one", "nobody named")
    # 6. purpose
    if set(question.purposes).isdisjoint(traits.purposes):
        return _built_in("deny", "purpose", "purpose", " or ".join(traits.purposes), ", ".join(question.purposes) or "none")
    if not common(question.purposes, traits):
        return _built_in("deny", "handling", "handling", "no H1", ", ".join(traits.handling))
    return None


def _custody(question: Question, rules: Rules) -> bool:
    return rules.custody(question.holder, question.body, question.valid_at, question.known_at)


def _released(effect: str, by: Sequence[Tried], traits: Traits) -> Decision:
    """A release, now or once approved: what governs comes first, what binds comes from all."""
    clauses = [each.clause for each in by]
    governing: Agreement = by[0].agreement
    return Decision(
        effect=effect,
        rule="approval" if effect == "approve" else "clause",
        reasons=_reasons(by),
        duties=combined(duty for clause in clauses for duty in clause.duty),
        onward=combined_onward(clause.onward for clause in clauses) if automatic(traits) else "none",
        retains=tuple(sorted({clause.retain for clause in clauses if clause.retain})),
        profile=governing.profile(clauses[0].redact) if effect != "permit" else None,
    )


def _reasons(tried: Sequence[Tried]) -> tuple[Reason, ...]:
    return tuple(
        Reason(
            agreement=each.agreement.id,
            version=each.agreement.version,
            clause=each.clause.id,
            text=each.clause.text,
            effect=each.clause.effect,
            facts=each.wrong,
        )
        for each in tried
    )


def _built_in(effect: str, rule: str, fact: str = "", expected: str = "", actual: str = "") -> Decision:
    failed = (Fact(fact=fact, expected=expected, actual=actual, holds=False),) if fact else ()
    reason = Reason(agreement=BUILT_IN, clause=rule, text=_TEXTS[rule], effect="permit" if effect == "permit" else "forbid", facts=failed)
    return Decision(effect=effect, rule=rule, reasons=(reason,))
