"""Whose an address is, against looking through all networks."""

from __future__ import annotations

from ipaddress import IPv4Network

from hypothesis import given
from hypothesis import strategies as st

from comity.terms.networks import Owners, owners, stretches

#: Networks at both ends of the number line and within each other.
NETWORKS = st.builds(lambda start, prefix: IPv4Network((start, prefix), strict=False), st.integers(0, 2**32 - 1), st.integers(0, 32))
FEW = st.lists(
    st.tuples(NETWORKS | st.sampled_from([IPv4Network("0.0.0.0/0"), IPv4Network("255.255.255.255/32")]), st.integers(0, 3)), max_size=8
)


def made(found: list[tuple[IPv4Network, int]]) -> tuple[list[int], list[int], list[Owners]]:
    networks: dict[tuple[int, int], list[int]] = {}
    for network, owner in found:
        networks.setdefault((int(network.network_address), int(network.broadcast_address)), []).append(owner)
    cut = stretches(networks)
    return [start for start, _ in cut], list(range(len(cut))), [each for _, each in cut]


@given(found=FEW, asked=NETWORKS, inner=st.integers(0, 7))
def test_every_address_of_a_network_has_these_owners(found: list[tuple[IPv4Network, int]], asked: IPv4Network, inner: int) -> None:
    if found and inner < len(found):  # within one of them, or just that
        asked = IPv4Network((int(found[inner][0].network_address), max(found[inner][0].prefixlen, asked.prefixlen)))
    starts, of, sets = made(found)
    held = owners(starts, of, sets, int(asked.network_address), int(asked.broadcast_address))
    whole = {owner for network, owner in found if asked.subnet_of(network)}
    # Owners of both halves own the whole, though no one of their networks does.
    assert whole <= held
    for address in (asked.network_address, asked.broadcast_address):
        assert held <= {owner for network, owner in found if address in network}
    if asked.prefixlen == 32:
        assert held == whole


def test_before_the_first_network_there_is_nobody() -> None:
    assert owners([], [], [], 0, 5) == Owners()
    assert owners([5], [0], [Owners({1})], 0, 9) == Owners()


def test_two_halves_make_a_whole() -> None:
    starts, of, sets = made([(IPv4Network("192.0.2.0/25"), 1), (IPv4Network("192.0.2.128/25"), 1)])
    whole = IPv4Network("192.0.2.0/24")
    assert owners(starts, of, sets, int(whole.network_address), int(whole.broadcast_address)) == Owners({1})
