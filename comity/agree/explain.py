"""Decisions in words and as JSON: which clause, which fact, what was expected, what is, and what would change it."""

from __future__ import annotations

from typing import Any

from comity.agree.clauses import Fact
from comity.agree.question import BUILT_IN, Decision, Question, Reason
from comity.agree.wording import moment, words
from comity.terms.traits import Traits


def sentences(decision: Decision, question: Question, traits: Traits) -> list[str]:
    """The decision in plain English: the answer, then one sentence per reason, then the duties or what would change it."""
    may = _MAY[decision.effect]
    what = f"sealed {traits.contains}" if traits.contains else traits.type
    article = "an" if what[:1] in "aeiou" else "a"
    found = [
        f"{question.recipient} {may} {article} {what} of {traits.origin} marked TLP:{traits.tlp.upper()} "
        f"for {words(question.purposes)} as of {moment(question.valid_at)}{_known(question)}."
    ]
    found += [_sentence(decision, reason) for reason in decision.reasons]
    if decision.governing and len(decision.reasons) > 1:
        many = len(decision.reasons)
        found.append(
            f"{_where(decision.governing)} governs: of {many} that permit it, it names those concerned most closely. All {many} bind."
        )
    if decision.profile:
        found.append(f"Left out of the copy: {words(decision.profile.remove)} (profile {decision.profile.name}).")
    if decision.duties:
        found.append(f"{question.recipient} takes on: {words(decision.duties)}.")
    if decision.governing:
        passing = {"none": "It may not be passed on.", "parties": "It may be passed on to other parties."}
        found.append(passing.get(decision.onward, f"It may be passed on only under {decision.onward}."))
        if decision.retain:
            found.append(f"It is kept for {decision.retain} from receipt.")
    # Of a numbered step, its reason has said what it asks for.
    wishes = would_change(decision) if decision.rule == "no-clause" else []
    return found + [sentence[:1].upper() + sentence[1:] + "." for sentence in wishes]


def _known(question: Question) -> str:
    return f", by the rules known here on {moment(question.known_at)}" if question.known_at else ""


_MAY = {
    "permit": "may receive",
    "redact": "may receive a redacted copy of",
    "approve": "may receive, once this is approved,",
    "deny": "may not receive",
}


def would_change(decision: Decision) -> list[str]:
    """What stands between a refusal and a permit; nothing for a release, nor for what has only to be approved.

    Of clauses that do not match, those nearest to it, and what their failed facts would have to be. Of a numbered step or a prohibition,
    that it stands in the way: what would follow without it is not said.
    """
    found = []
    for reason in in_the_way(decision):
        wish = " and ".join(f"{fact.fact} were {fact.expected} (is {fact.actual})" for fact in reason.facts)
        if reason.effect == "permit":
            found.append(f"clause {reason.clause} would permit it if {wish}")
        elif reason.agreement == BUILT_IN:
            found.append(f"rule {reason.clause} would not stop it if {wish}")
        else:
            found.append(f"nothing permits it while clause {reason.clause} forbids it")
    return found


def in_the_way(decision: Decision) -> list[Reason]:
    """The reasons that `would_change` speaks of: the permits nearest to matching, the steps that failed, the clauses that forbid."""
    if decision.effect != "deny":
        return []
    nearest = min((len(reason.facts) for reason in decision.reasons if reason.effect == "permit"), default=0)

    def counts(reason: Reason) -> bool:
        if reason.effect == "permit":
            return len(reason.facts) == nearest
        return reason.agreement != BUILT_IN or bool(reason.facts)

    return [reason for reason in decision.reasons if counts(reason)]


def as_json(decision: Decision) -> dict[str, Any]:
    """The decision as `comity why` prints it (interfaces.md): `effect, rule, reasons, duties, would_change`, and what else binds.

    Of a deny, every reason also says `fact`, `expected` and `actual` of its first failed test. Where clauses release the item (or would,
    once approved), `governing` names the first of them, `onward` and `retain` what binds, and `redact` what a copy leaves out.
    """
    governing, profile = decision.governing, decision.profile
    return {
        "effect": decision.effect,
        "rule": decision.rule,
        "governing": {"agreement": governing.ref, "clause": governing.clause} if governing else None,
        "reasons": [_reason(decision, reason) for reason in decision.reasons],
        "duties": list(decision.duties),
        "onward": decision.onward,
        "retain": decision.retain,
        "redact": {"profile": profile.name, "remove": list(profile.remove)} if profile else None,
        "would_change": would_change(decision),
    }


def difference(before: Decision, after: Decision) -> list[str]:
    """What a change of rules did to one decision, one sentence per thing; empty when nothing that matters differs."""
    found = []
    if before.effect != after.effect:
        found.append(f"{before.effect} became {after.effect} ({before.rule} -> {after.rule})")
    old, new = _deciding(before), _deciding(after)
    found += [f"no longer decided by {name}" for name in old if name not in new]
    found += [f"now decided by {name}" for name in new if name not in old]
    found += [f"duty {duty} ends" for duty in before.duties if duty not in after.duties]
    found += [f"duty {duty} is added" for duty in after.duties if duty not in before.duties]
    for what, was, now in (("onward", before.onward, after.onward), ("retain", before.retain, after.retain)):
        if was != now:
            found.append(f"{what} was {was or 'not said'}, is {now or 'not said'}")
    return found


def _deciding(decision: Decision) -> list[str]:
    """The clauses or rules that decided; clauses that were only tried do not count."""
    if decision.rule == "no-clause":
        return []
    return [f"clause {reason.clause} of {reason.agreement}" for reason in decision.reasons]


def _sentence(decision: Decision, reason: Reason) -> str:
    if reason.agreement == BUILT_IN:
        return f"Rule {reason.clause}: {reason.text}" + (f" {_failed(reason.facts)}" if reason.facts else "")
    where = _where(reason)
    if decision.effect == "approve":
        return f"{where} permits it once approved: {reason.text} {_failed(reason.facts)}"
    if reason.facts:
        return f"{where} does not permit it: {_failed(reason.facts)}"
    return f"{where} {'forbids' if decision.effect == 'deny' else 'permits'} it: {reason.text}"


def _where(reason: Reason) -> str:
    return f"{reason.ref}, clause {reason.clause}"


def _failed(facts: tuple[Fact, ...]) -> str:
    return "; ".join(f"{fact.fact} should be {fact.expected}, is {fact.actual}" for fact in facts) + "."


def _reason(decision: Decision, reason: Reason) -> dict[str, Any]:
    facts = [_fact(fact) for fact in reason.facts]
    found: dict[str, Any] = {
        "agreement": reason.agreement,
        "clause": reason.clause,
        "text": reason.text,
        "effect": reason.effect,
        "facts": facts,
    }
    if decision.effect == "deny":
        forbid = {"fact": "forbidding clause", "expected": "none that matches", "actual": reason.clause}
        found.update(facts[0] if facts else forbid)
    return found


def _fact(fact: Fact) -> dict[str, str]:
    return {"fact": fact.fact, "expected": fact.expected, "actual": fact.actual}
