"""What the register says besides standings, read from its governance items: bodies, parties, sources, disputes (`terms.registry`), and
accessions, each with the steps that were taken.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from comity.agree.accession import Accession, Step
from comity.clock import from_micros
from comity.store import Store
from comity.terms.contact import Contact
from comity.terms.registry import Body, Dispute, Known, Source
from comity.terms.stix import ACCESSION_STEP_TYPE, ACCESSION_TYPE, BODY_TYPE, CONTACT_TYPE, DISPUTE_TYPE, PARTY_TYPE, SOURCE_TYPE

_T = TypeVar("_T")


#: Types of what is kept of a register besides standings.
RECORDS = (BODY_TYPE, PARTY_TYPE, SOURCE_TYPE, DISPUTE_TYPE, CONTACT_TYPE, ACCESSION_TYPE, ACCESSION_STEP_TYPE)


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """A step as it is kept: of which accession."""

    accession: str
    step: Step


def bodies(store: Store) -> dict[str, Body]:
    """Body -> what was said of it last."""
    return {each.body: each for _, each in _values(store, BODY_TYPE, Body)}


def parties(store: Store) -> dict[str, Known]:
    """Party -> what was said of it last."""
    return {each.party: each for _, each in _values(store, PARTY_TYPE, Known)}


def sources(store: Store) -> dict[str, Source]:
    """The word by which claims name a source -> the source, as it was described last."""
    return {each.source: each for _, each in _values(store, SOURCE_TYPE, Source)}


def disputes(store: Store) -> list[Dispute]:
    """Where sources differ, in the order in which it was entered."""
    return [each for _, each in _values(store, DISPUTE_TYPE, Dispute)]


def contacts(store: Store) -> dict[str, Contact]:
    """Party -> how it is reached, as it was entered last."""
    return {each.party: each for _, each in _values(store, CONTACT_TYPE, Contact)}


def accessions(store: Store) -> list[Accession]:
    """Every accession, suspension and withdrawal that was begun, with its steps, in the order in which they were entered."""
    taken: dict[str, list[Step]] = {}
    for known, each in _values(store, ACCESSION_STEP_TYPE, Taken):
        taken.setdefault(each.accession, []).append(replace(each.step, known=known))
    return [
        replace(each, steps=tuple(taken.get(each.accession, ())), known=known) for known, each in _values(store, ACCESSION_TYPE, Accession)
    ]


def _values(store: Store, type_: str, shape: type[_T]) -> list[tuple[datetime, _T]]:
    """When each item of a type was entered, and what it says."""
    rows = list(store.by_type(type_))
    found = store.bodies([row.item for row in rows])
    return [(from_micros(row.added), msgspec.convert(msgspec.json.decode(found[row.item]), shape)) for row in rows]
