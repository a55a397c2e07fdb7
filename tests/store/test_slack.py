"""What SQLite leaves in its pages is overwritten, and nothing else is touched."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from comity.errors import OperatorFault
from comity.store import slack


def filled(path: Path, seed: int) -> sqlite3.Connection:
    """A file in which every second of some thousand rows was written, spread over pages anew, and removed."""
    chance = random.Random(seed)
    db = sqlite3.connect(path, isolation_level=None)
    db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA secure_delete=ON;")
    db.execute("CREATE TABLE private(space TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY(space, key))")
    db.execute("CREATE TABLE items(item INTEGER PRIMARY KEY, id TEXT, body BLOB)")
    db.execute("CREATE INDEX items_id ON items(id)")
    words = ["keptword", "gonesecret"]
    db.execute("BEGIN")
    for item in range(6_000):
        body = (words[item % 2] * chance.randrange(1, 90)).encode()
        db.execute("INSERT INTO items VALUES(?,?,?)", (item, f"{chance.random()} {words[item % 2]}", body))
    db.execute("COMMIT")
    gone = list(range(1, 6_000, 2))
    chance.shuffle(gone)
    for start in range(0, len(gone), 200):
        db.execute("BEGIN")
        db.executemany("DELETE FROM items WHERE item=?", [(item,) for item in gone[start : start + 200]])
        db.execute("COMMIT")
    return db


def overwrite(path: Path) -> bool:
    file = slack.opened(str(path))
    return slack.overwrite(str(path), file)


def test_removed_rows_are_in_no_byte_of_the_file_and_the_others_are_as_they_were(tmp_path: Path) -> None:
    left = 0
    for seed in range(6):
        path = tmp_path / f"{seed}.db"
        with closing(filled(path, seed)) as db:
            before = db.execute("SELECT * FROM items ORDER BY item").fetchall()
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            left += path.read_bytes().count(b"gonesecret")
            assert overwrite(path)
            found = b"".join(each.read_bytes() for each in tmp_path.glob(f"{seed}.db*"))
            assert b"gonesecret" not in found and b"keptword" in found
            assert db.execute("SELECT * FROM items ORDER BY item").fetchall() == before
            assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert left  # else there was nothing to overwrite, and this test tells nothing


def test_a_connection_that_had_old_pages_in_memory_does_not_bring_them_back(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with closing(filled(path, 1)) as db, closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA cache_size=-64000")
        assert other.execute("SELECT count(*) FROM items WHERE body IS NOT NULL AND id IS NOT NULL").fetchone() == (3_000,)
        assert overwrite(path)
        other.execute("UPDATE items SET body=body||x'00'")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert b"gonesecret" not in path.read_bytes()


def test_pages_that_are_no_tables_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with closing(filled(path, 2)) as db:
        big = bytes(range(256)) * 400
        db.execute("INSERT INTO items VALUES(?,?,?)", (9_999, "big", big))
        assert overwrite(path)
        assert db.execute("SELECT body FROM items WHERE item=9999").fetchone() == (big,)


def test_what_the_log_of_changes_holds_is_brought_in_first(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with closing(filled(path, 3)) as db:
        db.execute("INSERT INTO items VALUES(10001,'new','gonesecret')")
        db.execute("DELETE FROM items WHERE item=10001")
        assert (tmp_path / "a.db-wal").stat().st_size
        assert overwrite(path) and b"gonesecret" not in (tmp_path / "a.db-wal").read_bytes()


def test_a_file_of_very_many_pages_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slack, "_MOST", 3)
    with closing(filled(tmp_path / "a.db", 4)), pytest.raises(OperatorFault, match="too many"):
        overwrite(tmp_path / "a.db")
