"""What the log calls people: a pseudonym for each person and quarter, at random. Whose it is stands in the store for a time only (G4).

An entry commits to the pseudonym, so it verifies as before once the name is forgotten. Tools, parties and whoever works at the node
itself are called as they are; so are people in entries that were made before there were pseudonyms.

An account that is entered gets a number at random for as long as it lasts, by which entries about it are known: one for
all, since `fsck` holds the account against them. Whose it was is forgotten as long after its removal.

Crash story: a pseudonym is kept in the commit of the first entry that has it.
"""

from __future__ import annotations

import secrets
from datetime import datetime

import msgspec

from comity.admin.told import ACCOUNTS, OF_ACCOUNTS
from comity.admin.users import SPACE as USERS
from comity.admin.users import User
from comity.ledger.journal import Entry, LeafStore
from comity.store import Store
from comity.world import World

#: Pseudonym -> whose, and `quarter|name` -> pseudonym.
_WHO, _CALLED = "pseudonyms", "pseudonyms given"
_PREFIX = "person-"
#: Number of an account -> whose it is or was.
_NUMBERED, _NUMBER = "accounts numbered", "account-"


class Who(msgspec.Struct, frozen=True, kw_only=True):
    """Whose pseudonym it is, and since when."""

    name: str
    since: datetime


class Account(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whose an account is, and since when it is no more."""

    name: str
    ended: datetime | None = None


class Persons:
    """Gives entries with pseudonyms in place of names; what a `Journal` takes as its `naming`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __call__(self, tx: LeafStore, entry: Entry) -> Entry:
        called = ", ".join(self._called(tx, name, entry.at) for name in entry.actor.split(", "))
        entry = entry if called == entry.actor else msgspec.structs.replace(entry, actor=called)
        word = OF_ACCOUNTS.get(entry.kind)
        name = entry.detail.get(word) if word else None
        if word is None or not isinstance(name, str) or not name:
            return entry
        return msgspec.structs.replace(entry, detail={**entry.detail, word: self._account(tx, name, entry)})

    def _account(self, tx: LeafStore, name: str, entry: Entry) -> str:
        """What the log calls an account. One that was entered before there were numbers is called by its name."""
        known = self._store.private(ACCOUNTS, name)
        if known is None:
            stored = self._store.private(USERS, name)
            if entry.kind != "user" or stored is None or msgspec.json.decode(stored, type=User).created != entry.at:
                return name
            known = (_NUMBER + secrets.token_hex(8)).encode()
            tx.put_private(ACCOUNTS, name, known)
            tx.put_private(_NUMBERED, known.decode(), msgspec.json.encode(Account(name=name)))
        if entry.kind == "user" and entry.detail.get("revoked"):
            tx.put_private(ACCOUNTS, name, None)
            tx.put_private(_NUMBERED, known.decode(), msgspec.json.encode(Account(name=name, ended=entry.at)))
        return known.decode()

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


def detailed(world: World, entry: Entry) -> dict[str, object]:
    """An entry's detail with the name of the account that it is about, as far as that is known still."""
    word = OF_ACCOUNTS.get(entry.kind)
    raw = world.store.private(_NUMBERED, str(entry.detail.get(word))) if word else None
    return entry.detail if word is None or raw is None else {**entry.detail, word: msgspec.json.decode(raw, type=Account).name}


def forget(world: World, before: datetime) -> int:
    """Forget whose the pseudonyms are that were first used before a moment, and the accounts that were removed before it; how many."""
    over = {key for key, raw in world.store.privates(_WHO) if msgspec.json.decode(raw, type=Who).since < before}
    given = [key for key, raw in world.store.privates(_CALLED) if raw.decode() in over]
    ended = [(key, msgspec.json.decode(raw, type=Account).ended) for key, raw in world.store.privates(_NUMBERED)]
    gone = [key for key, at in ended if at is not None and at < before]
    if over or gone:
        with world.store.write() as tx:
            for key in gone:
                tx.put_private(_NUMBERED, key, None)
            for key in over:
                tx.put_private(_WHO, key, None)
            for key in given:
                tx.put_private(_CALLED, key, None)
    return len(over) + len(gone)


def _name(world: World, pseudonym: str) -> str:
    raw = world.store.private(_WHO, pseudonym)
    return msgspec.json.decode(raw, type=Who).name if raw is not None else pseudonym
