from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.terms.simple_pattern import pattern_for, pattern_value


@pytest.mark.parametrize(
    ("pattern", "want"),
    [
        ("[domain-name:value = 'A.example']", [("domain", "a.example")]),
        ("[ipv4-addr:value ISSUBSET '192.0.2.0/24']", [("cidr", "192.0.2.0/24")]),
        ("[ipv4-addr:value = '192.0.2.0/24']", [("cidr", "192.0.2.0/24")]),
        ("[ipv6-addr:value == '2001:DB8::1']", [("ipv6", "2001:db8::1")]),
        ("[file:hashes.'SHA-256'='" + "A" * 64 + "' OR file:hashes.MD5 = '" + "b" * 32 + "']", [("sha256", "a" * 64), ("md5", "b" * 32)]),
        ("[url:value IN ('http://a.example/x','http://b.example/')]", [("url", "http://a.example/x"), ("url", "http://b.example/")]),
        ("[url:value = 'http://a.example/it\\'s\\\\']", [("url", "http://a.example/it's\\")]),
        (
            "([domain-name:value = 'a.example'] OR [(email-addr:value = 'x@a.example')])",
            [("domain", "a.example"), ("email", "x@a.example")],
        ),
        ("[file:hashes.sha1 = '" + "c" * 40 + "']", [("sha1", "c" * 40)]),
        ("[domain-name:value = 'a.example'] OR [domain-name:value = 'a.example']", [("domain", "a.example")]),
        # Anything that is more than a disjunction of plain values cannot be indexed.
        ("[domain-name:value = 'a.example' AND ipv4-addr:value = '192.0.2.1']", []),
        ("[domain-name:value = 'a.example'] FOLLOWEDBY [ipv4-addr:value = '192.0.2.1']", []),
        ("[domain-name:value = 'a.example'] REPEATS 5 TIMES", []),
        ("[NOT domain-name:value = 'a.example']", []),
        ("[domain-name:value != 'a.example']", []),
        ("[domain-name:value LIKE '%.example']", []),
        ("[domain-name:value = 'not a name']", []),
        ("[process:name = 'x']", []),
        ("[domain-name:value = 'a.example'", []),
        ("[domain-name:value = 'a.example' OR]", []),
        ("[domain-name:value = 'a.example]", []),
        ("[domain-name:value = 'a.example'])", []),
        ("[domain-name:value ISSUBSET 'a.example']", []),
        ("[url:value IN ('http://a.example/'", []),
        ("[url:value IN ()]", []),
        ("'a\\", []),
        ("", []),
    ],
)
def test_values_of_simple_patterns_only(pattern: str, want: list[tuple[str, str]]) -> None:
    assert pattern_value(pattern) == want


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("domain", "a.example"),
        ("ipv4", "192.0.2.1"),
        ("ipv6", "2001:db8::1"),
        ("cidr", "2001:db8::/32"),
        ("cidr", "192.0.2.0/24"),
        ("url", "http://a.example/it's\\"),
        ("email", "o'neil@a.example"),
        ("sha512", "a" * 128),
        ("sha256", "a" * 64),
        ("sha1", "a" * 40),
        ("md5", "a" * 32),
    ],
)
def test_what_is_written_is_read_back(kind: str, value: str) -> None:
    assert pattern_value(pattern_for(kind, value)) == [(kind, value)]


def test_no_pattern_for_an_unknown_kind() -> None:
    with pytest.raises(ValueError, match="no pattern"):
        pattern_for("phone", "1")


@given(st.text(alphabet="[]()',=\\ abOR:INvalue.", max_size=80))
def test_any_text_is_read_without_an_error(text: str) -> None:
    assert isinstance(pattern_value(text), list)


def test_hostile_patterns_cost_one_pass() -> None:
    for piece in ("(", "[", "'a", "a.'b'.", "x IN ('a',", "\\", "[domain-name:value = 'a.example'] OR "):
        assert pattern_value(piece * 50_000) in ([], [("domain", "a.example")])
