"""What this node has to say of an origin's object besides its answers to parcels: to be signed, and given to the origin over its links.

That a party without a node of its own fetched it here, or was told that it went; that it went here after all, when a hold ended.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

import msgspec

from comity.store.protocol import Store, Tx

_SPACE = "reports"
_READ = 100


class Report(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of an object (SHA-256) of an origin: here, or at the party `of`."""

    origin: str
    sha: bytes
    outcome: Literal["deleted", "told", "fetched"]
    of: str = ""
    at: datetime


def put(tx: Tx, report: Report) -> None:
    """Keep one, in the critical section."""
    tx.put_private(_SPACE, f"{tx.bump(_SPACE):012d}", msgspec.msgpack.encode(report))


def since(store: Store, number: int) -> Iterator[tuple[int, Report]]:
    """Those after a number, with their numbers."""
    while found := list(store.privates(_SPACE, f"{number:012d}", _READ)):
        for key, value in found:
            number = int(key)
            yield number, msgspec.msgpack.decode(value, type=Report)


def forget(store: Store, before: datetime) -> int:
    """Forget those of before a moment; how many. Whom they were for has heard them by then, or keeps nothing that they are about."""
    over = [key for key, value in store.privates(_SPACE) if msgspec.msgpack.decode(value, type=Report).at < before]
    for start in range(0, len(over), _READ):
        with store.write() as tx:
            for key in over[start : start + _READ]:
                tx.put_private(_SPACE, key, None)
    return len(over)
