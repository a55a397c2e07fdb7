"""The inner hashes of the log's tree, and an older store that gets them."""

from __future__ import annotations

import sqlite3

from comity.ledger.journal import Entry
from comity.ledger.merkle import root
from comity.ledger.tiles import over
from comity.store.sqlite import open_sqlite
from tests.consortium import Body


def test_an_older_store_is_given_the_hashes_of_its_tree(tmp_path):
    world = Body(store=f"sqlite:{tmp_path / 'store.db'}").world
    while world.store.head().size < 520:
        with world.store.write() as tx:
            world.journal.append(tx, Entry(kind="note", at=world.clock()))
    kept = world.store.tree_hashes(1, 0, 9)
    assert kept == [root(world.store.tree_hashes(0, at, 256)) for at in (0, 256)]
    assert over(world.store.tree_hashes, 0, 520) == world.store.head().root
    world.store.close()
    with sqlite3.connect(tmp_path / "store.db") as db:
        db.execute("DROP TABLE tree")
        db.execute("PRAGMA user_version=4")
    store = open_sqlite(tmp_path / "store.db")
    assert store.tree_hashes(1, 0, 9) == kept
    store.close()
