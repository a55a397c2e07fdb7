"""How the links of a node stand: when each was last tried, how that ended, and what has come since that it has not been told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from comity.clock import from_micros, parse
from comity.peer import book, feeds
from comity.peer.partner import State, made, state
from comity.release.desk import Desk
from comity.release.holdings import Outlet, own_since
from comity.world import World

#: Own items that wait are counted up to here.
COUNTED = 1_000
#: The result of an exchange that did what it should.
GOOD = "ok"


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """One link: a peer, or a feed (`kind` is then that of its data). `tried` is None before the first time.

    `waiting` are own items since the last push, up to `COUNTED`, None where nothing is pushed, or not all of them; `failures` how often a
    feed failed in a row.
    """

    name: str
    kind: str
    party: str
    address: str
    pulls: bool
    pushes: bool
    tried: datetime | None
    result: str
    good: bool
    waiting: int | None = None
    failures: int = 0


def standings(desk: Desk) -> list[Standing]:
    """Every peer, then every feed, by name."""
    world = desk.world
    return [
        *(_of_node(desk, each) if each.kind == "comity" else _of_peer(desk, each) for each in book.peers(world)),
        *(_of_feed(world, each) for each in feeds.feeds(world)),
    ]


def problem(link: book.Peer, stands: State) -> str:
    """What is wrong with a link to a Comity node, whoever of the two calls; "" if nothing is."""
    return link.why if link.ended else stands.problem or ("" if link.result.partition(",")[0] in ("", GOOD) else link.result)


def _of_peer(desk: Desk, link: book.Peer) -> Standing:
    return Standing(
        name=link.name,
        kind=link.kind,
        party=link.party,
        address=feeds.shown(link.url),
        pulls=link.pull,
        pushes=link.push,
        tried=parse(link.tried) if link.tried else None,
        result=link.result,
        good=not link.tried or link.result.partition(",")[0] == GOOD,
        waiting=own_since(desk, link.pushed, COUNTED) if link.push else None,
    )


def _of_node(desk: Desk, link: book.Peer) -> Standing:
    """A link to a Comity node: it may be the other one that calls. One that was revoked is no failure."""
    stands = state(desk.world, link.name)
    tried = [from_micros(stamp) for stamp in (stands.tried, stands.heard) if stamp] + ([parse(link.tried)] if link.tried else [])
    submits = link.push and not link.ended and Outlet(desk, link.party, link.purposes).custody
    given = made(desk.world, link.name, stands.reached) if submits else None
    wrong = "" if link.ended else problem(link, stands)
    return Standing(
        name=link.name,
        kind=link.kind,
        party=link.party,
        address=feeds.shown(link.url),
        pulls=link.pull,
        pushes=link.push,
        tried=max(tried, default=None),
        result=wrong or link.result,
        good=not wrong,
        waiting=own_since(desk, given.place.own, COUNTED) if given else None,
    )


def _of_feed(world: World, feed: feeds.Feed) -> Standing:
    told: dict[str, Any] = feeds.describe(world, feed)
    return Standing(
        name=feed.name,
        kind=feed.kind,
        party=told["party"],
        address=told["url"],
        pulls=True,
        pushes=False,
        tried=parse(told["tried"]) if told["tried"] else None,
        result=told["result"],
        good=not told["failures"],
        failures=told["failures"],
    )
