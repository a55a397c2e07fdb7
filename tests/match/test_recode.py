from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.match.recode import encoding_of, ends_of, recoded


def read(raw: bytes, **options: bool) -> bytes:
    return recoded(io.BufferedReader(io.BytesIO(raw)), **options).read()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf16_is_told_by_its_mark_or_its_zeros(encoding: str) -> None:
    text = "GET http://a.example/ é\r\n" * 50
    raw = text.encode(encoding)
    assert encoding_of(raw).startswith("UTF-16")
    assert read(raw).removeprefix(b"\xef\xbb\xbf") == text.encode()


def test_lone_carriage_returns_end_lines() -> None:
    assert read(b"a\rb\rc") == b"a\nb\nc"
    assert read(b"a\rb\n") == b"a\rb\n"
    assert read(b"a\rb\rc", live=True) == b"a\rb\rc"
    assert [ends_of(raw) for raw in (b"a\n", b"a\r\nb\r\n", b"a\rb", b"a\r", b"")] == ["LF", "CRLF", "CR", "LF", "LF"]


def test_cut_utf16_is_read_to_its_end() -> None:
    assert read("bad.example\nx".encode("utf-16")[:-1]).endswith(b"bad.example\n\xef\xbf\xbd")


@given(st.binary(max_size=100))
def test_anything_else_stays(raw: bytes) -> None:
    if encoding_of(raw) == "UTF-8" and ends_of(raw) != "CR":
        assert read(raw) == raw
    else:
        read(raw)
