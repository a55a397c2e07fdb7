"""SQL for pages: read from indexes in order, and no further than a page needs."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

import pytest

from comity.store.merge import LEGS, listed, merged
from comity.store.protocol import Source
from comity.store.sqlite import SqliteStore, open_sqlite
from tests.store.filling import HOMES, new, put

NOW = 1_000


@pytest.fixture
def store(tmp_path):
    """Three homes of 700 items each, taking turns; every seventh item of KZ's late for UZ."""
    opened = open_sqlite(tmp_path / "store.db")
    with opened.write() as tx:
        rows = [put(tx, new(f"indicator--{n}"), HOMES[n % 3]) for n in range(2_100)]
        tx.put_late("UZ", [(1_000_000 + row.item, row.item) for row in rows[::7]])
    yield opened
    opened.close()


def plan(store: SqliteStore, sources: Sequence[Source]) -> list[str]:
    query, values = merged(sources, 0, 10, NOW)
    return [row[3] for row in store._connect().execute("EXPLAIN QUERY PLAN SELECT * FROM " + query, values)]


EVERY = {
    "a home": Source(home=1),
    "a run": Source(home=1, first=5, last=90),
    "a grant": Source(home=2, first=5, last=90, base=500_000),
    "own": Source(home=0, origin="KZ"),
    "late": Source(home=-1, reader="UZ"),
}


@pytest.mark.parametrize("name", EVERY.keys() - {"a grant"})
def test_every_stream_is_read_in_the_order_of_its_index(store, name):
    steps = plan(store, [EVERY[name]])
    assert not any("TEMP B-TREE" in step for step in steps), steps
    assert not any(step.startswith("SCAN items") for step in steps), steps


def test_streams_are_merged_not_sorted(store):
    steps = plan(store, [source for source in EVERY.values() if source.base is None])
    assert any("MERGE (UNION ALL)" in step for step in steps)
    assert not any("TEMP B-TREE" in step for step in steps), steps


def test_grants_are_read_no_further_than_a_page(store):
    """Whoever is granted much late reads it page by page; a page must not sort all that is still to come."""
    grants = [Source(home=home, first=1, last=700, base=10_000 * home) for home in (3, 1, 2)]
    met = store.page(grants, 0, 2_100, NOW)
    assert [at for at, _ in met] == [base + n for base in (10_000, 20_000, 30_000) for n in range(700)]
    one, all_ = steps(store, grants, 0, 10), steps(store, grants, 0, 2_100)
    assert one * 50 < all_
    assert steps(store, grants, 10_000 + 699, 10) < one * 2


def test_grants_whose_ranges_overlap_are_merged_too(store):
    grants = [Source(home=1, first=1, last=9, base=500), Source(home=2, first=1, last=9, base=504), Source(home=3, first=2, base=502)]
    stamps = [at for at, _ in store.page(grants, 0, 15, NOW)]
    assert stamps == sorted([*range(500, 509), *range(504, 513), *range(502, 520)])[:15]


def steps(store: SqliteStore, sources: Sequence[Source], after: int, limit: int) -> int:
    """How many thousandths of SQLite's virtual machine a page takes, by its own count of instructions."""
    counted = 0

    def count() -> int:
        nonlocal counted
        counted += 1
        return 0

    db = store._connect()
    db.set_progress_handler(count, 10)
    store.page(sources, after, limit, NOW)
    db.set_progress_handler(None, 10)
    return counted


def test_a_run_that_has_ended_costs_nothing_more(store):
    """A reader whose row was closed long ago must not read what came since, at every page anew."""
    ended = Source(home=1, last=20)
    assert steps(store, [ended], 15_000, 100) < 20
    assert steps(store, [Source(home=1, first=600)], 0, 10) < steps(store, [Source(home=1)], 0, 100)


def test_a_page_costs_what_stands_on_it(store):
    home = [Source(home=1), Source(home=2), Source(home=3)]
    few, more = steps(store, home, 0, 10), steps(store, home, 0, 100)
    assert few * 5 < more < few * 20
    assert steps(store, home, 20_000, 10) < few * 2


def test_as_many_streams_as_one_statement_takes(store):
    query, values = merged([Source(home=1, first=n, last=n) for n in range(1, LEGS + 1)], 0, 1_000, NOW)
    assert len(store._connect().execute("SELECT * FROM " + query, values).fetchall()) == LEGS


@pytest.mark.parametrize("values", [[], [1, 2], ["a", "\u00e9'\"", "b\0c"], [(1, 2, 0)]])
def test_listed_is_json_without_what_no_column_holds(values):
    assert json.loads(listed(values)) == [list(v) if isinstance(v, tuple) else v for v in values if v != "b\0c"]
    found = sqlite3.connect(":memory:").execute("SELECT count(*) FROM json_each(?)", (listed(values),)).fetchone()
    assert found == (len([v for v in values if v != "b\0c"]),)
