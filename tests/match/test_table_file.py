from __future__ import annotations

from pathlib import Path

import pytest

from comity.errors import IntegrityFault
from comity.match import table_file
from comity.match.table_file import open_table, save
from comity.match.table_maker import build
from tests.match.test_table_maker import ENTRIES, same


@pytest.mark.parametrize("most", [0, 1 << 20])
def test_a_mapped_file_is_the_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(table_file, "_MAPPED", most)
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


def test_no_byte_of_a_head_is_changed_unseen(tmp_path: Path) -> None:
    place = tmp_path / "t"
    save(build([("domain", "a.example", None), ("pattern", "[file:name = 'x']", "i")]), place, b"note")
    raw = place.read_bytes()
    assert open_table(place, proved=True).facts.patterns == (("[file:name = 'x']", "i"),)
    for at in range(raw.index(b"}\0")):
        place.write_bytes(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :])
        with pytest.raises(IntegrityFault):
            open_table(place, proved=True)
