"""The inner hashes of the log's tree in SQLite, one for every 256, 65,536 ... leaves: proofs read few of them, however long the log is."""

from __future__ import annotations

import sqlite3

from comity.ledger.merkle import Frontier
from comity.ledger.tiles import finished


def put(db: sqlite3.Connection, level: int, number: int, hash_: bytes) -> None:
    """Keep one."""
    db.execute("INSERT INTO tree VALUES(?,?,?)", (level, number, hash_))


def hashes(db: sqlite3.Connection, level: int, first: int, count: int) -> list[bytes]:
    """`Store.tree_hashes`."""
    if level == 0:
        rows = db.execute("SELECT hash FROM leaves WHERE idx>=? AND idx<? ORDER BY idx", (first, first + count))
    else:
        rows = db.execute("SELECT hash FROM tree WHERE level=? AND number>=? AND number<? ORDER BY number", (level, first, first + count))
    return [row[0] for row in rows]


def fill(db: sqlite3.Connection) -> None:
    """Work out what an older store does not have."""
    frontier = Frontier()
    for (leaf,) in db.execute("SELECT hash FROM leaves ORDER BY idx"):
        for found in finished(frontier, leaf):
            put(db, *found)
        frontier = frontier.append(leaf)
