"""The append side of the log: `Journal.append` is the only way to a `Receipt`, and without a receipt nothing is released.

Crash story: `append` runs inside the store's one critical section and writes nothing by itself. The leaf, the new head with its
signed checkpoint, and the rows that the entry is about become durable in one commit, or none of them do. A crash before the
commit leaves the old head; the checkpoint signed for the lost leaf was never handed out, since callers publish after the commit.
After the commit, and before the caller learns of it, the mark beside the keys follows (`high_water`): a crash in between leaves it one
entry behind, and the next entry first brings it there.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NoReturn, Protocol

import msgspec

from comity.errors import IntegrityFault, OperatorFault, OurFault
from comity.ledger.high_water import HighWater
from comity.ledger.leaf import (
    EMPTY_HEAD,
    SALT,
    Entry,
    Head,
    Leaf,
    Opening,
    commit_objects,
    entry_hash,
    read_entry,
    write_entry,
)
from comity.ledger.merkle import Frontier, read_frontier, write_frontier
from comity.ledger.note import Checkpoint, LogKey, Verifier, open_note, sign
from comity.ledger.tiles import finished

__all__ = [
    "EMPTY_HEAD",
    "MAX_OBJECTS",
    "Entry",
    "Head",
    "Journal",
    "Leaf",
    "LeafStore",
    "Opening",
    "Prepared",
    "Receipt",
    "check_head",
    "commit_objects",
    "prepare",
    "read_entry",
    "write_entry",
]

#: The most objects that one entry may be about (model.md, How it is recorded).
MAX_OBJECTS = 1000
_MINT = object()


class LeafStore(Protocol):
    """What the journal needs of a store's open write transaction."""

    def head(self) -> Head:
        """The head as stored now, `EMPTY_HEAD` at first."""

    def put_leaf(self, leaf: Leaf, head: Head) -> None:
        """Keep the leaf and replace the head, within the transaction."""

    def put_private(self, space: str, key: str, value: bytes | None) -> None:
        """Keep a value of the node's own, within the transaction."""

    def put_tree_hash(self, level: int, number: int, hash_: bytes) -> None:
        """Keep the root over 256**level leaves, the `number`th of its level (`tiles`), within the transaction."""

    def then(self, done: Callable[[], None]) -> None:
        """Call this once the transaction is durable, never if it is not."""


class Receipt:
    """Proof, within this process, that an entry is in the log: its index and leaf hash, and the size and root after it.

    Only the journal can make one: constructing it anywhere else raises OurFault.
    """

    __slots__ = ("hash", "index", "root", "size")

    index: int
    hash: bytes
    size: int
    root: bytes

    def __init__(self, mint: object, *, index: int, hash: bytes, size: int, root: bytes) -> None:
        if mint is not _MINT:
            raise OurFault("a receipt comes from Journal.append alone")
        for name, value in (("index", index), ("hash", hash), ("size", size), ("root", root)):
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise OurFault("a receipt cannot be changed")

    def __repr__(self) -> str:
        return f"Receipt(index={self.index}, size={self.size}, root={self.root.hex()})"


def check_head(head: Head, verifiers: Sequence[Verifier], origin: str | None = None) -> Frontier:
    """The head's frontier, once frontier, size, root and signed checkpoint all say the same. Raises IntegrityFault."""
    frontier = read_frontier(head.frontier)
    if frontier.size != head.size:
        raise IntegrityFault(f"the log's frontier is of size {frontier.size}, its head says {head.size}")
    if frontier.root() != head.root:
        raise IntegrityFault("the log's stored root is not the root of its frontier")
    if head.size == 0:
        if head.checkpoint:
            raise IntegrityFault("the log is empty but has a checkpoint: its entries were removed")
        return frontier
    checkpoint = open_note(head.checkpoint, verifiers)
    if (checkpoint.size, checkpoint.root) != (head.size, head.root):
        raise IntegrityFault(f"the log's checkpoint is for size {checkpoint.size} or another root, its head says {head.size}")
    if origin is not None and checkpoint.origin != origin:
        raise IntegrityFault(f"the checkpoint is of the log {checkpoint.origin!r}, not of {origin!r}")
    return frontier


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """An entry that is committed to but has no place in a log yet: the salt, canonical entry and opening of the leaf it will be."""

    hash: bytes
    salt: bytes
    entry: bytes
    opening: bytes


def prepare(entry: Entry, hashes: Sequence[bytes] = ()) -> Prepared:
    """Commit to an entry about the objects with these SHA-256 hashes (at most `MAX_OBJECTS`): the part of appending that needs no store.

    The entry's `count` and `root` are filled in here; a `count` that says otherwise is refused.
    """
    if len(hashes) > MAX_OBJECTS:
        raise OurFault(f"{len(hashes)} objects in one log entry, at most {MAX_OBJECTS}")
    if entry.count not in (0, len(hashes)):
        raise OurFault(f"an entry that counts {entry.count} objects came with {len(hashes)} hashes")
    # Each object under its own salt; one draw of randomness for all salts.
    salts = os.urandom(SALT * (len(hashes) + 1))
    records = b""
    if hashes:
        records, batch_root = commit_objects(hashes, salts[SALT:])
        entry = msgspec.structs.replace(entry, count=len(hashes), root=batch_root.hex())
    body = write_entry(entry)
    return Prepared(hash=entry_hash(salts[:SALT], body), salt=salts[:SALT], entry=body, opening=records)


