"""What the log calls people: a pseudonym for each person and quarter, at random. Whose it is stands in the store for a time only (G4).

An entry commits to the pseudonym, so it verifies as before once the name is forgotten. Tools, parties and whoever works at the node
itself are called as they are; so are people in entries that were made before there were pseudonyms.

Crash story: a pseudonym is kept in the commit of the first entry that has it.
"""

from __future__ import annotations

import secrets
from datetime import datetime

import msgspec

from comity.admin.users import SPACE as USERS
from comity.ledger.journal import Entry, LeafStore
from comity.store import Store
from comity.world import World

#: Pseudonym -> whose, and `quarter|name` -> pseudonym.
_WHO, _CALLED = "pseudonyms", "pseudonyms given"
_PREFIX = "person-"


class Who(msgspec.Struct, frozen=True, kw_only=True):
    """Whose pseudonym it is, and since when."""

    name: str
    since: datetime


class Persons:
    """Gives entries with pseudonyms in place of names; what a `Journal` takes as its `naming`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __call__(self, tx: LeafStore, entry: Entry) -> Entry:
        called = ", ".join(self._called(tx, name, entry.at) for name in entry.actor.split(", "))
        return entry if called == entry.actor else msgspec.structs.replace(entry, actor=called)

    def _called(self, tx: LeafStore, name: str, at: datetime) -> str:
        if not name or self._store.private(USERS, name) is None:
            return name
        key = f"{at.year}-{(at.month + 2) // 3}|{name}"
        known = self._store.private(_CALLED, key)
        if known is not None:
            return known.decode()
        made = _PREFIX + secrets.token_hex(8)
        tx.put_private(_CALLED, key, made.encode())
        tx.put_private(_WHO, made, msgspec.json.encode(Who(name=name, since=at)))
        return made


def named(world: World, actor: str) -> str:
    """An entry's actor with the names of people, as far as they are known still."""
    return ", ".join(_name(world, each) if each.startswith(_PREFIX) else each for each in actor.split(", "))


def forget(world: World, before: datetime) -> int:
    """Forget whose the pseudonyms are that were first used before a moment; how many."""
    over = {key for key, raw in world.store.privates(_WHO) if msgspec.json.decode(raw, type=Who).since < before}
    given = [key for key, raw in world.store.privates(_CALLED) if raw.decode() in over]
    if over:
        with world.store.write() as tx:
            for key in over:
                tx.put_private(_WHO, key, None)
            for key in given:
                tx.put_private(_CALLED, key, None)
    return len(over)


def _name(world: World, pseudonym: str) -> str:
    raw = world.store.private(_WHO, pseudonym)
    return msgspec.json.decode(raw, type=Who).name if raw is not None else pseudonym
