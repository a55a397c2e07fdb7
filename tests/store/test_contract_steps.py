"""A step of any store is taken as a whole or not at all, and one after another."""

from __future__ import annotations

import itertools
import threading
from typing import Any

import pytest

from comity.ledger.journal import EMPTY_HEAD
from comity.store import Store
from comity.store.protocol import Row, Segment, Source
from tests.store.filling import HOMES, leaf, new, put, puts


def everything(store: Store) -> dict[str, Any]:
    """All that can be seen of a store whose ids, values, readers and spaces are those of `change`."""
    numbers = range(1, 12)
    rows = store.recent(1000)
    seen: dict[str, Any] = {
        "rows": rows, "bodies": store.bodies(numbers), "envelopes": store.envelopes(numbers), "counts": store.counts(),
        "ids": store.by_id(["indicator--1", "indicator--2", "indicator--3"]), "types": [list(store.by_type(t)) for t in ("indicator", "malware")],
        "values": [store.by_value([n]) for n in range(5)], "traits": store.trait_rows(0), "moved": store.moved(), "last": store.last_added(),
        "counters": [store.counter(name) for name in ("moves", "governed", "added", "items")], "head": store.head(),
        "leaves": list(store.leaves()), "hashes": store.tree_hashes(0, 0, 999), "privates": [list(store.privates(s)) for s in ("a", "b")],
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
