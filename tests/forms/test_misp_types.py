from __future__ import annotations

import pytest

from comity.forms.misp_types import observables, parts, pattern
from comity.terms.simple_pattern import pattern_value
from comity.terms.stix import check

MD5 = "d41d8cd98f00b204e9800998ecf8427e"


@pytest.mark.parametrize(
    ("type_", "value", "want"),
    [
        ("hostname", "A.example", [("domain", "a.example")]),
        ("ip-dst", "192.0.2.0/24", [("cidr", "192.0.2.0/24")]),
        ("ip-dst|port", "2001:db8::1|443", [("ipv6", "2001:db8::1")]),
        ("domain|ip", "a.example|192.0.2.1", [("domain", "a.example"), ("ipv4", "192.0.2.1")]),
        ("filename|md5", f"a|b.exe|{MD5}", None),
        ("filename|md5", f"b.exe|{MD5}", [("md5", MD5)]),
        ("malware-sample", f"b.exe|{MD5}", [("md5", MD5)]),
        ("url", "hxxp://a[.]example/x", [("url", "http://a.example/x")]),
        ("email-src", "x@a.example", [("email", "x@a.example")]),
        ("ip-src", "a.example", None),
        ("domain|ip", "a.example", None),
        ("sha256", MD5[:-1], None),
    ],
)
def test_parts(type_: str, value: str, want: list[tuple[str, str]] | None) -> None:
    if want is None:
        with pytest.raises(ValueError):
            parts(type_, value)
        return
    assert parts(type_, value) == want
    assert pattern_value(pattern(type_, value)) == want
    seen = observables(type_, value)
    assert len(seen) == len(want)
    assert all(check(obj) is None for obj in seen)


def test_plain_types() -> None:
    assert pattern("filename", "it's.exe") == "[file:name = 'it\\'s.exe']"
    assert [obj["type"] for obj in observables("regkey", "HKLM\\x")] == ["windows-registry-key"]
