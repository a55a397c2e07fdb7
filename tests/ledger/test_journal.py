"""Appending: what lands in the store, and that a doubtful past stops it."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import msgspec
import pytest

from comity.errors import IntegrityFault, OurFault
from comity.ledger.journal import EMPTY_HEAD, MAX_OBJECTS, Entry, Head, Journal, Receipt, check_head, prepare, read_entry
from comity.ledger.leaf import Opening, entry_hash, opened_root
from comity.ledger.merkle import root
from comity.ledger.note import Checkpoint, LogKey, open_note, sign

AT = datetime(2021, 10, 4, tzinfo=UTC)
ENTRY = Entry(kind="accept", at=AT, actor="p-1")


def test_an_append_writes_leaf_and_signed_head(log: Any) -> None:
    receipt = log.say("accept", 4)
    leaf, head = log.leaves[-1], log.stored
    assert (receipt.index, receipt.size, receipt.hash, receipt.root) == (6, 7, leaf.hash, head.root)
    assert head.root == root([leaf.hash for leaf in log.leaves])
    point = open_note(head.checkpoint, [log.journal.verifier])
    assert (point.origin, point.size, point.root) == (log.journal.origin, 7, head.root)
    entry = read_entry(leaf.entry)
    assert leaf.hash == entry_hash(leaf.salt, leaf.entry)
    assert entry.count == 4
    assert entry.root == opened_root(Opening(records=leaf.opening)).hex()


def test_a_prepared_entry_may_take_any_place(log: Any) -> None:
    """What is prepared outside the critical section does not depend on what comes before it."""
    hashes = [sha256(b"object").digest()]
    prepared = [prepare(Entry(kind="disclose", at=AT, party="UZ"), hashes) for _ in range(3)]
    receipts = [log.journal.enter(log, each) for each in reversed(prepared)]
    assert [receipt.index for receipt in receipts] == [6, 7, 8]
    assert [receipt.hash for receipt in receipts] == [each.hash for each in reversed(prepared)]
    check_head(log.stored, [log.journal.verifier], log.journal.origin)


def test_a_head_changed_between_two_appends_of_one_journal_is_refused(log: Any) -> None:
    """What this process signed itself it need not check again, as long as it is that to the byte."""
    log.say("accept")
    good = log.stored
    for bad in (
        forged(good, checkpoint=flip(good.checkpoint)), forged(good, root=flip(good.root)), forged(good, frontier=flip(good.frontier)),
        forged(good, size=good.size + 1), EMPTY_HEAD,
    ):  # fmt: skip
        log.stored = bad
        if bad == EMPTY_HEAD:
            log.leaves.clear()  # an empty log is one to begin
            assert log.say("accept").index == 0
        else:
            with pytest.raises(IntegrityFault, match="nothing was appended"):
                log.say("accept")


def test_an_append_that_was_rolled_back_is_forgotten(log: Any) -> None:
    before = log.stored
    log.say("accept")
    lost = log.leaves.pop()
    log.stored = before
    receipt = log.say("accept")
    assert receipt.index == lost.index
    check_head(log.stored, [log.journal.verifier], log.journal.origin)
    assert log.stored.root == root([leaf.hash for leaf in log.leaves])


def test_equal_entries_get_unlike_leaves(log: Any) -> None:
    first, second = log.journal.append(log, ENTRY), log.journal.append(log, ENTRY)
    assert log.leaves[-1].entry == log.leaves[-2].entry
    assert first.hash != second.hash


def test_only_the_journal_makes_receipts(log: Any) -> None:
    receipt = log.say("accept")
    with pytest.raises(OurFault):
        Receipt(object(), index=0, hash=bytes(32), size=1, root=bytes(32))
    with pytest.raises(OurFault):
        receipt.index = 0
    with pytest.raises(OurFault):
        copy.copy(receipt)


def forged(head: Head, **changes: Any) -> Head:
    return msgspec.structs.replace(head, **changes)


def flip(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


def test_nothing_is_appended_to_a_past_that_was_not_signed(log: Any) -> None:
    other = LogKey(log.key.name, bytes(32))
    good: Head = log.stored
    point = Checkpoint(origin=log.journal.origin, size=6, root=good.root)
    for head in (
        forged(good, size=5),
        forged(good, root=flip(good.root)),
        forged(good, frontier=flip(good.frontier)),
        forged(good, frontier=b""),
        forged(good, checkpoint=b""),
        forged(good, checkpoint=flip(good.checkpoint)),
        forged(good, checkpoint=sign(point, other)),
        forged(good, checkpoint=sign(msgspec.structs.replace(point, size=7), log.key)),
        forged(good, checkpoint=sign(msgspec.structs.replace(point, origin="other.example"), log.key)),
        forged(EMPTY_HEAD, checkpoint=good.checkpoint),
    ):
        log.stored = head
        with pytest.raises(IntegrityFault, match="nothing was appended"):
            log.say("accept")
    log.stored = good
    assert len(log.leaves) == 6
    assert log.say("accept").size == 7


def test_counts_and_limits(log: Any) -> None:
    for count in (1, 3):
        with pytest.raises(OurFault, match="counts"):
            log.journal.append(log, msgspec.structs.replace(ENTRY, count=count), [bytes(32)] * 2 if count == 3 else [])
    log.journal.append(log, msgspec.structs.replace(ENTRY, count=2), [bytes(32)] * 2)
    assert read_entry(log.leaves.pop().entry).count == 2
    with pytest.raises(OurFault):
        log.journal.append(log, ENTRY, [bytes(32)] * (MAX_OBJECTS + 1))
    with pytest.raises(OurFault):
        log.journal.append(log, ENTRY, [bytes(31)])
    assert len(log.leaves) == 6


def test_a_thousand_objects_take_milliseconds(new_log: Callable[[], Any]) -> None:
    log, hashes = new_log(), [sha256(bytes([n % 256, n // 256])).digest() for n in range(MAX_OBJECTS)]
    best = 1.0
    for _ in range(5):
        begin = time.process_time()
        log.journal.append(log, ENTRY, hashes)
        best = min(best, time.process_time() - begin)
    assert best < 0.05  # a few ms on a quiet machine; the bound only catches another order of growth


def test_a_journal_may_have_another_origin_than_its_keys_name(new_log: Callable[[], Any]) -> None:
    log = new_log()
    Journal(log.key, "other.example/log").append(log, ENTRY)
    with pytest.raises(IntegrityFault, match=r"other\.example"):
        log.say("accept")
