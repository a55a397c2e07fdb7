"""What the node's own people and tools may use of what it holds: reads by its own party, not disclosures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from comity.clock import micros
from comity.errors import NotFound
from comity.ledger.journal import MAX_OBJECTS
from comity.release.desk import Desk, Page
from comity.release.purpose import declared
from comity.release.select import Query
from comity.release.sight import Reader
from comity.store.protocol import Row
from comity.terms.item import PURPOSES, Envelope, read_envelope
from comity.terms.observable import guess
from comity.terms.stix import is_id
from comity.terms.values import observables

_PAGE = 1_000


def own_reader(desk: Desk, purposes: tuple[str, ...] = PURPOSES) -> Reader:
    """The node's own party, reading for its people."""
    return Reader(party=desk.world.settings.party, body=desk.world.settings.body, purposes=purposes)


def every(desk: Desk, reader: Reader, types: frozenset[str] | None = None, after: int = 0) -> Iterator[tuple[int, Row, bytes]]:
    """Everything a reader may see after a stamp, in order: (stamp, row, received bytes)."""
    while True:
        page = desk.page(reader, Query(after=after, limit=_PAGE, types=types))
        for (at, row), body in zip(page.found, page.bodies, strict=True):
            yield at, row, body
        if not page.more:
            return
        after = page.found[-1][0]


def get(
    desk: Desk, id_: str, version: str | None = None, purposes: tuple[str, ...] = PURPOSES, reader: Reader | None = None
) -> tuple[Row, bytes]:  # fmt: skip
    """One object as a reader (the node's own party) may see it for some purposes. Raises NotFound when hidden or absent, Denied (G2).

    Of several parties' objects under one id it is the reader's own, else the first to come: nobody's newer version stands for another's.
    """
    reader = reader or own_reader(desk)
    page = declared(desk, reader, purposes, Query(ids=(id_,), versions=(version or "last",)))
    if not page.found:
        raise NotFound(f"this node has no {id_} for you")
    found = [(row, body) for (_, row), body in zip(page.found, page.bodies, strict=True)]
    given = {row.origin: (row, body) for row, body in found}
    return next((given[origin] for origin in claimants(desk, reader, id_) if origin in given), found[-1])


def claimants(desk: Desk, reader: Reader, id_: str) -> list[str]:
    """The origins of what a reader sees under an id: itself, then in the order in which they came."""
    rows = desk.seen(reader, Query(ids=(id_,), versions=("all",), copies=True, limit=MAX_OBJECTS))
    rows.sort(key=lambda row: (row.origin != reader.party, row.added))
    return list(dict.fromkeys(row.origin for row in rows))


def envelope_of(desk: Desk, row: Row) -> Envelope:
    """What is said about an item that a party has got."""
    return read_envelope(desk.world.store.envelopes([row.item])[row.item])


def way_of(desk: Desk, row: Row) -> Envelope:
    """As `envelope_of`; of what was opened here, what is said about the sealed object that it came in, and is as sure as."""
    envelope = envelope_of(desk, row)
    if envelope.sealed is None or envelope.made_of is None or envelope.received_from is None:
        return envelope
    around = desk.world.store.envelopes([envelope.made_of])
    return read_envelope(around[envelope.made_of]) if envelope.made_of in around else envelope


def search(desk: Desk, text: str, purposes: tuple[str, ...] = PURPOSES) -> list[tuple[Row, bytes]]:
    """Objects that carry an observable value (defanged or not), or have this id, as far as the node's own party may see them.

    Raises Denied where it sees them for other purposes alone (G2).
    """
    page = declared(desk, own_reader(desk), purposes, asked(text, limit=10_000))
    return [(row, body) for (_, row), body in zip(page.found, page.bodies, strict=True)]


def asked(text: str, **more: Any) -> Query:
    """The query for what a text names: an observable value, or an id."""
    found, id_ = guess(text), text.strip()
    return Query(ids=(id_,) if is_id(id_) else None, values=(found,) if found else (), **more)


def open_to_search(text: str) -> tuple[str, str] | None:
    """The kind and normal form of a value that any party's tools may look up; None for none, and for mail addresses.

    They lead to people, whom nobody looks up outside a case (product.md, G6).
    """
    found = guess(text)
    return None if found is None or found[0] == "email" else found


