"""What no list may hold."""

from __future__ import annotations

import pytest
from publicsuffixlist import PublicSuffixList

from comity.forms.unblockable import Unblockable, host_of

_ALLOWED = [
    ("domain", "gov.example.org"), ("ipv4", "198.51.100.7"), ("cidr", "203.0.113.0/24"), ("sha256", "ab" * 32), ("url", "https://a.example/x"),
]  # fmt: skip
SUFFIX = PublicSuffixList().is_public
NONE = Unblockable(SUFFIX)
SOME = Unblockable(SUFFIX, _ALLOWED)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("domain", "login.example.net"), ("domain", "_dmarc.login.example.net"), ("domain", "xn--e1afmkfd.example.net"),
        ("ipv4", "198.51.100.8"), ("ipv6", "2001:db8::7"), ("cidr", "192.0.2.0/24"), ("cidr", "2001:db8::/32"),
        ("url", "https://login.example.net/a"), ("url", "http://198.51.100.8:8080/"), ("email", "a@login.example.net"), ("md5", "ab" * 16),
    ],
)  # fmt: skip
def test_what_may_be_listed(kind, value):
    assert SOME.why(kind, value) == ""


@pytest.mark.parametrize(
    ("kind", "value", "why"),
    [
        ("domain", "localhost", "local"), ("domain", "printer.local", "local"), ("domain", "1.0.0.127.in-addr.arpa", "local"),
        ("domain", "com", "two or more"), ("domain", "*.com", "plain labels"), ("domain", "a b.example", "plain labels"),
        ("domain", "co.uk", "public suffix"), ("domain", "github.io", "public suffix"), ("domain", "com.kz", "public suffix"),
        ("ipv4", "127.0.0.1", "private"), ("ipv4", "10.1.2.3", "private"), ("ipv4", "169.254.169.254", "private"), ("ipv4", "0.0.0.0", "private"),
        ("ipv4", "255.255.255.255", "private"), ("ipv4", "224.0.0.1", "private"), ("ipv4", "100.64.0.1", "private"),
        ("ipv6", "::1", "private"), ("ipv6", "::", "private"), ("ipv6", "fe80::1", "private"), ("ipv6", "fd00::1", "private"),
        ("ipv6", "::ffff:198.51.100.7", "private"), ("ipv6", "ff02::1", "private"),
        ("cidr", "0.0.0.0/0", "wider"), ("cidr", "::/0", "wider"), ("cidr", "128.0.0.0/1", "wider"), ("cidr", "10.0.0.0/24", "private"),
        ("url", "http://127.0.0.1/a", "private"), ("url", "http://intranet/a", "local"), ("url", "http://[::1]:8080/", "private"),
        ("url", "https://com.kz/", "public suffix"), ("email", "a@localhost.local", "local"),
        ("md5", "d41d8cd98f00b204e9800998ecf8427e", "empty"),
        ("sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "empty"),
    ],
)  # fmt: skip
def test_what_never_is(kind, value, why):
    assert why in NONE.why(kind, value)


@pytest.mark.parametrize(
    ("kind", "value", "why"),
    [
        ("domain", "gov.example.org", "on the allow-list"), ("domain", "www.gov.example.org", "on the allow-list"),
        ("domain", "example.org", "above a name"), ("ipv4", "198.51.100.7", "on the allow-list"), ("ipv4", "203.0.113.9", "on the allow-list"),
        ("cidr", "198.51.100.0/24", "on the allow-list"), ("cidr", "203.0.113.128/25", "on the allow-list"), ("sha256", "ab" * 32, "on the allow-list"),
        ("url", "https://www.gov.example.org/x", "on the allow-list"), ("url", "https://a.example/x", "on the allow-list"),
        ("email", "press@gov.example.org", "on the allow-list"),
    ],
)  # fmt: skip
def test_what_is_allowed_is_spared_with_all_above_and_below(kind, value, why):
    assert why in SOME.why(kind, value)


def test_an_allow_list_spares_nothing_else():
    assert SOME.why("domain", "notgov.example.org") == "" == SOME.why("domain", "gov.example.org.example.net")


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://a.example/x@y", "a.example"),
        ("http://u@a.example:80/", "a.example"),
        ("http://[2001:db8::1]:8/", "2001:db8::1"),
        ("ftp://h", "h"),
    ],
)
def test_hosts_of_urls(url, host):
    assert host_of(url) == host
