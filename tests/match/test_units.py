from __future__ import annotations

import gzip
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import NotFound
from comity.match import units
from comity.match.units import Part, Unit, part_of, units_of


@given(st.binary(max_size=60).map(lambda raw: raw.replace(b"\x01", b"\n").replace(b"\x00", b"\n")), st.integers(1, 20))
def test_parts_are_whole_lines_and_together_the_file(raw: bytes, size: int) -> None:
    parts = [Part(io.BytesIO(raw), at, min(len(raw), at + size)).read() for at in range(0, len(raw), size)]
    assert b"".join(part or b"" for part in parts) == raw
    assert all(part.endswith(b"\n") for part in parts[:-1] if part and part is not [each for each in parts if each][-1])


def test_a_large_plain_log_is_cut_and_knows_its_header(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(units, "PART", 100)
    path = tmp_path / "x.csv"
    path.write_bytes(b"query,src_ip\n" + b"a.example,192.0.2.1\n" * 30)
    found = list(units_of(str(path), "auto"))
    assert [unit.start for unit in found] == list(range(0, path.stat().st_size, 100))
    assert [unit.last for unit in found] == [False] * (len(found) - 1) + [True]
    assert found[0].state is None and {unit.state for unit in found[1:]} == {(",", ("query", "src_ip"))}
    with path.open("rb") as file:
        assert part_of(file, found[0]).read().startswith(b"query,")


def test_what_is_packed_small_or_of_another_encoding_is_one_unit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = b"to a.example\n" * 200
    for raw in (gzip.compress(text), text, text.decode().encode("utf-16")):
        monkeypatch.setattr(units, "PART", 2_000 if raw is text else 10)
        (tmp_path / "x").write_bytes(raw)
        assert list(units_of(str(tmp_path / "x"), "auto")) == [Unit(str(tmp_path / "x"), "text", packed=raw[:2] == b"\x1f\x8b")]
    with pytest.raises(NotFound):
        list(units_of(str(tmp_path / "none"), "auto"))
