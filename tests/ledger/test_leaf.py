"""Entries and openings: canonical bytes only, commitments that hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import IntegrityFault, OurFault
from comity.ledger.leaf import RECORD, Entry, Opening, commit_objects, entry_hash, opened_root, read_entry, write_entry
from comity.ledger.merkle import EMPTY, leaf_hash, root

AT = datetime(2021, 10, 4, 9, 0, tzinfo=UTC)
SPAN = (AT.replace(year=1970, tzinfo=None), AT.replace(year=2200, tzinfo=None))
json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abcд\U0001f600", max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.datetimes(*SPAN, timezones=st.just(timezone(timedelta(hours=5)))),
    st.dictionaries(st.text("ab", max_size=3), json_values, max_size=3),
    st.none() | st.just("UZ"),
    st.lists(st.text("ab@1", min_size=1), max_size=2),
)
def test_entries_survive(at: datetime, detail: dict[str, Any], party: str | None, agreements: list[str]) -> None:
    entry = Entry(kind="disclose", at=at, actor="p-1", party=party, agreements=tuple(agreements), detail=detail)
    data = write_entry(entry)
    assert read_entry(data) == entry
    assert write_entry(read_entry(data)) == data


def test_an_entry_in_full() -> None:
    entry = Entry(kind="accept", at=AT, actor="p-1", party="UZ", agreements=("a@1#2",), count=1, root="0" * 64, detail={"b": 1, "a": 2})
    zeros = "0" * 64
    assert write_entry(entry).decode() == (
        '{"actor":"p-1","agreements":["a@1#2"],"at":"2021-10-04T09:00:00.000000Z","count":1,'
        f'"detail":{{"a":2,"b":1}},"kind":"accept","party":"UZ","root":"{zeros}"}}'
    )


@pytest.mark.parametrize(
    "change",
    [
        ("}", " }"),
        ('"p-1"', '"p\\u002d1"'),
        (".000000Z", "Z"),
        (".000000Z", ".000000+00:00"),
        (".000000Z", ".000000"),
        ('"kind":"init"', '"kind":"Init"'),
        ('"kind":"init"', '"kind":"init","kind":"init"'),
        ('"kind":"init"', '"kind":"init","more":1'),
        ('"kind":"init"', '"kind":"init","party":null'),
        ('"kind":"init"', '"count":1,"kind":"init"'),
        ('"kind":"init"', '"count":0,"kind":"init"'),
        ('"kind":"init"', '"detail":{"n":9007199254740993},"kind":"init"'),
        ('"kind":"init"', '"detail":{"n":1.0},"kind":"init"'),
        ('"kind":"init"', '"detail":' + "[" * 100_000 + ',"kind":"init"'),
        ("p-1", "\udcff"),
        ("{", ""),
    ],
)
def test_other_spellings_of_an_entry_are_refused(change: tuple[str, str]) -> None:
    data = write_entry(Entry(kind="init", at=AT, actor="p-1")).decode()
    assert change[0] in data
    with pytest.raises(IntegrityFault):
        read_entry(data.replace(*change, 1).encode(errors="surrogateescape"))


def test_entries_that_make_no_sense() -> None:
    bad: list[dict[str, Any]] = [
        {"at": AT.replace(tzinfo=None)},
        {"kind": "No Kind"},
        {"count": -1},
        {"root": "0" * 64},
    ]
    for change in [*bad, {"root": "x", "count": 1}]:
        with pytest.raises(ValueError, match="entry"):
            msgspec.structs.replace(Entry(kind="init", at=AT, actor="p-1"), **change)
    for detail in ({"n": 2**60}, {"f": float("nan")}, {"s": "\ud800"}, {"o": object()}):
        with pytest.raises(OurFault):
            write_entry(Entry(kind="init", at=AT, actor="p-1", detail=detail))


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=9), st.data())
def test_objects_are_committed_to(hashes: list[bytes], data: st.DataObject) -> None:
    salts = data.draw(st.binary(min_size=16 * len(hashes), max_size=16 * len(hashes)))
    records, top = commit_objects(hashes, salts)
    expected = [sha256(b"comity/object/v1:" + salts[n * 16 : n * 16 + 16] + h).digest() for n, h in enumerate(hashes)]
    opening = Opening(records=records)
    assert len(records) == RECORD * len(hashes)
    assert opening.commitments() == expected
    assert opening.erased() == []
    assert top == opened_root(opening) == root([leaf_hash(c) for c in expected])


def test_salts_hide_equal_objects() -> None:
    same = sha256(b"x").digest()
    records, _ = commit_objects([same, same], bytes(16) + bytes([1]) * 16)
    first, second = Opening(records=records).commitments()
    assert first != second
    assert commit_objects([], b"") == (b"", EMPTY)


@pytest.mark.parametrize(("hashes", "salts"), [([bytes(32)], b""), ([bytes(31)], bytes(16)), ([], bytes(16))])
def test_wrong_lengths_are_our_fault(hashes: list[bytes], salts: bytes) -> None:
    with pytest.raises(OurFault):
        commit_objects(hashes, salts)


@pytest.mark.parametrize("records", [bytes(48), bytes(50), b"\x02" + bytes(48), b"\x01" + bytes(47) + b"\x01"])
def test_malformed_records(records: bytes) -> None:
    with pytest.raises(IntegrityFault):
        Opening(records=records).commitments()


def test_an_entry_and_an_object_never_hash_alike() -> None:
    assert entry_hash(bytes(16), bytes(32)) != leaf_hash(sha256(b"comity/object/v1:" + bytes(48)).digest())
