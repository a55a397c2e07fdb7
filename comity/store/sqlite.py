"""The embedded store: one SQLite file, WAL, `synchronous=FULL`, so an acknowledged commit survives a power cut.

Crash story: everything a commit changes (items, trait rows, leaf, head, checkpoint, cursors) is one SQLite transaction. A crash before
its COMMIT returns leaves nothing of it; after, all of it. There is no second place to keep in step.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from importlib import resources
from operator import attrgetter
from pathlib import Path
from typing import Any

from comity.errors import IntegrityFault, OperatorFault
from comity.ledger.journal import Head, Leaf
from comity.store import slack, tree_table
from comity.store import words as words_index
from comity.store.merge import GIVEN, LEGS, listed, merged
from comity.store.protocol import Row, Segment, Source, Space, Stretch
from comity.store.sqlite_tx import EMPTIED, NAMED, OF_ITEMS, ROW, SqliteTx, head_of
from comity.store.vault import Vault

#: `PRAGMA user_version` of the schema this code reads and writes.
SCHEMA = 6

#: Seconds to wait for another process.
_PATIENCE = 60.0


def open_sqlite(path: Path | str, vault: Vault | None = None) -> SqliteStore:
    """Open or create a store file, with its vault if there is one. Raises OperatorFault where it cannot be opened or is newer than this."""
    return SqliteStore(str(path), vault or Vault(bytes(32), ()))


class SqliteStore:
    """`store.protocol.Store` over one file. Safe for threads; other processes may read and write the same file."""

    def __init__(self, path: str, vault: Vault) -> None:
        self._path = path
        self._vault = vault
        self._local = threading.local()
        self._all: list[sqlite3.Connection] = []
        self._lock = threading.RLock()
        self._interned: dict[bytes, int] = {}
        self._emptied = 0
        #: The file as such, for `slack`. Closing it ends the locks that SQLite holds for this process: so it is closed last.
        self._raw: int | None = None
        try:
            self._migrate()
            vault.seal_all(self._connect())
        except sqlite3.OperationalError as error:
            self.close()
            raise OperatorFault(f"cannot open the store {path}: {error}", next="check the path, its permissions and the disk") from error
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
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
        """Create the schema or bring it up to date, all at once; refuse a newer one. Processes that start together take turns."""
        db = self._connect()
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if version < SCHEMA:
            db.execute("BEGIN IMMEDIATE")
            (version,) = db.execute("PRAGMA user_version").fetchone()
            for name in [f"schema_{number}.sql" for number in range(version + 1, SCHEMA + 1)] if version else ["schema.sql"]:
                for statement in resources.files("comity.store").joinpath(name).read_text("utf-8").split(";"):
                    db.execute(statement)
            if version < 6:
                words_index.fill(db)
            if version < 5:
                tree_table.fill(db)
            version = max(version, SCHEMA)
            db.execute(f"PRAGMA user_version={version}")
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
            if self._raw is not None:
                os.close(self._raw)
                self._raw = None

    @contextmanager
    def write(self) -> Iterator[SqliteTx]:
        """The critical section: one writer among threads (lock) and processes (BEGIN IMMEDIATE)."""
        with self._lock:
            db = self._connect()
            self._turn(db, "BEGIN IMMEDIATE")
            try:
                if (emptied := self.counter(EMPTIED)) != self._emptied:
                    self._interned.clear()
                    self._emptied = emptied
                tx = SqliteTx(db, self._interned, self._vault)
                yield tx
                self._turn(db, "COMMIT")
            except BaseException:
                if db.in_transaction:  # a full disk may have ended it already
                    db.execute("ROLLBACK")
                raise
            for done in tx.after:
                done()
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

    def counters(self) -> dict[str, int]:
        return dict(self._connect().execute("SELECT name,value FROM counters").fetchall())

    def page(self, sources: Sequence[Source], after: int, limit: int, now: int) -> list[tuple[int, Row]]:
        columns = ",".join("i." + column for column in ROW.split(","))
        return [(stamp, Row._make(row)) for stamp, *row in self._met(columns, sources, after, limit, now)]

    def stretch(self, sources: Sequence[Source], after: int, limit: int, now: int, room: int | None = None) -> Stretch:
        columns = f"i.item,i.base,i.alone>m.late,i.sha,{'i.body' if room is not None else 'zeroblob(0)'}"
        rows: list[tuple[int, int, int, int, bytes, bytes]] = []
        left = room or 0
        for row in self._met(columns, sources, after, limit, now):
            rows.append(row)
            left -= len(row[5])
            if left < 0:
                break
        return Stretch(*zip(*rows)) if rows else Stretch()

    def _met(self, columns: str, sources: Sequence[Source], after: int, limit: int, now: int) -> Iterable[Any]:
        """(stamp, columns of the item `i` met as `m`), ascending by stamp."""
        if len(sources) <= LEGS:
            met, values = merged(sources, after, limit, now) if sources else (GIVEN, ["[]"])
        else:
            found: list[tuple[int, int, int]] = []
            for start in range(0, len(sources), LEGS):
                query, values = merged(sources[start : start + LEGS], after, limit, now)
                found += self._connect().execute("SELECT * FROM " + query, values)
            met, values = GIVEN, [listed(sorted(found)[:limit])]
        # A cross join keeps the order of what stands before it.
        return self._connect().execute(f"SELECT m.stamp,{columns} FROM {met} m CROSS JOIN items i ON i.item=m.item", values)

    def rows(self, items: Sequence[int]) -> dict[int, Row]:
        found = self._connect().execute(f"SELECT {ROW} FROM items WHERE item IN {NAMED}", (listed(items),))
        return {row[0]: Row._make(row) for row in found}

    def kin(self, items: Sequence[int]) -> list[Row]:
        query = f"SELECT {ROW},alone FROM items WHERE item IN {NAMED}"
        met = [(Row._make(row[:-1]), row[-1]) for row in self._connect().execute(query, (listed(items),))]
        others = self.by_id([row.id for row, alone in met if not alone]) if items else []
        return sorted({row.item: row for row in (*(row for row, _ in met), *others)}.values(), key=attrgetter("added"))

    def by_id(self, ids: Sequence[str]) -> list[Row]:
        found = self._connect().execute(f"SELECT {ROW} FROM items WHERE id IN {NAMED}", (listed(ids),))
        return sorted(map(Row._make, found), key=attrgetter("added"))

    def by_type(self, type_: str) -> Iterator[Row]:
        # An index on some rows serves only a query that says literally that it is about them.
        own = " AND type GLOB 'comity-*'" if type_.startswith("comity-") else ""
        return map(Row._make, self._connect().execute(f"SELECT {ROW} FROM items WHERE type=?{own} ORDER BY item", (type_,)))

    def naming(self, id_: str) -> Iterator[tuple[Row, bool]]:
        columns = ",".join("i." + column for column in ROW.split(","))
        # In the order of the index, which has rowids at its end: those of references ascend with their items.
        query = f"SELECT {columns},i.alone FROM refs r CROSS JOIN items i ON i.item=r.item WHERE r.target=? ORDER BY r.rowid"
        return ((Row._make(row[:-1]), bool(row[-1])) for row in self._connect().execute(query, (id_,)))

    def by_value(self, hashes: Collection[int]) -> list[Row]:
        query = f"SELECT {ROW} FROM items WHERE item IN (SELECT item FROM observables WHERE hash IN {NAMED}) ORDER BY item"
        return list(map(Row._make, self._connect().execute(query, (listed(list(hashes)),))))

    def by_words(
        self, words: Sequence[str], homes: Collection[int], items: Collection[int], limit: int, before: int | None = None
    ) -> list[Row]:
        found = words_index.found(self._connect(), words, homes, items, limit, before)
        rows = self.rows(found)
        return [rows[item] for item in found if item in rows]

    def expiring(self, since: int, until: int, limit: int) -> list[Row]:
        query = f"SELECT {ROW} FROM items WHERE expires>=? AND expires<? ORDER BY expires,item LIMIT ?"
        return list(map(Row._make, self._connect().execute(query, (since, until, limit))))

    def tidy(self) -> bool:
        if self.private(*words_index.LEFT) is None:
            return True
        with self.write() as tx:
            return tx.tidied()

    def scrub(self) -> bool:
        while not self.tidy():
            pass
        with self._lock:
            if self._raw is None:
                self._raw = slack.opened(self._path)
            return slack.overwrite(self._path, self._raw)

    def compact(self) -> None:
        with self._lock:
            self._turn(self._connect(), "VACUUM")

    def recent(self, limit: int, before: int | None = None) -> list[Row]:
        query = f"SELECT {ROW} FROM items WHERE added<? ORDER BY added DESC LIMIT ?"
        return list(map(Row._make, self._connect().execute(query, (before if before is not None else 1 << 62, limit))))

    def bodies(self, items: Sequence[int], room: int | None = None) -> dict[int, bytes]:
        if room is None:
            return self._column("body", items)
        found: dict[int, bytes] = {}
        query = "SELECT i.item,i.body FROM json_each(?) named CROSS JOIN items i ON i.item=named.value"
        for item, body in self._connect().execute(query, (listed(items),)):
            found[item] = body
            room -= len(body)
            if room < 0:
                break
        return found

    def envelopes(self, items: Sequence[int]) -> dict[int, bytes]:
        return self._column("envelope", items)

    def links(self, items: Sequence[int]) -> dict[int, tuple[str, ...]]:
        found: dict[int, list[str]] = {}
        query = f"SELECT item,target FROM refs WHERE item IN {NAMED} ORDER BY rowid"
        for item, target in self._connect().execute(query, (listed(items),)):
            found.setdefault(item, []).append(target)
        return {item: tuple(named) for item, named in found.items()}

    def values(self, items: Sequence[int]) -> dict[int, list[tuple[str, int]]]:
        found: dict[int, list[tuple[str, int]]] = {}
        query = f"SELECT item,kind,hash FROM observables WHERE item IN {NAMED}"
        for item, kind, hash_ in self._connect().execute(query, (listed(items),)):
            found.setdefault(item, []).append((kind, hash_))
        return found

    def words(self, items: Sequence[int]) -> dict[int, tuple[str, ...]]:
        return words_index.kept(self._connect(), items)

    def numbered(self) -> dict[int, int]:
        return dict(self._connect().execute("SELECT row,count FROM traits").fetchall())

    def _column(self, column: str, items: Sequence[int]) -> dict[int, bytes]:
        query = f"SELECT item,{column} FROM items WHERE item IN {NAMED}"
        return dict(self._connect().execute(query, (listed(items),)).fetchall())

    def counts(self) -> dict[str, int]:
        return dict(self._connect().execute("SELECT type,count(*) FROM items GROUP BY type ORDER BY type").fetchall())

    def arrivals(self, since: int, now: int) -> dict[int, int]:
        # By home row, for which an index holds all that is asked; then those that have moved since.
        fresh = "added>=? AND (expires IS NULL OR expires>?)"
        query = f"SELECT home,count(*) FROM items INDEXED BY items_home_added WHERE {fresh} GROUP BY home"
        found = Counter(dict(self._connect().execute(query, (since, now)).fetchall()))
        query = f"SELECT home,traits,count(*) FROM items WHERE home<>traits AND {fresh} GROUP BY home,traits"
        for home, traits, count in self._connect().execute(query, (since, now)):
            found[home] -= count
            found[traits] += count
        return {row: count for row, count in found.items() if count}

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
        query = f"SELECT item,added FROM late WHERE reader=? AND item IN {NAMED}"
        return dict(self._connect().execute(query, (reader, listed(items))).fetchall())

    def moved(self) -> list[Row]:
        return list(map(Row._make, self._connect().execute(f"SELECT {ROW} FROM items WHERE home<>traits ORDER BY item")))

    def last_added(self) -> int:
        return self.counter("added")

    def head(self) -> Head:
        return head_of(self._connect())

    def leaves(self, first: int = 0, last: int | None = None) -> Iterator[Leaf]:
        query = "SELECT idx,hash,salt,entry,opening FROM leaves WHERE idx>=? AND idx<? ORDER BY idx"
        for row in self._connect().execute(query, (first, last if last is not None else 1 << 62)):
            yield Leaf(index=row[0], hash=row[1], salt=row[2], entry=row[3], opening=row[4])

    def tree_hashes(self, level: int, first: int, count: int) -> list[bytes]:
        return tree_table.hashes(self._connect(), level, first, count)

    def private(self, space: str, key: str) -> bytes | None:
        row = self._connect().execute("SELECT value FROM private WHERE space=? AND key=?", (space, key)).fetchone()
        return self._vault.opened(space, key, bytes(row[0])) if row else None

    def privates(self, space: str, after: str = "", limit: int | None = None) -> Iterable[tuple[str, bytes]]:
        query = "SELECT key,value FROM private WHERE space=? AND key>? ORDER BY key LIMIT ?"
        kept = self._connect().execute(query, (space, after, -1 if limit is None else limit)).fetchall()
        opened = ((key, self._vault.opened(space, key, value)) for key, value in kept)
        return [(key, value) for key, value in opened if value is not None]

    def space(self) -> Space:
        files = [Path(self._path + end) for end in ("", "-wal")]
        return Space(used=sum(file.stat().st_size for file in files if file.exists()), left=shutil.disk_usage(files[0].parent).free)

    def copy_to(self, path: Path) -> None:
        with closing(sqlite3.connect(path)) as copy:
            self._connect().backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")

    def check(self) -> list[str]:
        try:
            found = [f"store: {text}" for (text,) in self._connect().execute("PRAGMA integrity_check(20)") if text != "ok"]
            for table in OF_ITEMS:
                query = f"SELECT DISTINCT item FROM {table} t WHERE NOT EXISTS (SELECT 1 FROM items WHERE item=t.item) LIMIT 20"
                found += [f"store: {table} has item {item!r}, which is not there" for (item,) in self._connect().execute(query)]
            found += [f"store: texts has item {item!r}, which is not there" for item in words_index.strays(self._connect())]
            found += [f"store: the words that items are found by: {text}" for text in words_index.unsound(self._connect())]
            again = "SELECT id FROM items GROUP BY id HAVING count(*)>1"
            query = f"SELECT item FROM items WHERE alone NOT IN (0,1) OR (alone=1 AND id IN ({again})) LIMIT 20"
            found += [f"store: item {item!r} is said to be the only one of its id" for (item,) in self._connect().execute(query)]
        except sqlite3.DatabaseError as error:
            return [f"store: {error}"]
        return found


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
