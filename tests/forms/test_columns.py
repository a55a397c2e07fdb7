from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.forms.candidates import ADDRESS, EMAIL, HASH, HOST, URL
from comity.forms.columns import ColumnsReader, cells_of, header_of

HEADER = b"ts,src_ip,query,url,sha256,comment"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_columns_by_the_words_of_the_header(delimiter: str) -> None:
    reader = ColumnsReader()
    assert reader.candidates(HEADER.replace(b",", delimiter.encode())) == []
    row = delimiter.join(["1", "192.0.2.1", "a.example", '"http://b.example/x"', "c" * 64, "d.example"])
    assert reader.candidates(row.encode() + b"\r") == [
        ("src_ip", ADDRESS, "192.0.2.1"),
        ("query", HOST, "a.example"),
        ("url", URL, "http://b.example/x"),
        ("sha256", HASH, "c" * 64),
    ]


def test_quotes_hold_delimiters_and_broken_ones_harm_one_line() -> None:
    reader = ColumnsReader()
    reader.candidates(b"query,info,src_ip")
    assert reader.candidates(b'"a.example","x, y ""z""",192.0.2.1') == [("query", HOST, "a.example"), ("src_ip", ADDRESS, "192.0.2.1")]
    assert reader.candidates(b'b.example,"opens and') == [("text", HOST, "b.example")]
    assert reader.candidates(b"goes on c.example") == [("text", HOST, "c.example")]
    assert reader.candidates(b'ends",192.0.2.1') == [("text", ADDRESS, "192.0.2.1")]
    assert reader.candidates(b"d.example,x,y") == [("query", HOST, "d.example")]
    assert reader.candidates(b"e.exam") == [("text", HOST, "e.exam")]


def test_a_header_in_the_middle_replaces_the_last() -> None:
    reader = ColumnsReader()
    reader.candidates(b"query,src_ip")
    assert ColumnsReader.steers(b"comment;url;dst_ip\r")
    assert reader.candidates(b"comment;url;dst_ip\r") == []
    assert reader.candidates(b"a.example;http://b.example/;192.0.2.1") == [
        ("url", URL, "http://b.example/"),
        ("dst_ip", ADDRESS, "192.0.2.1"),
    ]


def test_the_extended_format_of_the_w3c() -> None:
    reader = ColumnsReader()
    for line in (b"#Version: 1.0", b"#Fields: date c-ip cs-host cs-uri-scheme cs-uri-stem cs-uri-query cs(Referer)"):
        assert reader.candidates(line) == []
    assert reader.candidates(b'2026-11-22 192.0.2.1 a.example https /x q=1 "http://b.example/"') == [
        ("c-ip", ADDRESS, "192.0.2.1"),
        ("cs-host", HOST, "a.example"),
        ("cs(Referer)", URL, "http://b.example/"),
        ("cs-uri-stem", URL, "https://a.example/x?q=1"),
    ]
    assert reader.candidates(b"2026-11-22 192.0.2.1 a.example - /x - -")[-1] == ("cs-uri-stem", URL, "http://a.example/x")
    assert reader.candidates(b"2026-11-22 192.0.2.1 a.example - /x- q=- -")[-1] == ("cs-uri-stem", URL, "http://a.example/x-?q=-")


@pytest.mark.parametrize(
    ("line", "names"),
    [
        (b"timestamp,dns.question.name,destination.ip", 3),
        (b'"Time","Source IP","Host Name"', 3),
        (b"md5;sha1;sha256;sha512", 4),
        (b"query,query", 0),
        (b"domain", 0),
        (b"2026-11-22,a.example,192.0.2.1", 0),
        (b"GET http://a.example/ HTTP/1.1", 0),
        (b"domain,a.example,feed", 0),
        (b"colour,shape", 0),
        (b"", 0),
    ],
)
def test_what_is_a_header(line: bytes, names: int) -> None:
    found = header_of(line)
    assert len(found[1] if found else []) == names


@given(st.binary(max_size=80))
def test_any_bytes_are_read(line: bytes) -> None:
    reader = ColumnsReader()
    reader.candidates(HEADER)
    reader.candidates(line)
    cells_of(line.decode("latin-1"), ",")


def test_what_exchange_writes_has_commas_between_its_columns() -> None:
    reader = ColumnsReader()
    reader.candidates(b"#Fields: date-time,client-ip,client-hostname,recipient-address")
    assert reader.candidates(b"2026-01-01T00:00:00.000Z,192.0.2.1,a.example,m@b.example") == [
        ("client-ip", ADDRESS, "192.0.2.1"),
        ("recipient-address", EMAIL, "m@b.example"),
    ]
