"""Shifts: since when somebody is on duty, and what they hand over at the end. The node's own business, told to their party's people alone.

A handover names what was still open by ids alone; what it was about is looked up when somebody reads it, as far as they may see it then.

Crash story: a handover and the beginning of the next shift are one commit.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

import msgspec

from comity.admin import users
from comity.errors import NotFound, SenderFault
from comity.world import World

#: How far back whoever has never handed over looks, and anybody at most.
FIRST, FURTHEST = timedelta(days=1), timedelta(days=31)
#: Characters of a word to the next; handovers of a party that are kept.
LONGEST, KEPT = 4_000, 200


class Handover(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody left at the end of a shift: a word, how much arrived and was settled meanwhile, and what was open.

    `arrived` is at least that many if `more`. `objects` are ids of items, `requests` those of requests for approval.
    """

    user: str
    since: datetime
    until: datetime
    note: str
    arrived: int
    more: bool
    settled: dict[str, int]
    objects: tuple[str, ...]
    requests: tuple[str, ...]


def begun(world: World, user: users.User) -> datetime:
    """When a person's shift began: when they handed over last."""
    raw = world.store.private(users.SHIFTS, user.name)
    at = world.clock()
    begun = msgspec.json.decode(raw, type=_Shift).since if raw is not None else at - FIRST
    return max(begun, at - FURTHEST)


def hand_over(world: World, user: users.User, handover: Handover) -> str:
    """Keep a handover and begin the next shift at its end; the handover's name. Raises SenderFault for a word that is too long."""
    if len(handover.note) > LONGEST:
        raise SenderFault(f"the note has more than {LONGEST} characters", next="say it shorter")
    name = secrets.token_hex(8)
    with world.store.write() as tx:
        for key in [key for key, _ in handovers(world, user.party)][KEPT - 1 :]:
            tx.put_private(_space(user.party), key, None)
        tx.put_private(_space(user.party), name, msgspec.json.encode(handover))
        tx.put_private(users.SHIFTS, user.name, msgspec.json.encode(_Shift(user=user.name, since=handover.until)))
    return name


def handovers(world: World, party: str) -> list[tuple[str, Handover]]:
    """A party's handovers with their names, the latest first."""
    found = [(key, msgspec.json.decode(raw, type=Handover)) for key, raw in world.store.privates(_space(party))]
    return sorted(found, key=lambda pair: pair[1].until, reverse=True)


def handover(world: World, party: str, name: str) -> Handover:
    """One of a party's handovers. Raises NotFound."""
    raw = world.store.private(_space(party), name)
    if raw is None:
        raise NotFound("there is no such handover")
    return msgspec.json.decode(raw, type=Handover)


def forget(world: World, before: datetime) -> int:
    """Remove the handovers that ended before a moment; how many (G11)."""
    parties = {user.party for user in users.users(world)}
    over = [(party, key) for party in parties for key, each in handovers(world, party) if each.until < before]
    if over:
        with world.store.write() as tx:
            for party, key in over:
                tx.put_private(_space(party), key, None)
    return len(over)


class _Shift(msgspec.Struct, frozen=True, kw_only=True):
    """Since when somebody is on duty."""

    user: str
    since: datetime


def _space(party: str) -> str:
    return f"handovers|{party}"
