"""What a party itself did about one version of an agreement, as a value and as text, and the agreement with it.

The text is what a party signs and sends to others, so it is lines that people read, in one spelling only:

    comity agreement act v1
    agreement example-ict@1
    sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
    party KZ
    act ratify
    on 2021-09-24
    in-force 2021-10-01
    authority National CERT

`in-force` belongs to `ratify`, `clause` (one or more lines) to `reserve`. The rules of who may do what when are in `steps`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Literal, get_args

import msgspec

from comity.agree.accord import Agreement
from comity.agree.life import ADMINISTRATOR, SIGNATURE, Signatory, Suspension
from comity.agree.wording import day
from comity.clock import parse
from comity.errors import SenderFault

Act = Literal["sign", "ratify", "reserve", "suspend", "resume", "withdraw"]
ACTS: tuple[Act, ...] = get_args(Act)
#: Longest name of an authority, in characters.
LONGEST = 200
#: The first line: what a signature is about can be taken for nothing else.
TITLE = "comity agreement act v1"

_KEYS = ("agreement", "sha256", "party", "act", "on", "in-force", "clause", "authority")
_SHAPES = {
    "agreement": r"[a-z0-9][a-z0-9-]{0,63}@[1-9][0-9]{0,6}",
    "sha256": r"[0-9a-f]{64}",
    "party": r"[A-Z0-9-]{2,32}",
    "act": "|".join(ACTS),
    "clause": r"[A-Za-z0-9][A-Za-z0-9._()-]{0,63}",
    "authority": rf"[^\x00-\x20\x7f-\x9f](?:[^\x00-\x1f\x7f-\x9f\u2028\u2029]{{0,{LONGEST - 2}}}[^\x00-\x20\x7f-\x9f\u2028\u2029])?",
}
_NEXT = "ask for the file as `comity agreement sign --out FILE` writes it"
_ALWAYS = datetime.min.replace(tzinfo=UTC)


class Deed(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One act of a party about the text with this SHA-256 (hexadecimal), which is the version `ref` (`id@version`) of an agreement.

    It takes effect `on` a moment. `in_force`: since when the party is bound, as it states with its ratification. `clauses` are those that
    it reserves. `signed`: its own key signed this; else it is on the word of the administrator who recorded it. `known` is when this
    node learnt of it (None: always).
    """

    ref: str
    sha256: str
    party: str
    act: Act
    on: datetime
    in_force: datetime | None = None
    clauses: tuple[str, ...] = ()
    authority: str = ""
    signed: bool = False
    known: datetime | None = None


def write(deed: Deed) -> str:
    """The text that is signed, ending in a newline. Raises SenderFault for what has no such text."""
    lines = [TITLE, f"agreement {deed.ref}", f"sha256 {deed.sha256}", f"party {deed.party}", f"act {deed.act}", f"on {day(deed.on)}"]
    lines += [f"in-force {day(deed.in_force)}"] if deed.in_force else []
    lines += [f"clause {clause}" for clause in deed.clauses]
    lines += [f"authority {deed.authority}"] if deed.authority else []
    text = "\n".join(lines) + "\n"
    read(text)
    return text


def read(text: str) -> Deed:
    """The inverse of `write`, but for `signed` and `known`. Raises SenderFault, naming the line."""
    title, *lines = text.split("\n")
    if title != TITLE or not lines or lines.pop():
        raise SenderFault(f"not an act: it begins with {TITLE!r} and ends in a newline", next=_NEXT)
    said: dict[str, list[str]] = {}
    for number, line in enumerate(lines, 2):
        key, _, value = line.partition(" ")
        order = [*said, key]
        if key not in _KEYS or order != sorted(order, key=_KEYS.index) or (key in said and key != "clause"):
            raise SenderFault(f"not an act: line {number} says {key[:40]!r}, twice or out of its place", next=_NEXT)
        if key in _SHAPES and not re.fullmatch(_SHAPES[key], value, re.ASCII if key != "authority" else 0):
            raise SenderFault(f"not an act: line {number}, {value[:80]!r} is no {key}", next=_NEXT)
        said.setdefault(key, []).append(value)
    missing = [key for key in _KEYS[:5] if key not in said]
    if missing:
        raise SenderFault(f"not an act: it has no {' and no '.join(missing)}", next=_NEXT)
    return _deed(said)


