"""What the register says besides standings, read from its governance items: bodies, parties, sources, disputes (`terms.registry`)."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from comity.store import Store
from comity.terms.registry import Body, Dispute, Known, Source
from comity.terms.stix import BODY_TYPE, DISPUTE_TYPE, PARTY_TYPE, SOURCE_TYPE

_T = TypeVar("_T")


def bodies(store: Store) -> dict[str, Body]:
    """Body -> what was said of it last."""
    return {each.body: each for each in _values(store, BODY_TYPE, Body)}


def parties(store: Store) -> dict[str, Known]:
    """Party -> what was said of it last."""
    return {each.party: each for each in _values(store, PARTY_TYPE, Known)}


def sources(store: Store) -> dict[str, Source]:
    """The word by which claims name a source -> the source, as it was described last."""
    return {each.source: each for each in _values(store, SOURCE_TYPE, Source)}


def disputes(store: Store) -> list[Dispute]:
    """Where sources differ, in the order in which it was entered."""
    return _values(store, DISPUTE_TYPE, Dispute)


def _values(store: Store, type_: str, shape: type[_T]) -> list[_T]:
    items = [row.item for row in store.by_type(type_)]
    found = store.bodies(items)
    return [msgspec.convert(msgspec.json.decode(found[item]), shape) for item in items]
