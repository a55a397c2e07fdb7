"""A register as a file (JSON, `domain.parties/1`): organisations, memberships with their sources, and where sources differ.

How a membership becomes claims:

    rights_status            a standing from `joined`; a year means its first day, as `precision` says; with no date, from `as_of`
    status, where it differs a claim of status alone beside it, from `procedure.launched`; no right follows from it
    previous                 a standing each, until the next one begins
    procedure.steps_later    a dated step that names the target status begins that standing and ends the procedure; other steps are a note
    flags                    one that names a source of the file is a dispute between that source and the others; any other is a note
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from comity.clock import parse
from comity.errors import SenderFault
from comity.terms.party import Standing, body_slug, party_code, standing_name, status_name
from comity.terms.registry import Body, Dispute, Entries, Known, Office, Position, Source

SCHEMA = "domain.parties/1"
#: What `rights_status` says of a party without a standing.
_NONE = "none"


class _Office(msgspec.Struct, frozen=True):
    id: str
    name: str
    seat: str = ""


class _Organisation(msgspec.Struct, frozen=True):
    id: str
    name: str
    founded: str = ""
    bodies: tuple[_Office, ...] = ()


class _Previous(msgspec.Struct, frozen=True):
    status: str
    since: str = msgspec.field(name="from")
    precision: str = ""


class _Step(msgspec.Struct, frozen=True):
    step: str
    date: str
    confidence: str = ""
    conflict: str = ""


class _Procedure(msgspec.Struct, frozen=True):
    launched: str = ""
    stage_on_as_of: str = ""
    steps_later: tuple[_Step, ...] = ()


class _Membership(msgspec.Struct, frozen=True):
    org: str
    party: str
    name: str
    status: str
    rights_status: str
    kind: str = ""
    iso2: str | None = ""
    iso3: str | None = ""
    iso_num: str | None = ""
    joined: str | None = None
    joined_precision: str = ""
    confidence: str = ""
    sources: tuple[str, ...] = ()
    basis: str = ""
    flags: tuple[str, ...] = ()
    previous: tuple[_Previous, ...] = ()
    target_status: str = ""
    procedure: _Procedure = _Procedure()


class _Rows(msgspec.Struct, frozen=True):
    memberships: tuple[dict[str, Any], ...]


_READ = frozenset(field.encode_name for field in msgspec.structs.fields(_Membership))


class _Source(msgspec.Struct, frozen=True):
    title: str
    date: str = ""
    kind: str = ""
    url: str = ""


class _Conflict(msgspec.Struct, frozen=True):
    id: str
    what: str
    values: dict[str, Any]
    resolution: str = ""


class _File(msgspec.Struct, frozen=True):
    schema: str
    as_of: str
    organisations: tuple[_Organisation, ...]
    memberships: tuple[_Membership, ...]
    instruments: tuple[Any, ...] = ()
    conflicts: tuple[_Conflict, ...] = ()
    sources: dict[str, _Source] = {}


def read(raw: bytes) -> Entries:
    """The entries that a file asks for, in UTF-8, UTF-16 or UTF-32. Raises SenderFault for what is no such file, and names the row that is
    wrong.
    """
    text = _text(raw)
    try:
        file = msgspec.json.decode(text, type=_File)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise SenderFault(f"not a register: {error}", next=f"it takes a JSON file of the form {SCHEMA} (docs/members.md)") from None
    if file.schema != SCHEMA:
        raise SenderFault(f"a register of the form {file.schema[:40]!r} is not known here", next=f"it takes {SCHEMA}")
    as_of = _moment(file.as_of)
    bodies = {each.id: _body(each) for each in file.organisations}
    standings: list[Standing] = []
    disputes = [_conflict(each, file) for each in file.conflicts]
    for at, row in enumerate(file.memberships):
        try:
            if row.org not in bodies:
                raise SenderFault(f"the file has no organisation {row.org!r}")
            standings += _claims(row, as_of, file.sources)
            disputes += _differences(row, file.sources)
        except SenderFault as fault:
            raise SenderFault(f"memberships[{at}] ({row.party[:40]}): {fault}", next=fault.next or "correct the row") from None
    parties = {code: known for row in file.memberships for code, known in [_known(row)]}
    return Entries(
        bodies=tuple(bodies.values()),
        parties=tuple(parties.values()),
        sources=tuple(
            Source(source=word, title=each.title, dated=each.date, kind=each.kind, url=each.url) for word, each in file.sources.items()
        ),
        standings=tuple(standings),
        disputes=tuple(disputes),
        left=(*_left(file), *_unread(text)),
        as_of=as_of,
    )  # fmt: skip


def _left(file: _File) -> Iterator[str]:
    if file.instruments:
        yield f"{len(file.instruments)} instruments: agreements come in with comity agreement add"


def _text(raw: bytes) -> str:
    """The file as text: JSON begins in a way that tells how it is written (RFC 4627 section 3), with or without a mark before it."""
    coding = json.detect_encoding(raw)
    try:
        return raw.decode(coding)
    except UnicodeDecodeError as error:
        name = coding.removesuffix("-sig").upper()
        raise SenderFault(f"not a register: it is no text in {name} (byte {error.start})", next="save the file as UTF-8") from None


def _unread(text: str) -> Iterator[str]:
    """What rows say in fields that this form does not have: an end of membership written there would count for nothing."""
    rows = msgspec.json.decode(text, type=_Rows).memberships
    counts = Counter(name for row in rows for name in row if name not in _READ)
    if counts:
        told = [f"{name[:40]!r} of {count}" for name, count in counts.most_common(10)]
        yield f"fields of memberships that nothing is made of: {', '.join(told)}" + (" and more" if len(counts) > 10 else "")


def _body(each: _Organisation) -> Body:
    offices = tuple(Office(code=office.id, title=office.name, seat=office.seat) for office in each.bodies)
    return Body(body=body_slug(each.id), title=each.name, founded=each.founded, offices=offices)


def _known(row: _Membership) -> tuple[str, Known]:
    code = party_code(row.party)
    codes = {"iso2": row.iso2 or "", "iso3": row.iso3 or "", "iso_num": row.iso_num or ""}
    return code, Known(party=code, title=row.name, kind=row.kind, **codes)


def _moment(text: str) -> datetime:
    """A date, or a year or month, which means its first day."""
    try:
        return parse(text + {4: "-01-01", 7: "-01"}.get(len(text), ""))
    except ValueError:
        raise SenderFault(f"{text[:40]!r} is no date", next="write it like 2021-11-01, 2021-11 or 2021") from None


def _claims(row: _Membership, as_of: datetime, sources: Mapping[str, _Source]) -> Iterator[Standing]:
    """The claims that a row makes, the earliest first."""
    joined = _moment(row.joined) if row.joined else as_of
    told = Standing(
        party=party_code(row.party), body=body_slug(row.org), standing="", since=joined, name=row.name, source=", ".join(row.sources),
        confidence=row.confidence,
    )  # fmt: skip
    effect = _effect(row)
    begins = [_moment(each.since) for each in row.previous] + [joined]
    for each, since, until in zip(row.previous, begins, begins[1:]):
        yield replace(told, standing=standing_name(each.status), since=since, until=until, precision=each.precision)
    note = "; ".join(filter(None, [row.basis, *(flag for flag in row.flags if not _named(flag, sources))]))
    if row.rights_status != _NONE:
        yield replace(told, standing=standing_name(row.rights_status), precision=row.joined_precision, note=note)
    if row.status != row.rights_status:
        since = _moment(row.procedure.launched) if row.procedure.launched else joined
        ends = _moment(effect.date) if effect else None
        yield replace(told, standing=status_name(row.status), since=since, until=ends, status_only=True, note=_steps(row, note))
    if effect:
        sure = effect.confidence or row.confidence
        yield replace(told, standing=standing_name(row.target_status), since=_moment(effect.date), confidence=sure, note=effect.step)


def _effect(row: _Membership) -> _Step | None:
    """The step that begins the target status: the last one that names it."""
    word = row.target_status.replace("_", " ")
    found = [step for step in row.procedure.steps_later if word and re.search(rf"\b{re.escape(word)}\b", step.step)]
    return max(found, key=lambda step: step.date, default=None)


def _steps(row: _Membership, note: str) -> str:
    """What is known of a procedure, as a note."""
    procedure, effect = row.procedure, _effect(row)
    target = f"towards {row.target_status.replace('_', ' ')}" if row.target_status else ""
    later = [f"{step.step} {step.date}" for step in procedure.steps_later if step is not effect]
    stage = procedure.stage_on_as_of if procedure.stage_on_as_of != "launched" else ""
    return "; ".join(filter(None, [target, stage, *later, note if row.rights_status == _NONE else ""]))


def _named(text: str, sources: Iterable[str]) -> list[str]:
    """The sources of the file that a text names."""
    return [source for source in sources if re.search(rf"(?<![\w-]){re.escape(source)}(?![\w-])", text)]


def _differences(row: _Membership, sources: Mapping[str, _Source]) -> Iterator[Dispute]:
    """The disputes that a row tells of: its flags, and the dates of its steps."""
    party, body = party_code(row.party), body_slug(row.org)
    says = f"{row.status.replace('_', ' ')} since {row.joined}" if row.joined else row.status.replace("_", " ")
    for flag in row.flags:
        if named := _named(flag, sources):
            others = [Position(source=each, says=says) for each in row.sources if each not in named]
            positions = [*(Position(source=each, says=flag) for each in named), *others]
            yield Dispute(about=f"{row.org}: {row.name}", body=body, parties=(party,), positions=tuple(positions), held=says)
    for step in row.procedure.steps_later:
        if step.conflict:
            named = _named(step.conflict, sources) or ["another source"]
            others = [Position(source="the file itself", says=step.date)]
            positions = [*(Position(source=each, says=step.conflict) for each in named), *others]
            yield Dispute(about=f"{row.name}: {step.step}", body=body, parties=(party,), positions=tuple(positions), held=step.date)


def _conflict(each: _Conflict, file: _File) -> Dispute:
    """A conflict of the file's own list; of which body and parties it is, is said by the names in it."""
    texts = [each.what, *each.values, *map(str, each.values.values())]
    said = " ".join(texts)
    parties = {party_code(row.party): row.org for row in file.memberships if re.search(rf"\b{re.escape(row.name)}\b", said)}
    orgs = [org.id for org in file.organisations if re.search(rf"\b{re.escape(org.id)}\b", said)]
    positions = tuple(Position(source=source, says=str(value)) for source, value in each.values.items())
    body = body_slug(orgs[0]) if len(orgs) == 1 else ""
    return Dispute(about=each.what, body=body, parties=tuple(sorted(parties)), positions=positions, held=each.resolution)
