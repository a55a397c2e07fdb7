"""Links to other nodes, TAXII servers and MISP: one exchange with a peer, and a look at it."""

from __future__ import annotations

from typing import Any, Literal

from comity.errors import Fault, OurFault, PeerFault
from comity.peer import book
from comity.peer.book import Peer
from comity.peer.keyring import Keyring
from comity.peer.pulling import pull
from comity.peer.pushing import Pushing
from comity.peer.report import Report
from comity.peer.taxii_client import Collection, TaxiiClient, place
from comity.release.desk import Desk
from comity.world import World

Way = Literal["pull", "push"]
#: Aliases that a Comity node gives, chosen where a peer names no collection.
_ALIAS: dict[Way, str] = {"pull": "shared", "push": "exchange"}


def sync(
    desk: Desk, name: str, client: TaxiiClient | None = None, way: Way | None = None, keys: Keyring | None = None
) -> Report:  # fmt: skip
    """Push what is new here, then pull what is new there: as the peer is set up, or only the way given.

    `keys` are needed for Comity nodes. Raises NotFound, PeerFault, NotAuthenticated, Conflict; however it ends, that is kept with the peer.
    """
    link = book.peer(desk.world, name)
    report = Report(peer=name, pulled={}, pushed={}, problems=[])
    result = "cut off"
    try:
        if link.kind == "misp":
            from comity.peer import misp

            misp.exchange(desk, link, report, way)
        elif link.kind == "comity":
            from comity.peer.exchange import exchange

            push, pull = (way == "push", way == "pull") if way else (link.push, link.pull)
            exchange(desk, _needed(keys), link, report, push, pull)
        else:
            _exchange(desk, link, report, way, client)
        result = f"ok, {len(report.problems)} problems" if report.problems else "ok"
    except Fault as fault:
        result = str(fault)
        raise
    finally:
        book.note_result(desk.world, name, result)
    return report


def _exchange(desk: Desk, link: Peer, report: Report, way: Way | None, client: TaxiiClient | None) -> None:
    speaker = client or speaking(link)
    try:
        offered = speaker.collections(link.url)
        if way == "push" or (way is None and link.push):
            Pushing(desk, chosen(link, offered, "push"), speaker, report).run(link)
        if way == "pull" or (way is None and link.pull):
            pull(desk.world, link.name, chosen(link, offered, "pull"), speaker, report)
    finally:
        if client is None:
            speaker.close()


def speaking(link: Peer) -> TaxiiClient:
    """A client for a peer."""
    return TaxiiClient(link.user, link.token, ca=link.ca, plain=link.insecure_http)


def chosen(link: Peer, offered: list[Collection], way: Way) -> Collection:
    """The collection to pull from or push to: the one the peer names, else a Comity node's, else the only one that fits.

    Raises PeerFault, with what there is, when that does not settle it.
    """
    named = (link.push_collection if way == "push" else "") or link.collection or place(link.url)[1]
    fit = [each for each in offered if (each.can_write if way == "push" else each.can_read)]
    if named and (way == "pull" or link.push_collection or any(named in (each.id, each.alias) for each in fit)):
        found = [each for each in fit if named in (each.id, each.alias)]
    else:
        found = [each for each in fit if each.alias == _ALIAS[way]] or fit
    if len(found) == 1:
        return found[0]
    what = "written to" if way == "push" else "read"
    if not fit:
        raise PeerFault(f"the server has no collection that may be {what}", next="ask its operator for a token with that scope")
    listed = ", ".join(f"{each.id} ({each.alias or each.title})" for each in fit[:20])
    option = "--push-collection" if way == "push" else "--collection"
    which = f"no collection {named!r} that may be {what}, but" if named and not found else f"{len(fit)} collections that may be {what}:"
    raise PeerFault(f"the server has {which} {listed}", next=f"comity peer set {link.name} {option} ID")


def _needed(keys: Keyring | None) -> Keyring:
    if keys is None:
        raise OurFault("an exchange with a Comity node needs the node's keys for links")
    return keys


def look(world: World, name: str, client: TaxiiClient | None = None, keys: Keyring | None = None) -> dict[str, Any]:
    """A peer and what its server says now: `server` is "answers" or what is wrong, `news` whether there is anything to pull."""
    link = book.peer(world, name)
    found: dict[str, Any] = {**book.describe(link), "server": "answers", "collection": "", "push_collection": "", "news": None}
    try:
        if link.kind == "misp":
            from comity.peer import misp

            found |= misp.look(link)
        elif link.kind == "comity":
            from comity.peer import exchange

            found |= exchange.look(Desk(world), _needed(keys), link)
        else:
            _look(link, found, client)
    except Fault as fault:
        found["server"] = f"{fault}; {fault.next}" if fault.next else str(fault)
    return found


def _look(link: Peer, found: dict[str, Any], client: TaxiiClient | None) -> None:
    speaker = client or speaking(link)
    try:
        offered = speaker.collections(link.url)
        if link.push:
            found["push_collection"] = chosen(link, offered, "push").id
        if link.pull:
            source = chosen(link, offered, "pull")
            found["collection"] = source.id
            found["news"] = speaker.more(source, link.pulled or None)
    finally:
        if client is None:
            speaker.close()
