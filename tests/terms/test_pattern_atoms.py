from __future__ import annotations

import pytest

from comity.errors import SenderFault
from comity.terms.pattern import Observation, parse
from comity.terms.pattern_atoms import Atom, atoms, normalised


def needs(comparison: str) -> set[Atom] | None:
    tree = normalised(parse(f"[{comparison}]"))
    assert isinstance(tree, Observation)
    found = atoms(tree.of)
    return None if found is None else set(found)


def values(*names: str) -> set[Atom]:
    return {("domain", name) for name in names}


@pytest.mark.parametrize(
    ("comparison", "found"),
    [
        ("domain-name:value = 'A.example'", values("a.example")),
        ("domain-name:value IN ('a.example', 'b.example') AND domain-name:value LIKE '%'", values("a.example", "b.example")),
        ("domain-name:value = 'a.example' OR domain-name:value = 'b.example'", values("a.example", "b.example")),
        ("domain-name:value = 'a.example' OR domain-name:value LIKE '%x%'", None),
        ("domain-name:value IN ('a.example', 'b.example') AND domain-name:value = 'c.example'", values("c.example")),
        ("domain-name:value = 'a.example' AND url:value = 'http://b.example/'", set()),  # no object is both
        ("domain-name:value LIKE '%.Deep.example'", values("deep.example")),
        ("domain-name:value LIKE '%ep.example'", None),
        ("domain-name:value LIKE '%x_y.deep.example'", values("deep.example")),
        ("domain-name:value LIKE 'a.example'", values("a.example")),
        ("url:value LIKE 'HTTP://A.example/%'", values("a.example")),
        ("url:value LIKE 'http://a%'", None),
        ("url:value LIKE 'http://192.0.2.1:8080/%'", {("ipv4", "192.0.2.1")}),
        ("domain-name:value != 'a.example'", None),
        ("domain-name:value NOT IN ('a.example')", None),
        ("domain-name:value MATCHES 'a'", None),
        ("domain-name:value = 'localhost'", None),
        ("domain-name:value = 5", set()),
        ("domain-name:resolves_to_refs[*].value = '192.0.2.1'", set()),
        ("process:name = 'x' OR domain-name:value = 'a.example'", values("a.example")),
        ("ipv4-addr:value = '192.0.2.9/24'", {("cidr", "192.0.2.0/24")}),
        ("ipv4-addr:value ISSUBSET '192.0.2.0/24'", {("cidr", "192.0.2.0/24")}),
        ("ipv4-addr:value ISSUPERSET '192.0.2.0/24'", None),
        ("network-traffic:src_ref.value IN ('192.0.2.1', '2001:DB8::1')", {("ipv4", "192.0.2.1"), ("ipv6", "2001:db8::1")}),
        ("network-traffic:dst_port = 443", None),
        ("network-traffic:src_byte_count > 5", set()),
        ("file:hashes.SHA256 = '" + "AB" * 32 + "'", {("sha256", "ab" * 32)}),
        ("file:hashes.SSDEEP = 'x'", set()),
        ("file:name = 'x'", None),
        ("EXISTS process:name", set()),
        ("EXISTS file:name", None),
        ("NOT EXISTS file:name", None),
    ],
)  # fmt: skip
def test_what_must_stand_on_a_line(comparison: str, found: set[Atom] | None) -> None:
    assert needs(comparison) == found


def test_networks_stand_for_what_is_in_them() -> None:
    one = "ipv4-addr:value NOT IN ('192.0.2.0/24', '198.51.100.1')"
    two = "ipv4-addr:value NOT ISSUBSET '192.0.2.0/24' AND ipv4-addr:value NOT IN ('198.51.100.1')"
    assert normalised(parse(f"[{one}]")) == parse(f"[{two}]")
    assert normalised(parse("[ipv4-addr:value != '192.0.2.0/24']")) == parse("[ipv4-addr:value NOT ISSUBSET '192.0.2.0/24']")


def test_the_form_of_the_whole_stays() -> None:
    text = "([domain-name:value = '%s'] FOLLOWEDBY [file:hashes.%s = '%s']) WITHIN 5 SECONDS REPEATS 2 TIMES START t'2024-01-01T00:00:00Z' STOP t'2025-01-01T00:00:00Z'"  # fmt: skip
    assert normalised(parse(text % ("A.example", "sha1", "AB" * 20))) == parse(text % ("a.example", "'SHA-1'", "ab" * 20))


@pytest.mark.parametrize("comparison", [r"domain-name:value MATCHES '(a)\\1'", "domain-name:value < t'2024-01-01T00:00:00Z'"])
def test_what_cannot_be_evaluated(comparison: str) -> None:
    with pytest.raises(SenderFault):
        normalised(parse(f"[{comparison}]"))
