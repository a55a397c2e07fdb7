"""What a node keeps of its peers: where they are, as whom it speaks to them, and how far the exchange with each has come."""

from __future__ import annotations

from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec

from comity.clock import micros, parse, stamp
from comity.errors import Conflict, NotFound, SenderFault
from comity.ledger.journal import Entry
from comity.peer.channel import check_url, tls
from comity.store.protocol import Tx
from comity.world import World

_SPACE = "peers"


class Peer(msgspec.Struct, frozen=True, kw_only=True):
    """One peer. `pulled` and `pushed` are how far the exchange has come (TAXII timestamp; our stamp).

    `collection` and `push_collection` name one by id or alias, "" leaves the choice to the link. `ca` is a PEM text of authorities to trust
    instead of the system's; `insecure_http` lets plain http beyond loopback. `waiting` is the version of the rules under which some own
    item stayed here for want of a clause, -1 when none did: when the rules have changed since, pushing begins anew, and what the peer has
    already is a duplicate there. `tried` and `result` are when the last exchange ended, and how.

    A MISP server (`kind`) knows `tags` (only events with one of them; none with one that begins with `!`) and `unpublished` (those too) in
    place of collections. `seen` are the events of the second `pulled` that were taken in, `sighted` is the second of the last sighting.

    A Comity node (`kind`) is known by its identity (`node`, see `peer.identity`); without a `url` it is the one that calls. `front`: a
    proxy stands before it; `centre`: it is its body's, and gives what others sent. `turn` is the latest of our own identities that it has;
    `ended` is when the link was revoked, `why` what for.
    """

    name: str
    party: str
    url: str
    user: str
    token: str
    kind: Literal["taxii", "misp", "comity"] = "taxii"
    tlp: str = "amber"
    purposes: tuple[str, ...] = ("network-defence",)
    pull: bool = True
    push: bool = False
    collection: str = ""
    push_collection: str = ""
    tags: tuple[str, ...] = ()
    unpublished: bool = False
    ca: str = ""
    insecure_http: bool = False
    pulled: str = ""
    seen: tuple[str, ...] = ()
    sighted: int = 0
    pushed: int = 0
    waiting: int = -1
    node: str = ""
    front: bool = False
    centre: bool = False
    turn: int = 0
    told: int = 0
    ended: str = ""
    why: str = ""
    tried: str = ""
    result: str = ""

    @property
    def source(self) -> tuple[Any, ...]:
        """What pulling is from: when it is another, pulling begins anew."""
        return self.url, self.collection, self.tags, self.unpublished

    @property
    def target(self) -> tuple[str, str]:
        """What pushing is to: when it is another, pushing begins anew."""
        return self.url, self.push_collection

    def check(self) -> None:
        """Raises SenderFault for a URL that would leak the token, or a `ca` that is none."""
        if self.kind == "comity" and not self.url:
            return
        check_url(self.url, plain=self.insecure_http, example="https://host/taxii2/" if self.kind == "taxii" else "https://host/")
        tls(self.ca)


def add_peer(world: World, peer: Peer) -> None:
    """Keep a new peer. Raises Conflict if the name is taken, SenderFault for a URL that would leak the token or a `ca` that is none."""
    peer.check()
    if world.store.private(_SPACE, peer.name) is not None:
        raise Conflict(f"there is a peer {peer.name!r} already", next=f"comity peer set {peer.name} changes it; or choose another name")
    with world.store.write() as tx:
        tx.put_private(_SPACE, peer.name, msgspec.json.encode(peer))
        detail = {"peer": peer.name, "url": peer.url}
        world.journal.append(tx, Entry(kind="peer", at=world.clock(), party=peer.party, detail=detail))


def put(tx: Tx, peer: Peer) -> None:
    """Keep a peer as it is, within the critical section of what the log says of it."""
    tx.put_private(_SPACE, peer.name, msgspec.json.encode(peer))


def peers(world: World) -> list[Peer]:
    """All peers, by name."""
    return [msgspec.json.decode(value, type=Peer) for _, value in world.store.privates(_SPACE)]


def peer(world: World, name: str) -> Peer:
    """A peer by name. Raises NotFound."""
    value = world.store.private(_SPACE, name)
    if value is None:
        raise NotFound(f"there is no peer {name!r}", next="comity peer list shows them")
    return msgspec.json.decode(value, type=Peer)


def change_peer(world: World, name: str, **given: Any) -> Peer:
    """Change what is given of a peer (fields of `Peer`; None leaves one as it is), and record which of it was another before.

    With another URL or collection the exchange begins anew; else it goes on where it was.

    Raises NotFound, or SenderFault for a URL that would leak the token or a `ca` that is none.
    """
    changes = {key: value for key, value in given.items() if value is not None}
    with world.store.write() as tx:
        before = peer(world, name)
        after = msgspec.structs.replace(before, **changes)
        after.check()
        if "token" not in changes and urlsplit(after.url)[:2] != urlsplit(before.url)[:2]:
            raise SenderFault("the token of one server is not for another", next="give the new server's token too")
        if after.source != before.source:
            after = msgspec.structs.replace(after, pulled="", seen=(), sighted=0)
        if after.target != before.target:
            after = msgspec.structs.replace(after, pushed=0, waiting=-1, told=0)
        changed = [key for key in changes if getattr(before, key) != getattr(after, key)]
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


def advance(world: World, link: Peer, **reached: Any) -> Peer:
    """Keep how far the exchange has come, beside whatever else of the peer was changed meanwhile. Raises NotFound or Conflict."""
    with world.store.write() as tx:
        now = peer(world, link.name)
        if (now.source, now.target) != (link.source, link.target):
            raise Conflict(f"the peer {link.name!r} has another URL or collection since this exchange began", next="sync again")
        kept = msgspec.structs.replace(now, **reached)
        tx.put_private(_SPACE, kept.name, msgspec.json.encode(kept))
    return kept


def forward(world: World, link: Peer, pulled: str | None) -> Peer:
    """Keep how far pulling has come; never back."""
    if not pulled or (link.pulled and micros(parse(pulled)) <= micros(parse(link.pulled))):
        return link
    return advance(world, link, pulled=pulled)


def note_result(world: World, name: str, result: str) -> None:
    """Keep how an exchange ended; of a peer that is gone meanwhile, nothing, nor of a node that went on as before."""
    try:
        before = peer(world, name)
    except NotFound:
        return
    if before.kind == "comity" and before.result == result[:500]:
        return
    with world.store.write() as tx:
        if world.store.private(_SPACE, name) is not None:
            kept = msgspec.structs.replace(peer(world, name), tried=stamp(micros(world.clock())), result=result[:500])
            tx.put_private(_SPACE, name, msgspec.json.encode(kept))


def describe(link: Peer) -> dict[str, Any]:
    """A peer for people: everything but its token."""
    return {
        "name": link.name,
        "kind": link.kind,
        "party": link.party,
        "url": link.url,
        "ended": link.ended,
        "pull": link.pull,
        "push": link.push,
        "pulled": link.pulled,
        "pushed": stamp(link.pushed) if link.pushed else "",
        "tried": link.tried,
        "result": link.result,
    }
