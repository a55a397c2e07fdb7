from __future__ import annotations

import json
from typing import Any

from comity.forms.candidates import ADDRESS, EMAIL, HASH, HOST, URL
from comity.match.event_view import Event, values_of
from comity.match.scan import reader_for


def objects(form: str, **fields: Any) -> list[dict[str, Any]]:
    raw, reader = json.dumps(fields).encode(), reader_for(form)
    return list(Event(reader.candidates(raw), reader.record(raw)).objects.values())  # type: ignore[attr-defined]


def test_values_as_the_index_takes_them() -> None:
    assert values_of(HOST, "WWW.Bad.example.:443") == [("domain", "www.bad.example")]
    assert values_of(HOST, "192.0.2.1:53") == [("ipv4", "192.0.2.1")]
    assert values_of(HOST, "[2001:DB8::1]:443") == [("ipv6", "2001:db8::1")]
    assert values_of(HOST, "bücher.example") == [("domain", "xn--bcher-kva.example")]
    assert values_of(ADDRESS, "::FFFF:192.0.2.1") == [("ipv6", "::ffff:192.0.2.1"), ("ipv4", "192.0.2.1")]
    assert values_of(ADDRESS, "192.0.2.01") == []
    assert values_of(URL, "HTTP://u@Bad.example:80/x#f") == [("url", "http://u@bad.example/x"), ("domain", "bad.example")]
    assert values_of(EMAIL, "Me <me@Bad.example>") == [("email", "me@bad.example")]
    assert values_of(EMAIL, "none") == []


def test_a_connection() -> None:
    shown = objects("eve", src_ip="192.0.2.1", dest_ip="2001:DB8::2", src_port=5, dest_port=443, proto="TCP", app_proto="tls")
    assert shown == [
        {"type": "ipv4-addr", "value": "192.0.2.1"},
        {"type": "ipv6-addr", "value": "2001:db8::2"},
        {
            "type": "network-traffic", "src_ref": "ipv4 192.0.2.1", "dst_ref": "ipv6 2001:db8::2", "src_port": 5, "dst_port": 443,
            "protocols": ["ipv6", "tcp", "tls"],
        },
    ]  # fmt: skip


def test_files_have_their_hashes_and_names_together() -> None:
    one, other = "ab" * 16, "CD" * 32
    assert objects("zeek-json", md5=one, sha256=other, filename="x") == [
        {"type": "file", "hashes": {"MD5": one, "SHA-256": other.lower()}, "name": "x"}
    ]
    assert objects("json", file={"name": "x", "hash": {"md5": one}}, process={"hash": {"sha256": other}}) == [
        {"type": "file", "hashes": {"MD5": one}, "name": "x"},
        {"type": "file", "hashes": {"SHA-256": other.lower()}},
    ]
    assert objects("zeek-json", filename="x") == [{"type": "file", "name": "x"}]


def test_two_hashes_of_one_algorithm_are_two_files() -> None:
    event = Event([("text", HASH, "ab" * 16), ("text", HASH, "cd" * 16), ("text", HASH, "ab" * 32)], {})
    assert [obj["hashes"] for obj in event.objects.values()] == [{"MD5": "ab" * 16, "SHA-256": "ab" * 32}, {"MD5": "cd" * 16}]


def test_where_it_stands() -> None:
    event = Event([("query", HOST, "A.example."), ("host", HOST, "a.example")], {})
    assert event.sources == {"domain a.example": ("query", "A.example.")}
