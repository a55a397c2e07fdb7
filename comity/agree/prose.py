"""Clauses in plain words, made from what they say to the machine: so that a reader can hold them against the clause's own text."""

from __future__ import annotations

from collections.abc import Iterable

from comity.agree.accord import Agreement
from comity.agree.approval import Procedure
from comity.agree.clauses import Clause, Selector
from comity.agree.limits import Budget
from comity.agree.mapping import WordMap
from comity.agree.wording import day, joined, plural, words

_GROUPS = {
    "@threat": ("threat objects",),
    "@observables": ("observables",),
    "@links": ("relationships", "sightings"),
    "@cooperation": ("agreements", "standings", "acts about agreements", "keys of parties"),
    "*": ("objects of every type",),
}
_ROLES = {"centre": "the centre", "party": "parties other than the centre", "producer": "the producers of what was sighted"}


def sentence(clause: Clause, agreement: Agreement) -> str:
    """The clause's rule as one sentence: who receives what from whom, how far marked, for what; or what nobody receives."""
    to, origin = who(clause.to, "nobody" if clause.effect == "forbid" else "everybody"), who(clause.from_, "anybody")
    scope = f"{what(clause.types)}{_threat(clause.threat)}{_ceilings(clause)}, for {words(clause.purposes or agreement.purposes)}"
    one = to in ("nobody", "everybody", _ROLES["centre"]) or (clause.to is not None and to == "".join(clause.to.party))
    if clause.effect == "forbid":
        verb = "receives" if to == "nobody" else "does not receive" if one else "do not receive"
        return f"Whatever permits it, {to} {verb} from {origin} {scope}."
    return _capital(f"{to} {'receives' if one else 'receive'} from {origin} {scope}.")


def terms(clause: Clause, agreement: Agreement) -> list[str]:
    """What comes with a clause: its dates, what a copy leaves out, whose approval it takes, passing on, retention, duties."""
    found = [_dates(clause)] if clause.since or clause.until else []
    if clause.effect == "forbid":
        return found
    profile = agreement.profile(clause.redact)
    if profile:
        found.append(f"As a copy without {joined(profile.remove)}.")
    if clause.approval:
        found.append(_capital(approval(clause.approval)) + ".")
    passing = {"none": "Not to be passed on.", "parties": "May be passed on to parties of this agreement, up to TLP:GREEN."}
    found.append(passing.get(clause.onward, f"May be passed on to whom {clause.onward} lets receive it, up to TLP:GREEN."))
    found.append(f"Kept for {clause.retain} from receipt." if clause.retain else "No time of retention is set.")
    return found + ([f"The recipient takes on: {words(clause.duty)}."] if clause.duty else [])


def who(selector: Selector | None, nobody_named: str) -> str:
    """Whom a selector means: `members of cica and observers`, `KZ and UZ`."""
    if selector is None or selector == Selector():
        return nobody_named
    of = f" of {joined(selector.body)}" if selector.body else ""
    parts = [joined([plural(standing) for standing in selector.standing]) + of] if selector.standing else []
    parts += [f"parties{of}"] if selector.body and not selector.standing else []
    parts += [joined([_ROLES[role] for role in selector.role])] if selector.role else []
    parts += [joined(selector.party)] if selector.party else []
    return " that are also ".join(parts)


def what(types: Iterable[str]) -> str:
    """Types and groups of types: `threat objects and reports`; anything where nothing is said."""
    return joined([word for name in types for word in _GROUPS.get(name, (plural(name),))] or ["anything"])


def approval(procedure: Procedure) -> str:
    """What has to happen before the clause gives anything."""
    lapse = f"; a request without outcome ends after {procedure.lapse}" if procedure.lapse else ""
    return {
        "origin": "only with the consent of a person of the origin, item by item",
        "two-persons": "only with the consent of two persons of the origin, item by item",
        "sponsors": f"only once {procedure.sponsors} other parties speak for it and none objects within {procedure.window}",
        "silence": f"only if no party objects within {procedure.window} of the request",
    }[procedure.kind] + lapse


def budget(allowed: Budget) -> str:
    """How often a party may ask privately: `1000 domain-name and url values in P1D`."""
    return f"{allowed.number} {joined(allowed.kinds)} values in {allowed.per}"


def reading(made: WordMap) -> list[str]:
    """How the words of a body are read, a line for each kind of word that it changes: `TLP: amber as amber+strict.`"""
    tables = (("TLP", made.tlp), ("PAP", made.pap), ("Handling", made.handling), ("Purposes", made.purposes or {}))
    lines = [f"{name}: {joined([_read_as(word, meant) for word, meant in table.items()])}." for name, table in tables if table]
    lines += ["No other purpose comes across."] if made.purposes is not None else []
    return [*lines, "A word that is neither here nor in the closed lists is taken for the strictest."]


def _read_as(word: str, meant: str) -> str:
    return word if word == meant else f"{word} as {meant}"


def _threat(threat: tuple[str, ...]) -> str:
    return f" said to be {' or '.join(threat)}" if threat else ""


def _ceilings(clause: Clause) -> str:
    said = [f"up to TLP:{clause.tlp_max.upper()}"] if clause.tlp_max else []
    said += ["of any TLP (RED where it names the recipient)"] if clause.effect == "permit" and not clause.tlp_max else []
    said += [f"up to PAP:{clause.pap_max.upper()}"] if clause.pap_max else []
    said += [f"with no handling code but {joined(clause.handling)}"] if clause.handling else []
    return "".join(f", {each}" for each in said)


def _dates(clause: Clause) -> str:
    since = f"from {day(clause.since)}" if clause.since else ""
    until = f"until {day(clause.until)}" if clause.until else ""
    return _capital(f"{since} {until}".strip()) + "."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
