"""What a store promises, asked of every store there is. Pages are compared with a plain computation over all rows."""

from __future__ import annotations

import hashlib
import itertools
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comity.ledger.journal import EMPTY_HEAD, Head, Leaf
from comity.store import Store, open_store
from comity.store.protocol import Claim, NewItem, Row, Segment, Source, Stretch
from comity.terms.traits import Traits

NOW = 1_000
FACTS = Traits(type="indicator", origin="KZ", purposes=("network-defence",), tlp="amber")
HOMES = (b"first facts", b"second facts", b"third facts")


@pytest.fixture(params=["memory", "sqlite"])
def url(request, tmp_path) -> str:
    return "memory:" if request.param == "memory" else f"sqlite:{tmp_path / 'store.db'}"


@pytest.fixture
def store(url) -> Iterator[Store]:
    opened = open_store(url)
    yield opened
    opened.close()


def new(id_: str, **changes: Any) -> NewItem:
    """An item about to be stored, with bytes of its own."""
    body = changes.pop("body", id_.encode() + str(changes).encode())
    plain = NewItem(
        origin="KZ", id=id_, type="indicator", version="2021-10-01T00:00:00.000Z", spec="2.1", sha=hashlib.sha256(body).digest(),
        body=body, envelope=b"envelope of " + id_.encode(), traits=FACTS, refs=(), values=(), expires=None,
    )  # fmt: skip
    return plain._replace(**changes)


def put(tx, item: NewItem, home: bytes = HOMES[0], added: int | None = None, **changes: Any) -> Row:
    """Store one item as `place` would: the next number, the next ordinal of its home, a stamp after the last."""
    number = tx.intern(home)
    at = tx.last_added() + 10 if added is None else added
    row = Row(
        item=tx.next_item(), added=at, home=number, ordinal=tx.take_ordinals(number, 1), base=number, traits=number, origin=item.origin,
        id=item.id, type=item.type, version=item.version, spec=item.spec, sha=item.sha, leaf=tx.head().size, expires=item.expires,
    )._replace(**changes)  # fmt: skip
    tx.set_last_added(at)
    tx.insert([(row, item)])
    return row


def puts(store: Store, *items: NewItem, home: bytes = HOMES[0]) -> list[Row]:
    with store.write() as tx:
        return [put(tx, item, home) for item in items]


def leaf(index: int) -> tuple[Leaf, Head]:
    made = Leaf(index=index, hash=bytes([index]) * 32, salt=bytes([index]) * 16, entry=b"entry %d" % index, opening=b"opening %d" % index)
    return made, Head(size=index + 1, frontier=b"frontier %d" % index, root=bytes([index]) * 32, checkpoint=b"checkpoint %d" % index)


# An empty store


def test_an_empty_store_has_nothing(store):
    assert store.head() == EMPTY_HEAD
    assert store.last_added() == 0
    assert store.counter("anything") == 0
    assert (store.trait_rows(0), store.recent(10), store.counts(), store.moved(), store.check()) == ([], [], {}, [], [])
    assert (store.by_id(["indicator--1"]), list(store.by_type("indicator")), store.by_value(1)) == ([], [], [])
    assert (store.bodies([1]), store.envelopes([1])) == ({}, {})
    assert (store.reader("UZ"), store.segments("UZ"), store.late("UZ", [1])) == (None, [], {})
    assert (list(store.leaves()), store.leaf_hashes()) == ([], [])
    assert (store.private("space", "key"), list(store.privates("space"))) == (None, [])
    assert store.page([Source(home=0, origin="KZ"), Source(home=1), Source(home=-1, reader="UZ")], 0, 10, NOW) == []
    with store.write() as tx:
        assert tx.next_item() == 1
        assert (tx.held("KZ", ["a"]), tx.claims(["a"]), tx.referrers(["a"]), tx.last_ordinal(1, 10)) == ({}, {}, [], 0)


# Items


