"""Which IP addresses are public: servers on the open Internet, not this host, one's own network or a provider's inside. Pure.

Written out rather than asked of `ipaddress`, whose answers changed between Python versions (IANA special-purpose registries, RFC 6890).
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

_Address = IPv4Address | IPv6Address

#: What may be somebody's own network: reached only where the operator says so.
_OWN_4 = [ip_network(n) for n in ("10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")]
_OWN_6 = [ip_network(n) for n in ("::1/128", "fc00::/7")]
#: What is never a server on the net: this network, link-local (and so most metadata services), assignments, documentation, benchmarks,
#: anycast relays, multicast, reserved; and the one metadata service at a public address.
_NEVER_4 = [
    ip_network(n)
    for n in (
        "0.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24",
        "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32",
    )
]  # fmt: skip
_GLOBAL_6 = ip_network("2000::/3")
#: Inside the global range: protocol assignments with Teredo, documentation. A metadata service stands at a unique local address.
_NEVER_6 = [ip_network(n) for n in ("2001::/23", "2001:db8::/32", "3fff::/20", "fd00:ec2::/32")]
#: Prefixes whose addresses hold an IPv4 address: where it stands, as bits to shift right.
_HOLDING = [
    (ip_network("::ffff:0:0/96"), 0),  # IPv4-mapped (RFC 4291)
    (ip_network("::ffff:0:0:0/96"), 0),  # IPv4-translated (RFC 2765)
    (ip_network("64:ff9b::/96"), 0),  # NAT64 (RFC 6052)
    (ip_network("2002::/16"), 80),  # 6to4 (RFC 3056)
]
#: The middle of an ISATAP interface identifier (RFC 5214), which an IPv4 address follows.
_ISATAP = (0x00005EFE, 0x02005EFE)


def reachable(address: _Address, *, own: bool = False) -> bool:
    """Whether a fetch may go to an address: a public one, or with `own` also loopback, private and unique local ones.

    An address that holds an IPv4 address must pass with both.
    """
    if isinstance(address, IPv4Address):
        return not _in(address, _NEVER_4) and (own or not _in(address, _OWN_4))
    if address.scope_id is not None:
        return False
    for network, shift in _HOLDING:
        if address in network:
            return reachable(IPv4Address(int(address) >> shift & 0xFFFFFFFF), own=own)
    if int(address) >> 32 & 0xFFFFFFFF in _ISATAP and not reachable(IPv4Address(int(address) & 0xFFFFFFFF), own=own):
        return False
    if _in(address, _NEVER_6):
        return False
    return address in _GLOBAL_6 or (own and _in(address, _OWN_6))


def inside(address: _Address) -> bool:
    """Whether an address is of a network of one's own: loopback, private, unique local, link-local, multicast, unspecified."""
    own = _in(address, _OWN_4) if isinstance(address, IPv4Address) else _in(address, _OWN_6)
    return own or address.is_link_local or address.is_multicast or address.is_unspecified


def _in(address: _Address, networks: list[IPv4Network | IPv6Network]) -> bool:
    return any(address in network for network in networks)
