"""Feeds with fields of their own names."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.forms.records import FIELDS, of_csv, of_json
from comity.forms.table import Row
from comity.terms.item import Refused

ROW = {
    "ioc_value": "evil.example",
    "ioc_type": "domain",
    "confidence_level": 75,
    "first_seen_utc": "2021-10-01 00:00:00",
    "threat": "botnet",
    "tlp": "green",
}


def values(rows) -> list[tuple[str, str]]:
    found = list(rows)
    assert all(isinstance(row, Row) for row in found), found
    return [(row.kind, row.value) for row in found]


@pytest.mark.parametrize(
    "document",
    [[ROW], {"data": [ROW]}, {"status": "ok", "data": {"list": [ROW]}}, {"17": [ROW]}, {"a": ROW}, ROW, [[ROW]]],
)
def test_records_are_found_where_feeds_put_them(document):
    (row,) = of_json(msgspec.json.encode(document), {})
    assert (row.kind, row.value, row.tlp, row.confidence, row.description) == ("domain", "evil.example", "green", 75, "botnet")
    assert row.at.isoformat() == "2021-10-01T00:00:00+00:00"


def test_plain_texts_are_values():
    assert values(of_json(b'["evil.example", "198.51.100.7"]', {})) == [("domain", "evil.example"), ("ipv4", "198.51.100.7")]


def test_lines_of_json():
    raw = b'{"url": "http://evil.example/a"}\n\n{"url": "http://evil.example/b"}\nbroken\n'
    *rows, last = of_json(raw, {})
    assert values(rows) == [("url", "http://evil.example/a"), ("url", "http://evil.example/b")]
    assert isinstance(last, Refused) and last.position == "record 3"


def test_a_map_of_columns_reaches_into_records():
    raw = msgspec.json.encode(
        {"items": [{"host": {"name": "evil.example", "ip.v4": "198.51.100.7"}, "score": "90", "ip.v4": "198.51.100.8"}]}
    )
    assert values(of_json(raw, {"value": "host.name"})) == [("domain", "evil.example")]
    assert values(of_json(raw, {"value": "ip.v4"})) == [("ipv4", "198.51.100.8")]
    (row,) = of_json(raw, {"value": "host.name", "confidence": "score"})
    assert row.confidence == 90


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "not JSON"), (b"<html>", "not JSON"), (b"[" * 100_000, "not JSON"), (b'{"a": 1}', "no field"), (b"[1]", "neither"),
        (b'[{"ioc": ""}]', "no value"), (b'[{"ioc": "x", "tlp": "blue"}]', "not an observable"), (b'[{"ioc": "a.example", "tlp": "blue"}]', "TLP"),
        (b'[{"ioc": null}]', "no value"), (b"\xff\xfe", "not JSON"),
    ],
)  # fmt: skip
def test_what_says_nothing_is_refused(raw, why):
    (found,) = of_json(raw, {})
    assert isinstance(found, Refused) and why in found.why


def test_csv_by_header_and_by_number():
    lines = [
        b"# a comment\n",
        b'"id","the_url","notes"\r\n',
        b'"1","http://evil.example/a,b","x"\r\n',
        b"// more\n",
        b'"2","http://evil.example/c"\r\n',
    ]
    assert values(of_csv(lines, {"value": "the_url"})) == [("url", "http://evil.example/a,b"), ("url", "http://evil.example/c")]
    numbered = [b"# id,url\n", b"1;http://evil.example/a;note\n"]
    (row,) = of_csv(numbered, {"value": "2", "description": "3"})
    assert (row.value, row.description) == ("http://evil.example/a", "note")


def test_csv_without_the_column():
    (found,) = of_csv([b"a,b\n", b"1,2\n"], {"value": "url"})
    assert "no column url" in found.why


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(),
        lambda x: st.lists(x) | st.dictionaries(st.text() | st.sampled_from(["ioc", "url"]), x),
        max_leaves=20,
    )
)
def test_any_json_is_rows_or_refusals(document):
    for row in of_json(msgspec.json.encode(document), {}):
        assert isinstance(row, (Row, Refused))


@given(st.lists(st.binary(max_size=60)), st.dictionaries(st.sampled_from(FIELDS), st.sampled_from(["1", "2", "9"]), min_size=1))
def test_any_bytes_are_rows_or_refusals(lines, columns):
    for row in of_csv(lines, {"value": "1", **columns}):
        assert isinstance(row, (Row, Refused))