def test_what_is_put_is_found_every_way(store):
    items = [
        new("indicator--1", values=(("domain", 7), ("url", 8))),
        new("malware--1", type="malware", origin="UZ"),
        new("indicator--1", origin="UZ", values=(("domain", 7),)),
    ]
    rows = puts(store, *items)
    assert [row.item for row in rows] == [1, 2, 3]
    assert store.by_id(["indicator--1"]) == [rows[0], rows[2]]
    assert store.by_id(["malware--1", "indicator--1", "nothing--1"]) == rows
    assert list(store.by_type("indicator")) == [rows[0], rows[2]]
    assert list(store.by_type("report")) == []
    assert store.by_value(7) == [rows[0], rows[2]]
    assert store.by_value(8) == [rows[0]]
    assert store.recent(2) == [rows[2], rows[1]]
    assert store.recent(10, before=rows[1].added) == [rows[0]]
    assert store.bodies([1, 3, 99]) == {1: items[0].body, 3: items[2].body}
    assert store.envelopes([2]) == {2: items[1].envelope}
    assert store.counts() == {"indicator": 2, "malware": 1}


def test_bytes_come_back_as_they_were(store):
    body = bytes(range(256)) * 3
    (row,) = puts(store, new("indicator--1", body=body, envelope=b"\x00\xff"))
    assert store.bodies([row.item]) == {row.item: body}
    assert store.envelopes([row.item]) == {row.item: b"\x00\xff"}
    assert store.by_id(["indicator--1"])[0].sha == hashlib.sha256(body).digest()


@pytest.mark.parametrize("hash_", [-(1 << 63), -1, 0, (1 << 63) - 1])
def test_a_value_hash_may_be_any_signed_64_bit_number(store, hash_):
    (row,) = puts(store, new("indicator--1", values=(("domain", hash_), ("ipv4", hash_))))
    assert store.by_value(hash_) == [row]


def test_look_ups_of_many_ids_find_all_of_them_once(store):
    rows = puts(store, *(new(f"indicator--{n}") for n in range(1200)))
    ids = [row.id for row in rows]
    assert store.by_id([*reversed(ids), *ids[:5]]) == rows
    assert len(store.bodies([row.item for row in rows])) == 1200
    with store.write() as tx:
        assert tx.held("KZ", ids) == {row.id: [row] for row in rows}
        assert len(tx.claims(ids)) == 1200


def test_held_is_of_one_origin(store):
    mine, other, again = puts(store, new("indicator--1"), new("indicator--1", origin="UZ"), new("indicator--1", version="later"))
    with store.write() as tx:
        assert tx.held("KZ", ["indicator--1", "indicator--2"]) == {"indicator--1": [mine, again]}
        assert tx.held("UZ", ["indicator--1"]) == {"indicator--1": [other]}
        assert tx.held("TJ", ["indicator--1"]) == {}


def test_claims_are_everybodys_with_what_they_refer_to_in_order(store):
    one = new("report--1", refs=("c--1", "a--1", "b--1"))
    rows = puts(store, one, new("report--1", origin="UZ"))
    with store.write() as tx:
        assert tx.claims(["report--1", "a--1"]) == {
            "report--1": [Claim(rows[0].item, rows[0].base, "KZ", ("c--1", "a--1", "b--1")), Claim(rows[1].item, rows[1].base, "UZ", ())]
        }


def test_referrers_are_those_that_name_it_directly(store):
    first, second, _ = puts(store, new("report--1", refs=("a--1", "b--1")), new("report--2", refs=("b--1",)), new("b--1", refs=("c--1",)))
    with store.write() as tx:
        assert tx.referrers(["a--1"]) == [first]
        assert sorted(tx.referrers(["a--1", "b--1"])) == [first, second]
        assert tx.referrers(["d--1"]) == []


def test_the_space_that_it_takes(store, url):
    before = store.space()
    puts(store, *(new(f"indicator--{number}", body=bytes(10_000)) for number in range(20)))
    after = store.space()
    assert after.used >= before.used + 200_000
    assert (after.left is None) == (url == "memory:")


def test_naming_gives_those_that_refer_to_it_in_order(store):
    old, other, _ = puts(
        store, new("report--1", refs=("a--1", "b--1")), new("report--2", refs=("b--1",)), new("b--1", refs=("c--1",)),
    )  # fmt: skip
    assert list(store.naming("b--1")) == [(old, True), (other, True)]
    assert (list(store.naming("a--1")), list(store.naming("report--1"))) == ([(old, True)], [])
    (again,) = puts(store, new("report--1", refs=("b--1",), version="2021-11-01T00:00:00.000Z"), home=HOMES[1])
    assert list(store.naming("b--1")) == [(old, False), (other, True), (again, False)]


