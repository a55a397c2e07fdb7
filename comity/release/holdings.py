"""What the node's own people and tools may use of what it holds: reads by its own party, not disclosures."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from comity.clock import parse
from comity.errors import NotFound
from comity.release.desk import Desk
from comity.release.select import Query
from comity.release.sight import Reader
from comity.store.placing import value_hash
from comity.store.protocol import Row
from comity.terms.item import PURPOSES, Envelope
from comity.terms.observable import guess
from comity.terms.values import observables

_PAGE = 1_000


def own_reader(desk: Desk, purposes: tuple[str, ...] = PURPOSES) -> Reader:
    """The node's own party, reading for its people."""
    return Reader(party=desk.world.settings.party, body=desk.world.settings.body, purposes=purposes)


def every(desk: Desk, reader: Reader, types: frozenset[str] | None = None) -> Iterator[tuple[int, Row, bytes]]:
    """Everything a reader may see, in order: (stamp, row, received bytes)."""
    after = 0
    while True:
        page = desk.page(reader, Query(after=after, limit=_PAGE, types=types))
        for (at, row), body in zip(page.found, page.bodies, strict=True):
            yield at, row, body
        if not page.more:
            return
        after = page.found[-1][0]


def indicators(desk: Desk) -> Iterator[tuple[str, str, str]]:
    """(kind, value, indicator id) of the indicators this node may match for network defence now: in force, not revoked."""
    now = desk.world.clock()
    for rows in _batched(every(desk, own_reader(desk), frozenset({"indicator"}))):
        envelopes = desk.world.store.envelopes([row.item for _, row, _ in rows])
        for _, row, body in rows:
            envelope = msgspec.json.decode(envelopes[row.item], type=Envelope)
            obj = msgspec.json.decode(body)
            if "network-defence" not in envelope.purposes or obj.get("revoked") is True:
                continue
            until = obj.get("valid_until")
            if isinstance(until, str) and parse(until) <= now:
                continue
            for kind, value in observables(obj):
                yield kind, value, row.id


def _batched(items: Iterator[tuple[int, Row, bytes]]) -> Iterator[list[tuple[int, Row, bytes]]]:
    batch: list[tuple[int, Row, bytes]] = []
    for item in items:
        batch.append(item)
        if len(batch) == _PAGE:
            yield batch
            batch = []
    if batch:
        yield batch


def get(desk: Desk, id_: str, version: str | None = None) -> tuple[Row, bytes]:
    """One object as the node's own party may see it. Raises NotFound when hidden or absent."""
    page = desk.object(own_reader(desk), Query(ids=(id_,), versions=(version or "last",)))
    if not page.found:
        raise NotFound(f"this node has no {id_} for you")
    return page.found[-1][1], page.bodies[-1]


def search(desk: Desk, text: str) -> list[tuple[Row, bytes]]:
    """Objects that carry an observable value (defanged or not), or have this id, as far as the node's own party may see them."""
    ids = [text.strip()] if "--" in text else []
    found = guess(text)
    if found is not None:
        ids += [row.id for row in desk.world.store.by_value(value_hash(*found))]
    if not ids:
        return []
    page = desk.object(own_reader(desk), Query(ids=tuple(dict.fromkeys(ids)), limit=10_000))
    return [(row, body) for (_, row), body in zip(page.found, page.bodies, strict=True)]


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
        self._custody = tuple(
            agreement.ref
            for agreement in rules.governing(own.party, party, now)
            if agreement.body == own.body
            and agreement.custodian(party, rules.register, now)
            and agreement.binds(own.party, rules.register, now)
        )

    def grounds(self, row: Row) -> tuple[str, ...]:
        """By which agreements or clauses an item may be sent; none if it may not."""
        if self._custody:
            return self._custody
        return self._sight.grounds(row.base) if self._sight.sees(row.traits) else ()


def own_items(desk: Desk, after: int, limit: int) -> list[tuple[int, Row, bytes, Envelope]]:
    """The node's own items after a stamp, in order, for its links: (stamp, row, bytes, envelope)."""
    page = desk.page(own_reader(desk), Query(after=after, limit=limit, versions=("all",), others=False))
    envelopes = desk.world.store.envelopes([row.item for _, row in page.found])
    return [
        (at, row, body, msgspec.json.decode(envelopes[row.item], type=Envelope))
        for (at, row), body in zip(page.found, page.bodies, strict=True)
    ]
