"""Where a fetch may go: URLs and addresses that are refused before anything is connected to."""

from __future__ import annotations

import pytest

from comity.errors import PeerFault, SenderFault
from comity.peer.place import Limits, host_and_port, pinned, place

LIMITS = Limits(hosts=("lists.example", "198.51.100.7", "2001:db8::7", "localhost", "intranet"))


def test_a_plain_url_is_taken_apart():
    found = place("https://Lists.Example:443/a/b?c=d", LIMITS)
    assert (found.scheme, found.host, found.port, found.target) == ("https", "lists.example", 443, "/a/b?c=d")
    assert found.url == "https://lists.example/a/b?c=d"
    assert place("https://lists.example", LIMITS).target == "/"
    assert place("https://[2001:db8::7]:80/", LIMITS).hostport == "[2001:db8::7]:80"


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "gopher://lists.example/_x", "ftp://lists.example/a", "dict://lists.example:11211/stats", "javascript:alert(1)",
        "//lists.example/a", "/a", "", "https:///a", "https://", "http://lists.example/a",
        "https://u:p@lists.example/", "https://u@lists.example/", "https://lists.example@evil.example/", "https://lists.example\\@evil.example/",
        "https://evil.example\\.lists.example/", "https://evil.example#@lists.example/", "https://evil.example/lists.example",
        "https://lists.example.evil.example/", "https://evil-lists.example/", "https://lists.example%00.evil.example/",
        "https://lists.example/a b", "https://lists.example/\r\nHost: evil.example", "https://lists.example/a\u2028", "https://lists.example:99999/",
        "https://lists.example:22/", "https://lists.example:0/", "https://lists.example:x/", "https://[::1/", "https://evil.example/",
    ],
)  # fmt: skip
def test_what_is_not_fetched(url):
    with pytest.raises(SenderFault):
        place(url, LIMITS)


@pytest.mark.parametrize(
    "host",
    [
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "127.1",
        "127.0.1",
        "0",
        "0x",
        "017700000001",
        "127.0.0.1.",
        "[::ffff:127.0.0.1%25lo]",
    ],
)
def test_addresses_in_other_spellings_are_no_hosts(host):
    """Whatever a resolver would make of them; a trailing dot or a zone included."""
    with pytest.raises(SenderFault):
        place(f"https://{host}/", Limits(hosts=("127.0.0.1", "127.0.0.1.", host, "::ffff:127.0.0.1")))


def test_plain_http_only_where_it_is_allowed_or_on_this_machine():
    assert place("http://lists.example/", Limits(hosts=("lists.example",), plain=True)).port == 80
    assert place("http://localhost/", Limits(hosts=("localhost",), own=True)).port == 80
    with pytest.raises(SenderFault, match="plain http"):
        place("http://lists.example/", Limits(hosts=("lists.example",), own=True))
    with pytest.raises(SenderFault, match="plain http"):
        place("http://localhost/", LIMITS)


def test_the_feeds_own_port_is_allowed():
    assert place("https://lists.example:8443/", Limits(hosts=("lists.example",), ports=(8443,))).hostport == "lists.example:8443"


def test_names_in_other_scripts_are_their_ascii_form():
    assert host_and_port("https://b\u00fccher.example:8443/")[0] == "xn--bcher-kva.example"
    assert host_and_port("https://b\u00fccher.example:8443/")[1] == 8443


def at(*addresses: str):
    return lambda host, port: list(addresses)


HERE = place("https://lists.example/", LIMITS)


def test_public_addresses_are_called():
    assert pinned(HERE, LIMITS, at("8.8.8.8", "2606:4700::1")) == ["8.8.8.8", "2606:4700::1"]


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "fe80::1%lo", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "0.0.0.0"]
)
def test_one_address_that_is_not_public_is_enough_to_refuse(address):
    with pytest.raises(PeerFault, match="no public address"):
        pinned(HERE, LIMITS, at("8.8.8.8", address))
    with pytest.raises(PeerFault, match="no public address"):
        pinned(HERE, LIMITS, at(address, "8.8.8.8"))


def test_with_private_ones_allowed_metadata_services_still_are_not():
    own = Limits(hosts=("lists.example",), own=True)
    assert pinned(HERE, own, at("10.0.0.1", "127.0.0.1")) == ["10.0.0.1", "127.0.0.1"]
    with pytest.raises(PeerFault):
        pinned(HERE, own, at("169.254.169.254"))


def test_an_address_in_the_url_is_not_asked_of_the_dns():
    def never(host: str, port: int) -> list[str]:
        raise AssertionError(host)

    with pytest.raises(PeerFault, match=r"198\.51\.100\.7, which is no public"):
        pinned(place("https://198.51.100.7/", LIMITS), LIMITS, never)


def test_names_without_an_address_or_with_nonsense_for_one():
    def none(host: str, port: int) -> list[str]:
        raise OSError("not found")

    for resolver in (none, at("not an address")):
        with pytest.raises(PeerFault, match="cannot find"):
            pinned(HERE, LIMITS, resolver)
    with pytest.raises(PeerFault, match="no address"):
        pinned(HERE, LIMITS, at())