def test_a_critical_section_sees_what_it_has_written(store):
    with store.write() as tx:
        row = put(tx, new("indicator--1", refs=("a--1",)))
        assert tx.held("KZ", ["indicator--1"]) == {"indicator--1": [row]}
        assert tx.referrers(["a--1"]) == [row]
        assert tx.next_item() == 2
        assert tx.last_added() == row.added
        assert tx.last_ordinal(row.home, row.added) == 1


# Trait rows, numbers, counters


def test_trait_rows_are_interned_once_and_counted_up(store):
    with store.write() as tx:
        assert [tx.intern(body) for body in (*HOMES, HOMES[0])] == [1, 2, 3, 1]
        assert tx.trait_body(2) == HOMES[1]
    with store.write() as tx:
        assert tx.intern(HOMES[2]) == 3
        assert tx.intern(b"fourth") == 4
    assert store.trait_rows(0) == [(1, HOMES[0]), (2, HOMES[1]), (3, HOMES[2]), (4, b"fourth")]
    assert store.trait_body(4) == b"fourth"
    assert store.trait_rows(3) == [(4, b"fourth")]
    assert store.trait_rows(4) == []


def test_a_row_interned_in_vain_is_not_remembered(store):
    with pytest.raises(ZeroDivisionError), store.write() as tx:
        assert tx.intern(b"in vain") == 1
        raise ZeroDivisionError
    assert store.trait_rows(0) == []
    with store.write() as tx:
        assert tx.intern(b"other") == 1
        assert tx.intern(b"in vain") == 2
        assert tx.trait_body(2) == b"in vain"


def test_ordinals_are_dense_within_a_home(store):
    with store.write() as tx:
        one, two = tx.intern(HOMES[0]), tx.intern(HOMES[1])
        assert [tx.take_ordinals(one, 3), tx.take_ordinals(two, 1), tx.take_ordinals(one, 2), tx.take_ordinals(two, 1)] == [1, 1, 4, 2]


def test_last_ordinal_is_of_those_stamped_up_to_a_moment(store):
    a, b = puts(store, new("indicator--1"), new("indicator--2"))
    (other,) = puts(store, new("indicator--3"), home=HOMES[1])
    with store.write() as tx:
        assert [tx.last_ordinal(a.home, at) for at in (a.added - 1, a.added, b.added - 1, b.added, other.added)] == [0, 1, 1, 2, 2]
        assert tx.last_ordinal(other.home, other.added) == 1


def test_bump_counts_by_name(store):
    with store.write() as tx:
        assert [tx.bump("moves"), tx.bump("moves"), tx.bump("governed")] == [1, 2, 1]
    assert (store.counter("moves"), store.counter("governed"), store.counter("other")) == (2, 1, 0)


# Moving and deleting


def test_a_move_changes_the_trait_row_of_today_and_nothing_else(store):
    one, two = puts(store, new("indicator--1"), new("indicator--2"))
    with store.write() as tx:
        traits = tx.intern(HOMES[1])
        tx.move(one.item, traits)
    moved = one._replace(traits=traits)
    assert store.moved() == [moved]
    assert store.by_id(["indicator--1"]) == [moved]
    assert store.page([Source(home=one.home)], 0, 10, NOW) == [(one.added, moved), (two.added, two)]
    with store.write() as tx:
        tx.move(one.item, one.home)
    assert store.moved() == []


def test_other_facts_change_the_base_row_and_the_trait_row_of_today(store):
    one, two = puts(store, new("indicator--1"), new("indicator--2"))
    with store.write() as tx:
        base, traits = tx.intern(HOMES[1]), tx.intern(HOMES[2])
        tx.rebase(one.item, base, traits)
        assert tx.claims(["indicator--1"])["indicator--1"][0].base == base
    changed = one._replace(base=base, traits=traits)
    assert store.moved() == [changed]
    assert store.by_id(["indicator--1", "indicator--2"]) == [changed, two]
    assert store.stretch([Source(home=one.home)], 0, 10, NOW).base == (base, two.base)


def test_late_items_can_be_dropped_for_one_reader(store):
    one, two = puts(store, new("indicator--1"), new("indicator--2"))
    with store.write() as tx:
        tx.put_late("UZ", [(500, one.item), (501, two.item)])
        tx.put_late("IR", [(502, one.item)])
    with store.write() as tx:
        tx.drop_late("UZ", [one.item, 99])
        tx.drop_late("nobody", [one.item])
        tx.drop_late("IR", [])
    assert (store.late("UZ", [one.item, two.item]), store.late("IR", [one.item])) == ({two.item: 501}, {one.item: 502})
    with store.write() as tx:
        tx.put_late("UZ", [(600, one.item)])
    assert store.page([Source(home=-1, reader="UZ")], 0, 10, NOW) == [(501, two), (600, one)]


