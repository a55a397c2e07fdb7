"""What parties that had received objects are told of those that were taken back: for each party in the order of stamps, and when they
were told.

The stamps are of the same series as those of items, so that a client's cursor passes both (`release.tombstones`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import msgspec

from comity.forms.tombstone import Tombstone
from comity.store import reports
from comity.store.protocol import Store, Tx
from comity.store.reports import Report

_SPACE, _TOLD = "tombstones", "tombstones-told"
_READ = 100


def put(tx: Tx, party: str, at: int, tomb: Tombstone) -> None:
    """Put one before a party at a stamp, in the critical section."""
    tx.put_private(_SPACE, f"{party}/{at:020d}", msgspec.json.encode(tomb))


def after(store: Store, party: str, at: int) -> Iterator[tuple[int, Tombstone]]:
    """Those for a party with a greater stamp, ascending."""
    start = f"{party}/{at:020d}"
    while found := list(store.privates(_SPACE, start, _READ)):
        for key, value in found:
            start = key
            of, _, stamp = key.rpartition("/")
            if of != party:
                return
            yield int(stamp), msgspec.json.decode(value, type=Tombstone)


def told(store: Store, party: str, recall: str) -> datetime | None:
    """When a party was first told of a recall; None if it was not."""
    kept = store.private(_TOLD, f"{recall}/{party}")
    return None if kept is None else msgspec.json.decode(kept, type=datetime)


def keep_told(store: Store, tx: Tx, party: str, tomb: Tombstone, at: datetime) -> None:
    """Keep that a party was told, in the critical section; the first time stays."""
    if all(told(store, party, recall) is not None for recall in tomb.recalls):
        return
    for recall in tomb.recalls:
        tx.put_private(_TOLD, f"{recall}/{party}", msgspec.json.encode(at))
    for sha in tomb.shas:
        reports.put(tx, Report(origin=tomb.origin, sha=sha, outcome="told", of=party, at=at))


def forget(store: Store, before: datetime) -> int:
    """Forget those of what was taken back before a moment, and who was told of it; how many tombstones. By then their clients' copies are
    over as well, which count from an earlier receipt.
    """
    over = [key for key, value in store.privates(_SPACE) if msgspec.json.decode(value, type=Tombstone).at < before]
    told_of = [key for key, value in store.privates(_TOLD) if msgspec.json.decode(value, type=datetime) < before]
    for start in range(0, max(len(over), len(told_of)), _READ):
        with store.write() as tx:
            for space, keys in ((_SPACE, over), (_TOLD, told_of)):
                for key in keys[start : start + _READ]:
                    tx.put_private(space, key, None)
    return len(over)
