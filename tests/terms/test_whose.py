"""Whose a value is: the most specific has it, whole labels only, and the same as asking every block one by one."""

from __future__ import annotations

from ipaddress import IPv4Network, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.terms.constituency import Constituent, holding
from comity.terms.whose import Index, Whose


def owner(id_: str, *held: tuple[str, str]) -> Constituent:
    return Constituent(id=id_, party="KZ", owner=id_, holdings=tuple(holding(*each) for each in held))


INDEX = Index(
    [
        owner("bank", ("netblock", "192.0.2.0/24"), ("domain", "bank.example"), ("netblock", "2001:db8::/32")),
        owner("branch", ("netblock", "192.0.2.128/25"), ("domain", "branch.bank.example")),
        owner("carrier", ("netblock", "192.0.0.0/16"), ("asn", "64496")),
        owner("registry", ("domain", "example"), ("netblock", "192.0.2.128/25")),
    ]
)


def owners(whose: Whose) -> tuple[list[str], list[str]]:
    has, besides = ([id_ for held in part for id_ in held.owners] for part in whose)
    return has, besides


@pytest.mark.parametrize(
    ("kind", "value", "has", "besides"),
    [
        ("ipv4", "192.0.2.1", ["bank"], ["carrier"]),
        ("ipv4", "192.0.2.200", ["branch", "registry"], ["bank", "carrier"]),
        ("ipv4", "198.51.100.1", [], []),
        ("ipv6", "2001:db8::1", ["bank"], []),
        ("ipv6", "::ffff:192.0.2.1", ["bank"], ["carrier"]),
        ("cidr", "192.0.2.128/26", ["branch", "registry"], ["bank", "carrier"]),
        ("cidr", "192.0.2.0/24", ["bank", "branch", "registry"], ["carrier"]),
        ("cidr", "192.0.0.0/8", ["carrier", "bank", "branch", "registry"], []),
        ("domain", "bank.example", ["bank"], ["registry"]),
        ("domain", "www.branch.bank.example", ["branch"], ["bank", "registry"]),
        ("domain", "notbank.example", ["registry"], []),
        ("domain", "bank.example.org", [], []),
        ("url", "https://user@www.bank.example:8443/a?b@c.example", ["bank"], ["registry"]),
        ("url", "http://192.0.2.1?x=/", ["bank"], ["carrier"]),
        ("url", "http://[2001:db8::1]:80/", ["bank"], []),
        ("email", "office@bank.example", ["bank"], ["registry"]),
        ("asn", "AS64496", ["carrier"], []),
        ("md5", "0" * 32, [], []),
    ],
)
def test_the_most_specific_has_it_and_the_rest_are_besides(kind, value, has, besides):
    assert owners(INDEX.of(kind, value)) == (has, besides)


def test_an_address_of_a_system_is_its_owners_where_no_network_holds_it():
    ref = "autonomous-system--00000000-0000-5000-8000-000000000001"
    address = {"type": "ipv4-addr", "value": "198.51.100.7", "belongs_to_refs": [ref]}
    (touch,) = INDEX.touches(address, {ref: "AS64496"})
    assert (touch.value, owners(touch.whose)) == ("198.51.100.7", (["carrier"], []))
    (touch,) = INDEX.touches(address | {"value": "192.0.2.1"}, {ref: "AS64496"})
    assert owners(touch.whose) == (["bank"], ["carrier", "carrier"])
    assert INDEX.touches(address, {}) == INDEX.touches(address, {ref: "AS64497"}) == []


blocks = st.builds(
    lambda number, length: IPv4Network((number >> (32 - length) << (32 - length), length)),
    st.integers(0xC0000200, 0xC00003FF),
    st.integers(22, 32),
)


@given(st.lists(blocks, max_size=12, unique=True), st.integers(0xC0000200, 0xC00003FF), blocks)
def test_it_is_as_if_every_block_were_asked(held, number, network):
    index = Index([owner(str(each), ("netblock", str(each))) for each in held])
    address = ip_address(number)
    around = sorted((each for each in held if address in each), key=lambda each: -each.prefixlen)
    assert owners(index.of("ipv4", str(address))) == ([str(each) for each in around[:1]], [str(each) for each in around[1:]])
    has, besides = owners(index.of("cidr", str(network)))
    assert {ip_network(each) for each in has + besides} == {each for each in held if each.overlaps(network)}
    assert len(has + besides) == len(set(has + besides))