class Journal:
    """Appends entries to one log, whose identity is `origin`, and signs a checkpoint after each."""

    def __init__(
        self, key: LogKey, origin: str, extensions: tuple[str, ...] = (), mark: HighWater | None = None, before: Verifier | None = None,
        naming: Callable[[LeafStore, Entry], Entry] | None = None,
    ) -> None:  # fmt: skip
        """`mark` is how far the log had come, as kept outside the store; `before` is the key of the log that this one goes on from.

        `naming` gives an entry with what the log calls whoever acted, within the transaction; None: as it is.
        """
        self._naming = naming
        self._key = key
        self._mark = mark
        self._known = (key.verifier,) if before is None else (key.verifier, before)
        self.origin = origin
        #: What each checkpoint says besides size and root (tlog-checkpoint, extension lines).
        self.extensions = extensions
        #: The last head that this process signed or found to be sound, and its frontier.
        self._sound: tuple[Head, Frontier] | None = None
        #: The last head that was entered by a transaction which is open, or was rolled back.
        self._uncommitted: Head | None = None

    @property
    def verifier(self) -> Verifier:
        """The public key that others check this log with."""
        return self._key.verifier

    def hindered(self, head: Head) -> str:
        """Why nothing can be appended to a stored head; "" if it can."""
        try:
            if self._mark is not None:
                self._mark.check(head)
            check_head(head, self._known, self.origin if len(self._known) == 1 else None)
        except (IntegrityFault, OperatorFault) as fault:
            return f"{fault}; {fault.next}" if fault.next else str(fault)
        return ""

    def append(self, tx: LeafStore, entry: Entry, hashes: Sequence[bytes] = ()) -> Receipt:
        """`prepare` and `enter` in one: record an entry about objects, within the caller's transaction."""
        return self.enter(tx, prepare(self._naming(tx, entry) if self._naming else entry, hashes))

    def enter(self, tx: LeafStore, prepared: Prepared) -> Receipt:
        """Give a prepared entry the next place in the log, within the caller's transaction.

        Raises IntegrityFault if the stored head is not one that this key signed: then nothing is appended, since a good signature
        over a bad past would hide it.
        """
        # 1. The past must be what we signed, and the entry what was committed to: a bit that turned since would be signed for good.
        frontier = self._past(tx.head())
        if entry_hash(prepared.salt, prepared.entry) != prepared.hash:
            raise IntegrityFault("a log entry changed in memory; nothing was appended", next="check the machine's memory")
        # 2. Extend the tree.
        leaf = Leaf(index=frontier.size, hash=prepared.hash, salt=prepared.salt, entry=prepared.entry, opening=prepared.opening)
        for level, number, hash_ in finished(frontier, leaf.hash):
            tx.put_tree_hash(level, number, hash_)
        frontier = frontier.append(leaf.hash)
        root = frontier.root()
        # 3. Sign the new size and hand leaf and head over together.
        checkpoint = sign(Checkpoint(origin=self.origin, size=frontier.size, root=root, extensions=self.extensions), self._key)
        head = Head(size=frontier.size, frontier=write_frontier(frontier), root=root, checkpoint=checkpoint)
        tx.put_leaf(leaf, head)
        if self._mark is not None:
            self._uncommitted = head
            tx.then(partial(self._committed, head))
        self._sound = (head, frontier)
        return Receipt(_MINT, index=leaf.index, hash=leaf.hash, size=frontier.size, root=root)

    def _past(self, head: Head) -> Frontier:
        """The frontier of a stored head: at once if it is, to the byte, the one known to be sound, else after checking it."""
        sound = self._sound
        if sound is not None and sound[0] == head:
            self._reached(head)
            return sound[1]
        try:
            if self._mark is not None:
                self._mark.check(head)
            frontier = check_head(head, self._known, self.origin if len(self._known) == 1 else None)
        except IntegrityFault as fault:
            next_ = "run `comity log verify` with a checkpoint kept elsewhere before anything else"
            raise IntegrityFault(f"{fault}; nothing was appended", next=fault.next or next_) from fault
        self._reached(head)
        return frontier

    def _reached(self, head: Head) -> None:
        """Make the mark good before an entry follows. A head of this very transaction is none yet: it may be rolled back."""
        if self._mark is not None and head.size and head not in (self._mark.last, self._uncommitted):
            self._mark.raise_to(head)

    def _committed(self, head: Head) -> None:
        self._uncommitted = None
        if self._mark is not None:
            self._mark.follow(head)
