"""The people who act at this node: each of one party, in one role, under a name that is theirs alone.

A person's tools use tokens of theirs (`admin.tokens`), the person signs in to pages (`admin.sessions`). Nothing about a person is changed:
whoever takes up another role is removed and entered again.

Crash story: record and log entry are one commit; with a person goes whatever is theirs, in the same one.
"""

from __future__ import annotations

import re
from datetime import datetime

import msgspec

from comity.admin.told import SPACES, digest, forget
from comity.errors import Conflict, NotFound, SenderFault
from comity.ledger.journal import Entry
from comity.store.protocol import Tx
from comity.terms.party import ADMINISTRATOR, party_code, role_name
from comity.world import World

SPACE = SPACES["user"]
#: Private spaces of what is a person's own, each record with its `user`; the log vouches for none of it.
LINKS, SESSIONS, STEPS, COUNTS, DRAFTS = "sign-in links", "sessions", "codes used", "passkey counts", "drafts"
#: Likewise: lists of values that somebody looked up, since when they are on duty, and texts of agreements that they write.
ASKED, SHIFTS, TEXTS = "asked", "shifts", "agreement drafts"
#: And the shortcuts that they chose.
KEYS = "shortcuts"
_NAME = re.compile(r"[a-z0-9._-]{1,32}\Z")


class User(msgspec.Struct, frozen=True, kw_only=True):
    """A person: name (unique at this node), party, role (one of `terms.party.PEOPLE`) and since when."""

    name: str
    party: str
    role: str
    created: datetime


def add(world: World, name: str, party: str, role: str, by: str = ADMINISTRATOR) -> User:
    """Enter a person. Raises SenderFault for a malformed word, Conflict for a name that somebody has."""
    with world.store.write() as tx:
        return enter(world, tx, name, party, role, by)


def enter(world: World, tx: Tx, name: str, party: str, role: str, by: str) -> User:
    """The same within a critical section."""
    if not _NAME.match(name):
        raise SenderFault(f"{name!r} is not a person's name here", next="use 1 to 32 of a-z, 0-9, '.', '_' and '-', like uz.contact1")
    if name == ADMINISTRATOR:
        raise SenderFault(f"{name!r} is what the log calls whoever works at the node itself", next="choose another name")
    user = User(name=name, party=party_code(party), role=role_name(role), created=world.clock())
    record = msgspec.json.encode(user)
    if world.store.private(SPACE, name) is not None:
        raise Conflict(f"there is a {name} already", next="choose another name, or remove that person first")
    tx.put_private(SPACE, name, record)
    detail = {"user": name, "role": user.role, "record": digest(record)}
    world.journal.append(tx, Entry(kind="user", at=user.created, actor=by, party=user.party, detail=detail))
    return user


def users(world: World) -> list[User]:
    """Everybody, by name."""
    return [msgspec.json.decode(value, type=User) for _, value in world.store.privates(SPACE)]


def find(world: World, name: str) -> User:
    """The person of a name. Raises NotFound."""
    stored = world.store.private(SPACE, name)
    if stored is None:
        raise NotFound(f"there is no {name} here", next="comity user list shows the node's people; comity user add enters one")
    return msgspec.json.decode(stored, type=User)


def remove(world: World, name: str, by: str = ADMINISTRATOR) -> int:
    """Remove a person and their tokens, which stop working at once; how many those were. Raises NotFound."""
    with world.store.write() as tx:
        find(world, name)
        theirs = _owned(world, SPACES["token"], name)
        for id_ in theirs:
            forget(world, tx, "token", id_, by)
        if world.store.private(SPACES["credential"], name) is not None:
            forget(world, tx, "credential", name, by)
        for space in (LINKS, SESSIONS, STEPS, COUNTS, DRAFTS, ASKED, SHIFTS, TEXTS, KEYS):
            for id_ in _owned(world, space, name):
                tx.put_private(space, id_, None)
        forget(world, tx, "user", name, by)
    return len(theirs)


def _owned(world: World, space: str, name: str) -> list[str]:
    """The keys of a person's records in a private space."""
    return [key for key, value in world.store.privates(space) if msgspec.json.decode(value, type=_Owned).user == name]


class _Owned(msgspec.Struct, frozen=True):
    """Whose a record is."""

    user: str = ""
