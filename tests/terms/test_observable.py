from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.terms.observable import HASH_KINDS, KINDS, defang, evident, guess, normal, refang


@pytest.mark.parametrize(
    ("kind", "text", "want"),
    [
        ("domain", " Evil[.]EXAMPLE. ", "evil.example"),
        ("domain", "bücher.example", "xn--bcher-kva.example"),
        ("domain", "_dmarc.Mail.example", "_dmarc.mail.example"),
        ("domain", "-odd-.example", "-odd-.example"),
        ("domain", "☃.example", "xn--n3h.example"),
        ("domain", "a(dot)b{.}example", "a.b.example"),
        ("ipv4", "192.0.2[.]7", "192.0.2.7"),
        ("ipv6", "2001:DB8:0:0::1", "2001:db8::1"),
        ("ipv6", "::FFFF:C000:0201", "::ffff:192.0.2.1"),
        ("ipv6", "[2001:db8::2]", "2001:db8::2"),
        ("cidr", "192.0.2.77/24", "192.0.2.0/24"),
        ("cidr", "2001:db8::ff/32", "2001:db8::/32"),
        ("url", "HTTP://Evil.Example", "http://evil.example/"),
        ("url", "hxxps[:]//Me@Evil[.]example:443/a[.]PHP?x=%7e#top", "https://Me@evil.example/a.PHP?x=%7e"),
        ("url", "http://evil.example/a[.]b", "http://evil.example/a[.]b"),
        ("url", "http://evil.example:8080?q", "http://evil.example:8080/?q"),
        ("url", "https://[2001:DB8::1]:443/", "https://[2001:db8::1]/"),
        ("url", "http://intranet/x", "http://intranet/x"),
        ("email", "Some.One[at]Evil[.]example", "Some.One@evil.example"),
        ("md5", "D41D8CD98F00B204E9800998ECF8427E", "d41d8cd98f00b204e9800998ecf8427e"),
    ],
)
def test_normal_forms(kind: str, text: str, want: str) -> None:
    assert normal(kind, text) == want
    assert normal(kind, want) == want
    assert normal(kind, defang(want)) == want


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("domain", "192.0.2.1"),
        ("domain", "example"),
        ("domain", "a b.example"),
        ("domain", "a..example"),
        ("domain", "x" * 64 + ".example"),
        ("domain", ".".join(["abcdefghi"] * 30)),
        ("domain", ""),
        ("ipv4", "192.0.2.010"),
        ("ipv4", "0x7f.0.0.1"),
        ("ipv4", "192.0.2"),
        ("ipv4", "192.0.2.256"),
        ("ipv4", "1٢.0.2.1"),
        ("ipv6", "fe80::1%eth0"),
        ("ipv6", "192.0.2.1"),
        ("cidr", "192.0.2.0/255.255.255.0"),
        ("cidr", "192.0.2.0/33"),
        ("cidr", "192.0.2.0"),
        ("url", "evil.example/a"),
        ("url", "http://evil.example/a b"),
        ("url", "http://evil.example:99999/"),
        ("url", "http:///a"),
        ("url", "http://" + "a" * 9000),
        ("email", "evil.example"),
        ("email", "a@b@evil.example"),
        ("email", "a b@evil.example"),
        ("sha256", "d41d8cd98f00b204e9800998ecf8427e"),
        ("md5", "g41d8cd98f00b204e9800998ecf8427e"),
        ("phone", "1"),
    ],
)
def test_what_is_not_of_its_kind_is_refused_with_a_reason(kind: str, text: str) -> None:
    with pytest.raises(ValueError, match=r"is not|at most|zone"):
        normal(kind, text)


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("hxxp://a[.]example/", ("url", "http://a.example/")),
        ("192.0.2.1", ("ipv4", "192.0.2.1")),
        ("192.0.2.0/28", ("cidr", "192.0.2.0/28")),
        ("2001:db8::1", ("ipv6", "2001:db8::1")),
        ("a@b.example", ("email", "a@b.example")),
        ("B.example.", ("domain", "b.example")),
        ("a" * 40, ("sha1", "a" * 40)),
        ("a" * 41, None),
        ("two words", None),
        ("b.example/path", None),
        ("", None),
    ],
)
def test_guess(text: str, want: tuple[str, str] | None) -> None:
    assert guess(text) == want


def test_evident_takes_the_word_for_the_kind_and_else_what_the_value_is() -> None:
    assert evident("url", "b.example/path") == ("url", "http://b.example/path")
    assert evident("url", "b.example") == ("domain", "b.example")
    assert evident("domain", "192.0.2.1") == ("ipv4", "192.0.2.1")
    with pytest.raises(ValueError, match="domain name"):
        evident("domain", "no")


