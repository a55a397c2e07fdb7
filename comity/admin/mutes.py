"""Objects whose hits a party's people do not want to see: the node's own business, never an item, and nothing is told of it.

What is muted is still looked for, and its sightings still enter: it is left out of lists until somebody takes that back.

Crash story: each step is one commit.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from comity.admin.users import User
from comity.world import World


class Mute(msgspec.Struct, frozen=True, kw_only=True):
    """Who muted an object, and when."""

    by: str
    at: datetime


def _space(party: str) -> str:
    return f"mutes|{party}"


def muted(world: World, party: str) -> dict[str, Mute]:
    """Object id -> its mute, for all that a party's people muted."""
    return {id_: msgspec.json.decode(raw, type=Mute) for id_, raw in world.store.privates(_space(party))}


def mute(world: World, user: User, id_: str) -> None:
    """Mute an object for the person's party; whoever did first stays."""
    with world.store.write() as tx:
        if world.store.private(_space(user.party), id_) is None:
            tx.put_private(_space(user.party), id_, msgspec.json.encode(Mute(by=user.name, at=world.clock())))


def unmute(world: World, user: User, id_: str) -> None:
    """Take that back; nothing happens where nothing is muted."""
    with world.store.write() as tx:
        tx.put_private(_space(user.party), id_, None)
