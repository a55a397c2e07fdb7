"""Which observable values an object carries."""

from __future__ import annotations

import pytest

from comity.terms.stix import indicator as make_indicator
from comity.terms.stix import sco
from comity.terms.values import observables
from tests.consortium import indicator, sdo

MD5, SHA1, SHA256, SHA512 = "0" * 32, "1" * 40, "2" * 64, "3" * 128


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("domain", "bad.example"), ("ipv4", "192.0.2.1"), ("ipv6", "2001:db8::1"), ("cidr", "198.51.100.0/24"), ("cidr", "2001:db8::/32"),
        ("url", "http://bad.example/a?b=c"), ("email", "someone@bad.example"), ("md5", MD5), ("sha1", SHA1), ("sha256", SHA256), ("sha512", SHA512),
    ],
)  # fmt: skip
def test_what_an_indicator_and_an_observable_of_one_value_carry(kind, value):
    assert observables(make_indicator(kind, value, created="2021-10-01T00:00:00.000Z")) == [(kind, value)]
    assert observables(sco(kind, value)) == [(kind, value)]


@pytest.mark.parametrize(
    ("type_", "value", "form"),
    [
        ("domain-name", "Bad.EXAMPLE.", ("domain", "bad.example")),
        ("ipv6-addr", "2001:0DB8:0:0::1", ("ipv6", "2001:db8::1")),
        ("ipv4-addr", "198.51.100.7/24", ("cidr", "198.51.100.0/24")),
        ("url", "HTTP://Bad.example:80", ("url", "http://bad.example/")),
        ("email-addr", "Some.One@Bad.EXAMPLE", ("email", "Some.One@bad.example")),
    ],
)
def test_values_are_brought_to_their_normal_form(type_, value, form):
    assert observables({"type": type_, "value": value}) == [form]


def test_all_hashes_of_a_file():
    hashes = {"MD5": MD5, "SHA-1": SHA1.upper(), "SHA-256": SHA256, "SHA-512": SHA512, "SSDEEP": "3:a:b"}
    assert observables({"type": "file", "hashes": hashes}) == [("md5", MD5), ("sha1", SHA1), ("sha256", SHA256), ("sha512", SHA512)]


@pytest.mark.parametrize(
    "obj",
    [
        {}, {"type": "domain-name"}, {"type": "domain-name", "value": 7}, {"type": "domain-name", "value": "no domain"}, {"type": "domain-name", "value": ""},
        {"type": "ipv4-addr", "value": "192.0.2.999"}, {"type": "ipv4-addr", "value": "192.0.2.0/99"}, {"type": "url", "value": "no/scheme"},
        {"type": "file"}, {"type": "file", "hashes": []}, {"type": "file", "hashes": {"MD5": "short"}}, {"type": "file", "hashes": {"MD5": None}},
        {"type": "file", "name": "a.example"}, {"type": "indicator"}, {"type": "indicator", "pattern": 7}, {"type": "mutex", "name": "bad.example"},
    ],
)  # fmt: skip
def test_what_has_no_normal_form_is_left_out(obj):
    assert observables(obj) == []


def test_one_bad_hash_leaves_the_others():
    assert observables({"type": "file", "hashes": {"MD5": "short", "SHA-1": SHA1}}) == [("sha1", SHA1)]


def test_other_objects_carry_none():
    assert observables(sdo("malware", name="bad.example")) == []
    assert observables(sdo("report", name="bad.example")) == []


@pytest.mark.parametrize("language", ["snort", "yara", "sigma"])
def test_patterns_in_other_languages_are_not_read(language):
    assert observables(indicator(pattern_type=language)) == []


def test_an_indicator_of_stix_2_0_has_no_pattern_type():
    obj = indicator()
    del obj["pattern_type"]
    assert observables(obj) == [("domain", "bad.example")]


@pytest.mark.parametrize(
    "pattern", ["", "[", "[domain-name:value = 'a.example'] FOLLOWEDBY [url:value = 'http://b.example/']", "[a:b = 'c']"]
)
def test_patterns_that_are_not_simple_never_raise(pattern):
    for kind, value in observables(indicator(pattern=pattern)):
        assert kind
        assert value
