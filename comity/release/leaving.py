"""What goes into a parcel to another node: decided and in the log before anybody else sees it, like every page (`release.desk`).

Two streams, each with a cursor of its own: to the centre of an agreement, the node's own items (submitting is then the originator's own
release to those it addresses); to any other party, what a clause permits that party, late grants and redacted copies included. From hub to
hub of another body goes, in this second stream, what parties there may have (`release.across`).

Crash story: the log's entry is durable when a function returns. If the parcel is then not made, what it says was not given after all.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from comity.agree.crossing import protocols
from comity.forms.wire_envelope import said_of
from comity.ledger.journal import MAX_OBJECTS, Entry
from comity.release import crossed
from comity.release.across import Across
from comity.release.desk import Desk
from comity.release.holdings import Outlet, own_items
from comity.release.select import Query
from comity.release.sight import Reader, Sight
from comity.store.protocol import Row
from comity.terms.item import Envelope, inward, read_envelope, unnamed_red

_SPECS = frozenset({"2.0", "2.1"})


class Leaving(msgspec.Struct, frozen=True, kw_only=True):
    """An item that leaves: its stamp in its stream, what is said of it, and by which clauses or agreements it goes."""

    at: int
    row: Row
    body: bytes
    envelope: Envelope
    grounds: tuple[str, ...]


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a stream: what leaves, how far the stream has then been read, and whether more follows."""

    items: list[Leaving]
    reached: int
    more: bool


def news(desk: Desk) -> object:
    """Differs from what it was before whenever there may be something new to leave."""
    return desk.world.store.counters(), desk.world.store.head().size


def reader_of(desk: Desk, party: str, purposes: tuple[str, ...], link: str, body: str = "") -> Reader:
    """The other end of a link as a reader, with a cursor of its own; as the hub of another `body` it reads for the parties there."""
    return Reader(
        party=party,
        body=desk.world.settings.body,
        purposes=purposes,
        client=f"link/{link}",
        across=body if _hubs(desk, party, body) else "",
    )


def _hubs(desk: Desk, party: str, body: str) -> bool:
    """Whether this node and a party are the hubs of two bodies by one protocol."""
    settings, now = desk.world.settings, desk.world.clock()
    _, rules = desk.world.rulebook.current()
    ours, theirs = ({each.ref for each in protocols(rules, settings.body, body, hub, now)} for hub in (settings.party, party))
    return not ours.isdisjoint(theirs)


def shared(desk: Desk, reader: Reader, node: str, after: int, limit: int, *, alone: bool = False) -> Batch:
    """What of others' items the reader may have, after a stamp; nothing that has passed its node already, or leaves only sealed. `alone`:
    the reader takes this party's word for its own items only, so that no others go.
    """
    query = Query(own=False, after=after, limit=limit, versions=("all",), spec_versions=_SPECS, copies=True)
    sight, envelopes, own = desk.sight(reader), dict[int, Envelope](), desk.world.settings.party

    def goes(items: Sequence[int]) -> list[int]:
        envelopes.update((item, read_envelope(raw)) for item, raw in desk.world.store.envelopes(items).items())
        found = ((item, envelopes[item]) for item in items if item in envelopes)
        found = ((item, each) for item, each in found if not alone or each.origin == own)
        return [item for item, each in found if node not in each.hops and each.sealed is None and _purposed(sight, each)]

    page = desk.page(reader, query, goes)
    items = [
        Leaving(at=at, row=row, body=body, envelope=_said(sight, row, envelopes[row.item]), grounds=sight.grounds(row.base))
        for (at, row), body in zip(page.found, page.bodies, strict=True)
    ]
    if isinstance(sight, Across):
        crossed.keep(desk.world, sight, (row.home for _, row in page.found))
    return Batch(items=items, reached=after if page.reached is None else page.reached, more=page.more)


def _purposed(sight: Sight, envelope: Envelope) -> bool:
    """Whether the other end may use an item for anything."""
    return not isinstance(sight, Across) or bool(sight.words(envelope).purposes)


def _said(sight: Sight, row: Row, envelope: Envelope) -> Envelope:
    """What is said of an item to the other end. What its origin signed goes beside it."""
    if not isinstance(sight, Across):
        return envelope
    said, came = sight.envelope(row.traits, envelope), envelope.came
    if came is None or came.vouch is None or came.vouch.said is not None:
        return said
    stated = msgspec.structs.replace(said_of(envelope), to=None)
    return msgspec.structs.replace(said, came=msgspec.structs.replace(came, vouch=msgspec.structs.replace(came.vouch, said=stated)))


def submitted(desk: Desk, party: str, purposes: tuple[str, ...], link: str, after: int, limit: int) -> Batch | None:
    """The node's own items after a stamp, for its centre; None where the party is not that. What is meant for nobody stays."""
    outlet = Outlet(desk, party, purposes)
    if not outlet.custody:
        return None
    found = own_items(desk, after, limit)
    items = [
        Leaving(at=at, row=row, body=body, envelope=envelope, grounds=outlet.custody)
        for at, row, body, envelope in found
        if not inward(envelope) and not unnamed_red(envelope)
    ]
    _record(desk, party, link, items)
    return Batch(items=items, reached=found[-1][0] if found else after, more=bool(found))


def _record(desk: Desk, party: str, link: str, items: Sequence[Leaving]) -> None:
    """Put into the log what is about to leave for the centre, and by which agreements."""
    world = desk.world
    for start in range(0, len(items), MAX_OBJECTS):
        part = items[start : start + MAX_OBJECTS]
        agreements = tuple(sorted({ground for each in part for ground in each.grounds}))
        entry = Entry(kind="push", at=world.clock(), party=party, count=len(part), agreements=agreements, detail={"peer": link})
        with world.store.write() as tx:
            world.journal.append(tx, entry, [each.row.sha for each in part])
