from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.match import numbers
from comity.match.table import Entry, Table
from comity.match.table_file import open_table, save
from comity.match.table_maker import build
from comity.terms.stix import derived_id

ENTRIES: list[Entry] = [("domain", "a.example", "i--1"), ("ipv4", "192.0.2.1", None), ("cidr", "192.0.0.0/22", None), ("domain", "a.example", "i--2"), ("url", "http://x/", None)]  # fmt: skip


def same(one: Table, other: Table) -> None:
    assert one.facts == other.facts
    for mine, theirs in zip(one.arrays, other.arrays, strict=True):
        assert mine.tolist() == theirs.tolist()


def test_records_in_a_file_are_the_same(tmp_path: Path) -> None:
    with tempfile.TemporaryFile() as file:
        table = build(ENTRIES, file)
        same(table, build(ENTRIES))
        assert table.ids("domain", "a.example") == ("i--1", "i--2")
        save(table, tmp_path / "t")
        assert open_table(tmp_path / "t").ids("domain", "a.example") == ("i--1", "i--2")


def test_many_buckets_give_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [("domain", f"{number % 700}.example", f"i--{number % 11}") for number in range(2_000)]
    entries: list[Entry] = [*ENTRIES, *names, *(("ipv6", f"2001:db8::{number:x}", None) for number in range(900))]
    save(build(entries), tmp_path / "one")
    monkeypatch.setattr(numbers, "BUCKET", 50)
    with tempfile.TemporaryFile() as file:
        save(build(entries, file), tmp_path / "many")
    assert (tmp_path / "many").read_bytes() == (tmp_path / "one").read_bytes()


values = st.tuples(st.just("domain"), st.sampled_from(["a.example", "b.example", "c.example"]), st.sampled_from([None, "i--1", "i--2"]))


@given(st.lists(values, max_size=12))
def test_ids_are_those_of_a_dictionary(entries: list[Entry]) -> None:
    table = build(entries)
    want: dict[str, dict[str | None, None]] = {}
    for _, value, id_ in entries:
        want.setdefault(value, {})[id_] = None
    for value in ("a.example", "b.example", "c.example"):
        if value not in want:
            assert table.ids("domain", value) is None
        elif list(want[value]) == [None]:
            assert table.ids("domain", value) == ()
        else:
            assert set(table.ids("domain", value) or ()) == {id_ or derived_id("indicator", "domain", value) for id_ in want[value]}
