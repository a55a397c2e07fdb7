"""Links to other nodes and TAXII servers: what is kept of a peer, pulling from it, pushing to it.

Pulled items come from the peer (their origin is the peer's party; who made them is a claim inside them), addressed to this node's
party alone and not to be passed on (H2). Crash story: a page is taken in before its cursor is kept, so a cut repeats a page and
never loses one; what comes twice is a duplicate. Likewise a post is answered before its reach is kept; it is in the log before it
leaves, and one that is cut off counts as made.
"""

from __future__ import annotations

from collections import Counter
from typing import Any
from urllib.parse import urlsplit

import msgspec

from comity.clock import micros, parse, stamp
from comity.errors import Conflict, NotFound, PeerFault, SenderFault
from comity.forms import stix_json, wire_envelope
from comity.intake.submit import Submitter, submit
from comity.ledger.journal import Entry
from comity.peer.taxii_client import Collection, Fetched, TaxiiClient, check_url
from comity.release.desk import Desk
from comity.release.holdings import Outlet, own_items
from comity.store.protocol import Row
from comity.terms.item import Envelope
from comity.world import World

_SPACE = "peers"
#: Objects asked for per page and posted per envelope.
PAGE = 1_000
_POST_BYTES = 4 << 20
#: Bytes around the objects of a posted envelope.
_AROUND = 64


class Peer(msgspec.Struct, frozen=True, kw_only=True):
    """What a node keeps of a peer. `pulled` and `pushed` are how far the exchange has come (TAXII timestamp; our stamp).

    `waiting` is the version of the rules under which some own item stayed here for want of a clause, -1 when none did: when the rules
    have changed since, pushing begins anew, and what the peer has already is a duplicate there.
    """

    name: str
    party: str
    url: str
    user: str
    token: str
    tlp: str = "amber"
    purposes: tuple[str, ...] = ("network-defence",)
    pull: bool = True
    push: bool = False
    pulled: str = ""
    pushed: int = 0
    waiting: int = -1


#: An own item to post: its row, its bytes, what is said of it.
_Post = tuple[Row, bytes, wire_envelope.Said]


class Report(msgspec.Struct, kw_only=True):
    """What one exchange with a peer did: outcomes of pulled objects, results of pushed ones, and what stayed here and why."""

    peer: str
    pulled: dict[str, int]
    pushed: dict[str, int]
    problems: list[str]


def add_peer(world: World, peer: Peer) -> None:
    """Keep a new peer. Raises Conflict if the name is taken, SenderFault for a URL that would leak the token."""
    check_url(peer.url)
    if world.store.private(_SPACE, peer.name) is not None:
        raise Conflict(f"there is a peer {peer.name!r} already", next=f"comity peer set {peer.name} changes it; or choose another name")
    with world.store.write() as tx:
        tx.put_private(_SPACE, peer.name, msgspec.json.encode(peer))
        detail = {"peer": peer.name, "url": peer.url}
        world.journal.append(tx, Entry(kind="peer", at=world.clock(), party=peer.party, detail=detail))


def peers(world: World) -> list[Peer]:
    """All peers, by name."""
    return [msgspec.json.decode(value, type=Peer) for _, value in world.store.privates(_SPACE)]


def peer(world: World, name: str) -> Peer:
    """A peer by name. Raises NotFound."""
    value = world.store.private(_SPACE, name)
    if value is None:
        raise NotFound(f"there is no peer {name!r}", next="comity peer list shows them")
    return msgspec.json.decode(value, type=Peer)


