"""What pages and stretches every store gives: compared with a plain computation over all rows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comity.store import Store, open_store
from comity.store.protocol import Row, Source, Stretch
from tests.store.filling import HOMES, NOW, new, put, puts


class Shelf:
    """Sixty items of three homes and two origins, some with an expiry; some are late for a reader. And what pages of it must be."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.rows: list[Row] = []
        self.late: dict[int, int] = {}
        with store.write() as tx:
            for n in range(60):
                item = new(
                    f"indicator--{n}", origin="KZ" if n % 4 else "UZ", expires=(NOW - 1, NOW, NOW + 1)[n % 3] if n % 5 == 0 else None
                )
                self.rows.append(put(tx, item, HOMES[n % 7 % 3]))
            for at, row in enumerate(self.rows[3:40:4]):
                self.late[row.item] = 100_000 + 13 * (at * 7 % 10)
            tx.put_late("IR", [(stamp, item) for item, stamp in self.late.items()])
            tx.put_late("TJ", [(1, 1)])

    def expected(self, sources: list[Source], after: int, limit: int, now: int) -> list[tuple[int, Row]]:
        met = [(stamp, row) for source in sources for row in self.rows for stamp in self._stamp(source, row)]
        return sorted((at, row) for at, row in met if at > after and (row.expires is None or row.expires > now))[:limit]

    def _stamp(self, source: Source, row: Row) -> list[int]:
        if source.home == -1:
            return [self.late[row.item]] if source.reader == "IR" and row.item in self.late else []
        if source.home == 0:
            return [row.added] if row.origin == source.origin else []
        if row.home != source.home or row.ordinal < source.first or (source.last is not None and row.ordinal > source.last):
            return []
        return [row.added if source.base is None else source.base + row.ordinal - source.first]


@pytest.fixture(params=["memory", "sqlite"])
def shelf(request, tmp_path) -> Iterator[Shelf]:
    opened = open_store("memory:" if request.param == "memory" else f"sqlite:{tmp_path / 'store.db'}")
    yield Shelf(opened)
    opened.close()


SOURCES = {
    "own": Source(home=0, origin="KZ"),
    "own of another": Source(home=0, origin="UZ"),
    "own of nobody": Source(home=0, origin="TJ"),
    "a home": Source(home=1),
    "a home up to a number": Source(home=1, last=5),
    "a home from a number": Source(home=2, first=4),
    "a home between numbers": Source(home=3, first=3, last=9),
    "an empty run": Source(home=1, first=5, last=4),
    "a home that is not there": Source(home=9),
    "a grant": Source(home=2, first=1, last=8, base=50_000),
    "a grant in the middle": Source(home=2, first=5, last=8, base=50_000),
    "a grant without an end": Source(home=3, first=2, base=50_000),
    "late items": Source(home=-1, reader="IR"),
    "late items of nobody": Source(home=-1, reader="XX"),
}


@pytest.mark.parametrize("name", SOURCES)
def test_a_page_of_each_kind_of_source(shelf, name):
    full = shelf.expected([SOURCES[name]], 0, 1000, NOW)
    assert bool(full) == (not any(word in name for word in ("nobody", "empty", "not there")))
    assert shelf.store.page([SOURCES[name]], 0, 1000, NOW) == full
    for at, _ in full:
        assert shelf.store.page([SOURCES[name]], at, 3, NOW) == shelf.expected([SOURCES[name]], at, 3, NOW)


def test_sources_are_merged_by_stamp(shelf):
    sources = [SOURCES[name] for name in ("late items", "a grant in the middle", "a home", "a home between numbers")]
    met = shelf.store.page(sources, 0, 1000, NOW)
    assert met == shelf.expected(sources, 0, 1000, NOW)
    assert [at for at, _ in met] == sorted(at for at, _ in met)


