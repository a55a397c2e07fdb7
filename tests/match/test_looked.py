from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from comity.errors import NotFound, SenderFault
from comity.match.looked import look


@pytest.mark.parametrize(
    ("raw", "format", "why", "fields"),
    [
        (b"#separator \\x09\n#fields\tts\tquery\n1\ta.example\n", "zeek", "line 1 is a header of Zeek", {"query": ("host",)}),
        (b"\n# note\nquery,src_ip\na.example,192.0.2.1\n", "csv", "names columns", {"query": ("host",), "src_ip": ("address",)}),
        (b"#Software: x\n#Fields: date cs-host\n2026 a.example\n", "w3c", "W3C", {"cs-host": ("host",)}),
        (b'{"dns":{"question":{"name":"a.example"}}}\n', "json", "an event in JSON", {"dns.question.name": ("host",)}),
        (b'[\n{"query":"a.example"},\n{"query":"b.example"}\n]\n', "json", "an event in each line", {"query": ("host",)}),
        (b'{"event_type":"dns","dns":{"rrname":"a.example"}}\n', "eve", "event_type", {"dns.rrname": ("host",)}),
        (b"x dnsmasq[1]: query[A] a.example from 192.0.2.1\n", "text", "dnsmasq", None),
        (b"to a.example\n", "text", "no header and no JSON", {"text": ("host",)}),
        (b"", "text", "no header", {}),
    ],
)
def test_what_told_and_what_is_looked_at(
    tmp_path: Path, raw: bytes, format: str, why: str, fields: dict[str, tuple[str, ...]] | None
) -> None:
    (tmp_path / "x").write_bytes(raw)
    found = look(str(tmp_path / "x"))
    assert (found.format, found.compression, found.encoding, found.line_ends) == (format, "none", "UTF-8", "LF")
    assert why in found.why
    assert fields is None or found.fields == fields


def test_encoding_compression_and_columns(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(gzip.compress("query;url\r\na.example;b\r\n".encode("utf-16")))
    found = look(str(tmp_path / "x"))
    assert (found.compression, found.encoding, found.line_ends, found.columns) == ("gzip", "UTF-16LE", "CRLF", ("query", "url"))
    assert look(str(tmp_path / "x"), "text").why == "it was chosen by --format"


def test_what_cannot_be_looked_at(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        look(str(tmp_path / "none"))
    (tmp_path / "x").write_bytes(b"\x1f\x8b\x08" + b"junk" * 9)
    with pytest.raises(SenderFault, match="damaged"):
        look(str(tmp_path / "x"))
