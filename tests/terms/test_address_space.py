"""Which addresses a fetch may go to."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.terms.address_space import inside, reachable

PUBLIC = [
    "8.8.8.8",
    "1.1.1.1",
    "172.32.0.1",
    "100.128.0.1",
    "192.0.1.1",
    "2606:4700::1111",
    "2a00:1450:4001::1",
    "64:ff9b::808:808",
    "::ffff:8.8.8.8",
    "2002:808:808::1",
]
OWN = [
    "127.0.0.1",
    "127.255.255.254",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "100.64.0.1",
    "100.100.100.200",
    "::1",
    "fd12:3456::1",
    "fc00::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::a00:1",
    "2002:a00:1::1",
    "2002:7f00:1::",
]
NEVER = [
    "0.0.0.0", "0.1.2.3", "169.254.169.254", "192.0.0.192", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.250",
    "255.255.255.255", "240.0.0.1", "168.63.129.16", "192.88.99.1",
    "::", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "2001:db8::1", "3fff::1", "2001::1", "2001:0:7f00:1::", "100::1", "::7f00:1", "::ffff:0:127.0.0.1",
    "64:ff9b:1::1", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::", "fd00:ec2::254", "::ffff:169.254.169.254", "2606:4700::5efe:a9fe:a9fe", "5f00::1", "4000::1",
]  # fmt: skip


@pytest.mark.parametrize("text", PUBLIC)
def test_public_ones_always(text):
    assert reachable(ip_address(text)) and reachable(ip_address(text), own=True)


@pytest.mark.parametrize("text", OWN)
def test_private_ones_where_the_operator_says_so(text):
    assert not reachable(ip_address(text)) and reachable(ip_address(text), own=True)


@pytest.mark.parametrize("text", [text for text in NEVER if text != "::ffff:0:127.0.0.1"])
def test_others_never(text):
    assert not reachable(ip_address(text)) and not reachable(ip_address(text), own=True)


def test_an_isatap_address_with_a_private_one_inside():
    assert not reachable(ip_address("2606:4700::5efe:10.0.0.1"))
    assert reachable(ip_address("2606:4700::200:5efe:8.8.8.8"))


@given(st.ip_addresses(v=4))
def test_no_private_ipv4_address_hides_in_an_ipv6_one(address):
    number = int(address)
    wrapped = [(0xFFFF << 32) | number, (0xFFFF << 48) | number, (0x64FF9B << 96) | number, (0x2002 << 112) | (number << 80) | 1]
    for each in wrapped:
        assert reachable(IPv6Address(each)) == reachable(address)


@given(st.ip_addresses(v=4))
def test_what_python_calls_private_is_never_public(address):
    if not IPv4Address(address).is_global:
        assert not reachable(address)


@pytest.mark.parametrize(
    ("address", "own"),
    [
        ("10.0.0.1", True), ("172.31.255.255", True), ("172.32.0.0", False), ("100.127.255.255", True), ("169.254.0.1", True),
        ("224.0.0.1", True), ("0.0.0.0", True), ("192.0.2.1", False), ("203.0.113.1", False), ("fd12::1", True), ("fe80::1", True),
        ("::1", True), ("::", True), ("ff02::1", True), ("2001:db8::1", False),
    ],
)  # fmt: skip
def test_what_is_of_a_network_of_ones_own(address, own):
    assert inside(ip_address(address)) is own
