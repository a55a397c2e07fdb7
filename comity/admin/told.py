"""Private records that the log vouches for: tokens, people and what they sign in with, requests for approval, constituencies,
rules that await a second person, pings, redress tickets; reviews of what waits in quarantine, extensions, holds.

Each change of one is an entry with the record's digest. The entry is of a kind named here, its detail holds the record's key under the
name of that kind, and `record` (SHA-256, hex), or `revoked` when the record was removed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime

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
        #: Of records that go with their object: digests of reviews; until when and why something was extended.
        self._reviews: set[object] = set()
        self._extensions: set[tuple[object, ...]] = set()
        self._holds: set[tuple[object, ...]] = set()

    def hear(self, entry: Entry) -> bool:
        """Take note of an entry; whether it is about a record."""
        if entry.kind == "gate":
            self._reviews.add(entry.detail.get("record"))
        elif entry.kind == "extend":
            self._extensions.add((entry.at, entry.detail.get("until"), entry.detail.get("reason")))
        elif entry.kind == "hold" and not entry.detail.get("ended"):
            self._holds.add((entry.detail.get("id"), entry.detail.get("reason"), entry.at))
        if entry.kind in ("gate", "extend", "hold"):
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
            reviews, extensions = list(world.store.privates("gate")), list(world.store.privates(EXTENSIONS))
            holds = list(world.store.privates("holds"))
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
        for key, value in reviews:
            if digest(value) not in self._reviews:
                yield f"review of item {int(key)}: it is not as it was made"
        for key, value in extensions:
            if not self._extended(key, value):
                yield f"extension of {key.partition('|')[2]}: it is not as it was made"

        for key, value in holds:
            if not self._held(key, value):
                yield f"hold of {key}: it is not as it was made"

    def _held(self, key: str, value: bytes) -> bool:
        try:
            said = msgspec.json.decode(value, type=_Hold)
        except msgspec.MsgspecError:
            return False
        return said.id == key and (said.id, said.reason, said.at) in self._holds

    def _extended(self, key: str, value: bytes) -> bool:
        try:
            said = msgspec.json.decode(value, type=Extension)
        except msgspec.MsgspecError:
            return False
        return key == f"{said.origin}|{said.id}" and (said.at, stamp(micros(said.until)), said.reason) in self._extensions


class _Hold(msgspec.Struct, frozen=True):
    """What the log says of a hold."""

    id: str
    reason: str
    at: datetime
