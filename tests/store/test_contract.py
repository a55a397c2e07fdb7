"""What a store promises, asked of every store there is: items, trait rows, moves, readers, the log."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from comity.ledger.journal import EMPTY_HEAD
from comity.store.protocol import Claim, Row, Segment, Source
from tests.store.filling import HOMES, NOW, leaf, new, put, puts

# An empty store


def test_an_empty_store_has_nothing(store):
    assert store.head() == EMPTY_HEAD
    assert store.last_added() == 0
    assert store.counter("anything") == 0
    assert (store.trait_rows(0), store.recent(10), store.counts(), store.moved(), store.check()) == ([], [], {}, [], [])
    assert (store.by_id(["indicator--1"]), list(store.by_type("indicator")), store.by_value([1])) == ([], [], [])
    assert (store.bodies([1]), store.envelopes([1])) == ({}, {})
    assert (store.reader("UZ"), store.segments("UZ"), store.late("UZ", [1])) == (None, [], {})
    assert (list(store.leaves()), store.tree_hashes(0, 0, 9)) == ([], [])
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
    assert store.by_value([7]) == [rows[0], rows[2]]
    assert store.by_value([8]) == [rows[0]]
    assert store.by_value([8, 7, 9]) == [rows[0], rows[2]]
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
    assert store.by_value([hash_]) == [row]


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
    assert store.by_value([7]) == []
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
    assert store.tree_hashes(0, 0, 9) == [leaf(index)[0].hash for index in range(4)]
    assert store.tree_hashes(0, 2, 1) == [leaf(2)[0].hash]


def test_hashes_of_the_tree_are_kept_by_level(store):
    with store.write() as tx:
        for number in range(3):
            tx.put_tree_hash(1, number, bytes([number]) * 32)
        tx.put_tree_hash(2, 0, b"a" * 32)
    assert store.tree_hashes(1, 1, 9) == [b"\1" * 32, b"\2" * 32]
    assert store.tree_hashes(2, 0, 1) == [b"a" * 32]
    assert store.tree_hashes(3, 0, 1) == store.tree_hashes(1, 3, 2) == []
    with pytest.raises(ZeroDivisionError), store.write() as tx:
        tx.put_tree_hash(1, 3, b"b" * 32)
        raise ZeroDivisionError
    assert store.tree_hashes(1, 3, 1) == []


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