def test_paging_meets_everything_once(shelf):
    sources = [SOURCES["a home"], SOURCES["a grant"], Source(home=3), SOURCES["late items"]]
    found, after = [], 0
    while page := shelf.store.page(sources, after, 7, NOW):
        found += page
        after = page[-1][0]
    assert found == shelf.expected(sources, 0, 1000, NOW)


def test_what_has_expired_takes_no_place_on_a_page(shelf):
    source = [SOURCES["own"]]
    alive = shelf.store.page(source, 0, 1000, NOW + 1)
    assert all(row.expires is None for _, row in alive)
    assert len(shelf.store.page(source, 0, 1000, NOW)) > len(alive)
    assert shelf.store.page(source, 0, len(alive), NOW + 1) == alive


def test_no_sources_no_page(shelf):
    assert shelf.store.page([], 0, 10, NOW) == []


def test_more_sources_than_one_query_takes(shelf):
    many = [Source(home=home, first=n, last=n, base=1_000_000 * home + n) for home in (3, 2, 1) for n in range(299, 0, -1)]
    assert shelf.store.page(many, 0, 50, NOW) == shelf.expected(many, 0, 50, NOW)
    assert shelf.store.page(many, 1_000_005, 50, NOW) == shelf.expected(many, 1_000_005, 50, NOW)


RUN = st.tuples(st.integers(1, 3), st.integers(1, 25), st.none() | st.integers(0, 30), st.booleans())


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    runs=st.lists(RUN, max_size=6),
    late=st.booleans(),
    own=st.booleans(),
    after=st.integers(0, 700),
    limit=st.integers(1, 70),
    now=st.integers(NOW - 2, NOW + 2),
)
def test_any_page_is_what_a_plain_computation_gives(shelf, runs, late, own, after, limit, now):
    sources = [
        Source(home=home, first=first, last=last, base=10_000 * (n + 1) if granted else None)
        for n, (home, first, last, granted) in enumerate(runs)
    ]
    sources += [SOURCES["late items"]] * late + [SOURCES["own"]] * own
    assert shelf.store.page(sources, after, limit, now) == shelf.expected(sources, after, limit, now)


# Pages as columns, with bytes


def columns(store: Store, sources: list[Source], after: int, limit: int) -> Stretch:
    """What `stretch` is to give of a page, worked out from `page`, `bodies` and `by_id`."""
    met = store.page(sources, after, limit, NOW)
    late = {row.item for source in sources if source.home < 0 for _, row in store.page([source], 0, 1000, NOW)}
    plain = [int(row.item not in late and len(store.by_id([row.id])) == 1) for _, row in met]
    bodies = [store.bodies([row.item])[row.item] for _, row in met]
    parts = ((at, row.item, row.base, alone, row.sha, body) for (at, row), alone, body in zip(met, plain, bodies, strict=True))
    return Stretch(*zip(*parts)) if met else Stretch()


@pytest.mark.parametrize("name", SOURCES)
def test_a_stretch_is_a_page_in_columns(shelf, name):
    store = shelf.store
    for after, limit in ((0, 1000), (0, 4), (300, 3), (50_003, 2)):
        met = store.stretch([SOURCES[name]], after, limit, NOW, 1 << 20)
        assert met == columns(store, [SOURCES[name]], after, limit)
        assert store.stretch([SOURCES[name]], after, limit, NOW) == met._replace(body=tuple(b"" for _ in met.body))


def test_a_stretch_of_many_sources_is_in_order(shelf):
    sources = [SOURCES["a home"], SOURCES["a grant"], Source(home=3), SOURCES["late items"]]
    met = shelf.store.stretch(sources, 0, 1000, NOW, 1 << 20)
    assert list(met.at) == sorted(met.at)
    assert set(zip(met.at, met.item)) == {(at, row.item) for at, row in shelf.store.page(sources, 0, 1000, NOW)}
    assert shelf.store.stretch([], 0, 10, NOW, 10) == Stretch()


