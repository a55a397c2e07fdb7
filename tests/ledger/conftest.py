"""A log in memory: what a store does for the ledger, without a store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from comity.ledger.erasure import erase_entry, erase_objects, tombstone
from comity.ledger.journal import EMPTY_HEAD, Entry, Head, Journal, Leaf, Receipt
from comity.ledger.keys import LogKey

START = datetime(2021, 10, 4, 9, 0, 0, 250_000, tzinfo=UTC)
ORIGIN = "log.kz.example/sample"


class MemoryLog:
    """A `LeafStore` with its journal; `say` appends one entry."""

    def __init__(self, seed: bytes = bytes(range(32))) -> None:
        self.leaves: list[Leaf] = []
        self.stored = EMPTY_HEAD
        self.key = LogKey(ORIGIN, seed)
        self.journal = Journal(self.key, ORIGIN)

    def head(self) -> Head:
        return self.stored

    def put_leaf(self, leaf: Leaf, head: Head) -> None:
        assert leaf.index == len(self.leaves)
        self.leaves.append(leaf)
        self.stored = head

    def put_tree_hash(self, level: int, number: int, hash_: bytes) -> None:
        raise AssertionError("a log this short has no inner tiles")

    def then(self, done: Callable[[], None]) -> None:
        done()

    def say(self, kind: str, objects: int = 0, party: str | None = None) -> Receipt:
        at = START + timedelta(seconds=len(self.leaves))
        hashes = [sha256(f"object {n}".encode()).digest() for n in range(objects)]
        return self.journal.append(self, Entry(kind=kind, at=at, actor="p-1", party=party), hashes)

    def erase(self, index: int, positions: list[int] | None = None, *, record: bool = True) -> None:
        leaf = self.leaves[index]
        self.leaves[index] = erase_entry(leaf) if positions is None else erase_objects(leaf, positions)
        if record:
            entry = tombstone(index, at=START, actor="p-1", reason="deadline", positions=positions)
            self.journal.append(self, entry)


@pytest.fixture
def new_log() -> Callable[[], MemoryLog]:
    """Makes an empty log with a fixed key."""
    return MemoryLog


@pytest.fixture
def log() -> MemoryLog:
    """Six entries: init, an accepted batch of three, two disclosures, a refusal, another batch."""
    made = MemoryLog()
    made.say("init")
    made.say("accept", 3)
    made.say("disclose", 2, "UZ")
    made.say("disclose", 1, "IN")
    made.say("refuse", 0, "IR")
    made.say("accept", 5)
    return made
