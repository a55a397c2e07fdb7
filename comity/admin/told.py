"""Private records that the log vouches for: tokens, people and what they sign in with, requests for approval, constituencies,
rules that await a second person, pings, redress tickets; reviews of what waits in quarantine, extensions, holds.

Each change of one is an entry with the record's digest. The entry is of a kind named here, its detail holds the record's key under the
name of that kind, and `record` (SHA-256, hex), or `revoked` when the record was removed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple

import msgspec

from comity.clock import micros, stamp
from comity.errors import IntegrityFault
from comity.ledger.journal import Entry, read_entry
from comity.retention import EXTENSIONS, Extension
from comity.rulebook import APPROVALS, PROPOSALS
from comity.store.protocol import Tx
from comity.world import World

#: Kind of entry -> the private space of its records.
SPACES = {
    "token": "tokens", "user": "users", "credential": "credentials", "approval": APPROVALS, "constituency": "constituency",
    "proposal": PROPOSALS, "ping": "pings", "redress": "redress",
}  # fmt: skip

#: The private space of what the log calls accounts, by the names of people (`admin.persons`).
ACCOUNTS = "accounts"
#: Kinds of entries that name an account, and the word in their detail that does.
OF_ACCOUNTS = {"user": "user", "credential": "credential", "link": "user"}


def digest(record: bytes) -> str:
    """What an entry says of a record."""
    return hashlib.sha256(record).hexdigest()


def forget(world: World, tx: Tx, kind: str, key: str, by: str) -> None:
    """Remove a record, with its entry, within the critical section."""
    tx.put_private(SPACES[kind], key, None)
    world.journal.append(tx, Entry(kind=kind, at=world.clock(), actor=by, detail={kind: key, "revoked": True}))


class Told:
    """What the log says of such records. Entries are heard in the log's order; what is stored must be the same to the byte."""

    def __init__(self) -> None:
        self._records: dict[tuple[str, str], object] = {}
        #: What entries say of records that go with their objects, by the entries' kind.
        self._attached: dict[str, set[object]] = {kind: set() for kind in _ATTACHED}

    def hear(self, entry: Entry) -> bool:
        """Take note of an entry; whether it is about a record."""
        if entry.kind in _ATTACHED:
            self._attached[entry.kind].add(_ATTACHED[entry.kind].said(entry))
            return True
        if entry.kind not in SPACES:
            return False
        key = entry.kind, str(entry.detail.get(entry.kind))
        if entry.detail.get("revoked"):
            self._records.pop(key, None)
        else:
            self._records[key] = entry.detail.get("record")
        return True

    def problems(self, world: World, heard: int) -> Iterator[str]:
        """Records that are not what the log says, one line each; `heard` of its entries have been heard. The node may go on meanwhile."""
        news = True
        while news:
            attached = {kind: list(world.store.privates(each.space)) for kind, each in _ATTACHED.items()}
            called = {name: account.decode() for name, account in world.store.privates(ACCOUNTS)}
            stored = {
                (kind, called.get(key, key) if kind in OF_ACCOUNTS else key): value
                for kind, space in SPACES.items()
                for key, value in world.store.privates(space)
            }
            # Whatever changes a record is in the log with it, so with no news since these are of one moment.
            news = False
            for leaf in world.store.leaves(heard):
                heard = leaf.index + 1
                try:
                    news |= self.hear(read_entry(leaf.entry))
                except IntegrityFault:
                    continue  # for the log's own check
        for each in sorted(self._records.keys() | stored.keys()):
            kind, key = each
            if each not in stored:
                yield f"{kind} {key}: the log says it was made, and it is not there"
            elif each not in self._records:
                yield f"{kind} {key}: the log does not say that it was made, or says that it was revoked"
            elif self._records[each] != digest(stored[each]):
                yield f"{kind} {key}: it is not as it was made"
        for kind, records in attached.items():
            for key, value in records:
                if not self._heard_of(kind, key, value):
                    yield f"{_ATTACHED[kind].called(key)}: it is not as it was made"

    def _heard_of(self, kind: str, key: str, value: bytes) -> bool:
        try:
            return _ATTACHED[kind].stored(key, value) in self._attached[kind]
        except msgspec.MsgspecError:
            return False


class _Attached(NamedTuple):
    """Records that go with their object, and no entry says so: where they are, what an entry says of one, what it would have to say of one
    that is stored, and what one is called.
    """

    space: str
    said: Callable[[Entry], object]
    stored: Callable[[str, bytes], object]
    called: Callable[[str], str]


class _Hold(msgspec.Struct, frozen=True):
    """What the log says of a hold."""

    id: str
    reason: str
    at: datetime


def _extended(key: str, value: bytes) -> tuple[object, ...]:
    """What the entry of an extension says, where that stands under its own key."""
    said = msgspec.json.decode(value, type=Extension)
    return key == f"{said.origin}|{said.id}", said.at, stamp(micros(said.until)), said.reason


def _held(key: str, value: bytes) -> tuple[object, ...]:
    """What the entry of a hold says, likewise."""
    said = msgspec.json.decode(value, type=_Hold)
    return key == said.id, said.id, said.reason, said.at


#: By the kind of their entries.
_ATTACHED = {
    "gate": _Attached(
        space="gate",
        said=lambda entry: entry.detail.get("record"),
        stored=lambda _, value: digest(value),
        called=lambda key: f"review of item {int(key)}",
    ),
    "extend": _Attached(
        space=EXTENSIONS,
        said=lambda entry: (True, entry.at, entry.detail.get("until"), entry.detail.get("reason")),
        stored=_extended,
        called=lambda key: f"extension of {key.partition('|')[2]}",
    ),
    "hold": _Attached(
        space="holds",
        said=lambda entry: (not entry.detail.get("ended"), entry.detail.get("id"), entry.detail.get("reason"), entry.at),
        stored=_held,
        called=lambda key: f"hold of {key}",
    ),
}
