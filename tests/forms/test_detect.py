from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.forms.detect import KINDS, LOG_FORMATS, kind, log_format, oddity


@pytest.mark.parametrize(
    ("head", "name", "want"),
    [
        (b'{"type":"bundle","id":"bundle--12345678-1234-4234-8234-123456789012","objects":[]}', "", "stix"),
        (b'[\n {"type":"indicator", "id":"indicator--12345678-12', "", "stix"),
        (b'{"more":false,"objects":[{"id":"malware--12345678-', "", "stix"),
        (b'{"response":[{"Event":{"uuid":"x"}}]}', "", "misp"),
        (b'\xef\xbb\xbf{"Event": {"info": "x"}}', "", "misp"),
        (b'{"timestamp":"x","event_type":"dns"}', "", "eve"),
        (b'{"ts":1,"id.orig_h":"192.0.2.1"}', "", "zeek"),
        (b'{"a":1}', "", "json"),
        (b"#separator \\x09\n#fields\tts", "", "zeek"),
        (b"#fields\tindicator\tindicator_type\tmeta.source\n", "", "csv"),
        (b"%PDF-1.7", "", "pdf"),
        (b"\x1f\x8b\x08", "", "gzip"),
        (b"\x28\xb5\x2f\xfd\x00", "", "zstd"),
        (b"BZh91AY&SY", "", "bzip2"),
        (b"BZhost.example\n", "", "list"),
        (b"\xfd7zXZ\x00\x00", "", "xz"),
        (b"PK\x03\x04\x14", "", "zip"),
        (b"<!DOCTYPE html><html>", "", "html"),
        (b"a.example\nb.example\n# note\n192.0.2.1\n", "", "list"),
        (b"0.0.0.0 a.example\n0.0.0.0 b.example\n", "", "list"),
        (b"type,value\ndomain,a.example\nipv4,192.0.2.1\n", "", "csv"),
        (b"domain\ta.example\tfeed\nurl\thttp://b.example/\tfeed\n", "", "csv"),
        (b"something;else\n", "x.csv", "csv"),
        (b"A report about a campaign, with commas.\n\nIt was seen on a.example, they say.\n", "", "text"),
        (b'[21/Aug/2014:17:25:30] "name" 192.0.2.1', "", "text"),
        (b"", "", "text"),
        (b"# only comments\n", "", "list"),
    ],
)
def test_kind(head: bytes, name: str, want: str) -> None:
    assert kind(head, name) == want


@pytest.mark.parametrize(
    ("head", "want"),
    [
        (b"#separator \\x09\n", "zeek"),
        (b'{"event_type":"dns"}\n{"event_type":"dns"}\n', "eve"),
        (b'{"ts":1,"uid":"C","query":"a.example"}\n', "zeek-json"),
        (b'{"message":"x"}\n', "json"),
        (b'{"event_type":"http","url":"' + b"x" * 3000, "eve"),
        (b'[{"event_type":"dns"}]', "json"),
        (b'[\n  {\n    "event_type": "dns"', "json-text"),
        (b'{\n  "a": 1\n}', "json-text"),
        (b'{"a": 1, "cut off\n{"a": 1}\n', "json"),
        (b'"cut": 1}\n{"a": 1, "cut off\n{"a": 1}\n', "json"),
        (b'\0\0{"a": 1}\0\n', "json"),
        (b'[21/Aug/2014:17:25:30 -0700] "name"\n', "text"),
        (b"Apr  5 22:44:02 host sshd[1]: x\n", "text"),
        (b"\x00\x01\x02", "text"),
    ],
)
def test_log_format(head: bytes, want: str) -> None:
    assert log_format(head) == want


@given(st.binary(max_size=200))
def test_anything_has_a_kind(head: bytes) -> None:
    assert kind(head) in KINDS
    assert log_format(head) in LOG_FORMATS


@pytest.mark.parametrize("head", ['{"type": "bundle"}'.encode("utf-16"), "x,y\n".encode("utf-16-le"), b"\x7fELF\x02\x01\x01\0\0\0"])
def test_what_is_no_utf8_text_is_binary(head):
    assert kind(head, "x.csv") == "binary"


@pytest.mark.parametrize(
    ("head", "want"),
    [
        (b"\x7fELF\x02\x01\x01" + b"\0" * 40, "binary"),
        (b"%PDF-1.7\n", "binary"),
        (b'{"type":"bundle","id":"bundle--12345678-1234-4234-8234-123456789012","objects":[]}', "STIX"),
        (b'{\n "Event": {"info": "x"}\n}', "MISP"),
        (b'{\n "a": 1\n}', "several lines"),
        (b'{"Event":{"System":1}}\n{"Event":{"System":2}}\n', ""),
        (b'{"event_type":"dns"}\n{"event_type":"dns"}\n', ""),
        (b'{"a":1}', ""),
        (b"#separator \\x09\n", ""),
        ("имя 192.0.2.1\n".encode(), ""),
        (b"", ""),
    ],
)
def test_oddity(head: bytes, want: str) -> None:
    said = oddity(head, log_format(head))
    assert want in said
    assert bool(want) == bool(said)
