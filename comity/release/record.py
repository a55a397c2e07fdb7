"""Recording disclosures: each is a leaf of its own, and those of requests that wait at the same time become durable in one commit.

Whoever has the turn writes for all that wait; whoever waited finds its own done when its turn comes (model.md, Group commit).
"""

from __future__ import annotations

import threading
from collections.abc import Mapping

import msgspec

from comity.ledger.journal import Prepared, Receipt
from comity.release.sight import Reader
from comity.rulebook import GOVERNED
from comity.store.protocol import Tx
from comity.world import World


class Disclosure(msgspec.Struct, frozen=True, kw_only=True):
    """What is about to leave: its log entry, to whom, and how far that reader has then read.

    `counted` is `counted(store)` from before it was decided and the objects were read.
    """

    leaf: Prepared
    reader: Reader
    head: int
    counted: tuple[int, ...]


def counted(counters: Mapping[str, int]) -> tuple[int, ...]:
    """What of the store's counters says that a page may have to be put together again: removals, and changes of what governs."""
    return counters.get("removals", 0), counters.get(GOVERNED, 0)


class _Waiting:
    """A disclosure that waits for a commit, and what came of it."""

    def __init__(self, disclosure: Disclosure) -> None:
        self.disclosure = disclosure
        self.done = False
        self.receipt: Receipt | None = None
        self.error: BaseException | None = None


class Recorder:
    """Records for one world. Safe for threads."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._waiting: list[_Waiting] = []

    def record(self, disclosure: Disclosure) -> Receipt | None:
        """Record it durably, or raise why not; None if anything was removed or other rules came since the objects were read.

        Then they must be read again: whoever recalls an object, or revokes an approval, counts on no later entry that gives it out.
        """
        mine = _Waiting(disclosure)
        with self._lock:
            self._waiting.append(mine)
        with self._turn:
            if not mine.done:
                self._commit()
        if mine.error is not None:
            raise mine.error
        return mine.receipt

    def _commit(self) -> None:
        with self._lock:
            waiting, self._waiting = self._waiting, []
        try:
            with self._world.store.write() as tx:
                receipts = [self._enter(tx, each.disclosure) for each in waiting]
        except BaseException as error:
            for each in waiting:
                each.error = error
        else:
            for each, receipt in zip(waiting, receipts, strict=True):
                each.receipt = receipt
        for each in waiting:
            each.done = True

    def _enter(self, tx: Tx, disclosure: Disclosure) -> Receipt | None:
        if counted(self._world.store.counters()) != disclosure.counted:
            return None
        receipt = self._world.journal.enter(tx, disclosure.leaf)
        advance(self._world, tx, disclosure.reader, disclosure.head)
        return receipt


def advance(world: World, tx: Tx, reader: Reader, head: int) -> None:
    """Note how far a reader has read; a slower request of the same reader takes nothing back."""
    if (world.store.reader(reader.key) or 0) < head:
        tx.put_reader(reader.key, head)
