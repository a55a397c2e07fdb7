"""Erasure keeps the tree whole and leaves nothing to read."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from comity.errors import IntegrityFault, OurFault
from comity.ledger.audit import verify
from comity.ledger.erasure import commitment, erase_entry, erase_objects, is_erased, read_tombstone
from comity.ledger.journal import Entry, Opening, read_entry
from comity.ledger.leaf import opened_root
from comity.ledger.merkle import leaf_hash


def report(log: Any) -> Any:
    return verify(log.leaves, log.stored, log.journal.verifier)


def test_an_erased_entry_with_its_tombstone_is_in_order(log: Any) -> None:
    log.erase(2)
    found = report(log)
    assert found.ok
    assert (found.erased, found.erased_objects) == (1, 0)
    assert is_erased(log.leaves[2])
    assert leaf_hash(commitment(log.leaves[2])) == log.leaves[2].hash
    assert (log.leaves[2].entry, log.leaves[2].opening) == (b"", b"")


def test_what_an_erased_entry_is_over_stays_as_it_was(log: Any) -> None:
    before = [commitment(leaf) for leaf in log.leaves]
    for index in range(6):
        log.erase(index)
        log.erase(index)
    assert [commitment(leaf) for leaf in log.leaves[:6]] == before
    assert report(log).ok
    log.leaves[3] = msgspec.structs.replace(log.leaves[3], salt=bytes(32))
    assert report(log).problems == ("leaf 3: it was erased, and what is left of it does not match its hash",)


def test_erased_objects_keep_the_root_and_the_others(log: Any) -> None:
    before = Opening(records=log.leaves[5].opening)
    secret = before.records[49 + 1 : 98]
    log.erase(5, [1, 3])
    after = Opening(records=log.leaves[5].opening)
    assert after.erased() == [1, 3]
    assert opened_root(after) == opened_root(before)
    assert secret not in after.records
    assert secret[:16] not in after.records
    found = report(log)
    assert found.ok
    assert found.erased_objects == 2
    log.erase(5, [0])
    log.erase(5)
    assert report(log).ok


def test_erasing_without_a_tombstone_is_found(log: Any) -> None:
    log.erase(2, record=False)
    log.erase(5, [1], record=False)
    assert report(log).problems == ("leaf 2: erased without a tombstone", "leaf 5: object 1 erased without a tombstone")


def test_what_comes_back_after_its_tombstone_is_found(log: Any) -> None:
    old = list(log.leaves)
    log.erase(2)
    log.erase(5, [1])
    log.leaves[2], log.leaves[5] = old[2], old[5]
    problems = report(log).problems
    assert len(problems) == 2
    assert all("tombstone at leaf" in p and "it is here" in p for p in problems)
    assert problems[0].startswith("leaf 2:")
    assert problems[1].startswith("leaf 5:")


def test_tombstones_stay(log: Any) -> None:
    log.erase(2)
    with pytest.raises(OurFault, match="tombstone"):
        erase_entry(log.leaves[6])
    with pytest.raises(OurFault):
        erase_objects(log.leaves[5], [5])


@pytest.mark.parametrize("detail", [{}, {"leaf": 7}, {"leaf": -1}, {"leaf": True}, {"leaf": 1, "objects": 3}, {"leaf": 1, "objects": [-1]}])
def test_a_tombstone_must_name_something_before_it(log: Any, detail: dict[str, Any]) -> None:
    entry = read_entry(log.leaves[0].entry)
    with pytest.raises(IntegrityFault, match="tombstone"):
        read_tombstone(Entry(kind="erase", at=entry.at, actor="p-1", detail=detail), 7)
    log.journal.append(log, Entry(kind="erase", at=entry.at, actor="p-1", detail=detail | {"leaf": detail.get("leaf", 99)}))
    assert not report(log).ok
