"""The tables of an agreement's text beside its clauses: [party.XX], [profile.name], [cap.role], [[budget]], [map.body]."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from comity.agree import guard
from comity.agree.life import Signatory, Suspension
from comity.agree.limits import KINDS, Budget, Cap
from comity.agree.lines import Path
from comity.agree.mapping import WordMap
from comity.agree.reading import Judge, Notes, Table, one_of, shaped
from comity.agree.redact import KEPT, PATH, Profile
from comity.clock import EPOCH
from comity.terms import pap, tlp
from comity.terms.item import HANDLING, PURPOSES
from comity.terms.party import PEOPLE, STANDINGS, TOOL

SECTIONS = ("party", "profile", "cap", "budget", "map")

SIGNATORY = (
    *("signed", "ratified", "in_force", "until", "reservations", "suspended", "withdrawal"),
    *("role", "standing", "authority"),
)
SUSPENSION = ("from", "until")
PROFILE = ("remove",)
CAP = ("tlp_max",)
BUDGET = ("number", "per", "kinds")
MAP = ("tlp", "pap", "handling", "purposes")

#: Judges a party's code.
party_code = shaped(r"[A-Z0-9-]{2,32}", "party code", "KZ or IO-UN (capitals, digits, '-')")
_word = shaped(r"[A-Za-z0-9][A-Za-z0-9 +._-]{0,63}", "word of a body", "restricted")
_path = shaped(PATH, "property", "external_references.url")


def signatories(notes: Notes, found: Any, clauses: tuple[str, ...]) -> tuple[Signatory, ...]:
    """Every [party.XX]; `clauses` are the ids that a reservation may name."""
    return tuple(_signatory(notes, code, data, clauses) for code, data in _named(notes, found, "party", "KZ", party_code))


def _signatory(notes: Notes, code: str, data: Any, clauses: tuple[str, ...]) -> Signatory:
    path: Path = ("party", code)
    table = Table(notes, data, path, f"[party.{code}]", SIGNATORY)
    in_force, until = table.period("in_force", "until")
    return Signatory(
        party=code,
        signed=table.moment("signed"),
        ratified=table.moment("ratified"),
        in_force=in_force,
        until=until,
        reservations=table.words("reservations", one_of(clauses, "clause of this agreement")),
        suspended=tuple(_suspension(each) for each in table.tables("suspended", SUSPENSION)),
        withdrawal=table.moment("withdrawal"),
        role=table.text("role", one_of(("centre", "party"), "role of a party"), default="party"),
        standing=table.text("standing", one_of(STANDINGS, "standing")),
        authority=table.text("authority"),
        line=notes.lines.of(path),
    )


def _suspension(table: Table) -> Suspension:
    since, until = table.period("from", "until")
    if "from" not in table.data:
        table.notes.error(table.path, f"{table.name} has no from", "say since when: from = 2022-01-01")
    return Suspension(since=since or EPOCH, until=until)


def profiles(notes: Notes, found: Any) -> tuple[Profile, ...]:
    """Every [profile.name]."""
    made = []
    for name, data in _named(notes, found, "profile", "no-source", _slug("profile name", "no-source")):
        table = Table(notes, data, ("profile", name), f"[profile.{name}]", PROFILE)
        made.append(Profile(name=name, remove=table.words("remove", _property, required=True), line=notes.lines.of(("profile", name))))
    return tuple(made)


def _property(word: str) -> tuple[str, str] | None:
    if word.split(".")[0] in KEPT:
        return f"{word!r} can never be left out", "every object needs it, and markings only tighten"
    return _path(word)


def caps(notes: Notes, found: Any) -> tuple[Cap, ...]:
    """Every [cap.role]."""
    made = []
    for role, data in _named(notes, found, "cap", "analyst", one_of((*PEOPLE, TOOL), "role of a person")):
        table = Table(notes, data, ("cap", role), f"[cap.{role}]", CAP)
        ceiling = table.text("tlp_max", one_of(tlp.LEVELS, "TLP level"), required=True, default="clear")
        made.append(Cap(role=role, tlp_max=ceiling, line=notes.lines.of(("cap", role))))
    return tuple(made)


def budgets(notes: Notes, found: Any) -> tuple[Budget, ...]:
    """Every [[budget]]."""
    if not isinstance(found, list):
        notes.error(("budget",), "budget must be a list of tables", "write [[budget]] with two brackets")
        return ()
    made = []
    for index, data in enumerate(found):
        path: Path = ("budget", index)
        table = Table(notes, data, path, "[[budget]]", BUDGET)
        kinds = table.words("kinds", _kind, required=True)
        number = table.whole("number", required=True)
        made.append(Budget(number=number, per=table.duration("per", required=True) or "P1D", kinds=kinds, line=notes.lines.of(path)))
    return tuple(made)


def maps(notes: Notes, found: Any, bodies: tuple[str, ...]) -> tuple[WordMap, ...]:
    """Every [map.body] of a protocol between `bodies`; one that would widen anything is a fault."""
    made = []
    for body, data in _named(notes, found, "map", "sco", one_of(bodies, "body of this protocol")):
        path: Path = ("map", body)
        table = Table(notes, data, path, f"[map.{body}]", MAP)
        given = WordMap(
            of=body,
            tlp=_readings(table, "tlp", one_of(tlp.LEVELS, "TLP level")),
            pap=_readings(table, "pap", one_of(pap.LEVELS, "PAP level")),
            handling=_readings(table, "handling", one_of(HANDLING, "handling code")),
            purposes=_readings(table, "purposes", one_of(PURPOSES, "purpose")) if "purposes" in table.data else None,
            line=notes.lines.of(path),
        )
        for key, word, why in given.widenings():
            notes.error((*path, key, word), f"{key} of [map.{body}]: {why}", "a map only ever makes words stricter")
        made.append(given)
    return tuple(made)


def _readings(table: Table, key: str, judge: Judge) -> Mapping[str, str]:
    """One word table: the other body's words, each with the word of ours that it means."""
    if key not in table.data:
        return {}
    inner = table.inner(key, tuple(table.data[key]) if isinstance(table.data[key], dict) else ("word",))
    read = {}
    for word in inner.data:
        ground = guard.refused(word) if key == "purposes" else None
        complaint = (f"{word!r} cannot be a purpose (guardrail {ground})", "remove it") if ground else _word(word)
        if complaint:
            inner.notes.error((*inner.path, word), f"{key}: {complaint[0]}", complaint[1])
        elif meant := inner.text(word, judge):
            read[word] = meant
    return read


def _kind(word: str) -> tuple[str, str] | None:
    if word in KINDS:
        return None
    why = "values of people, and those few enough to be tried one by one, are never asked about"
    return f"{word!r} is not a kind for private matching: {why}", "use one of " + ", ".join(KINDS)


def _slug(what: str, example: str) -> Judge:
    shape = shaped(r"[a-z0-9][a-z0-9-]{0,31}", what, f"{example} (lower case, digits, '-')")

    def judge(word: str) -> tuple[str, str] | None:
        ground = guard.refused(word)
        return (f"{word!r} cannot be a {what} (guardrail {ground})", "rename it") if ground else shape(word)

    return judge


def _named(notes: Notes, found: Any, key: str, example: str, judge: Judge) -> list[tuple[str, Any]]:
    """The tables under one heading, each name judged."""
    if not isinstance(found, dict):
        notes.error((key,), f"{key} must be tables", f"write [{key}.{example}]")
        return []
    for name in found:
        complaint = judge(name)
        if complaint:
            notes.error((key, name), *complaint)
    return list(found.items())
