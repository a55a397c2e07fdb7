"""Shortcuts of the pages as a person chose them: theirs alone, at whatever browser they sign in. What they mean is the pages' to say.

Crash story: what somebody chose takes the place of what they had chosen before in one commit.
"""

from __future__ import annotations

import msgspec

from comity.admin import users
from comity.world import World


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """`keys` by what they do, as far as they are not the usual ones; `single`: those of a single character work."""

    user: str = ""
    keys: dict[str, str] = {}
    single: bool = True


def of(world: World, user: users.User) -> Chosen:
    """What a person chose; the usual ones where they chose nothing."""
    raw = world.store.private(users.KEYS, user.name)
    return msgspec.json.decode(raw, type=Chosen) if raw is not None else Chosen(user=user.name)


def keep(world: World, user: users.User, keys: dict[str, str], single: bool) -> None:
    """Keep what a person chose; all as usual is nothing to keep."""
    chosen = Chosen(user=user.name, keys=keys, single=single)
    with world.store.write() as tx:
        usual = chosen == Chosen(user=user.name)
        tx.put_private(users.KEYS, user.name, None if usual else msgspec.json.encode(chosen))
