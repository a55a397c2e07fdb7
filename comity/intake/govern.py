"""Governance items: agreements, standings and parties' keys. They enter from the local administrator only (model.md, Root of trust).

Crash story: items that are entered together, their log entries and the advance of the rules are one critical section.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from comity.agree.agreement import read as read_agreement
from comity.clock import micros
from comity.errors import Conflict, NotFound, SenderFault
from comity.forms.sealing_key import is_sealing
from comity.forms.sealing_key import read as read_sealing_key
from comity.ledger.journal import MAX_OBJECTS, Entry
from comity.ledger.keys import read_verifier
from comity.rulebook import GOVERNED
from comity.store.placing import place
from comity.store.protocol import NewItem, Row
from comity.terms.item import Envelope, item_hash
from comity.terms.party import Standing, body_slug, party_code, standing_name, status_name
from comity.terms.stix import AGREEMENT_TYPE, COMITY_EXTENSION, KEY_TYPE, STANDING_TYPE, derived_id, timestamp
from comity.terms.traits import traits_of
from comity.world import World

#: Characters of a name, and of any other text of a standing.
NAME, TEXT = 500, 10_000


class Overtaken(Conflict):
    """What governs has changed since the rules were looked at."""


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """An item to record: its type, its id, and its properties besides those that every object has."""

    type: str
    id: str
    fields: dict[str, Any]


def add_standing(world: World, standing: Standing, by: str) -> Row:
    """Record that a party has a standing in a body from a moment on. The same fact twice is recorded once.

    Raises SenderFault for a malformed name.
    """
    fact = standing_fact(standing)
    return enter(world, fact.type, fact.id, fact.fields, by)


def standing_fact(standing: Standing) -> Fact:
    """A standing as an item. Raises SenderFault for a malformed name, a text that is too long, an end that is not after the beginning."""
    if standing.until is not None and standing.until <= standing.since:
        raise SenderFault(f"{standing.party}'s standing would end before it begins", next="give an end after the beginning")
    code, body = party_code(standing.party), body_slug(standing.body)
    name = status_name if standing.status_only else standing_name
    fields: dict[str, Any] = {
        "party": code,
        "body": body,
        "standing": name(standing.standing),
        "since": timestamp(standing.since),
    }
    if standing.until:
        fields["until"] = timestamp(standing.until)
    if standing.status_only:
        fields["status_only"] = True
    fields |= {key: text for key in ("name", "source", "confidence", "precision", "note") if (text := getattr(standing, key))}
    check_length(code, standing.name)
    if any(len(text) > TEXT for text in fields.values() if isinstance(text, str)):
        raise SenderFault(f"what is said of {code} is too long", next=f"at most {TEXT} characters each")
    id_ = derived_id(STANDING_TYPE, *(f"{key}={value}" for key, value in sorted(fields.items())))
    return Fact(type=STANDING_TYPE, id=id_, fields=fields)


def check_length(what: str, name: str) -> None:
    """Raises SenderFault for a name that is too long."""
    if len(name) > NAME:
        raise SenderFault(f"the name of {what[:40]} is too long: {len(name)} characters", next=f"at most {NAME}")


def add_agreement(world: World, text: str, name: str, by: str) -> Row:
    """Record a version of an agreement. Raises AgreementFault for a faulty text, Conflict for another one under its version."""
    agreement = read_agreement(text, name=name)
    fields = {"name": agreement.title, "agreement_id": agreement.id, "agreement_version": agreement.version, "text": text}
    id_ = derived_id(AGREEMENT_TYPE, agreement.id, str(agreement.version))
    return enter(world, AGREEMENT_TYPE, id_, fields, by)


def add_key(world: World, party: str, key: str, by: str, *, trusted: bool = True) -> Row | None:
    """Record by which key (a verifier's text) a party's signatures are known, or what is sealed to (a sealing key's text); not `trusted`,
    no longer. None if that is so already.

    What was verified by a key before it is given up stays as it is. Raises SenderFault or IntegrityFault for malformed text, NotFound for
    giving up a key that is not known.
    """
    code = party_code(party)
    known = read_sealing_key(key) if is_sealing(key) else read_verifier(key)
    if ((code, key) in world.rulebook.party_keys()) == trusted:
        if not trusted:
            raise NotFound(f"no key {known.name} of {code} is known here", next="comity party key list shows those that are")
        return None
    fields = {"name": f"{code}: {known.name}", "party": code, "key": key, "trusted": trusted}
    return enter(world, KEY_TYPE, derived_id(KEY_TYPE, code, key, str(trusted), timestamp(world.clock())), fields, by)


def enter(world: World, type_: str, id_: str, fields: dict[str, Any], by: str, *, first: Callable[[], None] | None = None) -> Row:
    """Record an item of one of Comity's own types; one of this id with the same fields is recorded once. Raises Conflict for others.

    `first` is asked within the critical section, and keeps it from being recorded by what it raises: nothing changes in between.
    """
    return enter_all(world, [Fact(type=type_, id=id_, fields=fields)], by, first=first)[0]


def judged_under(world: World, version: int) -> Callable[[], None]:
    """What `enter_all` asks first of items judged by a version of the rules: it raises Overtaken if others are in force by now."""

    def same() -> None:
        if world.store.counter(GOVERNED) != version:
            raise Overtaken("the rules changed meanwhile", next="look again, then do it again")

    return same


def enter_all(world: World, facts: Sequence[Fact], by: str, *, first: Callable[[], None] | None = None) -> list[Row]:
    """Record items of Comity's own types in one commit, as `enter` does each; their rows, in the order of `facts`.

    Raises what `first` does, and Conflict for another text under a version, and then nothing is recorded.
    """
    at: datetime = world.clock()
    envelope = Envelope(origin=world.settings.party, purposes=("administration",), tlp="green")
    sealed = msgspec.json.encode(envelope, order="deterministic")
    new = {fact.id: _item(fact, envelope, sealed, timestamp(at)) for fact in facts}
    with world.store.write() as tx:
        if first is not None:
            first()
        rows = {id_: held[0] for id_, held in tx.held(envelope.origin, list(new)).items() if held}
        bodies = world.store.bodies([row.item for row in rows.values()])
        for fact in facts:
            stored = msgspec.json.decode(bodies[rows[fact.id].item]) if fact.id in rows else fact.fields
            if any(stored.get(key) != value for key, value in fact.fields.items()):
                raise Conflict(
                    f"{fact.fields['name']!r} is already here with another text under the same version", next="count its version up"
                )
        missing = [item for id_, item in new.items() if id_ not in rows]
        for batch in (missing[start : start + MAX_OBJECTS] for start in range(0, len(missing), MAX_OBJECTS)):
            rows |= {row.id: row for row in place(tx, batch, micros(at), tx.head().size)}
            entry = Entry(kind="govern", at=at, actor=by, party=envelope.origin, count=len(batch), detail=_detail(batch))
            world.journal.append(tx, entry, [item_hash(each.sha, sealed) for each in batch])
            for _ in batch:  # it is never less than the number of items that govern
                tx.bump(GOVERNED)
    return [rows[fact.id] for fact in facts]


def _item(fact: Fact, envelope: Envelope, sealed: bytes, moment: str) -> NewItem:
    head = {"type": fact.type, "spec_version": "2.1", "id": fact.id, "created": moment, "modified": moment}
    body = msgspec.json.encode({**head, **fact.fields, "extensions": {COMITY_EXTENSION: {"extension_type": "new-sdo"}}})
    return NewItem(
        origin=envelope.origin, id=fact.id, type=fact.type, version=moment, spec="2.1", sha=hashlib.sha256(body).digest(), body=body,
        envelope=sealed, traits=traits_of(envelope, fact.type), refs=(), values=(), expires=None,
    )  # fmt: skip


def _detail(batch: Sequence[NewItem]) -> dict[str, Any]:
    """What an entry says of its items: one by its id, several by how many there are of each type."""
    if len(batch) == 1:
        return {"type": batch[0].type, "id": batch[0].id}
    return {"types": dict(Counter(each.type for each in batch))}