@pytest.mark.parametrize("room", [-5, 0, 1, 2_999, 3_000, 3_001, 100_000])
def test_a_stretch_ends_with_the_item_that_goes_beyond_the_room(store, room):
    rows = puts(store, *(new(f"indicator--{n}", body=bytes(1_000)) for n in range(8)))
    met = store.stretch([Source(home=rows[0].home)], 0, 1000, NOW, room)
    assert met.item == tuple(row.item for row in rows[: max(1, room // 1_000 + 1)])


@pytest.mark.parametrize("room", [None, -5, 0, 999, 1_000, 2_500, 100_000])
def test_bodies_are_read_in_order_up_to_the_room(store, room):
    rows = puts(store, *(new(f"indicator--{n}", body=bytes([n]) * 1_000) for n in range(8)))
    asked = [rows[n].item for n in (5, 2, 7, 0)] + [99]
    found = store.bodies(asked, room)
    expected = asked[:4] if room is None else asked[: max(1, min(4, room // 1_000 + 1))]
    assert found == {item: bytes([item - 1]) * 1_000 for item in expected}


def test_types_leave_only_items_of_these_types(store):
    rows = puts(store, *(new(f"{type_}--{n}", type=type_) for n in range(3) for type_ in ("indicator", "malware", "tool")))
    with store.write() as tx:
        tx.put_late("UZ", [(1_000 + row.item, row.item) for row in rows])
    for source in (Source(home=0, origin="KZ"), Source(home=-1, reader="UZ")):
        asked = source._replace(types=frozenset({"malware", "tool", "\0", "mal\0ware"}))
        assert [row.type for _, row in store.page([asked], 0, 100, NOW)] == ["malware", "tool"] * 3
        assert len(store.stretch([asked], 0, 5, NOW).at) == 5
        assert store.page([source._replace(types=frozenset())], 0, 100, NOW) == []


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=6), max_size=6))
def test_plain_are_those_alone_with_their_id(url, batches, tmp_path_factory):
    store = open_store("memory:" if url == "memory:" else f"sqlite:{tmp_path_factory.mktemp('s') / 'store.db'}")
    for batch in batches:
        puts(store, *(new(f"indicator--{n}", origin=("KZ", "UZ")[at % 2]) for at, n in enumerate(batch)))
    ids = [n for batch in batches for n in batch]
    assert store.stretch([Source(home=1)], 0, 1000, NOW).plain == tuple(int(ids.count(n) == 1) for n in ids)
    store.close()


def test_rows_and_kin(store):
    one, other, again, third = puts(store, *(new(f"indicator--{n}") for n in (1, 2, 1, 3)))
    assert store.rows([third.item, one.item, 99]) == {one.item: one, third.item: third}
    assert store.kin([again.item, third.item, 99]) == [one, again, third]
    assert (store.rows([]), store.kin([])) == ({}, [])
    assert other not in store.kin([one.item])


def test_an_id_with_a_nul_is_nobodys(store):
    """No stored id has one; it must not be taken for the id that it begins with."""
    (row,) = puts(store, new("indicator--1"))
    assert store.by_id(["indicator--1\0", "indicator--1\0--2"]) == []
    assert store.by_id(["indicator--1\0", "indicator--1"]) == [row]


def test_counters_are_told_all_at_once(store):
    assert store.counters() == {}
    (row,) = puts(store, new("indicator--1"))
    with store.write() as tx:
        tx.bump("moves")
        tx.delete([row.item])
    assert store.counters().items() >= {"added": row.added, "items": 1, "moves": 1, "removals": 1}.items()


def test_stretches_are_cut_and_joined():
    met = Stretch((1, 2, 3), (11, 12, 13), (5, 5, 6), (1, 0, 1), (b"a", b"b", b"c"), (b"A", b"B", b"C"))
    assert met.first(2).then(met.only((0, 0, 1))) == met
    assert met.only(base == 6 for base in met.base).item == (13,)
    assert Stretch().then(met) == met
    assert met.first(0) == Stretch() == met.only((0, 0, 0))