def change_peer(
    world: World, name: str, *, url: str | None = None, token: str | None = None, push: bool | None = None, pull: bool | None = None
) -> Peer:
    """Change what is given of a peer, and record which of it was another before.

    With another URL the exchange begins anew; else it goes on where it was.

    Raises NotFound, or SenderFault for a URL that would leak the token.
    """
    given = {"url": url, "token": token, "push": push, "pull": pull}
    changes: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    if url is not None:
        check_url(url)
    with world.store.write() as tx:
        before = peer(world, name)
        if url is not None and url != before.url:
            if token is None and urlsplit(url)[:2] != urlsplit(before.url)[:2]:
                raise SenderFault("the token of one server is not for another", next="give the new server's token too")
            changes |= {"pulled": "", "pushed": 0, "waiting": -1}
        after = msgspec.structs.replace(before, **changes)
        changed = [key for key in given if getattr(before, key) != getattr(after, key)]
        tx.put_private(_SPACE, name, msgspec.json.encode(after))
        detail = {"peer": name, "url": after.url, "changed": changed}
        world.journal.append(tx, Entry(kind="peer", at=world.clock(), party=after.party, detail=detail))
    return after


def remove_peer(world: World, name: str) -> Peer:
    """Forget a peer and its token, and record it; what came from it stays. Raises NotFound."""
    with world.store.write() as tx:
        gone = peer(world, name)
        tx.put_private(_SPACE, name, None)
        detail = {"peer": name, "url": gone.url, "removed": True}
        world.journal.append(tx, Entry(kind="peer", at=world.clock(), party=gone.party, detail=detail))
    return gone


def _advance(world: World, link: Peer, **reached: Any) -> Peer:
    """Keep how far the exchange has come, beside whatever else of the peer was changed meanwhile. Raises NotFound or Conflict."""
    with world.store.write() as tx:
        now = peer(world, link.name)
        if now.url != link.url:
            raise Conflict(f"the peer {link.name!r} has another URL since this exchange began", next="sync again")
        kept = msgspec.structs.replace(now, **reached)
        tx.put_private(_SPACE, kept.name, msgspec.json.encode(kept))
    return kept


def sync(desk: Desk, name: str, client: TaxiiClient | None = None) -> Report:
    """Push what is new here, then pull what is new there, as the peer is set up."""
    link = peer(desk.world, name)
    report = Report(peer=name, pulled={}, pushed={}, problems=[])
    speaker = client or TaxiiClient(link.user, link.token)
    try:
        offered = speaker.collections(link.url)
        if link.push:
            _push(desk, link, _chosen(offered, "exchange", write=True), speaker, report)
        if link.pull:
            _pull(desk.world, link.name, _chosen(offered, "shared", write=False), speaker, report)
    finally:
        if client is None:
            speaker.close()
    return report


def _chosen(offered: list[Collection], alias: str, *, write: bool) -> Collection:
    fit = [each for each in offered if (each.can_write if write else each.can_read)]
    if not fit:
        what = "written to" if write else "read"
        raise PeerFault(f"the server has no collection that may be {what}", next="ask its operator for a token with that scope")
    return next((each for each in fit if each.alias == alias), fit[0])


def _pull(world: World, name: str, collection: Collection, client: TaxiiClient, report: Report) -> None:
    link = peer(world, name)
    counts: Counter[str] = Counter()
    by = Submitter(
        party=link.party,
        by=f"peer {link.name}",
        tlp=link.tlp,
        purposes=link.purposes,
        handling=("H2",),
        to=(world.settings.party,),
        received_from=link.party,
        hops=(link.party,),
    )
    try:
        for page in client.pages(collection, link.pulled or None, PAGE):
            if not page.empty:
                _take(world, page, by, counts, report)
            reached = _reached(page)
            if reached and (not link.pulled or _earlier(link.pulled, reached)):
                link = _advance(world, link, pulled=reached)
    finally:
        report.pulled = dict(counts)


def _take(world: World, page: Fetched, by: Submitter, counts: Counter[str], report: Report) -> None:
    """Take one page in; every outcome is durable when this returns."""
    for outcome in submit(world, stix_json.read(page.raw), by):
        counts[outcome.outcome] += 1
        if outcome.outcome == "rejected":
            report.problems.append(f"{outcome.id or outcome.position}: {outcome.why}")


def _reached(page: Fetched) -> str | None:
    """How far a page brings the exchange. While there is more, others may have been added in the same moment as its last object
    (servers stamp whole posts alike), so the next exchange is to begin just before that moment."""
    if page.last is None or page.going_on is None:
        return page.last
    return stamp(micros(parse(page.last)) - 1)


