"""Recording: one leaf per page, one commit for all that wait, and nothing leaves unrecorded."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import contextmanager

import pytest

from comity.errors import OperatorFault
from comity.intake.withdraw import received, withdraw
from comity.ledger.journal import Entry, prepare, read_entry
from comity.release.record import Disclosure, Recorder, advance, counted
from comity.release.select import Query
from comity.rulebook import GOVERNED
from tests.consortium import Body, Member, indicator


@pytest.fixture(params=["memory", "sqlite"])
def body(request, tmp_path):
    body = Body(store="memory:" if request.param == "memory" else f"sqlite:{tmp_path / 'store.db'}")
    yield body
    body.world.store.close()


def disclosure(member: Member, count: int = 3, head: int = 10) -> Disclosure:
    entry = Entry(kind="disclose", at=member.body.clock(), party=member.code)
    leaf = prepare(entry, [bytes([n]) * 32 for n in range(count)])
    return Disclosure(leaf=leaf, reader=member.reader, head=head, counted=counted(member.body.world.store.counters()))


def test_a_disclosure_is_a_leaf_and_moves_the_readers_head(body):
    uz = body.member("UZ")
    made = disclosure(uz)
    receipt = Recorder(body.world).record(made)
    assert receipt is not None
    (leaf,) = body.world.store.leaves(receipt.index)
    assert (leaf.hash, leaf.opening) == (made.leaf.hash, made.leaf.opening)
    assert read_entry(leaf.entry).party == "UZ"
    assert body.world.store.reader(uz.reader.key) == 10


def test_a_slower_request_takes_nothing_back(body):
    uz = body.member("UZ")
    with body.world.store.write() as tx:
        advance(body.world, tx, uz.reader, 10)
        advance(body.world, tx, uz.reader, 9)
    assert body.world.store.reader(uz.reader.key) == 10


class Counted:
    """A store that counts its commits, and fails them if told."""

    def __init__(self, store) -> None:
        self.store, self.commits, self.fail = store, 0, False

    def __getattr__(self, name):
        return getattr(self.store, name)

    @contextmanager
    def write(self):
        with self.store.write() as tx:
            yield tx
            self.commits += 1
            if self.fail:
                raise OperatorFault("the disk is full")


def until(happened: Callable[[], bool]) -> None:
    """Wait for something that threads do."""
    end = time.monotonic() + 30
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.002)


def together(store: Counted, members: list[Member], recorder: Recorder) -> list[object]:
    """Record for all at once, while another writer has the store; receipts or errors."""
    results: list[object] = [None] * len(members)

    def work(n: int, made: Disclosure) -> None:
        try:
            results[n] = recorder.record(made)
        except OperatorFault as fault:
            results[n] = fault

    threads = [threading.Thread(target=work, args=(n, disclosure(member))) for n, member in enumerate(members)]
    with store.store.write():
        # The first takes the turn and waits for the store; the others wait behind it.
        threads[0].start()
        until(lambda: recorder._turn.locked() and not recorder._waiting)
        for thread in threads[1:]:
            thread.start()
        until(lambda: len(recorder._waiting) == len(members) - 1)
    for thread in threads:
        thread.join(20)
    return results


def test_those_who_wait_are_recorded_in_one_commit_with_a_leaf_each(body):
    members = [body.member(code) for code in ("UZ", "TJ", "KG", "IN", "IR")]
    counted = Counted(body.world.store)
    object.__setattr__(body.world, "store", counted)
    before = counted.head().size
    commits = counted.commits
    receipts = together(counted, members, Recorder(body.world))
    assert sorted(receipt.index for receipt in receipts) == list(range(before, before + 5))
    # The one who had the turn, and the other four at once.
    assert counted.commits - commits == 2
    entries = [read_entry(leaf.entry) for leaf in counted.leaves(before)]
    assert {entry.party for entry in entries} == {member.code for member in members}
    for member, receipt in zip(members, receipts, strict=True):
        (leaf,) = counted.leaves(receipt.index, receipt.index + 1)
        assert read_entry(leaf.entry).party == member.code
        assert leaf.hash == receipt.hash


def test_a_commit_that_fails_fails_for_all_who_waited_for_it(body):
    members = [body.member(code) for code in ("UZ", "TJ", "KG")]
    counted = Counted(body.world.store)
    object.__setattr__(body.world, "store", counted)
    before, recorder = counted.head(), Recorder(body.world)
    counted.fail = True
    assert [str(fault) for fault in together(counted, members, recorder)] == ["the disk is full"] * 3
    assert counted.head() == before
    assert counted.reader(members[0].reader.key) is None
    counted.fail = False
    assert recorder.record(disclosure(members[0])).index == before.size  # and it goes on


def test_what_is_withdrawn_while_a_page_is_made_is_not_on_it(body, monkeypatch):
    """An entry after the withdrawal that still gave the object out would be missed by the recall."""
    kz, uz = body.member("KZ"), body.member("UZ")
    gone, kept = indicator(), indicator()
    kz.submits(gone, kept)
    choose, recalls = body.desk._choose, []

    def meanwhile(*asked, **options):
        chosen = choose(*asked, **options)
        recalls.extend(recalls or withdraw(body.world, "KZ", gone["id"]))
        return chosen

    monkeypatch.setattr(body.desk, "_choose", meanwhile)
    page = uz.page()
    assert [row.id for _, row in page.found] == [kept["id"]]
    assert received(body.world, recalls[:1]) == {recalls[0].name: []}
    entries = [read_entry(leaf.entry) for leaf in body.world.store.leaves()]
    assert [entry.count for entry in entries if entry.kind == "disclose"] == [1]


def test_a_page_and_a_pull_are_the_same(body):
    kz, uz = body.member("KZ"), body.member("UZ")
    kz.submits(*(indicator() for _ in range(5)))
    uz.submits(indicator())
    page, pull = uz.page(limit=4), body.desk.pull(uz.reader, Query(limit=4))
    assert (list(pull.stamps), list(pull.bodies), pull.more) == (list(page.stamps), list(page.bodies), page.more)
    assert [at for at, _ in page.found] == list(page.stamps)
    assert pull.receipt.index == page.receipt.index + 1


@pytest.mark.parametrize("counter", ["removals", GOVERNED])
def test_what_was_decided_before_something_went_or_other_rules_came_is_not_recorded(body, counter):
    uz = body.member("UZ")
    stale = disclosure(uz)
    with body.world.store.write() as tx:
        tx.bump(counter)
    size = body.world.store.head().size
    assert Recorder(body.world).record(stale) is None
    assert body.world.store.head().size == size
    assert Recorder(body.world).record(disclosure(uz)) is not None
