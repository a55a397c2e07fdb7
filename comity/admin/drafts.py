"""What a person writes and has not sent yet, one text for each place where they write: it outlives a session, and nobody else sees it.

Crash story: a draft is one record. The log does not vouch for it, since nothing follows from it.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from comity.admin.users import TEXTS
from comity.errors import Conflict, SenderFault
from comity.world import World

#: The longest draft, in characters, and the most drafts of one person.
LONGEST, MOST = 200_000, 100


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A person's text at a `place`. `revision` counts its changes: whoever saves says which one they began from."""

    user: str
    place: str
    text: str
    revision: int
    saved: datetime


def find(world: World, user: str, place: str) -> Draft | None:
    """A person's draft at a place, None if there is none."""
    stored = world.store.private(TEXTS, _key(user, place))
    return msgspec.json.decode(stored, type=Draft) if stored is not None else None


def of(world: World, user: str) -> list[Draft]:
    """All drafts of a person, the latest first."""
    every = (msgspec.json.decode(value, type=Draft) for _, value in world.store.privates(TEXTS))
    return sorted((each for each in every if each.user == user), key=lambda each: each.saved, reverse=True)


def save(world: World, user: str, place: str, text: str, revision: int) -> Draft:
    """Keep a text that began from a revision (0: from none). The same text again is kept once.

    Raises Conflict where the draft has changed since, SenderFault for too much.
    """
    if len(text) > LONGEST:
        raise SenderFault(f"the text is longer than {LONGEST} characters", next="split it")
    with world.store.write() as tx:
        held = find(world, user, place)
        if held is not None and held.text == text:
            return held
        if (held.revision if held is not None else 0) != revision:
            raise Conflict("the draft was changed elsewhere meanwhile", next="compare the two texts, and save the one that is right")
        if held is None and len(of(world, user)) >= MOST:
            raise SenderFault(f"you have {MOST} drafts", next="discard one that is not needed")
        draft = Draft(user=user, place=place, text=text, revision=revision + 1, saved=world.clock())
        tx.put_private(TEXTS, _key(user, place), msgspec.json.encode(draft))
    return draft


def discard(world: World, user: str, place: str) -> None:
    """Remove a draft, if there is one."""
    with world.store.write() as tx:
        tx.put_private(TEXTS, _key(user, place), None)


def _key(user: str, place: str) -> str:
    return f"{user} {place}"
