"""Rules over links: a centre signs those of its body, and a node takes them from whoever holds the key that it pinned for that body.

The signature is a C2SP note by the body's key over the body's name and the hash of the rule's object. The key was pinned from the
invitation (`peer.enrol`): no other is believed, whoever sends it and whatever else it may vouch for. The one thing that a member says
itself is what its party signed about an agreement; its centre takes that by the key that its administrator entered for the party.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec

from comity.errors import Fault, IntegrityFault
from comity.forms.parcel import Entry, Governed
from comity.intake.deeds import opened
from comity.intake.ruled import receive
from comity.ledger.keys import LogKey, read_verifier
from comity.ledger.note import Note, cosign, verified
from comity.peer.enrol import rules_key
from comity.peer.partner import Partner, Place
from comity.release.desk import Desk
from comity.release.ruling import acts, records, rules
from comity.terms.stix import ACT_TYPE
from comity.world import World


def text_of(body: str, raw: bytes) -> str:
    """What the body's key signs about a rule."""
    return f"comity rule\nbody {body}\nsha256 {hashlib.sha256(raw).hexdigest()}\n"


def fill(desk: Desk, partner: Partner, entries: list[Entry], place: Place, limit: int, key: LogKey | None) -> tuple[Place, bool]:
    """Add what a node of this body has not been given; how far that leads, and whether more follow.

    Whoever has the body's key gives its rules; who has not gives its centre what its own party signed.
    """
    body = desk.world.settings.body
    room = limit - len(entries)
    if (key is None and not partner.centre) or partner.body not in ("", body) or room <= 0:
        return place, room <= 0
    if key is None:
        found = acts(desk, partner.party, partner.name, place.rules, room)
        entries += [Governed(object=raw, note=msgspec.json.decode(raw)["note"].encode()) for raw in found.objects]
    else:
        found = rules(desk, partner.party, partner.name, place.rules, room)
        entries += [_signed(body, raw, key) for raw in found.objects]
        if not found.more and (room := limit - len(entries)) > 0:
            others = records(desk, partner.party, partner.name, place.records, room)
            entries += [_signed(body, raw, key) for raw in others.objects]
            return msgspec.structs.replace(place, rules=found.reached, records=others.reached), others.more
    return msgspec.structs.replace(place, rules=found.reached), found.more


def _signed(body: str, raw: bytes, key: LogKey) -> Governed:
    return Governed(object=raw, note=cosign(Note(text=text_of(body, raw), signatures=()), key))


def take(world: World, partner: Partner, entries: Sequence[tuple[int, Governed]]) -> list[tuple[int, str]]:
    """Take rules in, in order; (position, why) of those that were not."""
    body = partner.body or world.settings.body
    refused = []
    for position, entry in entries:
        try:
            if not _signed_by(partner, entry):
                _check(world, body, entry)
            receive(world, body, entry.object, f"link {partner.name}")
        except Fault as fault:
            refused.append((position, str(fault)))
    return refused


def _signed_by(partner: Partner, entry: Governed) -> bool:
    """Whether it is an act that claims the signature of the sender's own party; `receive` checks that by the key entered for the party.

    The note has to be the very one in the object: an act without one would be taken in on an administrator's word.
    """
    try:
        obj = msgspec.json.decode(entry.object, type=dict[str, Any])
        same = obj.get("type") == ACT_TYPE and obj.get("note") == entry.note.decode()
        return same and opened(entry.note).party == partner.party
    except (Fault, msgspec.MsgspecError, UnicodeDecodeError):
        return False


def _check(world: World, body: str, entry: Governed) -> None:
    """Raises IntegrityFault unless the key pinned for the body signed this very rule."""
    key = rules_key(world, body)
    if not key:
        raise IntegrityFault(f"no key is known here by which the rules of {body} could be told", next="comity peer invite --rules, there")
    if verified(entry.note, (read_verifier(key),), "rule").text != text_of(body, entry.object):
        raise IntegrityFault("the signature is about another rule")
