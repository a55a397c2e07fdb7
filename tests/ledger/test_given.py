"""Finding the entries by which an object went to a party."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import msgspec

from comity.ledger.given import given
from comity.ledger.journal import Entry, Leaf, prepare
from comity.ledger.leaf import ERASED, RECORD

AT = datetime(2021, 11, 1, tzinfo=UTC)
ONE, TWO, THREE = (hashlib.sha256(word).digest() for word in (b"one", b"two", b"three"))


def leaves(*said):
    found = []
    for index, (entry, hashes) in enumerate(said):
        made = prepare(entry, hashes)
        found.append(Leaf(index=index, hash=made.hash, salt=made.salt, entry=made.entry, opening=made.opening))
    return found


def entry(kind, party="UZ"):
    return Entry(kind=kind, at=AT, party=party)


def test_disclosures_and_pushes_are_found_and_nothing_else():
    log = leaves(
        (entry("accept", "KZ"), [ONE]),
        (entry("disclose"), [TWO, ONE]),
        (entry("refuse"), [ONE]),
        (Entry(kind="access", at=AT, count=1), [ONE]),
        (entry("push", "IR"), [ONE, THREE]),
        (entry("disclose"), [THREE]),
        (entry("disclose"), []),
    )
    assert [(index, told.party, named) for index, told, named in given(log, [ONE])] == [(1, "UZ", {ONE}), (4, "IR", {ONE})]
    assert [(index, named) for index, _, named in given(log, [ONE, THREE])] == [(1, {ONE}), (4, {ONE, THREE}), (5, {THREE})]
    assert list(given(log, [])) == []


def test_many_hashes_are_found_as_few_are():
    log = leaves((entry("disclose"), [ONE]), (entry("disclose"), [TWO]))
    many = [ONE, *(hashlib.sha256(bytes([number])).digest() for number in range(40))]
    assert [index for index, _, _ in given(log, many)] == [index for index, _, _ in given(log, [ONE])] == [0]


def test_what_was_erased_is_not_found():
    (leaf,) = leaves((entry("disclose"), [ONE]))
    assert list(given([msgspec.structs.replace(leaf, opening=ERASED + bytes(RECORD - 1))], [ONE])) == []


def test_bytes_that_happen_to_look_alike_across_records_are_no_object():
    (leaf,) = leaves((entry("disclose"), [ONE, TWO]))
    astride = leaf.opening[30:62]
    assert astride in leaf.opening
    assert list(given([leaf], [astride])) == []