def test_what_is_deleted_is_nowhere(store):
    gone, kept = puts(store, new("indicator--1", refs=("a--1",), values=(("domain", 7),)), new("indicator--2", refs=("a--1",)))
    with store.write() as tx:
        tx.put_late("UZ", [(5, gone.item), (6, kept.item)])
    with store.write() as tx:
        tx.delete([gone.item])
    assert store.by_id(["indicator--1"]) == []
    assert store.by_value(7) == []
    assert (store.bodies([gone.item]), store.envelopes([gone.item])) == ({}, {})
    assert store.counts() == {"indicator": 1}
    assert store.recent(10) == [kept]
    assert list(store.by_type("indicator")) == [kept]
    assert store.late("UZ", [gone.item, kept.item]) == {kept.item: 6}
    assert store.page([Source(home=-1, reader="UZ")], 0, 10, NOW) == [(6, kept)]
    assert store.page([Source(home=gone.home)], 0, 10, NOW) == [(kept.added, kept)]
    with store.write() as tx:
        assert (tx.held("KZ", ["indicator--1"]), tx.claims(["indicator--1"]), tx.referrers(["a--1"])) == ({}, {}, [kept])


def test_numbers_of_deleted_items_are_not_used_again(store):
    _, last = puts(store, new("indicator--1"), new("indicator--2"))
    with store.write() as tx:
        tx.delete([last.item])
        assert tx.next_item() == last.item + 1
    (after,) = puts(store, new("indicator--3"))
    assert (after.item, after.ordinal) == (last.item + 1, last.ordinal + 1)


# Private values


def test_private_values_are_set_replaced_and_removed(store):
    with store.write() as tx:
        tx.put_private("tokens", "b", b"\x00two")
        tx.put_private("tokens", "a", b"one")
        tx.put_private("other", "a", b"elsewhere")
        tx.put_private("other", "never", None)
    assert store.private("tokens", "b") == b"\x00two"
    assert list(store.privates("tokens")) == [("a", b"one"), ("b", b"\x00two")]
    with store.write() as tx:
        tx.put_private("tokens", "a", b"changed")
        tx.put_private("tokens", "b", None)
    assert list(store.privates("tokens")) == [("a", b"changed")]
    assert store.private("tokens", "b") is None
    assert store.private("other", "a") == b"elsewhere"


# Readers


def test_readers_keep_their_heads_apart(store):
    with store.write() as tx:
        tx.put_reader("UZ", 0)
        tx.put_reader("IR", 5)
    with store.write() as tx:
        tx.put_reader("IR", 9)
    assert (store.reader("UZ"), store.reader("IR"), store.reader("TJ")) == (0, 9, None)


def test_segments_are_replaced_home_by_home_for_one_reader(store):
    first, second = Segment(1, 1, 4, None), Segment(1, 5, None, 700)
    other = Segment(2, 1, None, None)
    with store.write() as tx:
        tx.put_segments("UZ", [other, first, second])
        tx.put_segments("IR", [first])
    assert store.segments("UZ") == [first, second, other]
    with store.write() as tx:
        tx.put_segments("UZ", [Segment(1, 1, 9, None)])
        tx.put_segments("UZ", [])
    assert store.segments("UZ") == [Segment(1, 1, 9, None), other]
    assert store.segments("IR") == [first]


def test_a_run_that_ended_empty_stays_before_the_one_that_follows_it(store):
    ended, open_ = Segment(1, 1, 0, None), Segment(1, 1, None, None)
    with store.write() as tx:
        tx.put_segments("UZ", [ended, open_])
    assert store.segments("UZ") == [ended, open_]


def test_late_items_are_added_to(store):
    one, two = puts(store, new("indicator--1"), new("indicator--2"))
    with store.write() as tx:
        tx.put_late("UZ", [(500, two.item)])
        tx.put_late("UZ", [(501, one.item)])
        tx.put_late("IR", [(7, one.item)])
    assert store.late("UZ", [one.item, two.item, 99]) == {one.item: 501, two.item: 500}
    assert store.late("UZ", [one.item]) == {one.item: 501}
    assert store.late("IR", [one.item, two.item]) == {one.item: 7}


