"""An agreement's text as plain data, so that every language can say it: what it is, its clauses, its limits, and its parties' lives."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from comity.agree import duties
from comity.agree.accord import Agreement
from comity.agree.approval import Procedure
from comity.agree.clauses import Clause, Selector
from comity.agree.difference import Amendment, Group, Move
from comity.agree.life import Suspension
from comity.agree.prose import sentence, terms
from comity.terms.tlp import LEVELS
from comity.wire import PartyStatus

#: The columns of a party's life, in the order in which steps are usually taken.
STEPS = ("signed", "ratified", "in force", "reserves", "suspended", "gave notice")


def head(agreement: Agreement) -> dict[str, Any]:
    """What an agreement is, without its clauses."""
    return {
        "ref": agreement.ref,
        "id": agreement.id,
        "version": agreement.version,
        "title": agreement.title,
        "body": agreement.body,
        "bodies": list(agreement.spans),
        "purposes": list(agreement.purposes),
        "illustrative": agreement.illustrative,
        "in_force": moment(agreement.in_force),
        "until": moment(agreement.until),
        "entry": agreement.entry,
        "notice": agreement.notice,
        "transition": moment(agreement.transition),
        "sha256": agreement.sha256,
    }


def clauses(agreement: Agreement) -> list[dict[str, Any]]:
    """Every clause: its own words, what it says to the machine, and (in English) how `agree.document` puts that."""
    return [_clause(each, agreement) for each in agreement.clauses]


def _clause(clause: Clause, agreement: Agreement) -> dict[str, Any]:
    profile = agreement.profile(clause.redact)
    return {
        "id": clause.id,
        "effect": clause.effect,
        "text": clause.text,
        "to": _who(clause.to),
        "from": _who(clause.from_),
        "types": list(clause.types),
        "threat": list(clause.threat),
        "tlp_max": clause.tlp_max,
        "pap_max": clause.pap_max,
        "handling": list(clause.handling),
        "purposes": list(clause.purposes or agreement.purposes),
        "since": moment(clause.since),
        "until": moment(clause.until),
        "redact": list(profile.remove) if profile else [],
        "approval": _approval(clause.approval) if clause.approval else None,
        "onward": clause.onward,
        "retain": clause.retain,
        "duty": [{"name": duty.name, "within": duty.within, "by": moment(duty.by)} for duty in map(duties.read, clause.duty)],
        "reserved_by": [section.party for section in agreement.parties if clause.id in section.reservations],
        "line": clause.line,
        "said": [sentence(clause, agreement), *terms(clause, agreement)],
    }


def _who(selector: Selector | None) -> dict[str, list[str]] | None:
    """Whom a selector means; None where it names nobody in particular."""
    if selector is None or selector == Selector():
        return None
    return {name: list(getattr(selector, name)) for name in ("standing", "body", "role", "party")}


def _approval(procedure: Procedure) -> dict[str, Any]:
    return {"procedure": procedure.kind, "window": procedure.window, "sponsors": procedure.sponsors, "lapse": procedure.lapse}


def limits(agreement: Agreement) -> dict[str, Any]:
    """Ceilings of roles, and how much may be asked privately."""
    return {
        "caps": [{"role": cap.role, "tlp_max": cap.tlp_max} for cap in agreement.caps],
        "budgets": [{"number": each.number, "kinds": list(each.kinds), "per": each.per} for each in agreement.budgets],
    }


def life(status: PartyStatus) -> dict[str, Any]:
    """One party under one agreement: bound or why not, and its steps in order."""
    return {
        "party": status.party,
        "role": status.role,
        "standing": status.standing,
        "bound": status.bound,
        "why": status.why,
        "authority": status.authority,
        "steps": [
            {"step": each.step, "on": moment(each.on), "until": moment(each.until), "clause": each.clause, "word": each.word}
            for each in status.steps
        ],
    }


def steps(parties: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """A row for each step of each party, as `comity agreement status` has them; one without a step for a party that took none."""
    none = {"step": "", "on": None, "until": None, "clause": "", "word": ""}
    return [
        {**{name: value for name, value in each.items() if name != "steps"}, **step} for each in parties for step in each["steps"] or [none]
    ]


def moment(at: datetime | None) -> str | None:
    """RFC 3339 in UTC; None stays None."""
    return at.isoformat().replace("+00:00", "Z") if at else None


def group(told: Group) -> dict[str, Any]:
    """Parties told of together: `standing` is one, or `centre`, or empty; `any` where nobody has it yet, in a `body` if one is named."""
    standing, _, body = told.label.removeprefix("any ").partition(" of ")
    return {"standing": standing, "body": body, "any": told.label.startswith("any "), "parties": list(told.parties)}


def move(each: Move) -> dict[str, Any]:
    """An effect that changes."""
    return {
        "recipients": [group(one) for one in each.recipients],
        "before": each.before,
        "after": each.after,
        "types": list(each.types),
        "threat": list(each.threat),
        "tlp": list(each.tlp),
        "whole": each.tlp == LEVELS[: len(each.tlp)],
        "origins": [group(one) for one in each.origins],
        "purposes": list(each.purposes),
    }


def amendment(each: Amendment) -> dict[str, Any]:
    """A part of the text that changes; `was` and `now` have a `form`, by which they are shown, and a `value`."""
    return {"part": each.part, "name": each.name, "field": each.field, "was": _value(each.was), "now": _value(each.now)}


def _value(value: Any) -> dict[str, Any]:
    if value is None or value in ("", ()):
        return {"form": "none", "value": None}
    if isinstance(value, datetime):
        return {"form": "day", "value": moment(value)}
    if isinstance(value, Procedure):
        return {"form": "approval", "value": _approval(value)}
    if isinstance(value, Selector):
        return {"form": "who", "value": _who(value)}
    if isinstance(value, Suspension):
        return {"form": "span", "value": {"since": moment(value.since), "until": moment(value.until)}}
    if isinstance(value, bool):
        return {"form": "flag", "value": value}
    if isinstance(value, dict):
        return {"form": "list", "value": [_value(f"{word} → {meant}") for word, meant in value.items()]}
    if isinstance(value, tuple):
        return {"form": "list", "value": [_value(each) for each in value]}
    return {"form": "text", "value": str(value)}
