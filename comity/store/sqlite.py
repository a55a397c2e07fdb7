"""The embedded store: one SQLite file, WAL, `synchronous=FULL`, so an acknowledged commit survives a power cut.

Crash story: everything a commit changes (items, trait rows, leaf, head, checkpoint, cursors) is one SQLite transaction. A crash before
its COMMIT returns leaves nothing of it; after, all of it. There is no second place to keep in step.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import TypeVar

from comity.errors import IntegrityFault, OperatorFault
from comity.ledger.journal import EMPTY_HEAD, Head, Leaf
from comity.store.protocol import Claim, NewItem, Row, Segment, Source

T = TypeVar("T")

#: `PRAGMA user_version` of the schema this code reads and writes.
SCHEMA = 1

_ROW = "item,added,home,ordinal,base,traits,origin,id,type,version,spec,sha,leaf,expires"
#: The tables whose rows are about one item each.
_OF_ITEMS = ("refs", "observables", "late")
#: SQLite allows 500 SELECTs in a compound and 32,766 variables; pages and look-ups stay well below both.
_LEGS = 200
_IDS = 500
#: Seconds to wait for another process.
_PATIENCE = 60.0


def open_sqlite(path: Path | str) -> SqliteStore:
    """Open or create a store file. Raises OperatorFault when it cannot be opened or is newer than this program."""
    return SqliteStore(str(path))


class SqliteStore:
    """`store.protocol.Store` over one file. Safe for threads; other processes may read and write the same file."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._local = threading.local()
        self._all: list[sqlite3.Connection] = []
        self._lock = threading.RLock()
        self._interned: dict[bytes, int] = {}
        try:
            self._migrate()
        except sqlite3.OperationalError as error:
            raise OperatorFault(f"cannot open the store {path}: {error}", next="check the path, its permissions and the disk") from error
        except sqlite3.DatabaseError as error:
            raise IntegrityFault(f"the store {path} is damaged: {error}", next="restore a backup") from error

    def _connect(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self._path, isolation_level=None, timeout=_PATIENCE, check_same_thread=False)
            _to_wal(connection)
            connection.executescript(
                "PRAGMA synchronous=FULL; PRAGMA busy_timeout=60000; PRAGMA cache_size=-16000;"
                "PRAGMA temp_store=MEMORY; PRAGMA secure_delete=ON;"
            )
            self._local.connection = connection
            with self._lock:
                self._all.append(connection)
        return connection

    def _migrate(self) -> None:
        """Create the schema, or refuse a newer one. Two processes that start together take turns at the write lock."""
        db = self._connect()
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if version == 0:
            db.execute("BEGIN IMMEDIATE")
            (version,) = db.execute("PRAGMA user_version").fetchone()
            if version == 0:
                for statement in resources.files("comity.store").joinpath("schema.sql").read_text("utf-8").split(";"):
                    db.execute(statement)
                db.execute(f"PRAGMA user_version={SCHEMA}")
                version = SCHEMA
            db.execute("COMMIT")
        if version > SCHEMA:
            raise OperatorFault(f"the store {self._path} was written by a newer Comity (schema {version})", next="upgrade this one")

    def close(self) -> None:
        """Close every connection of this process."""
        with self._lock:
            for connection in self._all:
                connection.close()
            self._all.clear()
            self._local = threading.local()

    @contextmanager
    def write(self) -> Iterator[SqliteTx]:
        """The critical section: one writer among threads (lock) and processes (BEGIN IMMEDIATE)."""
        with self._lock:
            db = self._connect()
            self._turn(db, "BEGIN IMMEDIATE")
            tx = SqliteTx(db, self._interned)
            try:
                yield tx
                self._turn(db, "COMMIT")
            except BaseException:
                if db.in_transaction:  # a full disk may have ended it already
                    db.execute("ROLLBACK")
                raise
            self._interned.update(tx.interned)
            if len(self._interned) > 100_000:
                self._interned.clear()

    def _turn(self, db: sqlite3.Connection, statement: str) -> None:
        try:
            db.execute(statement)
        except sqlite3.OperationalError as error:
            next_ = "check the disk, or wait for the other writer"
            raise OperatorFault(f"cannot write the store {self._path}: {error}", next=next_) from error

    # Reading

    def counter(self, name: str) -> int:
        row = self._connect().execute("SELECT value FROM counters WHERE name=?", (name,)).fetchone()
        return int(row[0]) if row else 0

    def trait_body(self, row: int) -> bytes:
        return bytes(self._connect().execute("SELECT body FROM traits WHERE row=?", (row,)).fetchone()[0])

    def trait_rows(self, after: int) -> list[tuple[int, bytes]]:
        return self._connect().execute("SELECT row,body FROM traits WHERE row>? ORDER BY row", (after,)).fetchall()

    def page(self, sources: Sequence[Source], after: int, limit: int, now: int) -> list[tuple[int, Row]]:
        found: list[tuple[int, Row]] = []
        for start in range(0, len(sources), _LEGS):
            legs: list[str] = []
            values: list[object] = []
            for source in sources[start : start + _LEGS]:
                leg, bound = _leg(source, after, limit, now)
                legs.append(f"SELECT * FROM ({leg})")
                values.extend(bound)
            query = " UNION ALL ".join(legs) + " ORDER BY 1 LIMIT ?"
            rows = self._connect().execute(query, (*values, limit))
            found.extend((row[0], Row._make(row[1:])) for row in rows)
        found.sort()
        return found[:limit]

    def by_id(self, ids: Sequence[str]) -> list[Row]:
        rows: list[Row] = []
        for part in _parts(list(dict.fromkeys(ids))):
            query = f"SELECT {_ROW} FROM items WHERE id IN ({_marks(part)})"
            rows.extend(map(Row._make, self._connect().execute(query, part)))
        return sorted(rows, key=lambda row: row.added)

    def by_type(self, type_: str) -> Iterator[Row]:
        return map(Row._make, self._connect().execute(f"SELECT {_ROW} FROM items WHERE type=? ORDER BY item", (type_,)))

    def by_value(self, hash_: int) -> list[Row]:
        query = f"SELECT {_ROW} FROM items WHERE item IN (SELECT item FROM observables WHERE hash=?) ORDER BY item"
        return list(map(Row._make, self._connect().execute(query, (hash_,))))

    def recent(self, limit: int, before: int | None = None) -> list[Row]:
        query = f"SELECT {_ROW} FROM items WHERE added<? ORDER BY added DESC LIMIT ?"
        return list(map(Row._make, self._connect().execute(query, (before if before is not None else 1 << 62, limit))))

    def bodies(self, items: Sequence[int]) -> dict[int, bytes]:
        return self._column("body", items)

    def envelopes(self, items: Sequence[int]) -> dict[int, bytes]:
        return self._column("envelope", items)

    def links(self, items: Sequence[int]) -> dict[int, tuple[str, ...]]:
        found: dict[int, list[str]] = {}
        for part in _parts(items):
            query = f"SELECT item,target FROM refs WHERE item IN ({_marks(part)}) ORDER BY rowid"
            for item, target in self._connect().execute(query, part):
                found.setdefault(item, []).append(target)
        return {item: tuple(named) for item, named in found.items()}

    def values(self, items: Sequence[int]) -> dict[int, list[tuple[str, int]]]:
        found: dict[int, list[tuple[str, int]]] = {}
        for part in _parts(items):
            query = f"SELECT item,kind,hash FROM observables WHERE item IN ({_marks(part)})"
            for item, kind, hash_ in self._connect().execute(query, part):
                found.setdefault(item, []).append((kind, hash_))
        return found

    def numbered(self) -> dict[int, int]:
        return dict(self._connect().execute("SELECT row,count FROM traits").fetchall())

    def _column(self, column: str, items: Sequence[int]) -> dict[int, bytes]:
        found: dict[int, bytes] = {}
        for part in _parts(items):
            found.update(self._connect().execute(f"SELECT item,{column} FROM items WHERE item IN ({_marks(part)})", part).fetchall())
        return found

    def counts(self) -> dict[str, int]:
        return dict(self._connect().execute("SELECT type,count(*) FROM items GROUP BY type ORDER BY type").fetchall())

    def reader(self, reader: str) -> int | None:
        row = self._connect().execute("SELECT head FROM readers WHERE reader=?", (reader,)).fetchone()
        return int(row[0]) if row else None

    def readers(self) -> list[str]:
        query = "SELECT reader FROM readers UNION SELECT reader FROM segments UNION SELECT reader FROM late ORDER BY 1"
        return [row[0] for row in self._connect().execute(query)]

    def segments(self, reader: str) -> list[Segment]:
        rows = self._connect().execute("SELECT home,first,last,base FROM segments WHERE reader=? ORDER BY home,rowid", (reader,))
        return [Segment(*row) for row in rows]

    def late(self, reader: str, items: Sequence[int]) -> dict[int, int]:
        found: dict[int, int] = {}
        for part in _parts(items):
            query = f"SELECT item,added FROM late WHERE reader=? AND item IN ({_marks(part)})"
            found.update(self._connect().execute(query, (reader, *part)).fetchall())
        return found

    def moved(self) -> list[Row]:
        return list(map(Row._make, self._connect().execute(f"SELECT {_ROW} FROM items WHERE home<>traits ORDER BY item")))

    def last_added(self) -> int:
        return self.counter("added")

    def head(self) -> Head:
        return _head(self._connect())

    def leaves(self, first: int = 0, last: int | None = None) -> Iterator[Leaf]:
        query = "SELECT idx,hash,salt,entry,opening FROM leaves WHERE idx>=? AND idx<? ORDER BY idx"
        for row in self._connect().execute(query, (first, last if last is not None else 1 << 62)):
            yield Leaf(index=row[0], hash=row[1], salt=row[2], entry=row[3], opening=row[4])

    def leaf_hashes(self) -> list[bytes]:
        return [row[0] for row in self._connect().execute("SELECT hash FROM leaves ORDER BY idx")]

    def private(self, space: str, key: str) -> bytes | None:
        row = self._connect().execute("SELECT value FROM private WHERE space=? AND key=?", (space, key)).fetchone()
        return bytes(row[0]) if row else None

    def privates(self, space: str) -> Iterable[tuple[str, bytes]]:
        return self._connect().execute("SELECT key,value FROM private WHERE space=? ORDER BY key", (space,)).fetchall()

    def check(self) -> list[str]:
        try:
            found = [f"store: {text}" for (text,) in self._connect().execute("PRAGMA integrity_check(20)") if text != "ok"]
            for table in _OF_ITEMS:
                query = f"SELECT DISTINCT item FROM {table} t WHERE NOT EXISTS (SELECT 1 FROM items WHERE item=t.item) LIMIT 20"
                found += [f"store: {table} has item {item!r}, which is not there" for (item,) in self._connect().execute(query)]
        except sqlite3.DatabaseError as error:
            return [f"store: {error}"]
        return found


