"""Lists of values that people looked up: kept for each person, so that what was pasted has an address and can be asked again.

Only what was asked is kept, never what was found: that is decided anew whenever the list is opened. A person has the `KEPT` latest lists.

Crash story: a list comes, and the oldest goes, in one commit.
"""

from __future__ import annotations

import secrets
from datetime import datetime

import msgspec

from comity.admin import users
from comity.errors import NotFound, SenderFault
from comity.world import World

#: Values in one list, and lists of one person.
MOST, KEPT = 10_000, 20


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Values as somebody wrote them, without repeats, in their order."""

    user: str
    at: datetime
    values: tuple[str, ...]


def keep(world: World, user: users.User, values: list[str]) -> str:
    """Keep a list; its name, which cannot be guessed. Raises SenderFault for none, or too many."""
    found = tuple(dict.fromkeys(values))
    if not found:
        raise SenderFault("there is no value", next="write one on each line")
    if len(found) > MOST:
        raise SenderFault(f"there are {len(found)} values, more than the {MOST} looked up at once", next="ask in parts")
    name = secrets.token_urlsafe(12)
    with world.store.write() as tx:
        theirs = sorted((each.at, key) for key, each in _all(world) if each.user == user.name)
        for _, key in theirs[: max(0, len(theirs) - KEPT + 1)]:
            tx.put_private(users.ASKED, key, None)
        tx.put_private(users.ASKED, name, msgspec.json.encode(Asked(user=user.name, at=world.clock(), values=found)))
    return name


def kept(world: World, user: users.User, name: str) -> Asked:
    """A person's list. Raises NotFound for one that is not there, or not theirs."""
    raw = world.store.private(users.ASKED, name)
    found = msgspec.json.decode(raw, type=Asked) if raw is not None else None
    if found is None or found.user != user.name:
        raise NotFound("there is no such list")
    return found


def lists(world: World, user: users.User) -> list[tuple[str, Asked]]:
    """A person's lists with their names, the latest first."""
    return sorted(((key, each) for key, each in _all(world) if each.user == user.name), key=lambda pair: pair[1].at, reverse=True)


def forget(world: World, before: datetime) -> int:
    """Remove the lists that are older than a moment; how many (G11)."""
    over = [key for key, each in _all(world) if each.at < before]
    if over:
        with world.store.write() as tx:
            for key in over:
                tx.put_private(users.ASKED, key, None)
    return len(over)


def _all(world: World) -> list[tuple[str, Asked]]:
    return [(key, msgspec.json.decode(raw, type=Asked)) for key, raw in world.store.privates(users.ASKED)]
