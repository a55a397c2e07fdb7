"""Rules that another node gives: standings, agreements, parties' keys and acts, taken in as the administrator's own are; and the other
records of its register (`intake.recorded`).

Whether that node may make rules is settled before (`peer.ruling`). Here each is read as strictly as what people enter: it has to be what
`intake.govern` or `intake.deeds` would have made of it, to the last property. A party's signed act still needs that party's own signature.

Crash story: each is one governance item, entered as `govern` enters all of them. The same one again changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from comity.agree.acts import read as read_deed
from comity.clock import parse
from comity.errors import SenderFault
from comity.forms.sealing_key import is_sealing
from comity.forms.sealing_key import read as read_sealing_key
from comity.intake import deeds, recorded
from comity.intake.govern import add_agreement, enter, standing_fact
from comity.ledger.keys import read_verifier
from comity.registry import RECORDS
from comity.rulebook import body_of
from comity.terms.party import Standing, party_code
from comity.terms.stix import ACT_TYPE, AGREEMENT_TYPE, KEY_TYPE, STANDING_TYPE
from comity.world import World

#: Properties that every object has, and that say nothing of the rule.
_OF_ANY = frozenset({"type", "spec_version", "id", "created", "modified", "extensions"})


def receive(world: World, body: str, raw: bytes, by: str) -> None:
    """Take in a rule of a body. Raises SenderFault, AgreementFault, IntegrityFault or Conflict for one that cannot stand here."""
    try:
        obj = msgspec.json.decode(raw, type=dict[str, Any])
        if obj.get("type") in RECORDS:
            recorded.receive(world, body, obj, _fields(obj), by)
            return
        kind = _TAKEN.get(obj.get("type", ""))
        if kind is None:
            raise SenderFault(f"no rule that travels is of the type {obj.get('type')!r}")
        _, rules = world.rulebook.current()
        of = body_of(obj, {each.ref: each.body for each in rules.agreements})
        if of not in (None, body):
            raise SenderFault(f"it is a rule of {of or 'no body known here'}, and comes from the centre of {body}")
        kind(world, obj, by)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SenderFault(f"this is not a rule as nodes write them: {error}") from None


def _agreement(world: World, obj: dict[str, Any], by: str) -> None:
    add_agreement(world, obj["text"], obj["name"], by)


def _standing(world: World, obj: dict[str, Any], by: str) -> None:
    fields = _fields(obj)
    given = {key: parse(value) if key in ("since", "until") else value for key, value in fields.items()}
    fact = standing_fact(msgspec.convert(given, Standing))
    if (fact.id, fact.fields) != (obj["id"], fields):
        raise SenderFault("a standing is not written as nodes write them")
    enter(world, fact.type, fact.id, fact.fields, by)


def _key(world: World, obj: dict[str, Any], by: str) -> None:
    fields = _fields(obj)
    known = read_sealing_key(obj["key"]) if is_sealing(obj["key"]) else read_verifier(obj["key"])
    said = {"name": f"{party_code(obj['party'])}: {known.name}", "party": party_code(obj["party"]), "key": obj["key"]}
    if fields != {**said, "trusted": bool(obj["trusted"])} or not obj["id"].startswith(f"{KEY_TYPE}--"):
        raise SenderFault("a party's key is not written as nodes write them")
    enter(world, KEY_TYPE, obj["id"], fields, by)


def _act(world: World, obj: dict[str, Any], by: str) -> None:
    if "note" in obj:
        deeds.take(world, obj["note"].encode(), by)
    else:
        deeds.record(world, read_deed(obj["text"]), by)


def _fields(obj: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in obj.items() if key not in _OF_ANY}


_TAKEN: dict[str, Callable[[World, dict[str, Any], str], None]] = {
    AGREEMENT_TYPE: _agreement, STANDING_TYPE: _standing, KEY_TYPE: _key, ACT_TYPE: _act,
}  # fmt: skip