class SqliteTx:
    """`store.protocol.Tx` inside one BEGIN IMMEDIATE."""

    def __init__(self, db: sqlite3.Connection, interned: dict[bytes, int]) -> None:
        self._db = db
        self._known = interned
        self.interned: dict[bytes, int] = {}
        self._last: int | None = None

    def head(self) -> Head:
        return _head(self._db)

    def put_leaf(self, leaf: Leaf, head: Head) -> None:
        self._db.execute("INSERT INTO leaves VALUES(?,?,?,?,?)", (leaf.index, leaf.hash, leaf.salt, leaf.entry, leaf.opening))
        self._db.execute("INSERT OR REPLACE INTO head VALUES(1,?,?,?,?)", (head.size, head.frontier, head.root, head.checkpoint))

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

    def take_ordinals(self, home: int, count: int) -> int:
        (last,) = self._db.execute("UPDATE traits SET count=count+? WHERE row=? RETURNING count", (count, home)).fetchone()
        return int(last) - count + 1

    def next_item(self) -> int:
        row = self._db.execute("SELECT value FROM counters WHERE name='items'").fetchone()
        return int(row[0]) + 1 if row else 1

    def insert(self, rows: Sequence[tuple[Row, NewItem]]) -> None:
        marks = ",".join("?" * 16)
        self._db.executemany(f"INSERT INTO items VALUES({marks})", [(*row, new.body, new.envelope) for row, new in rows])
        self._db.executemany("INSERT INTO refs VALUES(?,?)", [(row.item, ref) for row, new in rows for ref in new.refs])
        values = [(hash_, kind, row.item) for row, new in rows for kind, hash_ in new.values]
        self._db.executemany("INSERT INTO observables VALUES(?,?,?)", values)
        # Item numbers are never used again, deleted ones included: a late item must not come to mean another.
        self._db.execute("INSERT INTO counters VALUES('items',?) ON CONFLICT(name) DO UPDATE SET value=excluded.value", (rows[-1][0].item,))

    def move(self, item: int, traits: int) -> None:
        self._db.execute("UPDATE items SET traits=? WHERE item=?", (traits, item))

    def held(self, origin: str, ids: Sequence[str]) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = {}
        for part in _parts(ids):
            # The unary plus keeps SQLite on the index by id: an origin may hold millions.
            query = f"SELECT {_ROW} FROM items WHERE id IN ({_marks(part)}) AND +origin=?"
            for row in map(Row._make, self._db.execute(query, (*part, origin))):
                found.setdefault(row.id, []).append(row)
        return found

    def claims(self, ids: Sequence[str]) -> dict[str, list[Claim]]:
        found: dict[str, list[Claim]] = {}
        for part in _parts(ids):
            query = (
                "SELECT i.id,i.item,i.base,i.origin,r.target FROM items i LEFT JOIN refs r ON r.item=i.item "
                f"WHERE i.id IN ({_marks(part)}) ORDER BY i.item,r.rowid"
            )
            for id_, item, base, origin, target in self._db.execute(query, part):
                known = found.setdefault(id_, [])
                if known and known[-1].item == item:
                    known[-1] = known[-1]._replace(refs=(*known[-1].refs, target))
                else:
                    known.append(Claim(item, base, origin, () if target is None else (target,)))
        return found

    def referrers(self, ids: Sequence[str]) -> list[Row]:
        found: dict[int, Row] = {}
        for part in _parts(ids):
            query = f"SELECT {_ROW} FROM items WHERE item IN (SELECT item FROM refs WHERE target IN ({_marks(part)}))"
            found.update((row[0], Row._make(row)) for row in self._db.execute(query, part))
        return list(found.values())

    def delete(self, items: Sequence[int]) -> None:
        for table in ("items", *_OF_ITEMS):
            self._db.executemany(f"DELETE FROM {table} WHERE item=?", [(item,) for item in items])

    def put_private(self, space: str, key: str, value: bytes | None) -> None:
        if value is None:
            self._db.execute("DELETE FROM private WHERE space=? AND key=?", (space, key))
        else:
            self._db.execute("INSERT OR REPLACE INTO private VALUES(?,?,?)", (space, key, value))

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

    def last_ordinal(self, home: int, added: int) -> int:
        query = "SELECT ordinal FROM items WHERE home=? AND added<=? ORDER BY added DESC LIMIT 1"
        row = self._db.execute(query, (home, added)).fetchone()
        return int(row[0]) if row else 0