# The log


def test_leaves_and_head(store):
    for index in range(4):
        with store.write() as tx:
            tx.put_leaf(*leaf(index))
            assert tx.head().size == index + 1
    assert store.head() == leaf(3)[1]
    assert list(store.leaves()) == [leaf(index)[0] for index in range(4)]
    assert [each.index for each in store.leaves(1, 3)] == [1, 2]
    assert [each.index for each in store.leaves(3)] == [3]
    assert list(store.leaves(9, 10)) == []
    assert store.leaf_hashes() == [leaf(index)[0].hash for index in range(4)]


# Pages


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


# All or nothing


def everything(store: Store) -> dict[str, Any]:
    """All that can be seen of a store whose ids, values, readers and spaces are those of `change`."""
    numbers = range(1, 12)
    rows = store.recent(1000)
    seen: dict[str, Any] = {
        "rows": rows, "bodies": store.bodies(numbers), "envelopes": store.envelopes(numbers), "counts": store.counts(),
        "ids": store.by_id(["indicator--1", "indicator--2", "indicator--3"]), "types": [list(store.by_type(t)) for t in ("indicator", "malware")],
        "values": [store.by_value(n) for n in range(5)], "traits": store.trait_rows(0), "moved": store.moved(), "last": store.last_added(),
        "counters": [store.counter(name) for name in ("moves", "governed", "added", "items")], "head": store.head(),
        "leaves": list(store.leaves()), "hashes": store.leaf_hashes(), "privates": [list(store.privates(s)) for s in ("a", "b")],
        "readers": [store.reader(r) for r in ("UZ", "IR")], "segments": [store.segments(r) for r in ("UZ", "IR")],
        "late": [store.late(r, list(numbers)) for r in ("UZ", "IR")],
        "pages": [store.page([Source(home=home, origin="KZ", reader="UZ")], 0, 100, 0) for home in (-1, 0, 1, 2, 3)],
    }  # fmt: skip
    with store.write() as tx:  # what only a writer sees
        refs = ["a--1", "b--1"]
        seen["tx"] = [tx.next_item(), tx.held("KZ", ["indicator--1", "indicator--3"]), tx.claims(["indicator--1"]), tx.referrers(refs)]
        seen["ordinals"] = [tx.last_ordinal(home, 1 << 40) for home in (1, 2, 3)]
    return seen


def change(tx, step: int) -> None:
    """Something of every kind of change; `step` makes it differ."""
    one = put(tx, new("indicator--1", version=f"v{step}", refs=("a--1", "b--1"), values=(("domain", 1),)), HOMES[0])
    two = put(tx, new(f"indicator--{step + 1}", type="malware", values=(("domain", step),)), b"facts %d" % step)
    tx.move(one.item, two.traits)
    tx.put_private("a", "kept", b"value %d" % step)
    tx.put_private("b", f"key {step}", b"value")
    tx.put_private("a", f"key {step - 1}", None)
    tx.bump("moves")
    tx.bump("governed")
    tx.put_reader("UZ", step)
    tx.put_segments("UZ", [Segment(1, 1, step, None), Segment(1, step + 1, None, 9 * step)])
    tx.put_segments("IR", [Segment(step, 1, None, None)])
    tx.put_late("UZ", [(1_000 * step, one.item)])
    tx.put_late("IR", [(1_000 * step, two.item)])
    tx.put_leaf(*leaf(tx.head().size))
    tx.set_last_added(tx.last_added() + 5)


def test_what_fails_leaves_nothing_of_anything(store):
    with store.write() as tx:
        change(tx, 1)
    before = everything(store)
    with pytest.raises(ZeroDivisionError), store.write() as tx:
        change(tx, 2)
        tx.delete([1, 3])
        tx.delete([2])
        raise ZeroDivisionError
    assert everything(store) == before
    with store.write() as tx:
        change(tx, 2)
        assert tx.take_ordinals(1, 1) == 3
    after = everything(store)
    assert all(after[key] != before[key] for key in before if key != "values")