def test_refang_leaves_plain_text_alone() -> None:
    assert refang("a.example (x) [1] https://b.example") == "a.example (x) [1] https://b.example"


@given(st.ip_addresses(v=4))
def test_every_ipv4_address_is_its_own_form(address: ipaddress.IPv4Address) -> None:
    assert normal("ipv4", str(address)) == str(address)


@given(st.ip_addresses(v=6))
def test_ipv6_keeps_the_address_and_has_one_form(address: ipaddress.IPv6Address) -> None:
    value = normal("ipv6", address.exploded)
    assert ipaddress.ip_address(value) == address
    assert normal("ipv6", value) == value == normal("ipv6", str(address).upper())


_HOSTS = st.from_regex(r"[a-zA-Z0-9_-]{1,20}(\.[a-zA-Z0-9_-]{1,20}){0,4}\.[a-z]{2,8}", fullmatch=True)


@given(_HOSTS, st.from_regex(r"(/[!-~]{0,30})?", fullmatch=True))
def test_urls_have_one_form_which_defanging_keeps(host: str, path: str) -> None:
    value = normal("url", f"http://{host}{path}")
    assert normal("url", value) == value
    assert normal("url", defang(value)) == value


@given(st.sampled_from(KINDS), st.text(max_size=60))
def test_a_normal_form_is_stable_and_nothing_but_value_errors_come_out(kind: str, text: str) -> None:
    try:
        value = normal(kind, text)
    except ValueError:
        return
    assert normal(kind, value) == value
    assert not set(value) & set(" \n\t")


#: What texts are defanged with, and what that may be mistaken for.
_PIECES = st.sampled_from(
    [
        *("http://", "hxxp://", "hXXps[:]//", "h**p", "mailto:", "://", "[://]", ":", ":80", "/", "?", "#"),
        *("[.]", "(dot)", "{.}", "\\.", "\\", "[at]", "(@)", "@", "[:]", "[", "]", "(", "{", ".", ".."),
        *("a", "b.example", "192.0.2.1", "[2001:db8::1]", "/24", "é", "ß", "☃", "\u3002", "\u3000", "\u00ad", "\x1c"),
    ]
)


@given(st.sampled_from(KINDS), st.sampled_from(["", "hxxp://", "http://", "a[at]"]), st.lists(_PIECES, max_size=9))
@settings(max_examples=1_000, deadline=None)
def test_a_normal_form_is_stable_whatever_was_defanged_and_how(kind: str, head: str, pieces: list[str]) -> None:
    try:
        value = normal(kind, head + "".join(pieces))
    except ValueError:
        return
    assert normal(kind, value) == value


@pytest.mark.parametrize(
    ("kind", "text", "want"),
    [
        ("url", "hxp://ehxxp://{hxxp://[a[", "hxp://ehxxp//{hxxp://[a["),
        ("url", "hxxp://[[.]a[at]b[.]example", "http://[.a@b.example/"),
        ("url", "http://[.]a@b.example/", "http://[.]a@b.example/"),
        ("email", "mailto:mailto:a@b.example", "a@b.example"),
        ("email", "[(dot)a[at]b.example", "[.a@b.example"),
    ],
)
def test_what_is_defanged_twice_is_read_once(kind: str, text: str, want: str) -> None:
    assert normal(kind, text) == want
    assert normal(kind, want) == want


@pytest.mark.parametrize("text", ["http://a.example/" + "a" * 8190, "http://" + "a." * 4092 + "a", "http://a.example/\u3000#"])
def test_what_has_no_stable_form_is_no_url(text: str) -> None:
    with pytest.raises(ValueError, match=r"characters|not a URL"):
        normal("url", text)


@given(st.text(max_size=60))
def test_guess_agrees_with_normal(text: str) -> None:
    found = guess(text)
    if found:
        assert normal(*found) == found[1]


def test_hash_kinds_are_told_by_length() -> None:
    for kind, length in HASH_KINDS.items():
        assert guess("0F" * (length // 2)) == (kind, "0f" * (length // 2))


@pytest.mark.parametrize(("text", "shown"), [
    ("203[.]0.113.7", "203[.]0[.]113[.]7"), ("a(.)example", "a[.]example"), ("me[at]a[.]example", "me[at]a[.]example"),
    ("hxxps://a[.]example/x", "hxxps://a[.]example/x"), ("http://a[.]example/", "hxxp://a[.]example/"), ("2001[:]db8::1", "2001[:]db8[:][:]1"),
])  # fmt: skip
def test_what_is_defanged_is_not_defanged_again(text: str, shown: str) -> None:
    assert defang(text) == defang(defang(text)) == shown