def _leg(source: Source, after: int, limit: int, now: int) -> tuple[str, tuple[object, ...]]:
    """One stream of a page as SQL that gives (stamp, row columns), and its bound values."""
    alive = "(expires IS NULL OR expires>?)"
    if source.home == 0:
        query = f"SELECT added,{_ROW} FROM items WHERE origin=? AND added>? AND {alive} ORDER BY added LIMIT ?"
        return query, (source.origin, after, now, limit)
    if source.home < 0:
        columns = ",".join("i." + column for column in _ROW.split(","))
        query = (
            f"SELECT l.added,{columns} FROM late l JOIN items i ON i.item=l.item "
            f"WHERE l.reader=? AND l.added>? AND {alive} ORDER BY l.added LIMIT ?"
        )
        return query, (source.reader, after, now, limit)
    last = source.last if source.last is not None else 1 << 62
    if source.base is None:
        query = (
            f"SELECT added,{_ROW} FROM items WHERE home=? AND added>? AND +ordinal>=? AND +ordinal<=? AND {alive} ORDER BY added LIMIT ?"
        )
        return query, (source.home, after, source.first, last, now, limit)
    query = (
        f"SELECT ordinal+?,{_ROW} FROM items WHERE home=? AND ordinal>? AND ordinal>=? AND ordinal<=? AND {alive} ORDER BY ordinal LIMIT ?"
    )
    shift = source.base - source.first
    return query, (shift, source.home, after - shift, source.first, last, now, limit)


def _to_wal(db: sqlite3.Connection) -> None:
    """Two processes that open a new file at once: SQLite refuses one the switch at once, whatever its busy timeout says."""
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            db.execute("PRAGMA journal_mode=WAL").fetchall()
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.01)


def _head(db: sqlite3.Connection) -> Head:
    row = db.execute("SELECT size,frontier,root,checkpoint FROM head").fetchone()
    return Head(size=row[0], frontier=row[1], root=row[2], checkpoint=row[3]) if row else EMPTY_HEAD


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))


def _parts(values: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), _IDS):
        yield values[start : start + _IDS]
