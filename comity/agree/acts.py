"""What a party itself did about one version of an agreement, as a value and as text.

The text is what a party signs and sends to others, so it is lines that people read, in one spelling only:

    comity agreement act v1
    agreement example-ict@1
    sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
    party KZ
    act ratify
    on 2021-09-24
    in-force 2021-10-01
    authority National CERT

`in-force` belongs to `ratify`, `clause` (one or more lines) to `reserve`. What they make of the
agreement is in `overlay`, who may do what when in `steps`.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Literal, get_args

import msgspec

from comity.agree.wording import day, joined
from comity.clock import parse
from comity.errors import SenderFault

Act = Literal["sign", "ratify", "reserve", "suspend", "resume", "withdraw"]
ACTS: tuple[Act, ...] = get_args(Act)
#: What a party did, for people: `UZ signed example-ict@1`.
DONE: dict[Act, str] = {
    "sign": "signed",
    "ratify": "ratified",
    "reserve": "reserved",
    "suspend": "suspended",
    "resume": "resumed",
    "withdraw": "gave notice of withdrawal from",
}
#: Longest name of an authority, in characters.
LONGEST = 200
#: The first line: what a signature is about can be taken for nothing else.
TITLE = "comity agreement act v1"

#: No part of a name: control characters, ends of lines, what makes text run the other way, halves of characters.
_UNSAID = r"\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff"
_KEYS = ("agreement", "sha256", "party", "act", "on", "in-force", "clause", "authority")
_SHAPES = {
    "agreement": r"[a-z0-9][a-z0-9-]{0,63}@[1-9][0-9]{0,6}",
    "sha256": r"[0-9a-f]{64}",
    "party": r"[A-Z0-9-]{2,32}",
    "act": "|".join(ACTS),
    "clause": r"[A-Za-z0-9][A-Za-z0-9._()-]{0,63}",
    "authority": rf"(?! )[^{_UNSAID}]{{1,{LONGEST}}}(?<! )",
}
_NEXT = "ask for the file as `comity agreement sign --out FILE` writes it"


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


def done(deed: Deed) -> str:
    """What was done, for people: `UZ signed example-ict@1`, `KZ reserved art-2 of example-ict@1`."""
    clauses = f" {joined(deed.clauses)} of" if deed.clauses else ""
    return f"{deed.party} {DONE[deed.act]}{clauses} {deed.ref}"


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
