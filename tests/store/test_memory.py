"""What is the in-memory store's own, beside the contract that every store keeps (test_contract.py)."""

from __future__ import annotations

import threading

import pytest

from comity.store.memory import MemoryStore
from tests.consortium import Body, indicator, relationship


def test_two_stores_share_nothing():
    one, other = MemoryStore(), MemoryStore()
    with one.write() as tx:
        tx.put_private("space", "key", b"value")
        tx.intern(b"facts")
    assert other.private("space", "key") is None
    assert other.trait_rows(0) == []


def test_a_failure_is_undone_in_the_right_order():
    store = MemoryStore()
    with store.write() as tx:
        tx.put_private("space", "key", b"first")
    with pytest.raises(ZeroDivisionError), store.write() as tx:
        for value in (b"second", None, b"third", None, b"fourth"):
            tx.put_private("space", "key", value)
        raise ZeroDivisionError
    assert store.private("space", "key") == b"first"


def test_after_a_success_nothing_is_undone_by_a_later_failure():
    store = MemoryStore()
    with store.write() as tx:
        tx.put_private("space", "kept", b"value")
    with pytest.raises(ZeroDivisionError), store.write() as tx:
        tx.put_private("space", "key", b"value")
        raise ZeroDivisionError
    assert list(store.privates("space")) == [("kept", b"value")]


def test_a_writer_waits_for_the_other():
    store = MemoryStore()
    order: list[str] = []

    def other() -> None:
        with store.write():
            order.append("other")

    with store.write():
        thread = threading.Thread(target=other)
        thread.start()
        thread.join(0.05)
        order.append("first")
    thread.join(10)
    assert order == ["first", "other"]


def test_a_whole_submission_that_fails_leaves_the_store_as_it_was():
    body = Body()
    kz, uz = body.member("KZ"), body.member("UZ")
    first = indicator()
    kz.submits(first)
    assert uz.polls() == [first["id"]]
    before = {name: repr(value) for name, value in vars(body.world.store).items() if name not in ("_lock", "_lists")}
    body.clock = Broken()
    object.__setattr__(body.world, "clock", body.clock)
    with pytest.raises(ZeroDivisionError):
        kz.submits(indicator(), relationship(first["id"], first["id"]))
    assert {name: repr(value) for name, value in vars(body.world.store).items() if name not in ("_lock", "_lists")} == before


class Broken:
    """A clock that stops in the middle of a critical section: its second look fails."""

    def __init__(self) -> None:
        self.looks = 0

    def __call__(self):
        self.looks += 1
        if self.looks == 2:
            raise ZeroDivisionError
        from tests.consortium import START

        return START
