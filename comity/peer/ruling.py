"""Rules over links: a centre signs those of its body, and a node takes them from whoever holds the key that it pinned for that body.

The signature is a C2SP note by the body's key over the body's name and the hash of the rule's object. The key was pinned from the
invitation (`peer.enrol`): no other is believed, whoever sends it and whatever else it may vouch for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import msgspec

from comity.errors import Fault, IntegrityFault
from comity.forms.parcel import Entry, Governed
from comity.intake.ruled import receive
from comity.ledger.keys import LogKey, read_verifier
from comity.ledger.note import Note, cosign, verified
from comity.peer.enrol import rules_key
from comity.peer.partner import Partner, Place
from comity.release.desk import Desk
from comity.release.ruling import rules
from comity.world import World


def text_of(body: str, raw: bytes) -> str:
    """What the body's key signs about a rule."""
    return f"comity rule\nbody {body}\nsha256 {hashlib.sha256(raw).hexdigest()}\n"


def fill(desk: Desk, partner: Partner, entries: list[Entry], place: Place, limit: int, key: LogKey | None) -> tuple[Place, bool]:
    """Add the rules that a node of this body has not been given; how far that leads, and whether more follow. None without the key."""
    body = desk.world.settings.body
    room = limit - len(entries)
    if key is None or partner.body not in ("", body) or room <= 0:
        return place, room <= 0
    found = rules(desk, partner.party, partner.name, place.rules, room)
    entries += [Governed(object=raw, note=cosign(Note(text=text_of(body, raw), signatures=()), key)) for raw in found.objects]
    return msgspec.structs.replace(place, rules=found.reached), found.more


def take(world: World, partner: Partner, entries: Sequence[tuple[int, Governed]]) -> list[tuple[int, str]]:
    """Take rules in, in order; (position, why) of those that were not."""
    body = partner.body or world.settings.body
    refused = []
    for position, entry in entries:
        try:
            _check(world, body, entry)
            receive(world, body, entry.object, f"link {partner.name}")
        except Fault as fault:
            refused.append((position, str(fault)))
    return refused


def _check(world: World, body: str, entry: Governed) -> None:
    """Raises IntegrityFault unless the key pinned for the body signed this very rule."""
    key = rules_key(world, body)
    if not key:
        raise IntegrityFault(f"no key is known here by which the rules of {body} could be told", next="comity peer invite --rules, there")
    if verified(entry.note, (read_verifier(key),), "rule").text != text_of(body, entry.object):
        raise IntegrityFault("the signature is about another rule")
