from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.forms.list_values import values_in
from comity.terms.observable import normal


@pytest.mark.parametrize(
    ("text", "word", "want"),
    [
        ("192.0.2.1:8080", "", [("ipv4", "192.0.2.1")]),
        ("[2001:DB8::1]:443", "", [("ipv6", "2001:db8::1")]),
        ("a[.]example[:]53", "", [("domain", "a.example")]),
        ("'192.0.2.1',", "", [("ipv4", "192.0.2.1")]),
        ("`a[.]example`", "", [("domain", "a.example")]),
        ("*.a.example", "", [("domain", "a.example")]),
        ("+.a.example", "", [("domain", "a.example")]),
        (".a.example", "", [("domain", "a.example")]),
        ("||a.example^", "", [("domain", "a.example")]),
        ("||a.example^$third-party,domain=~b.example", "", [("domain", "a.example")]),
        ("@@||a.example^", "", None),
        ("address=/a.example/0.0.0.0", "", [("domain", "a.example")]),
        ("server=/a.example/", "", [("domain", "a.example")]),
        ("0.0.0.0 a.example\tb.example", "", [("domain", "a.example"), ("domain", "b.example")]),
        ("::1 localhost ip6-localhost", "", []),
        ("127.0.0.1 some thing", "", None),
        ("192.0.2.5 a.example", "", None),
        ("a.example // said", "", [("domain", "a.example")]),
        ("192.0.2.1:80 # said", "", [("ipv4", "192.0.2.1")]),
        ("a.example,seen 2026", "", [("domain", "a.example")]),
        ("a.example b.example", "", [("domain", "a.example"), ("domain", "b.example")]),
        ("a.example, 192.0.2.5;b.example", "", [("domain", "a.example"), ("ipv4", "192.0.2.5"), ("domain", "b.example")]),
        ("a.example said so", "", None),
        ("a" * 32 + "  setup.exe", "", [("md5", "a" * 32)]),
        ("SHA-256: " + "A" * 64, "", [("sha256", "a" * 64)]),
        ("198.51.100.128-198.51.100.255", "", [("cidr", "198.51.100.128/25")]),
        ("192.0.2.1 - 192.0.2.2", "", [("ipv4", "192.0.2.1"), ("ipv4", "192.0.2.2")]),
        ("192.0.2.2-192.0.2.1", "", None),
        ("192.0.2.1|80", "ip-dst|port", [("ipv4", "192.0.2.1")]),
        ("a.example|192.0.2.1", "domain|ip", [("domain", "a.example"), ("ipv4", "192.0.2.1")]),
        ("setup.exe|" + "a" * 32, "filename|md5", [("md5", "a" * 32)]),
        ("setup.exe|" + "a" * 32, "malware-sample", [("md5", "a" * 32)]),
        ("setup.exe|" + "a" * 40, "filename|md5", None),
        ("a|b", "filename|port", None),
        ("a b", "", None),
        ("", "", None),
    ],
)
def test_what_a_list_means(text: str, word: str, want: list[tuple[str, str]] | None) -> None:
    assert values_in(text, word) == want


@given(st.text(alphabet=".|^-:/*@ ,[]0129afx\t'", max_size=30), st.sampled_from(["", "ip-dst|port", "malware-sample"]))
def test_what_is_meant_is_in_normal_form(text: str, word: str) -> None:
    for kind, value in values_in(text, word) or ():
        assert normal(kind, value) == value
