"""A rehearsal of a sharing as plain data: recipients, objects that fare alike, what changes, what the sender should know."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from comity.release.preview import Answer, Item
from comity.share.rehearsal import Rehearsal

_GIVEN = ("permit", "redact")
_EFFECTS = ("permit", "redact", "approve", "deny")
#: What stands in place of a rehearsal where there was none.
NOTHING: dict[str, Any] = {
    "decisions": [], "recipients": [], "groups": [], "breaks": [], "nobody": [], "changes": [], "hindrance": "wrong", "reaches": [],
    "receives": [], "awaits": [], "passed_over": [], "at_once": 0, "mark": "", "refused": [], "count": 0, "outcomes": [],
}  # fmt: skip


def told(found: Rehearsal) -> dict[str, Any]:
    """A rehearsal as plain data: recipients, objects that fare alike, what changes, what the sender should know."""
    others = [each.party for each in found.parties if not each.submits]
    return {
        "mark": found.mark,
        "hindrance": found.hindrance,
        "reaches": found.reaches,
        "receives": found.receives,
        "awaits": found.awaits,
        "passed_over": found.passed_over,
        "at_once": sum(any(item.answers[party].effect in _GIVEN for party in others) for item in found.items),
        "count": len(found.items),
        "refused": [msgspec.to_builtins(each) for each in found.outcomes if each.outcome not in ("accepted", "quarantined")],
        "recipients": [_recipient(found, party) for party in others],
        "groups": _groups(found, others),
        "decisions": [_decision(found, item, party) for item in found.items for party in others],
        "breaks": [
            {"tlp": each.tlp, "agreement": each.agreement, "clause": each.clause, "parties": list(each.parties), "n": len(each.items)}
            for each in found.breaks
        ],
        "nobody": [{"rule": each.rule, "text": each.text, "n": len(each.items)} for each in found.nobody],
        "changes": [_change(found, item, others) for item in found.items if item.id in found.was],
    }  # fmt: skip


def _recipient(found: Rehearsal, party: str) -> dict[str, Any]:
    answers = [(item.id, item.answers[party]) for item in found.items]
    gives = [answer for _, answer in answers if answer.effect != "deny"]
    return {
        "party": party,
        "standing": next(each.standing for each in found.parties if each.party == party),
        "counts": {effect: sum(answer.effect == effect for _, answer in answers) for effect in _EFFECTS},
        "clauses": sorted({_clause(answer) for answer in gives}),
        "left_out": sorted({name for id_, _ in answers for name in found.left_out.get((id_, party), ())}),
        "why_not": _why_not([answer for _, answer in answers if answer.effect == "deny"]),
    }


def _why_not(refusals: Sequence[Answer]) -> dict[str, str] | None:
    """The commonest reason for refusals."""
    if not refusals:
        return None
    reasons = [(each.rule, each.fact, each.expected, each.actual, each.text) for each in refusals]
    rule, fact, expected, actual, text = max(reasons, key=reasons.count)
    return {"rule": rule, "fact": fact, "expected": expected, "actual": actual, "text": text}


def _groups(found: Rehearsal, others: Sequence[str]) -> list[dict[str, Any]]:
    """Objects of one type and marking for which everybody's answer is the same."""
    alike: dict[Any, list[Item]] = {}
    for item in found.items:
        told = tuple(
            (party, _clause(item.answers[party]), item.answers[party].effect, found.left_out.get((item.id, party))) for party in others
        )
        alike.setdefault((item.type, item.tlp, item.to, told), []).append(item)
    return [
        {
            "type": items[0].type,
            "tlp": items[0].tlp,
            "to": list(items[0].to) if items[0].to is not None else None,
            "items": [{"id": item.id, "label": item.label} for item in items],
            "answers": [_decision(found, items[0], party) for party in others],
        }
        for items in alike.values()
    ]


def _decision(found: Rehearsal, item: Item, party: str) -> dict[str, Any]:
    answer = item.answers[party]
    return {
        "id": item.id, "type": item.type, "tlp": item.tlp, "party": party, "effect": answer.effect, "clause": _clause(answer),
        "rule": answer.rule, "text": answer.text, "fact": answer.fact, "expected": answer.expected, "actual": answer.actual,
        "left_out": list(found.left_out.get((item.id, party), ())),
    }  # fmt: skip


def _change(found: Rehearsal, item: Item, others: Sequence[str]) -> dict[str, Any]:
    """What a new version changes: properties, and who gains or loses."""
    was, now, before = found.was[item.id], found.now[item.id], found.before.get(item.id, {})

    def had(party: str) -> bool:
        return party in before and before[party].effect in ("permit", "redact")

    has = {party: item.answers[party].effect in ("permit", "redact") for party in others}
    return {
        "id": item.id,
        "label": item.label,
        "rows": [[key, _text(was, key), _text(now, key)] for key in dict.fromkeys([*was, *now]) if was.get(key) != now.get(key)],
        "gained": [party for party in others if has[party] and not had(party)],
        "lost": [party for party in others if had(party) and not has[party]],
    }


def _text(obj: Mapping[str, Any], key: str) -> str | None:
    if key not in obj:
        return None
    return obj[key] if isinstance(obj[key], str) else json.dumps(obj[key], ensure_ascii=False)


def _clause(answer: Answer) -> str:
    return f"{answer.agreement}@{answer.version}/{answer.clause}" if answer.clause and not answer.built_in else ""