def _deed(said: dict[str, list[str]]) -> Deed:
    (act,) = (each for each in ACTS if each == said["act"][0])
    for key, only in (("in-force", "ratify"), ("clause", "reserve")):
        if key in said and act != only:
            raise SenderFault(f"not an act: {key} belongs to {only}, not to {act}", next=_NEXT)
    clauses = tuple(said.get("clause", ()))
    if act == "reserve" and (not clauses or len(set(clauses)) != len(clauses)):
        raise SenderFault("not an act: a reservation names its clauses, each once", next=_NEXT)
    return Deed(
        ref=said["agreement"][0],
        sha256=said["sha256"][0],
        party=said["party"][0],
        act=act,
        on=_moment("on", said["on"][0]),
        in_force=_moment("in-force", said["in-force"][0]) if "in-force" in said else None,
        clauses=clauses,
        authority=said.get("authority", [""])[0],
    )


def _moment(key: str, text: str) -> datetime:
    try:
        moment = parse(text)
    except ValueError as wrong:
        raise SenderFault(f"not an act: {key}: {wrong}", next=_NEXT) from None
    if day(moment) != text:
        raise SenderFault(f"not an act: {key} {text!r} is written {day(moment)}", next=_NEXT)
    return moment


def about(agreement: Agreement, deeds: Iterable[Deed]) -> list[Deed]:
    """Those about exactly this text, in the order in which they were learnt."""
    found = [deed for deed in deeds if deed.ref == agreement.ref and deed.sha256 == agreement.sha256]
    return sorted(found, key=lambda deed: (deed.known or _ALWAYS, deed.on, ACTS.index(deed.act), write(deed), deed.signed))


def overlaid(agreement: Agreement, deeds: Iterable[Deed]) -> Agreement:
    """The agreement with what its parties did: each step that an act states takes the place of what the text says of it.

    Of several acts about one step a signed one counts before one without, then the one learnt last.
    """
    made = sorted(about(agreement, deeds), key=lambda deed: deed.party)  # stable: within a party in the order learnt
    if not made:
        return agreement
    sections = {section.party: section for section in agreement.parties}
    for party, own in groupby(made, key=lambda deed: deed.party):
        sections[party] = _section(sections.get(party) or Signatory(party=party, named=False), list(own))
    return msgspec.structs.replace(agreement, parties=tuple(sections.values()))


def _section(section: Signatory, deeds: Sequence[Deed]) -> Signatory:
    """A party's section with its acts."""
    words = dict(section.words)
    steps: dict[str, object] = {}

    def say(step: str, value: object, deed: Deed) -> None:
        steps[step], words[step] = value, _word(deed)

    for act, step in (("sign", "signed"), ("ratify", "ratified"), ("withdraw", "withdrawal")):
        deed = _counting(deeds, act)
        if deed:
            say(step, deed.on, deed)
            if deed.in_force:
                say("in_force", deed.in_force, deed)
    reserved = list(section.reservations)
    for deed in sorted((each for each in deeds if each.act == "reserve"), key=lambda each: each.signed):
        reserved += (clause for clause in deed.clauses if clause not in reserved)
        words |= {f"reserves {clause}": _word(deed) for clause in deed.clauses}
    named = [deed.authority for deed in sorted(deeds, key=lambda each: each.signed) if deed.authority]
    return msgspec.structs.replace(
        section,
        **steps,
        reservations=tuple(reserved),
        suspended=_suspended(section.suspended, deeds, words),
        authority=named[-1] if named else section.authority,
        words=tuple(words.items()),
    )


def _suspended(stated: Iterable[Suspension], deeds: Iterable[Deed], words: dict[str, str]) -> tuple[Suspension, ...]:
    """The periods of suspension. What the party itself signed is not ended by another's word."""
    periods = list(stated)
    for deed in sorted((each for each in deeds if each.act in ("suspend", "resume")), key=lambda each: (each.on, each.act == "suspend")):
        if deed.act == "suspend":
            key = f"suspended {day(deed.on)}"
            periods += [Suspension(since=deed.on)] if all(each.since != deed.on for each in periods) else []
            words[key] = SIGNATURE if words.get(key) == SIGNATURE else _word(deed)
            continue
        for at, period in enumerate(periods):
            if period.holds(deed.on) and (deed.signed or words.get(f"suspended {day(period.since)}") != SIGNATURE):
                periods[at] = Suspension(since=period.since, until=deed.on)
    return tuple(periods)


def _counting(deeds: Iterable[Deed], act: str) -> Deed | None:
    """Of the acts of one kind the one that counts."""
    found = [deed for deed in deeds if deed.act == act]
    return next((deed for deed in reversed(found) if deed.signed), found[-1] if found else None)


def _word(deed: Deed) -> str:
    return SIGNATURE if deed.signed else ADMINISTRATOR
