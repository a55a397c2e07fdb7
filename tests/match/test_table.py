from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import IntegrityFault
from comity.match.table import Entry, Table, bloom, build, combined, directory, open_table, save
from comity.terms.stix import derived_id

ENTRIES: list[Entry] = [("domain", "a.example", "i--1"), ("ipv4", "192.0.2.1", None), ("cidr", "192.0.0.0/22", None), ("domain", "a.example", "i--2"), ("url", "http://x/", None)]  # fmt: skip


def same(one: Table, other: Table) -> None:
    assert one.facts == other.facts
    for mine, theirs in zip(one.arrays, other.arrays, strict=True):
        assert mine.tolist() == theirs.tolist()


def test_a_mapped_file_is_the_table(tmp_path: Path) -> None:
    made = build(ENTRIES)
    save(made, tmp_path / "t")
    read = open_table(tmp_path / "t")
    same(made, read)
    for table in (made, read):
        assert table.ids("domain", "a.example") == ("i--1", "i--2")
        assert table.ids("ipv4", "192.0.2.1") == ()
        assert table.ids("ipv4", "192.0.2.2") is None
        assert table.facts.count == 4
        assert table.facts.whole == ((1, ord("x")),)
    assert [path.name for path in tmp_path.iterdir()] == ["t"]


def test_records_in_a_file_are_the_same(tmp_path: Path) -> None:
    with tempfile.TemporaryFile() as file:
        table = build(ENTRIES, file)
        same(table, build(ENTRIES))
        assert table.ids("domain", "a.example") == ("i--1", "i--2")
        save(table, tmp_path / "t")
        assert open_table(tmp_path / "t").ids("domain", "a.example") == ("i--1", "i--2")


@pytest.mark.parametrize("cut", [0, 10, 30, 200, -1])
def test_a_damaged_file_is_told(tmp_path: Path, cut: int) -> None:
    save(build(ENTRIES), tmp_path / "t")
    raw = (tmp_path / "t").read_bytes()
    (tmp_path / "t").write_bytes(raw[: cut if cut >= 0 else raw.index(b"domain a.example")] or b"x")
    with pytest.raises(IntegrityFault, match="no table"):
        open_table(tmp_path / "t")


def test_an_empty_table_can_be_kept(tmp_path: Path) -> None:
    save(build([]), tmp_path / "t")
    assert open_table(tmp_path / "t").ids("domain", "a.example") is None


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


def test_tables_are_asked_together() -> None:
    wanted = combined([build(ENTRIES[:2]), build(ENTRIES[2:])])
    whole = build(ENTRIES)
    assert sorted({*wanted.most.keys.tolist(), *wanted.more.keys.tolist()}) == whole.arrays.keys.tolist()
    for arrays in (wanted.most, wanted.more):
        assert arrays.bloom.tolist() == bloom(arrays.keys).tolist()
        assert arrays.starts.tolist() == directory(arrays.keys).tolist()
    assert wanted.nets().tolist() == whole.arrays.nets.tolist()
    facts = wanted.facts
    assert (facts.kinds, facts.lengths, facts.whole) == (whole.facts.kinds, whole.facts.lengths, whole.facts.whole)
    assert (facts.fours, facts.numbers) == (whole.facts.fours, whole.facts.numbers)


def test_a_directory_tells_where_each_bucket_starts() -> None:
    found = np.sort(np.random.default_rng(1).integers(0, 2**64 - 1, 1_000, np.uint64))
    starts = directory(found)
    assert len(starts) == 129
    for bucket in range(128):
        assert all(key >> 57 == bucket for key in found[starts[bucket] : starts[bucket + 1]].tolist())
    assert starts[-1] == 1_000


def test_no_byte_of_a_head_is_changed_unseen(tmp_path: Path) -> None:
    place = tmp_path / "t"
    save(build([("domain", "a.example", None), ("pattern", "[file:name = 'x']", "i")]), place, b"note")
    raw = place.read_bytes()
    assert open_table(place, proved=True).facts.patterns == (("[file:name = 'x']", "i"),)
    for at in range(raw.index(b"}\0")):
        place.write_bytes(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :])
        with pytest.raises(IntegrityFault):
            open_table(place, proved=True)
