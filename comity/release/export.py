"""Whole stories out of what the node's own party may see: objects, what they name, and what is said about them.

Reads by the own party, counted like any other (`Desk.flush`); for another party's eyes there are pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import msgspec

from comity.clock import micros
from comity.errors import NotFound
from comity.forms.misp_out import Held
from comity.release.around import around
from comity.release.desk import Desk
from comity.release.holdings import own_reader
from comity.release.purpose import declared
from comity.release.select import Query
from comity.release.sight import Reader
from comity.terms.item import DERIVED_FROM, PURPOSES, Envelope
from comity.terms.stix import SRO_TYPES, references

_PAGE = 1_000
#: What is said about other objects.
_ABOUT = SRO_TYPES | {"note", "opinion"}


class Whole(Held, frozen=True, kw_only=True):
    """An object as it is held, and the bytes that it came as."""

    body: bytes


def since(desk: Desk, moment: datetime, purposes: tuple[str, ...] = PURPOSES) -> list[Whole]:
    """Everything for some purposes that came since a moment, and what it names that came before."""
    reader = own_reader(desk, purposes)
    found = {each.id: each for each in _pages(desk, reader, Query(after=micros(moment) - 1, limit=_PAGE))}
    return list(_completed(desk, reader, found).values())


def stories(desk: Desk, ids: Iterable[str], purposes: tuple[str, ...] = PURPOSES) -> list[Whole]:
    """These objects, all that they name, the other parts of the MISP events that they are, and what is said about any of it.

    Raises NotFound for an id that is hidden or absent, Denied for one that may be used for other purposes alone (G2).
    Parts that a report does not name are found by reading everything once.
    """
    reader = own_reader(desk, purposes)
    for id_ in ids:
        declared(desk, own_reader(desk), purposes, Query(ids=(id_,)))
    found = _named(desk, reader, ids)
    missing = [id_ for id_ in ids if id_ not in found]
    if missing:
        raise NotFound(f"this node has no {missing[0]} for you")
    events = [
        each.id.partition("--")[2].encode() for each in found.values() if "event_uuid" in each.record and each.obj["type"] == "report"
    ]
    if events:
        for each in _pages(desk, reader, Query(limit=_PAGE), events):
            found.setdefault(each.id, each)
    found = _completed(desk, reader, found)
    for each in _pages(desk, reader, Query(limit=_PAGE, types=frozenset(_ABOUT))):
        if not found.keys().isdisjoint(references(each.obj)):
            found.setdefault(each.id, each)
    return list(_completed(desk, reader, found).values())


def surrounded(desk: Desk, reader: Reader, id_: str) -> list[Whole]:
    """One object with what is tied to it, and all that any of these name, as far as a reader may see them.

    Of more than `around.MOST` ties the first are taken. Raises NotFound for an object that is hidden or absent.
    """
    ties = around(desk, reader, [id_]).get(id_)
    if ties is None:
        raise NotFound(f"this node has no {id_} for you")
    wanted = dict.fromkeys([id_, *(tie.via or tie.other for tie in ties.ties)])
    return list(_completed(desk, reader, _named(desk, reader, wanted)).values())


def _completed(desk: Desk, reader: Reader, found: dict[str, Whole]) -> dict[str, Whole]:
    """With everything that these objects name, to the end, and their authors."""
    wanted = set(found)
    fresh = list(found.values())
    while fresh:
        names = {ref for each in fresh for ref in (*references(each.obj), str(each.obj.get("created_by_ref") or ""))} - wanted - {""}
        wanted |= names
        more = _named(desk, reader, sorted(names))
        found |= more
        fresh = list(more.values())
    return found


def _named(desk: Desk, reader: Reader, ids: Iterable[str]) -> dict[str, Whole]:
    listed = list(dict.fromkeys(ids))
    parts = (tuple(listed[start : start + _PAGE]) for start in range(0, len(listed), _PAGE))
    return {each.id: each for part in parts for each in _pages(desk, reader, Query(ids=part, limit=_PAGE))}


def _pages(desk: Desk, reader: Reader, query: Query, containing: list[bytes] | None = None) -> Iterator[Whole]:
    """What a query finds, page by page; of objects only those whose bytes contain one of some texts, if any are given."""
    while True:
        page = desk.page(reader, query)
        chosen = [
            (row, body)
            for (_, row), body in zip(page.found, page.bodies, strict=True)
            if containing is None or any(text in body for text in containing)
        ]
        envelopes = desk.world.store.envelopes([row.item for row, _ in chosen])
        for row, body in chosen:
            obj: dict[str, Any] = msgspec.json.decode(body)
            envelope = msgspec.json.decode(envelopes[row.item], type=Envelope)
            # What leads from a redacted copy to its original is of use within this node alone.
            if envelope.profile != DERIVED_FROM:
                yield Whole(obj=obj, envelope=envelope, body=body)
        if not page.more:
            return
        query = msgspec.structs.replace(query, after=page.found[-1][0])
