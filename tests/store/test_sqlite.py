"""What is the embedded store's own: durability, one file for many processes, damage that is named."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
import stat
from importlib import resources
from pathlib import Path

import pytest

from comity.errors import IntegrityFault, OperatorFault
from comity.store import words as words_index
from comity.store.protocol import Segment, Source
from comity.store.sqlite import SCHEMA, open_sqlite
from tests.consortium import Body, indicator, relationship


def fill(path: Path) -> tuple[Body, dict]:
    body = Body(store=f"sqlite:{path}")
    kz, uz = body.member("KZ"), body.member("UZ")
    one = indicator()
    kz.submits(one, relationship(one["id"], indicator()["id"]))
    uz.polls()
    with body.world.store.write() as tx:
        tx.put_private("space", "key", b"value")
        tx.put_late("UZ", [(1, 1)])
        tx.put_segments("other", [Segment(1, 1, None, None)])
    return body, seen(body.world.store)


def seen(store) -> dict:
    numbers = [row.item for row in store.recent(1000)]
    return {
        "rows": store.recent(1000), "bodies": store.bodies(numbers), "envelopes": store.envelopes(numbers), "traits": store.trait_rows(0),
        "head": store.head(), "leaves": list(store.leaves()), "private": list(store.privates("space")), "last": store.last_added(),
        "segments": store.segments("other"), "late": store.late("UZ", numbers), "governed": store.counter("governed"),
        "reader": store.reader("UZ|sco|network-defence"),
    }  # fmt: skip


def test_what_was_kept_is_there_when_the_file_is_opened_again(tmp_path):
    body, before = fill(tmp_path / "store.db")
    body.world.store.close()
    again = open_sqlite(tmp_path / "store.db")
    assert seen(again) == before
    with again.write() as tx:
        assert tx.next_item() == len(before["rows"]) + 1
        assert tx.intern(before["traits"][0][1]) == 1
    assert again.check() == []
    again.close()


def test_what_was_kept_is_there_without_closing(tmp_path):
    """As after a kill: nothing waits for `close`."""
    body, before = fill(tmp_path / "store.db")
    other = open_sqlite(tmp_path / "store.db")
    assert seen(other) == before
    other.close()
    body.world.store.close()


def test_every_connection_syncs_each_commit(tmp_path):
    store = open_sqlite(tmp_path / "store.db")
    db = store._connect()
    assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert db.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
    assert db.execute("PRAGMA secure_delete").fetchone() == (1,)
    store.close()


def test_a_newer_schema_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "store.db"
    open_sqlite(path).close()
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA user_version={SCHEMA + 1}")
    with pytest.raises(OperatorFault, match="newer Comity") as fault:
        open_sqlite(path)
    assert "upgrade" in fault.value.next
    with sqlite3.connect(path) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (SCHEMA + 1,)


#: The schema as version 1 had it.
SCHEMA_1 = """
CREATE TABLE counters(name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
CREATE TABLE traits(row INTEGER PRIMARY KEY, body BLOB NOT NULL UNIQUE, count INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE items(
    item INTEGER PRIMARY KEY,
    added INTEGER NOT NULL UNIQUE,
    home INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    base INTEGER NOT NULL,
    traits INTEGER NOT NULL,
    origin TEXT NOT NULL,
    id TEXT NOT NULL,
    type TEXT NOT NULL,
    version TEXT NOT NULL,
    spec TEXT NOT NULL,
    sha BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    expires INTEGER,
    body BLOB NOT NULL,
    envelope BLOB NOT NULL
) STRICT;
CREATE INDEX items_id ON items(id);
CREATE INDEX items_home ON items(home, ordinal);
CREATE INDEX items_home_added ON items(home, added);
CREATE INDEX items_origin ON items(origin, added);
CREATE INDEX items_governing ON items(type) WHERE type IN ('comity-agreement', 'comity-standing');
CREATE INDEX items_moved ON items(item) WHERE home <> traits;
CREATE TABLE refs(item INTEGER NOT NULL, target TEXT NOT NULL) STRICT;
CREATE INDEX refs_target ON refs(target);
CREATE INDEX refs_item ON refs(item);
CREATE TABLE observables(hash INTEGER NOT NULL, kind TEXT NOT NULL, item INTEGER NOT NULL) STRICT;
CREATE INDEX observables_hash ON observables(hash);
CREATE INDEX observables_item ON observables(item);
CREATE TABLE readers(reader TEXT PRIMARY KEY, head INTEGER NOT NULL) STRICT;
CREATE TABLE segments(reader TEXT NOT NULL, home INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER, base INTEGER) STRICT;
CREATE INDEX segments_reader ON segments(reader, home);
CREATE TABLE late(reader TEXT NOT NULL, added INTEGER NOT NULL, item INTEGER NOT NULL) STRICT;
CREATE INDEX late_reader ON late(reader, added);
CREATE INDEX late_item ON late(item);
CREATE TABLE leaves(idx INTEGER PRIMARY KEY, hash BLOB NOT NULL, salt BLOB NOT NULL, entry BLOB NOT NULL, opening BLOB NOT NULL) STRICT;
CREATE TABLE head(one INTEGER PRIMARY KEY CHECK(one = 1), size INTEGER NOT NULL, frontier BLOB NOT NULL, root BLOB NOT NULL, checkpoint BLOB NOT NULL) STRICT;
CREATE TABLE private(space TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY(space, key)) STRICT;
"""


def old_store(path: Path, new: Path) -> None:
    """A file of schema 1 with what a file of today has."""
    with sqlite3.connect(path) as db:
        db.executescript(SCHEMA_1 + "PRAGMA user_version=1;")
        db.execute("ATTACH ? AS new", (str(new),))
        tables = [name for (name,) in db.execute("SELECT name FROM main.sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite%'")]
        for table in tables:
            columns = ",".join(row[1] for row in db.execute(f"PRAGMA main.table_info({table})"))
            db.execute(f"INSERT INTO main.{table}({columns}) SELECT {columns} FROM new.{table}")
        db.commit()
        db.execute("DETACH new")
    db.close()


def stepped(path: Path, schema: int) -> None:
    """Bring a file of schema 1 as far as the releases in between did."""
    with sqlite3.connect(path) as db:
        for number in range(2, schema + 1):
            db.executescript(resources.files("comity.store").joinpath(f"schema_{number}.sql").read_text("utf-8"))
            if number == 4:
                words_index.fill(db)
        db.execute(f"PRAGMA user_version={schema}")
    db.close()


def layout(path: Path) -> tuple[object, object]:
    """Columns and indexes of a file."""
    with sqlite3.connect(path) as db:
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type='table' ORDER BY name")]
        indexes = db.execute("SELECT name,sql FROM sqlite_master WHERE type='index' ORDER BY name").fetchall()
        return {table: db.execute(f"PRAGMA table_info({table})").fetchall() for table in tables}, indexes


@pytest.mark.parametrize("schema", range(1, SCHEMA))
def test_a_store_of_an_earlier_schema_is_brought_up_to_date(tmp_path, schema):
    body, _ = fill(tmp_path / "new.db")
    kz = body.member("KZ")
    twice = indicator()
    kz.submits(twice)
    kz.submits({**twice, "modified": "2021-10-09T00:00:00.000Z"})
    before = seen(body.world.store)
    body.world.store.close()
    old_store(tmp_path / "old.db", tmp_path / "new.db")
    stepped(tmp_path / "old.db", schema)
    store = open_sqlite(tmp_path / "old.db")
    assert seen(store) == before
    assert store.check() == []
    home = store.by_id([twice["id"]])[0].home
    plain = store.stretch([Source(home=home)], 0, 1000, 0)
    assert {row.id for row in store.rows([item for item, alone in zip(plain.item, plain.plain) if not alone]).values()} == {twice["id"]}
    assert sum(plain.plain) == len(plain.plain) - 2 > 0
    store.close()
    assert layout(tmp_path / "old.db") == layout(tmp_path / "new.db")
    with sqlite3.connect(tmp_path / "old.db") as db:
        assert db.execute("PRAGMA user_version").fetchone() == (SCHEMA,)


def test_an_old_store_is_brought_up_to_date_as_a_whole_or_not_at_all(tmp_path):
    fill(tmp_path / "new.db")[0].world.store.close()
    old_store(tmp_path / "old.db", tmp_path / "new.db")
    create = "CREATE INDEX items_origin ON items(origin, added)"
    with sqlite3.connect(tmp_path / "old.db") as db:
        db.execute("DROP INDEX items_origin")  # so that dropping it fails, when the column is there already
    before = layout(tmp_path / "old.db")
    with pytest.raises(OperatorFault, match="items_origin"):
        open_sqlite(tmp_path / "old.db")
    assert layout(tmp_path / "old.db") == before
    with sqlite3.connect(tmp_path / "old.db", timeout=0) as db:  # nor is it kept locked
        assert db.execute("PRAGMA user_version").fetchone() == (1,)
        db.execute(create)
    open_sqlite(tmp_path / "old.db").close()
    assert layout(tmp_path / "old.db") == layout(tmp_path / "new.db")


def test_what_is_said_to_be_the_only_one_of_its_id_and_is_not(tmp_path):
    body, _ = fill(tmp_path / "store.db")
    twice = indicator()
    for moment in ("2021-10-01T00:00:00.000Z", "2021-10-09T00:00:00.000Z"):
        body.member("KZ").submits({**twice, "modified": moment})
    (first, _) = body.world.store.by_id([twice["id"]])
    body.world.store.close()
    with sqlite3.connect(tmp_path / "store.db") as db:
        db.execute("UPDATE items SET alone=1 WHERE item=?", (first.item,))
    store = open_sqlite(tmp_path / "store.db")
    assert store.check() == [f"store: item {first.item} is said to be the only one of its id"]
    store.close()


def test_a_missing_folder_is_the_operators_to_make(tmp_path):
    with pytest.raises(OperatorFault, match="cannot open the store"):
        open_sqlite(tmp_path / "nowhere" / "store.db")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_no_store(tmp_path):
    with pytest.raises(OperatorFault):
        open_sqlite(tmp_path)


@pytest.mark.skipif(
    os.name != "posix" or os.geteuid() == 0, reason="needs a user whom file permissions bind: run the tests as one who is not root"
)
def test_a_file_that_may_not_be_read_is_the_operators(tmp_path):
    path = tmp_path / "store.db"
    open_sqlite(path).close()
    path.chmod(0)
    with pytest.raises(OperatorFault):
        open_sqlite(path)
    path.chmod(stat.S_IRUSR | stat.S_IWUSR)


@pytest.mark.parametrize("raw", [b"this is no database, and longer than a header" * 100, b"SQLite format 3\x00" + b"\xff" * 4080])
def test_a_file_that_is_no_store_is_damaged(tmp_path, raw):
    (tmp_path / "store.db").write_bytes(raw)
    with pytest.raises(IntegrityFault, match="damaged") as fault:
        open_sqlite(tmp_path / "store.db")
    assert "backup" in fault.value.next


def test_a_damaged_page_is_named_by_the_check(tmp_path):
    body, _ = fill(tmp_path / "store.db")
    roots = [page for (page,) in body.world.store._connect().execute("SELECT rootpage FROM sqlite_master WHERE rootpage>1")]
    body.world.store.close()
    raw = bytearray((tmp_path / "store.db").read_bytes())
    for page in roots:
        raw[(page - 1) * 4096 : (page - 1) * 4096 + 200] = b"\x55" * 200
    (tmp_path / "store.db").write_bytes(bytes(raw))
    again = open_sqlite(tmp_path / "store.db")
    problems = again.check()
    assert problems
    assert all(problem.startswith("store: ") for problem in problems)
    again.close()


def test_erased_bytes_are_gone_from_the_file(tmp_path):
    """G4: what is deleted does not stay readable in free pages."""
    body = Body(store=f"sqlite:{tmp_path / 'store.db'}")
    body.member("KZ").submits(indicator(name="remove-me-" * 50))
    (row,) = body.world.store.by_type("indicator")
    with body.world.store.write() as tx:
        tx.delete([row.item])
    body.world.store._connect().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    body.world.store.close()
    assert b"remove-me-" not in (tmp_path / "store.db").read_bytes()


def test_a_full_disk_leaves_nothing_and_the_store_goes_on(tmp_path):
    store = open_sqlite(tmp_path / "store.db")
    db = store._connect()
    (pages,) = db.execute("PRAGMA page_count").fetchone()
    db.execute(f"PRAGMA max_page_count={pages + 2}")
    with pytest.raises(sqlite3.OperationalError, match="full"), store.write() as tx:
        tx.bump("moves")
        for n in range(100):
            tx.put_private("space", str(n), bytes(4000))
    assert (store.counter("moves"), list(store.privates("space"))) == (0, [])
    db.execute("PRAGMA max_page_count=1000000")
    with store.write() as tx:
        tx.bump("moves")
    assert store.counter("moves") == 1
    assert store.check() == []
    store.close()


def test_a_commit_that_fails_leaves_nothing_and_the_store_goes_on(tmp_path):
    store = open_sqlite(tmp_path / "store.db")
    db = store._connect()
    db.set_authorizer(lambda action, what, *_: sqlite3.SQLITE_DENY if what == "COMMIT" else sqlite3.SQLITE_OK)
    with pytest.raises(sqlite3.DatabaseError), store.write() as tx:
        tx.bump("moves")
    db.set_authorizer(None)
    assert store.counter("moves") == 0
    with store.write() as tx:
        tx.bump("moves")
    assert store.counter("moves") == 1
    store.close()


def test_what_went_wrong_is_said_where_sqlite_has_rolled_back_by_itself(tmp_path):
    store = open_sqlite(tmp_path / "store.db")
    with pytest.raises(ZeroDivisionError), store.write() as tx:
        tx.bump("moves")
        store._connect().execute("ROLLBACK")
        raise ZeroDivisionError
    with store.write() as tx:
        assert tx.bump("moves") == 1
    store.close()


def adds(path: str, name: str, count: int) -> None:
    """The work of one process: read a number, write the next."""
    store = open_sqlite(path)
    for n in range(count):
        with store.write() as tx:
            value = int(store.private("count", "both") or b"0")
            tx.put_private("count", "both", str(value + 1).encode())
            tx.put_private(name, f"{n:03}", str(value).encode())
            row = tx.intern(f"facts {n}".encode())
            tx.put_private("ordinals", f"{name} {n}", f"{row} {tx.take_ordinals(row, 1)}".encode())
            tx.bump("moves")
    store.close()


def test_two_processes_write_at_once_from_an_empty_file(tmp_path):
    """Both may find no schema and make it; neither loses a write or gives a number twice."""
    context = multiprocessing.get_context("spawn")
    path = str(tmp_path / "store.db")
    workers = [context.Process(target=adds, args=(path, name, 25)) for name in ("one", "other")]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    assert [worker.exitcode for worker in workers] == [0, 0]
    store = open_sqlite(path)
    assert store.counter("moves") == 50
    assert store.private("count", "both") == b"50"
    values = [int(value) for name in ("one", "other") for _, value in store.privates(name)]
    assert sorted(values) == list(range(50))
    assert len(store.trait_rows(0)) == 25
    given = [value for _, value in store.privates("ordinals")]
    assert sorted(given) == sorted(f"{row} {n}".encode() for row in range(1, 26) for n in (1, 2))
    assert store.check() == []
    store.close()


def test_a_reader_is_not_kept_waiting_by_a_writer(tmp_path):
    store, other = open_sqlite(tmp_path / "store.db"), open_sqlite(tmp_path / "store.db")
    with store.write() as tx:
        tx.bump("moves")
        assert other.counter("moves") == 0
    assert other.counter("moves") == 1
    store.close()
    other.close()


def test_threads_have_connections_of_their_own_and_close_closes_all(tmp_path):
    import threading

    store = open_sqlite(tmp_path / "store.db")
    found: list[sqlite3.Connection] = []
    thread = threading.Thread(target=lambda: found.append(store._connect()))
    thread.start()
    thread.join(10)
    found.append(store._connect())
    assert found[0] is not found[1]
    store.close()
    for connection in found:
        with pytest.raises(sqlite3.ProgrammingError):
            connection.execute("SELECT 1")


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO refs VALUES(77,'a--1')",
        "INSERT INTO observables VALUES(1,'url',77)",
        "INSERT INTO late VALUES('UZ',1,77)",
        "UPDATE refs SET item=77",
    ],
)
def test_entries_of_items_that_are_not_there(tmp_path, statement):
    fill(tmp_path / "store.db")[0].world.store.close()
    with sqlite3.connect(tmp_path / "store.db") as db:
        assert db.execute(statement).rowcount
    store = open_sqlite(tmp_path / "store.db")
    (problem,) = store.check()
    assert problem == f"store: {statement.replace('INTO ', '').split()[1].partition('(')[0]} has item 77, which is not there"
    store.close()


def test_tables_take_only_what_belongs(tmp_path):
    fill(tmp_path / "store.db")[0].world.store.close()
    with sqlite3.connect(tmp_path / "store.db") as db:
        assert db.execute(
            "SELECT count(*) FROM pragma_table_list WHERE schema='main' AND type='table' AND NOT strict AND name NOT LIKE 'sqlite%'"
        ).fetchone() == (0,)
        for statement in (
            "UPDATE items SET body='text'",
            "UPDATE leaves SET hash='text'",
            "UPDATE items SET origin=x'00'",
            "UPDATE traits SET count='many'",
        ):
            with pytest.raises(sqlite3.IntegrityError):
                db.execute(statement)


def test_governance_items_are_found_without_a_look_at_all_items(tmp_path):
    store = fill(tmp_path / "store.db")[0].world.store
    asked: list[str] = []
    store._connect().set_trace_callback(asked.append)
    found = list(store.by_type("comity-standing"))
    store.close()
    assert found
    assert {row.type for row in found} == {"comity-standing"}
    with sqlite3.connect(tmp_path / "store.db") as db:
        (query,) = [each for each in asked if "FROM items" in each]
        assert "items_governing" in str(db.execute(f"EXPLAIN QUERY PLAN {query}").fetchall())