def test_each_single_change_is_taken_back(store):
    with store.write() as tx:
        change(tx, 1)
    before = everything(store)
    row = store.recent(1)[0]
    changes = [
        lambda tx: put(tx, new("indicator--3", values=(("domain", 3),))),
        lambda tx: tx.delete([row.item]),
        lambda tx: tx.delete([1, row.item]),
        lambda tx: tx.move(row.item, 1),
        lambda tx: tx.intern(b"new facts"),
        lambda tx: tx.put_private("a", "kept", None),
        lambda tx: tx.put_private("a", "kept", b"other"),
        lambda tx: tx.put_private("c", "new", b"other"),
        lambda tx: tx.bump("moves"),
        lambda tx: tx.put_reader("IR", 4),
        lambda tx: tx.put_segments("UZ", [Segment(1, 1, None, None)]),
        lambda tx: tx.put_late("IR", [(9_999, 1)]),
        lambda tx: tx.drop_late("UZ", [1]),
        lambda tx: tx.rebase(row.item, 1, 1),
        lambda tx: tx.put_leaf(*leaf(1)),
        lambda tx: tx.set_last_added(1 << 40),
    ]
    for number, act in enumerate(changes):
        with pytest.raises(ZeroDivisionError), store.write() as tx:
            act(tx)
            raise ZeroDivisionError
        assert everything(store) == before, number
    with pytest.raises(ZeroDivisionError), store.write() as tx:
        tx.take_ordinals(1, 5)
        raise ZeroDivisionError
    with store.write() as tx:
        assert tx.take_ordinals(1, 1) == 2


def test_even_an_interrupt_leaves_nothing(store):
    with pytest.raises(KeyboardInterrupt), store.write() as tx:
        change(tx, 1)
        raise KeyboardInterrupt
    assert store.recent(10) == []
    assert store.head() == EMPTY_HEAD


# Several at once


def test_writers_take_turns(store):
    """Two threads read, wait a moment and write: nothing is lost, no number is given twice."""
    problems: list[BaseException] = []
    together = threading.Barrier(2)

    def work(name: str) -> None:
        try:
            together.wait(10)
            for n in range(15):
                with store.write() as tx:
                    count = int(store.private("count", "both") or b"0")
                    put(tx, new(f"indicator--{name}-{n}", origin=name))
                    tx.bump("moves")
                    tx.put_private("count", "both", str(count + 1).encode())
                    tx.put_leaf(*leaf(tx.head().size))
                assert any(row.id == f"indicator--{name}-{n}" for row in store.recent(30))
        except BaseException as error:
            problems.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in ("KZ", "UZ")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert problems == []
    rows = sorted(store.recent(1000))
    assert [row.item for row in rows] == list(range(1, 31))
    assert [row.ordinal for row in rows] == list(range(1, 31))
    assert all(a.added < b.added for a, b in itertools.pairwise(rows))
    assert store.counter("moves") == 30
    assert store.private("count", "both") == b"30"
    assert [each.index for each in store.leaves()] == list(range(30))


def test_a_closed_critical_section_of_one_thread_is_seen_by_another(store):
    puts(store, new("indicator--1"))
    seen: list[list[Row]] = []
    thread = threading.Thread(target=lambda: seen.append(store.by_id(["indicator--1"])))
    thread.start()
    thread.join(30)
    assert seen == [store.recent(1)]


# What a check asks


def test_what_items_name_and_are_found_by_is_given_back(store):
    values = (("domain", 7), ("ipv4", -(2**63)), ("domain", 7))
    one, two, three = puts(
        store,
        new("sighting--1", refs=("z--1", "a--1"), values=values),
        new("indicator--2", values=values[:1]),
        new("malware--3", refs=("a--1",)),
    )
    asked = [one.item, two.item, three.item, 999]
    assert store.links(asked) == {one.item: ("z--1", "a--1"), three.item: ("a--1",)}
    assert {item: sorted(found) for item, found in store.values(asked).items()} == {one.item: sorted(values), two.item: [("domain", 7)]}
    assert (store.links([]), store.values([])) == ({}, {})
    many = puts(store, *(new(f"note--{n}", refs=(f"x--{n}",), values=(("url", n),)) for n in range(1201)))
    assert store.links([row.item for row in many]) == {row.item: (f"x--{n}",) for n, row in enumerate(many)}
    assert store.values([row.item for row in many]) == {row.item: [("url", n)] for n, row in enumerate(many)}
    with store.write() as tx:
        tx.delete([one.item])
    assert (store.links([one.item]), store.values([one.item]), store.check()) == ({}, {}, [])


