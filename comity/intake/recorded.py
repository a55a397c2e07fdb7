"""What else a body's register says, from its centre: bodies, parties, sources, disputes, contacts, and accessions step by step.

Whether the sender may say so is settled before (`peer.ruling`). Each record is read as strictly as what people enter: it has to be what
`intake.registering`, `contacting` or `acceding` would have made of it, to the last property. No right follows from any of them: the
standing that an admission gives comes as a rule of its own. How this node's own party is reached it says itself.

Crash story: each is one governance item, entered as `govern` enters all of them. The same one again changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from comity.agree.accession import Accession
from comity.errors import SenderFault
from comity.intake.acceding import accession_fact, find, step_fact
from comity.intake.govern import Fact, enter
from comity.intake.registering import record_fact
from comity.registry import Taken
from comity.terms.contact import Contact, checked
from comity.terms.registry import Body, Dispute, Known, Source
from comity.terms.stix import ACCESSION_STEP_TYPE, ACCESSION_TYPE, BODY_TYPE, CONTACT_TYPE, DISPUTE_TYPE, PARTY_TYPE, SOURCE_TYPE
from comity.world import World


def receive(world: World, body: str, obj: dict[str, Any], said: dict[str, Any], by: str) -> None:
    """Take in a record of a body: an object of one of `registry.RECORDS`, and what it says. Raises SenderFault, NotFound or Conflict for
    one that cannot stand here, KeyError, TypeError or ValueError for one that says something else than its type does.
    """
    of, fact = _MADE[obj["type"]](world, obj["id"], {key: value for key, value in said.items() if key != "name"})
    if of not in ("", body):
        raise SenderFault(f"it is a record of {of}, and comes from the centre of {body}")
    if (fact.id, fact.fields) != (obj["id"], said):
        raise SenderFault("a record is not written as nodes write them")
    if fact.type != CONTACT_TYPE or said["party"] != world.settings.party:
        enter(world, fact.type, fact.id, fact.fields, by)


def _body(_: World, __: str, said: dict[str, Any]) -> tuple[str, Fact]:
    value = msgspec.convert(said, Body)
    return value.body, record_fact(BODY_TYPE, value, value.title)


def _party(_: World, __: str, said: dict[str, Any]) -> tuple[str, Fact]:
    value = msgspec.convert(said, Known)
    return "", record_fact(PARTY_TYPE, value, value.title)


def _source(_: World, __: str, said: dict[str, Any]) -> tuple[str, Fact]:
    value = msgspec.convert(said, Source)
    return "", record_fact(SOURCE_TYPE, value, value.title)


def _dispute(_: World, __: str, said: dict[str, Any]) -> tuple[str, Fact]:
    value = msgspec.convert(said, Dispute)
    return value.body, record_fact(DISPUTE_TYPE, value, value.about)


def _contact(_: World, id_: str, said: dict[str, Any]) -> tuple[str, Fact]:
    value = checked(msgspec.convert(said, Contact))
    if not id_.startswith(f"{CONTACT_TYPE}--"):
        raise SenderFault("a contact has another type's id")
    return "", Fact(type=CONTACT_TYPE, id=id_, fields={"name": value.team or value.party, **msgspec.to_builtins(value)})


def _accession(_: World, __: str, said: dict[str, Any]) -> tuple[str, Fact]:
    value = msgspec.convert(said, Accession)
    return value.body, accession_fact(value)


def _step(world: World, __: str, said: dict[str, Any]) -> tuple[str, Fact]:
    value = msgspec.convert(said, Taken)
    held = find(world, value.accession)
    return held.body, step_fact(held, value.step)


_MADE: dict[str, Callable[[World, str, dict[str, Any]], tuple[str, Fact]]] = {
    BODY_TYPE: _body, PARTY_TYPE: _party, SOURCE_TYPE: _source, DISPUTE_TYPE: _dispute, CONTACT_TYPE: _contact, ACCESSION_TYPE: _accession,
    ACCESSION_STEP_TYPE: _step,
}  # fmt: skip
