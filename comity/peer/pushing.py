"""Pushing own items to a peer, as far as an agreement lets them go and the server keeps what is said of them.

Crash story: a post is in the log before it leaves, and is answered before it is kept how far pushing has come; one that is cut off counts
as made and is made again, and its receiver tells apart what it has.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from comity.errors import NotFound
from comity.forms import stix_json, wire_envelope
from comity.forms.tombstone import note
from comity.ledger.journal import MAX_OBJECTS, Entry
from comity.peer import book
from comity.peer.book import Peer
from comity.peer.report import Report
from comity.peer.taxii_client import Collection, TaxiiClient
from comity.release import tombstones as told
from comity.release.desk import Desk
from comity.release.holdings import Outlet, envelope_of, get, own_items
from comity.store import tombstones
from comity.store.protocol import Row
from comity.terms.item import Envelope, inward, unnamed_red
from comity.world import World

#: Own items looked at per step, and the most bytes of one post.
PAGE, _POST_BYTES = 1_000, 4 << 20
#: Bytes around the objects of a posted envelope.
_AROUND = 64

#: An own item to post: its row, its bytes, what is said of it.
_Post = tuple[Row, bytes, wire_envelope.Said]


class Pushing:
    """One exchange's posts to a collection."""

    def __init__(self, desk: Desk, collection: Collection, client: TaxiiClient, report: Report) -> None:
        self._desk, self._collection, self._client, self._report = desk, collection, client, report
        self._most = min(_POST_BYTES, collection.most or _POST_BYTES) - _AROUND

    def run(self, link: Peer) -> None:
        """Tell what was taken back, then post own items in order; what a server that ignores envelopes would widen stays, and is said."""
        outlet = Outlet(self._desk, link.party, link.purposes)
        link = self._tell(link, outlet)
        if link.waiting not in (-1, outlet.version):
            link = msgspec.structs.replace(link, pushed=0, waiting=-1)
        while found := own_items(self._desk, link.pushed, PAGE):
            batch: list[_Post] = []
            size, reached = 0, link.pushed
            for at, row, body, envelope in found:
                said = wire_envelope.said_of(envelope)
                weight = len(body) + 2 + (len(msgspec.json.encode(said)) if self._collection.understands else 0)
                reason = stays(envelope, body, self._collection)
                if reason is None and not outlet.grounds(row):
                    reason = f"no agreement held here lets it go to {link.party}"
                    link = msgspec.structs.replace(link, waiting=outlet.version)
                if reason is None and weight > self._most:
                    reason = f"with {weight} bytes it is more than the server takes in one post"
                if reason:
                    self._keep(row, reason)
                if reason is None:
                    if size + weight > self._most:
                        link = self._post(link, reached, batch, outlet)
                        batch, size = [], 0
                    batch.append((row, body, said))
                    size += weight
                reached = at
            link = self._post(link, reached, batch, outlet)

    def _tell(self, link: Peer, outlet: Outlet) -> Peer:
        """What the peer had and is to go: deleted there, where the server offers that; else its last version is posted, or a note."""
        world = self._desk.world
        for at, tomb in tombstones.after(world.store, link.party, link.told):
            if not self._goes(tomb.id, outlet):  # else another version is pushed
                body = tomb.revoked or note(tomb)
                told.record(world, link.party, [body], {"peer": link.name})
                if not (self._collection.understands and self._client.delete(self._collection, tomb.id)):
                    self._client.post(self._collection, stix_json.envelope([body]))
                told.keep_told(world, link.party, [tomb])
                self._report.pushed["withdrawn"] = self._report.pushed.get("withdrawn", 0) + 1
            link = book.advance(world, link, told=at)
        return link

    def _goes(self, id_: str, outlet: Outlet) -> bool:
        """Whether the last version of an own object is for the peer."""
        try:
            row, body = get(self._desk, id_)
        except NotFound:
            return False
        own = row.origin == self._desk.world.settings.party
        return own and bool(outlet.grounds(row)) and stays(envelope_of(self._desk, row), body, self._collection) is None

    def _post(self, link: Peer, at: int, batch: list[_Post], outlet: Outlet) -> Peer:
        """Record a batch, post it, and keep how far it reached: the log before letting go."""
        if batch:
            record(self._desk.world, link, outlet, [row for row, _, _ in batch])
            self._send(batch)
        return book.advance(self._desk.world, link, pushed=at, waiting=link.waiting)

    def _send(self, batch: list[_Post]) -> None:
        """Post a batch; one that the server finds too large, in halves."""
        bodies, said = [body for _, body, _ in batch], [words for _, _, words in batch]
        raw = wire_envelope.write(bodies, said) if self._collection.understands else stix_json.envelope(bodies)
        posted = self._client.post(self._collection, raw)
        if posted is None and len(batch) == 1:
            self._keep(batch[0][0], f"with {len(bodies[0])} bytes it is more than the server takes in one post")
        elif posted is None:
            middle = len(batch) // 2
            self._send(batch[:middle])
            self._send(batch[middle:])
        else:
            pushed = self._report.pushed
            pushed["taken"] = pushed.get("taken", 0) + posted.taken
            pushed["refused"] = pushed.get("refused", 0) + posted.refused
            self._report.problems.extend(posted.problems)

    def _keep(self, row: Row, reason: str) -> None:
        self._report.problems.append(f"{row.id}: {reason}")
        self._report.pushed["kept here"] = self._report.pushed.get("kept here", 0) + 1


def record(world: World, link: Peer, outlet: Outlet, rows: Sequence[Row]) -> None:
    """Put into the log what is about to leave for a peer, and by which agreements."""
    with world.store.write() as tx:
        for start in range(0, len(rows), MAX_OBJECTS):
            part = rows[start : start + MAX_OBJECTS]
            agreements = tuple(sorted({ground for row in part for ground in outlet.grounds(row)}))
            detail = {"peer": link.name}
            entry = Entry(kind="push", at=world.clock(), party=link.party, count=len(part), agreements=agreements, detail=detail)
            world.journal.append(tx, entry, [row.sha for row in part])


def stays(envelope: Envelope, body: bytes, collection: Collection) -> str | None:
    """None to push; else why an own item stays here ("" for what is never meant to leave)."""
    if inward(envelope):
        return ""
    if unnamed_red(envelope):
        return "TLP:RED that names no recipients is given to nobody"
    if collection.understands:
        return None
    if envelope.tlp == "red":
        return "TLP:RED names its recipients, which this server would not keep"
    (draft,) = stix_json.read(body)
    plain = Envelope(origin=envelope.origin, tlp=envelope.tlp)
    said = msgspec.structs.replace(envelope, named=False, person=plain.person, category=plain.category, basis=plain.basis)
    if getattr(draft, "tlp", None) != envelope.tlp or said != plain:
        return "its TLP, audience, handling or purposes are said in Comity's envelope only, which this server would not keep"
    return None
