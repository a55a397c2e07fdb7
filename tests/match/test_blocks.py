from __future__ import annotations

import gzip
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.match import blocks, buffers, openfile
from comity.match.blocks import Chosen
from comity.match.index import Index

INDEX = Index.build([("domain", "bad.example", None)])


def chosen(data: bytes, **options: int) -> tuple[list[tuple[int, bytes]], int]:
    found = Chosen(io.BufferedReader(io.BytesIO(data)), INDEX.prefilter, **options)  # type: ignore[arg-type]
    return [(line.number, line.raw) for line in found], found.last


def wanted(data: bytes) -> list[tuple[int, bytes]]:
    lines = openfile.lines(io.BufferedReader(io.BytesIO(data)))
    return [(number, line) for number, line in lines if number == 1 or b"bad.example" in line or line[:1] == b"#"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(["x", "bad.example", "", "#h", "y" * 50, "a bad.example\r"]), max_size=40), st.booleans())
def test_the_same_lines_as_one_by_one(lines: list[str], ended: bool) -> None:
    data = "\n".join(lines).encode() + (b"\n" if ended else b"")
    before = buffers.BLOCK, blocks.SMALL
    buffers.BLOCK, blocks.SMALL = 64, 1
    try:
        for options in ({}, {"live": True}, {"threads": 2}):
            found, last = chosen(data, **options)
            assert found == wanted(data)
            assert last == sum(1 for _ in openfile.lines(io.BufferedReader(io.BytesIO(data))))
    finally:
        buffers.BLOCK, blocks.SMALL = before


def test_a_line_without_an_end_is_cut_and_keeps_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openfile, "MAX_LINE", 1_000)
    monkeypatch.setattr(blocks, "SMALL", 10)
    monkeypatch.setattr(buffers, "BLOCK", 500)
    data = b"first\n" + b"z" * 5_000 + b" bad.example\nlast bad.example\n"
    found, last = chosen(data)
    assert [number for number, _ in found] == [1, 2, 3]
    assert last == 3
    assert all(len(line) <= 1_500 for _, line in found)


def test_a_file_that_breaks_off_gives_its_whole_lines_first(tmp_path: Path) -> None:
    class Broken(io.RawIOBase):
        def __init__(self) -> None:
            self.pieces = [b"bad.example\n", b"x\nbad.exam"]

        def readable(self) -> bool:
            return True

        def readinto(self, buffer) -> int:
            if not self.pieces:
                raise EOFError("it ends in the middle")
            piece = self.pieces.pop(0)
            buffer[: len(piece)] = piece
            return len(piece)

    found = Chosen(io.BufferedReader(Broken()), INDEX.prefilter)
    got = []
    with pytest.raises(EOFError):
        for each in found:
            got.append(each)
    assert got == [(1, b"bad.example", False), (2, b"x", False)]


def test_the_compiled_pass_is_for_what_is_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "MUCH", 100)
    monkeypatch.setenv("COMITY_NUMBA", "on")
    (tmp_path / "plain").write_bytes(b"x" * 60)
    (tmp_path / "packed").write_bytes(gzip.compress(b"x" * 60))
    plain, packed = str(tmp_path / "plain"), str(tmp_path / "packed")
    for paths, found in (
        ([], False),
        ([plain], False),
        ([plain, plain], True),
        ([packed], True),
        (["-"], True),
        ([plain, str(tmp_path)], True),
    ):
        assert blocks.much(paths) is found, paths
        assert INDEX.prefilter(much=found).compiled is found
