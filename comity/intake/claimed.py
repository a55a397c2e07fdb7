"""Ids under which several origins say different things: noted in the log, for the node's own people.

    1. mark    an item beside which another origin has something else under its id    in the critical section in which it enters
    2. record  a log entry for its origin, with a commitment to each such item        later, by a ticker
    3. list    the ids, for as long as such an item is there

What a sender is told depends on its own items alone, and so does the entry of what it sent, which proves its arrival to it. That is why
the note is an entry of its own, at another moment.

Crash story: a mark is durable with its item, and goes in the commit that records it. Cut off before that, it is found the next time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from comity.ledger.journal import MAX_OBJECTS, Entry
from comity.store.protocol import Row, Tx
from comity.world import World

#: Items that are looked up, or forgotten, together.
_STEP = 500
_SPACE, _KEPT = "claimed", "claims"


def mark(world: World, tx: Tx, rows: Iterable[Row]) -> None:
    """Mark those of some items that have just been placed beside which another origin has something else, in the critical section."""
    mine = {row.item: row for row in rows}
    others: dict[str, set[tuple[str, bytes]]] = {}
    for row in world.store.kin(list(mine)):
        others.setdefault(row.id, set()).add((row.origin, row.sha))
    for item, row in mine.items():
        if any(origin != row.origin and sha != row.sha for origin, sha in others[row.id]):
            tx.put_private(_SPACE, f"{item:020d}", b"")


def record(world: World) -> int:
    """Put into the log what was marked since last time; how many items. Writes only if there is anything."""
    if not any(True for _ in world.store.privates(_SPACE, limit=1)):
        return 0
    with world.store.write() as tx:
        marked = [key for key, _ in world.store.privates(_SPACE, limit=MAX_OBJECTS)]
        rows = world.store.rows([int(key) for key in marked])
        for origin in sorted({row.origin for row in rows.values()}):
            shas = [row.sha for row in rows.values() if row.origin == origin]
            entry = Entry(kind="claim", at=world.clock(), party=origin, count=len(shas), detail={"beside": "another origin's"})
            world.journal.append(tx, entry, shas)
        for key in marked:
            tx.put_private(_SPACE, key, None)
            tx.put_private(_KEPT, key, b"" if int(key) in rows else None)
    return len(rows)


def claimed(world: World) -> Iterator[str]:
    """The ids under which several origins said different things, the latest first, as far as such an item is still there."""
    keys = [key for key, _ in world.store.privates(_KEPT)]
    for start in range(len(keys), 0, -_STEP):
        rows = world.store.rows([int(key) for key in keys[max(0, start - _STEP) : start]])
        yield from dict.fromkeys(row.id for _, row in sorted(rows.items(), reverse=True))


def forget(world: World) -> int:
    """Forget of which items that was, where they are gone; how many."""
    keys = [key for key, _ in world.store.privates(_KEPT)]
    there = world.store.rows([int(key) for key in keys])
    gone = [key for key in keys if int(key) not in there]
    for start in range(0, len(gone), _STEP):
        with world.store.write() as tx:
            for key in gone[start : start + _STEP]:
                tx.put_private(_KEPT, key, None)
    return len(gone)
