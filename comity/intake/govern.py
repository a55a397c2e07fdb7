"""Governance items: agreements, standings and parties' keys. They enter from the local administrator only (model.md, Root of trust).

Crash story: one item, its log entry and the advance of the rules are one critical section.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

import msgspec

from comity.agree.agreement import read as read_agreement
from comity.clock import micros
from comity.errors import Conflict, NotFound
from comity.ledger.journal import Entry
from comity.ledger.keys import read_verifier
from comity.rulebook import GOVERNED
from comity.store.placing import place
from comity.store.protocol import NewItem, Row
from comity.terms.item import Envelope, item_hash
from comity.terms.party import Standing, body_slug, party_code, standing_name
from comity.terms.stix import AGREEMENT_TYPE, COMITY_EXTENSION, KEY_TYPE, STANDING_TYPE, derived_id, timestamp
from comity.terms.traits import traits_of
from comity.world import World


def add_standing(world: World, standing: Standing, by: str) -> Row:
    """Record that a party has a standing in a body from a moment on. The same fact twice is recorded once.

    Raises SenderFault for a malformed name.
    """
    code, body = party_code(standing.party), body_slug(standing.body)
    fields: dict[str, Any] = {
        "party": code,
        "body": body,
        "standing": standing_name(standing.standing),
        "since": timestamp(standing.since),
    }
    if standing.until:
        fields["until"] = timestamp(standing.until)
    if standing.name:
        fields["name"] = standing.name
    if standing.source:
        fields["source"] = standing.source
    id_ = derived_id(STANDING_TYPE, *(f"{key}={value}" for key, value in sorted(fields.items())))
    return enter(world, STANDING_TYPE, id_, fields, by)


def add_agreement(world: World, text: str, name: str, by: str) -> Row:
    """Record a version of an agreement. Raises AgreementFault for a faulty text, Conflict for another one under its version."""
    agreement = read_agreement(text, name=name)
    fields = {"name": agreement.title, "agreement_id": agreement.id, "agreement_version": agreement.version, "text": text}
    id_ = derived_id(AGREEMENT_TYPE, agreement.id, str(agreement.version))
    return enter(world, AGREEMENT_TYPE, id_, fields, by)


def add_key(world: World, party: str, key: str, by: str, *, trusted: bool = True) -> Row | None:
    """Record by which key (a verifier's text) a party's signatures are known, or, not `trusted`, no longer; None if that is so already.

    What was verified by a key before it is given up stays as it is. Raises SenderFault or IntegrityFault for malformed text, NotFound for
    giving up a key that is not known.
    """
    code, verifier = party_code(party), read_verifier(key)
    if (verifier in world.rulebook.keys(code)) == trusted:
        if not trusted:
            raise NotFound(f"no key {verifier.key_id.hex()} of {code} is known here", next="comity party key list shows those that are")
        return None
    fields = {"name": f"{code}: {verifier.name}", "party": code, "key": key, "trusted": trusted}
    return enter(world, KEY_TYPE, derived_id(KEY_TYPE, code, key, str(trusted), timestamp(world.clock())), fields, by)


def enter(world: World, type_: str, id_: str, fields: dict[str, Any], by: str) -> Row:
    """Record an item of one of Comity's own types; one of this id with the same fields is recorded once. Raises Conflict for others."""
    at: datetime = world.clock()
    moment = timestamp(at)
    extension = {COMITY_EXTENSION: {"extension_type": "new-sdo"}}
    obj = {"type": type_, "spec_version": "2.1", "id": id_, "created": moment, "modified": moment, **fields, "extensions": extension}
    body = msgspec.json.encode(obj)
    envelope = Envelope(origin=world.settings.party, purposes=("administration",), tlp="green")
    sealed = msgspec.json.encode(envelope, order="deterministic")
    new = NewItem(
        origin=envelope.origin, id=id_, type=type_, version=moment, spec="2.1", sha=hashlib.sha256(body).digest(), body=body,
        envelope=sealed, traits=traits_of(envelope, type_), refs=(), values=(), expires=None,
    )  # fmt: skip
    with world.store.write() as tx:
        earlier = tx.held(envelope.origin, [id_]).get(id_)
        if earlier:
            stored = msgspec.json.decode(world.store.bodies([earlier[0].item])[earlier[0].item])
            if any(stored.get(key) != value for key, value in fields.items()):
                raise Conflict(f"{fields['name']!r} is already here with another text under the same version", next="count its version up")
            return earlier[0]
        (row,) = place(tx, [new], micros(at), tx.head().size)
        entry = Entry(kind="govern", at=at, actor=by, party=envelope.origin, count=1, detail={"type": type_, "id": id_})
        world.journal.append(tx, entry, [item_hash(new.sha, sealed)])
        tx.bump(GOVERNED)
    return row
