from __future__ import annotations

import ipaddress
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.match.index import Index, Match
from comity.terms.stix import derived_id

MD5 = "d41d8cd98f00b204e9800998ecf8427e"
INDEX = Index.build(
    [
        ("domain", "a.example", "indicator--1"),
        ("domain", "b.a.example", None),
        ("domain", "xn--bcher-kva.example", None),
        ("ipv4", "192.0.2.1", None),
        ("cidr", "192.0.2.0/24", None),
        ("cidr", "192.0.2.0/30", None),
        ("ipv6", "2001:db8::1", None),
        ("cidr", "2001:db8::/32", None),
        ("url", "http://a.example/x", None),
        ("email", "Bad.One@a.example", None),
        ("md5", MD5, None),
    ]
)


def held(kind: str, value: str, how: str) -> Match:
    return Match(kind, value, how, ("indicator--1",) if value == "a.example" else ())


def exact(kind: str, value: str) -> Match:
    return held(kind, value, "exact")


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("A.Example", [exact("domain", "a.example")]),
        ("a.example.", [exact("domain", "a.example")]),
        ("a.example:8080", [exact("domain", "a.example")]),
        ("c.b.a.example", [held("domain", "b.a.example", "subdomain"), held("domain", "a.example", "subdomain")]),
        ("nota.example", []),
        ("a.example.com", []),
        ("example", []),
        ("bücher.example", [exact("domain", "xn--bcher-kva.example")]),
        ("b\ufffd.example", []),
        ("192.0.2.1", [exact("ipv4", "192.0.2.1"), held("cidr", "192.0.2.0/24", "cidr"), held("cidr", "192.0.2.0/30", "cidr")]),
        ("192.0.2.200:53", [held("cidr", "192.0.2.0/24", "cidr")]),
        ("192.0.3.1", []),
        ("192.0.2.001", []),
        ("[2001:DB8::1]:443", [exact("ipv6", "2001:db8::1"), held("cidr", "2001:db8::/32", "cidr")]),
        ("2001:db9::1", []),
        *((f"{before}:192.0.2.200", [held("cidr", "192.0.2.0/24", "cidr")]) for before in ("::ffff", "0:0:0:0:0:FFFF", "0::0:ffff")),
        ("::ffff:0:192.0.2.1", []),
        ("::ffff:c000:201", []),
        ("", []),
        (":", []),
    ],
)
def test_hosts(text: str, want: list[Match]) -> None:
    assert list(INDEX.host(text)) == want


def test_a_name_longer_than_names_are_has_no_match() -> None:
    longest = "a." * 122 + "a.example"
    assert len(longest) == 253
    assert INDEX.host(longest + ".")[-1] == held("domain", "a.example", "subdomain")
    assert INDEX.host("b" + longest) == ()
    begun = time.process_time()
    for text in ("a." * 200_000 + "example", "198.51.100." * 40_000, "198.51.100." * 40_000 + "9", "ü." * 200_000 + "example"):
        assert INDEX.host(text) == ()
    assert time.process_time() - begun < 2


def test_the_other_kinds() -> None:
    assert INDEX.url("HTTP://A.example:80/x#y") == (exact("url", "http://a.example/x"),)
    assert INDEX.url("http://a.example/X") == ()
    assert INDEX.url("no") == ()
    assert INDEX.hash(MD5.upper()) == (exact("md5", MD5),)
    assert INDEX.hash("0" * 32) == INDEX.hash("0" * 40) == INDEX.hash("x") == ()
    assert INDEX.email("Some One <Bad.One@A.example>") == (exact("email", "Bad.One@a.example"),)
    assert INDEX.email("bad.one@a.example") == INDEX.email("BAD.ONE@a.example") == (exact("email", "Bad.One@a.example"),)
    assert INDEX.address("2001:db8::1%eth0") == INDEX.address("2001:db8::1")
    assert INDEX.email("bad.two@a.example") == INDEX.email("a.example") == ()
    assert INDEX.address("a.example") == ()


def test_ids_of_all_sources_are_kept() -> None:
    index = Index.build([("domain", "a.example", "i--1"), ("domain", "a.example", "i--2"), ("domain", "a.example", "i--1")])
    assert index.host("a.example")[0].ids == index.host("b.a.example")[0].ids == ("i--1", "i--2")
    mixed = Index.build([("domain", "a.example", None), ("domain", "a.example", "i--2"), ("domain", "a.example", None)])
    assert mixed.host("a.example")[0].ids == (derived_id("indicator", "domain", "a.example"), "i--2")
    assert len(INDEX) == 11
    assert "sha1" not in INDEX.kinds
    assert "cidr" in INDEX.kinds


@given(st.ip_addresses(v=4), st.integers(0, 32), st.ip_addresses(v=4))
def test_containment_is_that_of_the_standard_library(base: ipaddress.IPv4Address, length: int, seen: ipaddress.IPv4Address) -> None:
    network = ipaddress.ip_network((base, length), strict=False)
    index = Index.build([("cidr", str(network), None)])
    assert bool(index.address(str(seen))) == (seen in network)
    assert index.address(str(base)) == (held("cidr", str(network), "cidr"),)


_NAMES = st.lists(st.sampled_from(["a", "b", "c"]), min_size=2, max_size=5).map(".".join)


@given(st.sets(_NAMES), _NAMES)
def test_every_parent_and_only_parents_match(listed: set[str], seen: str) -> None:
    index = Index.build([("domain", name, None) for name in listed])
    want = {name for name in listed if seen == name or seen.endswith("." + name)}
    found = index.host(seen)
    assert {match.value for match in found} == want
    assert all((match.how == "exact") == (match.value == seen) for match in found)


def test_an_empty_index_matches_nothing() -> None:
    empty = Index.build([])
    assert (empty.host("a.example"), empty.host("192.0.2.1"), empty.host("::1"), empty.url("http://a.example/")) == ((), (), (), ())
