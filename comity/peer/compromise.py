"""After a node's keys were in wrong hands: what came under them, and what else its party can still do here.

Nothing is removed by this: what came may be right, and is what an inquiry needs. `comity recall` and `withdraw` of its origin take it back.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from comity.admin.came import came_over
from comity.admin.tokens import tokens
from comity.peer import book
from comity.peer.book import Peer
from comity.peer.exchange import partner
from comity.world import World


def accepted(world: World, link: Peer, since: datetime | None = None) -> Iterator[dict[str, Any]]:
    """Every item that came over a link since a moment, newest first: not its content, which its readers may read as ever."""
    return came_over(world, partner(link).node, since)


def left(world: World, link: Peer) -> list[str]:
    """What else the party can do here by other keys and tokens, a line each."""
    now = world.clock()
    found = [
        f"the token {each.id} of {each.party} is still good: comity token revoke {each.id}"
        for each in tokens(world)
        if each.party == link.party and (each.expires is None or each.expires > now)
    ]
    found += [
        f"the key {key.key_id.hex()} still signs acts of {link.party}: comity party key drop --party {link.party} --key {key.key_id.hex()}"
        for key in world.rulebook.keys(link.party)
    ]
    found += [
        f"the peer {each.name} is of {link.party} too: comity peer revoke {each.name}"
        for each in book.peers(world)
        if each.party == link.party and each.name != link.name and not each.ended and each.kind == "comity"
    ]
    return found
