"""Words in SQLite: what is removed is gone from the file, what is far is found, what is damaged is told."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.intake.withdraw import withdraw
from comity.store import words
from comity.store.sqlite import open_sqlite
from tests.consortium import Body, indicator


def filled(path: Path, count: int) -> tuple[Body, list[str]]:
    body = Body(store=f"sqlite:{path}")
    kz = body.member("KZ")
    items = [indicator(name=f"secretword{number} common") for number in range(count)]
    for item in items:
        kz.submits(item)
    return body, [item["id"] for item in items]


def whole(path: Path) -> bytes:
    """The file as it is once all of the log has been written into it."""
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path.read_bytes()


def test_the_words_of_what_is_withdrawn_leave_the_file(tmp_path):
    body, ids = filled(tmp_path / "store.db", 40)
    withdraw(body.world, "KZ", ids[7])
    steps = 0
    while not body.world.store.tidy():
        steps += 1
        assert steps < 100
    assert body.world.store.tidy()
    body.world.store.close()
    left = whole(tmp_path / "store.db")
    assert b"secretword8" in left
    assert b"secretword7 " not in left
    # Words stand in the index without what they begin with like the word before them.
    store = open_sqlite(tmp_path / "store.db")
    with sqlite3.connect(tmp_path / "store.db") as db:
        db.execute("CREATE VIRTUAL TABLE temp.told USING fts5vocab(main, texts, row)")
        assert db.execute("SELECT count(*) FROM told WHERE term='secretword7'").fetchone() == (0,)
        assert db.execute("SELECT count(*) FROM told WHERE term='secretword8'").fetchone() == (1,)
        assert db.execute("SELECT count(DISTINCT segid) FROM texts_idx").fetchone() == (1,)
    store.close()


def test_what_is_in_quarantine_has_no_words(tmp_path):
    body = Body(store=f"sqlite:{tmp_path / 'store.db'}")
    kz = body.member("KZ")
    (outcome,) = kz.submits(indicator(name="held", pattern="[not a pattern"))
    assert outcome.outcome == "quarantined"
    homes = list(range(1, 50))
    assert body.world.store.by_words(["held"], homes, [], 10) == []
    body.world.store.close()


def test_home_rows_beyond_the_bits_are_looked_up(tmp_path, monkeypatch):
    monkeypatch.setattr(words, "_BITS", 1)
    monkeypatch.setattr(words, "_MASK", 1)
    body, _ = filled(tmp_path / "store.db", 3)
    rows = list(body.world.store.by_type("indicator"))
    home = rows[0].home
    assert home > 1
    assert [row.item for row in body.world.store.by_words(["common"], [home], [], 10)] == [row.item for row in rows[::-1]]
    assert body.world.store.by_words(["common"], [home + 1, 1], [], 10) == []
    body.world.store.close()


def test_a_store_that_had_no_words_gets_them(tmp_path):
    body, _ = filled(tmp_path / "store.db", 5)
    home = next(body.world.store.by_type("indicator")).home
    body.world.store.close()
    with sqlite3.connect(tmp_path / "store.db") as db:
        db.execute("DROP TABLE texts")
        db.execute("DROP INDEX items_expires")
        db.execute("DROP TABLE tree")
        db.execute("PRAGMA user_version=3")
    store = open_sqlite(tmp_path / "store.db")
    assert len(store.by_words(["common"], [home], [], 10)) == 5
    assert store.check() == []
    store.close()


def test_words_of_items_that_are_not_there_are_told(tmp_path):
    filled(tmp_path / "store.db", 1)[0].world.store.close()
    with sqlite3.connect(tmp_path / "store.db") as db:
        db.execute("INSERT INTO texts(rowid,words) VALUES(?,'ghost')", (words.number(77, 1),))
    store = open_sqlite(tmp_path / "store.db")
    assert store.check() == ["store: texts has item 77, which is not there"]
    store.close()


@pytest.mark.parametrize("count", [0, 3])
def test_tidying_what_is_tidy_writes_nothing(tmp_path, count):
    body, _ = filled(tmp_path / "store.db", count)
    before = (tmp_path / "store.db-wal").stat().st_size
    assert body.world.store.tidy()
    assert (tmp_path / "store.db-wal").stat().st_size == before
    body.world.store.close()


_WORDS = st.lists(st.sampled_from(["host", "host1", "host2", "hostile", "ho", "ghost", "mail", "почта", "почтальон", "恶意"]), max_size=4)


@settings(max_examples=60, deadline=None)
@given(
    kept=st.lists(st.tuples(_WORDS, st.integers(1, 3)), max_size=12),
    asked=st.lists(st.sampled_from(["host", "host*", "hos*", "mail", "ma*", "поч*", "恶*", "zzz*"]), min_size=1, max_size=3),
    homes=st.sets(st.integers(1, 3)),
    items=st.sets(st.integers(1, 12), max_size=2),
    limit=st.integers(1, 5),
    before=st.none() | st.integers(1, 12),
    most=st.tuples(st.integers(0, 3), st.integers(1, 6), st.integers(1, 6)),
)
def test_every_way_of_looking_finds_the_same(kept, asked, homes, items, limit, before, most):
    """Few or many words with one beginning, rare or frequent others, few or many items that may be met: the way differs, not the answer."""
    with closing(sqlite3.connect(":memory:")) as db, pytest.MonkeyPatch.context() as patch:
        for name, number in zip(("_WAYS", "_FEW", "_LATEST"), most, strict=True):
            patch.setattr(words, name, number)
        db.execute("CREATE VIRTUAL TABLE texts USING fts5(words, tokenize='ascii', detail=none, columnsize=0)")
        db.execute("CREATE TABLE items(item INTEGER PRIMARY KEY, home INTEGER NOT NULL)")
        db.executemany("INSERT INTO items VALUES(?,?)", [(item, home) for item, (_, home) in enumerate(kept, 1)])
        told = [(words.number(item, home), " ".join(dict.fromkeys(said))) for item, (said, home) in enumerate(kept, 1)]
        db.executemany("INSERT INTO texts(rowid,words) VALUES(?,?)", told)

        def has(said: list[str]) -> bool:
            return all(any(each == word or (word[-1] == "*" and each.startswith(word[:-1])) for each in said) for word in asked)

        fit = [item for item, (said, home) in enumerate(kept, 1) if (home in homes or item in items) and has(said)]
        wanted = [item for item in reversed(fit) if before is None or item < before][:limit]
        assert words.found(db, asked, homes, items, limit, before) == wanted