def known(desk: Desk, reader: Reader, values: Iterable[tuple[str, str]]) -> dict[tuple[str, str], list[str]]:
    """(kind, normal form) -> ids of the objects visible to the reader that carry it; every object is recorded as given to it."""
    found: dict[tuple[str, str], list[str]] = {value: [] for value in values}
    wanted = list(found)
    for start in range(0, len(wanted), _PAGE):
        part, after, more = tuple(wanted[start : start + _PAGE]), 0, True
        while more:
            pull = desk.pull(reader, Query(values=part, after=after, limit=_PAGE))
            for obj in map(msgspec.json.decode, pull.bodies):
                for value in observables(obj):
                    if value in found:
                        found[value].append(obj["id"])
            after, more = pull.stamps[-1] if pull.stamps else after, pull.more
    return {value: list(dict.fromkeys(ids)) for value, ids in found.items()}


class Outlet:
    """What of this node's own items may be sent to a party under the agreements held now (G1: nothing leaves without a clause).

    To a centre that an agreement names as custodian of its parties, everything: submitting is then the originator's own release to those it
    addresses (architecture.md, idea 1). To anybody else, what a clause permits that party itself.
    """

    def __init__(self, desk: Desk, party: str, purposes: tuple[str, ...]) -> None:
        own = own_reader(desk)
        self.version, rules = desk.world.rulebook.current()
        now = desk.world.clock()
        self._sight = desk.sight(Reader(party=party, body=own.body, purposes=purposes))
        #: The agreements of which the party is our custodian.
        self.custody = tuple(
            agreement.ref
            for agreement in rules.governing(own.party, party, now)
            if agreement.spans == (own.body,)
            and agreement.custodian(party, rules.register, now)
            and agreement.binds(own.party, rules.register, now)
        )

    def grounds(self, row: Row) -> tuple[str, ...]:
        """By which agreements or clauses an item may be sent; none if it may not."""
        if self.custody:
            return self.custody
        return self._sight.grounds(row.base) if self._sight.sees(row.traits) else ()


def own_items(desk: Desk, after: int, limit: int) -> list[tuple[int, Row, bytes, Envelope]]:
    """The node's own items after a stamp, in order, for its links: (stamp, row, bytes, envelope)."""
    return _enveloped(desk, desk.page(own_reader(desk), Query(after=after, limit=limit, versions=("all",), others=False)))


def own_rows(desk: Desk, after: int, limit: int) -> list[tuple[int, Row, Envelope]]:
    """The node's own items after a stamp, in order: (stamp, row, envelope). Looked at; none is given out."""
    own = desk.feed(own_reader(desk)).sources(own=True, others=False, types=None)
    found = desk.world.store.page(own, after, limit, micros(desk.world.clock()))
    envelopes = desk.world.store.envelopes([row.item for _, row in found])
    return [(at, row, read_envelope(envelopes[row.item])) for at, row in found if row.item in envelopes]


def own_since(desk: Desk, after: int, most: int) -> int:
    """How many own items came after a stamp, counted up to `most`; none is given out."""
    own = desk.feed(own_reader(desk)).sources(own=True, others=False, types=None)
    return len(desk.world.store.page(own, after, most, micros(desk.world.clock())))


def own_named(desk: Desk, ids: Iterable[str], reader: Reader | None = None) -> list[tuple[int, Row, bytes, Envelope]]:
    """All versions of a reader's (the node's) own items of these ids, in order: (stamp, row, bytes, envelope)."""
    pages = _named(desk, Query(ids=tuple(ids), limit=_PAGE, versions=("all",), others=False), reader)
    return [each for page in pages for each in _enveloped(desk, page)]


def others_named(desk: Desk, ids: Iterable[str]) -> list[tuple[Row, bytes]]:
    """The last versions of others' items of these ids, a copy of each origin's, as far as the node's own party may see them."""
    pages = _named(desk, Query(ids=tuple(ids), limit=_PAGE, own=False, copies=True))
    return [(row, body) for page in pages for (_, row), body in zip(page.found, page.bodies, strict=True)]


def _named(desk: Desk, query: Query, reader: Reader | None = None) -> Iterator[Page]:
    """The pages of a look-up by ids; none for no ids."""
    more = bool(query.ids)
    while more:
        page = desk.page(reader or own_reader(desk), query)
        yield page
        more = page.more and bool(page.found)
        query = msgspec.structs.replace(query, after=page.found[-1][0] if page.found else 0)


def _enveloped(desk: Desk, page: Page) -> list[tuple[int, Row, bytes, Envelope]]:
    envelopes = desk.world.store.envelopes([row.item for _, row in page.found])
    return [(at, row, body, read_envelope(envelopes[row.item])) for (at, row), body in zip(page.found, page.bodies, strict=True)]