def test_the_numbers_given_in_each_row(store):
    assert store.numbered() == {}
    puts(store, new("indicator--1"), new("indicator--2"))
    with store.write() as tx:
        empty = tx.intern(b"nobody's home")
    assert store.numbered() == {1: 2, empty: 0}


def test_readers_are_those_with_anything(store):
    (row,) = puts(store, new("indicator--1"))
    with store.write() as tx:
        tx.put_reader("b", 0)
        tx.put_segments("c", [Segment(1, 1, None, None)])
        tx.put_segments("c", [Segment(1, 1, 1, None)])
        tx.put_late("a", [(5, row.item)])
        tx.put_segments("nothing", [])
        tx.put_late("nothing", [])
    assert store.readers() == ["a", "b", "c"]
    with store.write() as tx:
        tx.delete([row.item])
    assert store.readers() == ["b", "c"]


def test_arrivals_are_counted_by_the_trait_row_of_today(store):
    one, two, three = puts(store, new("a"), new("b", expires=NOW + 1), new("c", expires=NOW))
    (four,) = puts(store, new("d"), home=HOMES[1])
    assert store.arrivals(0, NOW) == {one.traits: 2, four.traits: 1}
    assert store.arrivals(two.added, NOW) == {one.traits: 1, four.traits: 1}
    assert store.arrivals(four.added + 1, NOW) == {}
    with store.write() as tx:
        tx.move(one.item, four.traits)
        tx.move(two.item, four.traits)
    assert store.arrivals(0, NOW) == {four.traits: 3}
    assert store.arrivals(0, NOW + 1) == {four.traits: 2}
    with store.write() as tx:
        tx.delete([one.item])
    assert store.arrivals(three.added, NOW) == {four.traits: 1}


def test_words_find_the_latest_first(store):
    first, second, third = puts(store, new("a--1", words=("red", "fox")), new("a--2", words=("red", "foxes")), new("a--3", words=("blue",)))
    homes = [first.home]

    def found(*words: str, **more: Any) -> list[Row]:
        return store.by_words(words, more.get("homes", homes), more.get("items", ()), more.get("limit", 10), more.get("before"))

    assert found("red") == [second, first]
    assert found("red", limit=1) == [second]
    assert found("red", before=second.item) == [first]
    assert (found("red", "fox"), found("red", "fox*"), found("fo*")) == ([first], [second, first], [second, first])
    assert (found("red", "blue"), found("re"), found("blue"), found()) == ([], [], [third], [])
    assert (found("red", homes=[]), found("red", homes=[first.home + 1])) == ([], [])
    assert found("red", homes=[], items=[first.item, third.item]) == [first]


def test_words_of_any_script(store):
    (row,) = puts(store, new("a--1", words=("иод", "钓鱼", "名", "\u0646\u0627\u0645", "e2e")))
    for word in ("иод", "ио*", "钓鱼", "钓*", "名", "\u0646\u0627\u0645", "e2e"):
        assert store.by_words([word], [row.home], [], 10) == [row], word


def test_rows_are_told_apart_by_the_words_they_may_be_found_by(store):
    with store.write() as tx:
        one = put(tx, new("a--1", words=("red",)), HOMES[0])
        two = put(tx, new("a--2", words=("red",)), HOMES[1])
    assert store.by_words(["red"], [one.home], [], 10) == [one]
    assert store.by_words(["red"], [two.home], [], 10) == [two]
    assert store.by_words(["red"], [one.home, two.home], [], 10) == [two, one]


def test_removed_items_are_not_found_by_words(store):
    first, second = puts(store, new("a--1", words=("red",)), new("a--2", words=("red",)))
    with store.write() as tx:
        tx.delete([first.item])
    assert store.by_words(["red"], [first.home], [], 10) == [second]
    assert store.check() == []
    while not store.tidy():
        pass
    assert store.by_words(["red"], [first.home], [], 10) == [second]


def test_what_expires_is_found_by_when(store):
    soon, later, _, never = puts(
        store, new("a--1", expires=20), new("a--2", expires=30), new("a--3", expires=40), new("a--4", expires=None)
    )  # fmt: skip
    assert store.expiring(20, 40, 10) == [soon, later]
    assert store.expiring(20, 40, 1) == [soon]
    assert store.expiring(21, 30, 10) == []
    assert never not in store.expiring(0, 1 << 60, 10)
