"""The writing side of the embedded store: what happens inside one BEGIN IMMEDIATE."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence

from comity.ledger.journal import EMPTY_HEAD, Head, Leaf
from comity.store import tree_table
from comity.store import words as words_index
from comity.store.merge import listed
from comity.store.protocol import Claim, NewItem, Row, Segment
from comity.store.vault import Vault

#: The counter of trait rows that were given another body.
EMPTIED = "emptied"
#: The columns of a `Row`.
ROW = "item,added,home,ordinal,base,traits,origin,id,type,version,spec,sha,leaf,expires"
_MARKS = ",".join("?" * 16)
#: The tables whose rows are about one item each.
OF_ITEMS = ("refs", "observables", "late")
#: The values of a JSON array (`listed`): one variable however many they are, so that one statement does for all.
NAMED = "(SELECT value FROM json_each(?))"


class SqliteTx:
    """`store.protocol.Tx` inside one BEGIN IMMEDIATE."""

    def __init__(self, db: sqlite3.Connection, interned: dict[bytes, int], vault: Vault) -> None:
        self._db = db
        self._vault = vault
        self._known = interned
        self.interned: dict[bytes, int] = {}
        #: What `then` was told.
        self.after: list[Callable[[], None]] = []
        self._last: int | None = None

    def then(self, done: Callable[[], None]) -> None:
        self.after.append(done)

    def head(self) -> Head:
        return head_of(self._db)

    def put_leaf(self, leaf: Leaf, head: Head) -> None:
        self._db.execute("INSERT INTO leaves VALUES(?,?,?,?,?)", (leaf.index, leaf.hash, leaf.salt, leaf.entry, leaf.opening))
        self._db.execute("INSERT OR REPLACE INTO head VALUES(1,?,?,?,?)", (head.size, head.frontier, head.root, head.checkpoint))

    def put_tree_hash(self, level: int, number: int, hash_: bytes) -> None:
        tree_table.put(self._db, level, number, hash_)

    def erase_leaf(self, leaf: Leaf) -> None:
        self._db.execute("UPDATE leaves SET salt=?,entry=?,opening=? WHERE idx=?", (leaf.salt, leaf.entry, leaf.opening, leaf.index))

    def last_added(self) -> int:
        if self._last is None:
            row = self._db.execute("SELECT value FROM counters WHERE name='added'").fetchone()
            self._last = int(row[0]) if row else 0
        return self._last

    def set_last_added(self, added: int) -> None:
        self._last = added
        self._db.execute("INSERT INTO counters VALUES('added',?) ON CONFLICT(name) DO UPDATE SET value=excluded.value", (added,))

    def intern(self, body: bytes) -> int:
        row = self._known.get(body) or self.interned.get(body)
        if row is None:
            found = self._db.execute("SELECT row FROM traits WHERE body=?", (body,)).fetchone()
            if found is None:
                found = self._db.execute("INSERT INTO traits(body) VALUES(?) RETURNING row", (body,)).fetchone()
            row = self.interned[body] = int(found[0])
        return row

    def trait_body(self, row: int) -> bytes:
        return bytes(self._db.execute("SELECT body FROM traits WHERE row=?", (row,)).fetchone()[0])

    def put_trait_body(self, row: int, body: bytes) -> None:
        self._db.execute("UPDATE traits SET body=? WHERE row=?", (body, row))
        # Other processes keep in memory which row has which body: see `SqliteStore.write`.
        self.bump(EMPTIED)

    def take_ordinals(self, home: int, count: int) -> int:
        (last,) = self._db.execute("UPDATE traits SET count=count+? WHERE row=? RETURNING count", (count, home)).fetchone()
        return int(last) - count + 1

    def next_item(self) -> int:
        row = self._db.execute("SELECT value FROM counters WHERE name='items'").fetchone()
        return int(row[0]) + 1 if row else 1

    def insert(self, rows: Sequence[tuple[Row, NewItem]]) -> None:
        self._db.executemany(
            f"INSERT INTO items({ROW},body,envelope) VALUES({_MARKS})", [(*row, new.body, new.envelope) for row, new in rows]
        )
        self._db.executemany("INSERT INTO refs VALUES(?,?)", [(row.item, ref) for row, new in rows for ref in new.refs])
        values = [(hash_, kind, row.item) for row, new in rows for kind, hash_ in new.values]
        self._db.executemany("INSERT INTO observables VALUES(?,?,?)", values)
        words_index.put(self._db, rows)
        again = f"SELECT id FROM items WHERE id IN {NAMED} GROUP BY id HAVING count(*)>1"
        self._db.execute(f"UPDATE items SET alone=0 WHERE alone=1 AND id IN ({again})", (listed([row.id for row, _ in rows]),))
        # Item numbers are never used again, deleted ones included: a late item must not come to mean another.
        self._db.execute("INSERT INTO counters VALUES('items',?) ON CONFLICT(name) DO UPDATE SET value=excluded.value", (rows[-1][0].item,))

    def move(self, item: int, traits: int) -> None:
        self._db.execute("UPDATE items SET traits=? WHERE item=?", (traits, item))

    def rebase(self, item: int, base: int, traits: int) -> None:
        self._db.execute("UPDATE items SET base=?,traits=? WHERE item=?", (base, traits, item))

    def lapse(self, dates: Sequence[tuple[int, int]]) -> None:
        self._db.executemany("UPDATE items SET expires=? WHERE item=?", [(moment, item) for item, moment in dates])

    def held(self, origin: str, ids: Sequence[str]) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = {}
        # The unary plus keeps SQLite on the index by id: an origin may hold millions.
        query = f"SELECT {ROW} FROM items WHERE id IN {NAMED} AND +origin=?"
        for row in map(Row._make, self._db.execute(query, (listed(ids), origin))):
            found.setdefault(row.id, []).append(row)
        return found

    def claims(self, ids: Sequence[str]) -> dict[str, list[Claim]]:
        found: dict[str, list[Claim]] = {}
        query = (
            "SELECT i.id,i.item,i.base,i.origin,r.target FROM items i LEFT JOIN refs r ON r.item=i.item "
            f"WHERE i.id IN {NAMED} ORDER BY i.item,r.rowid"
        )
        for id_, item, base, origin, target in self._db.execute(query, (listed(ids),)):
            known = found.setdefault(id_, [])
            if known and known[-1].item == item:
                known[-1] = known[-1]._replace(refs=(*known[-1].refs, target))
            else:
                known.append(Claim(item, base, origin, () if target is None else (target,)))
        return found

    def referrers(self, ids: Sequence[str]) -> list[Row]:
        query = f"SELECT {ROW} FROM items WHERE item IN (SELECT item FROM refs WHERE target IN {NAMED})"
        return list(map(Row._make, self._db.execute(query, (listed(ids),))))

    def delete(self, items: Sequence[int]) -> None:
        words_index.take(self._db, items)
        for table in ("items", *OF_ITEMS):
            self._db.executemany(f"DELETE FROM {table} WHERE item=?", [(item,) for item in items])
        self.bump("removals")

    def tidied(self) -> bool:
        """`Store.tidy` within the critical section."""
        return words_index.tidied(self._db)

    def put_private(self, space: str, key: str, value: bytes | None) -> None:
        if value is None:
            self._db.execute("DELETE FROM private WHERE space=? AND key=?", (space, key))
        else:
            self._db.execute("INSERT OR REPLACE INTO private VALUES(?,?,?)", (space, key, self._vault.sealed(space, key, value)))

    def bump(self, counter: str) -> int:
        query = "INSERT INTO counters VALUES(?,1) ON CONFLICT(name) DO UPDATE SET value=value+1 RETURNING value"
        return int(self._db.execute(query, (counter,)).fetchone()[0])

    def put_reader(self, reader: str, head: int) -> None:
        self._db.execute("INSERT OR REPLACE INTO readers VALUES(?,?)", (reader, head))

    def put_segments(self, reader: str, segments: Sequence[Segment]) -> None:
        self._db.executemany("DELETE FROM segments WHERE reader=? AND home=?", [(reader, home) for home in {s.home for s in segments}])
        self._db.executemany("INSERT INTO segments VALUES(?,?,?,?,?)", [(reader, *segment) for segment in segments])

    def put_late(self, reader: str, stamped: Sequence[tuple[int, int]]) -> None:
        self._db.executemany("INSERT INTO late VALUES(?,?,?)", [(reader, added, item) for added, item in stamped])

    def drop_late(self, reader: str, items: Sequence[int]) -> None:
        self._db.execute(f"DELETE FROM late WHERE reader=? AND item IN {NAMED}", (reader, listed(items)))

    def last_ordinal(self, home: int, added: int) -> int:
        query = "SELECT ordinal FROM items WHERE home=? AND added<=? ORDER BY added DESC LIMIT 1"
        row = self._db.execute(query, (home, added)).fetchone()
        return int(row[0]) if row else 0


def head_of(db: sqlite3.Connection) -> Head:
    """Where the log ends."""
    row = db.execute("SELECT size,frontier,root,checkpoint FROM head").fetchone()
    return Head(size=row[0], frontier=row[1], root=row[2], checkpoint=row[3]) if row else EMPTY_HEAD
