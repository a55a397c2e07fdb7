from __future__ import annotations

from typing import Any

import pytest

from comity.forms.misp_plain import attributes, holder, said
from comity.forms.misp_templates import OUT

MD5, SHA1 = "d41d8cd98f00b204e9800998ecf8427e", "da39a3ee5e6b4b0d3255bfef95601890afd80709"
KNOWN = {
    "ipv4-addr--1": {"type": "ipv4-addr", "value": "192.0.2.1"},
    "domain-name--1": {"type": "domain-name", "value": "a.example"},
    "email-addr--1": {"type": "email-addr", "value": "x@a.example"},
    "directory--1": {"type": "directory", "path": "/opt"},
}


def find(id_: str) -> dict[str, Any]:
    return KNOWN.get(id_, {})


@pytest.mark.parametrize(
    ("pattern", "language", "want"),
    [
        ("[domain-name:value = 'a.example']", "stix", [("domain", "a.example")]),
        (
            "[ipv4-addr:value ISSUBSET '192.0.2.0/24' OR url:value = 'https://a.example/']",
            "stix",
            [("ip-dst", "192.0.2.0/24"), ("url", "https://a.example/")],
        ),
        (f"[file:hashes.MD5 = '{MD5}']", "stix", [("md5", MD5)]),
        ("[file:name = 'x' AND file:size = 3]", "stix", [("stix2-pattern", "[file:name = 'x' AND file:size = 3]")]),
        ("rule x { condition: true }", "yara", [("yara", "rule x { condition: true }")]),
        ("something else", "pcre", [("text", "something else")]),
    ],
)
def test_indicators(pattern: str, language: str, want: list[tuple[str, str]]) -> None:
    made = attributes({"type": "indicator", "pattern": pattern, "pattern_type": language, "name": "N", "description": "D"}, find)
    assert [(each["type"], each["value"]) for each in made] == want
    assert all(each["to_ids"] and each["comment"] == "N\nD" for each in made)


@pytest.mark.parametrize(
    ("obj", "want"),
    [
        ({"type": "ipv4-addr", "value": "192.0.2.1"}, [("ip-dst", "192.0.2.1")]),
        ({"type": "autonomous-system", "number": 64500}, [("AS", "AS64500")]),
        ({"type": "mutex", "name": "m"}, [("mutex", "m")]),
        ({"type": "file", "name": "x"}, [("filename", "x")]),
        ({"type": "file", "hashes": {"SHA224": "a" * 56}}, [("sha224", "a" * 56)]),
        ({"type": "windows-registry-key", "key": "K"}, [("regkey", "K")]),
        ({"type": "email-message", "subject": "Hi", "is_multipart": False}, [("email-subject", "Hi")]),
        ({"type": "vulnerability", "name": "CVE-2024-0001"}, [("vulnerability", "CVE-2024-0001")]),
        ({"type": "artifact", "payload_bin": "AA=="}, []),
    ],
)
def test_what_says_one_thing(obj: dict[str, Any], want: list[tuple[str, str]]) -> None:
    made = attributes(obj, find)
    assert [(each["type"], each["value"]) for each in made] == want
    assert not any(each["to_ids"] or "object_relation" in each for each in made)
    assert holder(obj, find) is None


@pytest.mark.parametrize(
    ("obj", "name", "want"),
    [
        (
            {"type": "file", "name": "x", "hashes": {"MD5": MD5, "SHA-1": SHA1}, "size": 3, "parent_directory_ref": "directory--1"},
            "file",
            {"filename": "x", "md5": MD5, "sha1": SHA1, "size-in-bytes": "3", "path": "/opt"},
        ),
        (
            {"type": "network-traffic", "src_ref": "ipv4-addr--1", "dst_ref": "domain-name--1", "dst_port": 443, "protocols": ["tcp"]},
            "network-connection",
            {"ip-src": "192.0.2.1", "hostname-dst": "a.example", "dst-port": "443", "layer3-protocol": "tcp"},
        ),
        (
            {"type": "email-message", "from_ref": "email-addr--1", "subject": "Hi", "is_multipart": False},
            "email",
            {"from": "x@a.example", "subject": "Hi"},
        ),
        ({"type": "process", "pid": 4, "is_hidden": True}, "process", {"pid": "4", "hidden": "1"}),
    ],
)
def test_what_says_several_things(obj: dict[str, Any], name: str, want: dict[str, str]) -> None:
    made = holder(obj, find)
    assert made is not None
    found = {each["object_relation"]: each["value"] for each in made["Attribute"]}
    assert made["name"] == name == OUT[obj["type"]][0]
    assert {key: found.get(key) for key in want} == want
    assert said({"type": "identity"}, find) == []