def _earlier(one: str, other: str) -> bool:
    return micros(parse(one)) < micros(parse(other))


def _push(desk: Desk, link: Peer, collection: Collection, client: TaxiiClient, report: Report) -> None:
    """Post own items in order. What a server that ignores envelopes would widen stays here, and is said."""
    most = min(_POST_BYTES, collection.most or _POST_BYTES) - _AROUND
    outlet = Outlet(desk, link.party, link.purposes)
    if link.waiting not in (-1, outlet.version):
        link = msgspec.structs.replace(link, pushed=0, waiting=-1)
    while found := own_items(desk, link.pushed, PAGE):
        batch: list[_Post] = []
        size, reached = 0, link.pushed
        for at, row, body, envelope in found:
            said = wire_envelope.said_of(envelope)
            weight = len(body) + 2 + (len(msgspec.json.encode(said)) if collection.understands else 0)
            reason = _stays(envelope, body, collection)
            if reason is None and not outlet.grounds(row):
                reason = f"no agreement held here lets it go to {link.party}"
                link = msgspec.structs.replace(link, waiting=outlet.version)
            if reason is None and weight > most:
                reason = f"with {weight} bytes it is more than the server takes in one post"
            if reason:
                report.problems.append(f"{row.id}: {reason}")
                report.pushed["kept here"] = report.pushed.get("kept here", 0) + 1
            if reason is None:
                if size + weight > most:
                    link = _post(desk.world, link, reached, batch, outlet, collection, client, report)
                    batch, size = [], 0
                batch.append((row, body, said))
                size += weight
            reached = at
        link = _post(desk.world, link, reached, batch, outlet, collection, client, report)


def _stays(envelope: Envelope, body: bytes, collection: Collection) -> str | None:
    """None to push; else why an own item stays here ("" for what is never meant to leave)."""
    if envelope.gate != "open" or "administration" in envelope.purposes or envelope.to == () or envelope.realm != "real":
        return ""
    if collection.understands:
        return None
    if envelope.tlp == "red":
        return "TLP:RED names its recipients, which this server would not keep"
    (draft,) = stix_json.read(body)
    plain = Envelope(origin=envelope.origin, tlp=envelope.tlp)
    if getattr(draft, "tlp", None) != envelope.tlp or envelope != plain:
        return "its TLP, audience, handling or purposes are said in Comity's envelope only, which this server would not keep"
    return None


def _post(
    world: World, link: Peer, at: int, batch: list[_Post], outlet: Outlet, collection: Collection, client: TaxiiClient, report: Report
) -> Peer:  # fmt: skip
    """Record a batch, post it, and keep how far it reached: the log before letting go."""
    if batch:
        bodies, said = [body for _, body, _ in batch], [words for _, _, words in batch]
        agreements = tuple(sorted({ground for row, _, _ in batch for ground in outlet.grounds(row)}))
        detail = {"peer": link.name}
        entry = Entry(kind="push", at=world.clock(), party=link.party, count=len(batch), agreements=agreements, detail=detail)
        with world.store.write() as tx:
            world.journal.append(tx, entry, [row.sha for row, _, _ in batch])
        raw = wire_envelope.write(bodies, said) if collection.understands else stix_json.envelope(bodies)
        posted = client.post(collection, raw)
        report.pushed["taken"] = report.pushed.get("taken", 0) + posted.taken
        report.pushed["refused"] = report.pushed.get("refused", 0) + posted.refused
        report.problems.extend(posted.problems)
    return _advance(world, link, pushed=at, waiting=link.waiting)


def describe(link: Peer) -> dict[str, Any]:
    """A peer for people: everything but its token."""
    return {
        "name": link.name,
        "party": link.party,
        "url": link.url,
        "pull": link.pull,
        "push": link.push,
        "pulled": link.pulled,
        "pushed": stamp(link.pushed) if link.pushed else "",
    }
