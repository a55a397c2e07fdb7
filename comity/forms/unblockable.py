"""Values that no block-list may hold, whoever says them: what everybody uses, what is the network's own, what means nothing.

A poisoned feed must not take a country off the net (nextdns/metadata issue 329 is the kind). Documentation ranges and names are let
through: nobody is there to be hurt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from comity.terms.observable import HASH_KINDS

#: Not somebody's: this network, private, shared, loopback, link-local, protocol assignments, benchmarks, multicast, reserved (RFC 6890).
_NOBODYS = [
    ip_network(each)
    for each in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.168.0.0/16",
        "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4",
        "::/8", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2002::/16", "fc00::/7", "fe80::/9", "ff00::/8",
    )
]  # fmt: skip
#: Names that resolve on the spot or never in the DNS (RFC 6761, RFC 6762, RFC 8375, ICANN's `internal`).
_LOCAL = ("localhost", "local", "internal", "intranet", "lan", "home.arpa", "arpa")
#: The widest networks that may stand on a list, as prefix lengths.
WIDEST = {4: 16, 6: 32}
#: Hashes of the empty file: they hit everywhere and say nothing.
_EMPTY = {
    "md5": "d41d8cd98f00b204e9800998ecf8427e",
    "sha1": "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
}

_Network = IPv4Network | IPv6Network


class Unblockable:
    """What is kept off every list: the rules of this module, public suffixes, and an allow-list of (kind, normal value).

    `is_suffix` says whether a name is a public suffix, under which strangers register (`example`, `co.example`).
    """

    def __init__(self, is_suffix: Callable[[str], bool], allowed: Iterable[tuple[str, str]] = ()) -> None:
        self._is_suffix = is_suffix
        self._names: set[str] = set()
        self._parents: set[str] = set()
        self._networks: list[_Network] = []
        self._exact: set[tuple[str, str]] = set()
        for kind, value in allowed:
            if kind == "domain":
                self._names.add(value)
                self._parents.update(_parents(value))
            elif kind in ("ipv4", "ipv6", "cidr"):
                self._networks.append(ip_network(value))
            else:
                self._exact.add((kind, value))

    def why(self, kind: str, value: str) -> str:
        """Why a value in normal form may not stand on a list, empty if it may."""
        if (kind, value) in self._exact:
            return "on the allow-list"
        if kind == "domain":
            return self._name(value)
        if kind in ("ipv4", "ipv6", "cidr"):
            return self._network(ip_network(value))
        if kind == "url":
            return self._host(host_of(value))
        if kind == "email":
            return self._name(value.rpartition("@")[2])
        if kind in HASH_KINDS and value == _EMPTY.get(kind):
            return "the hash of an empty file"
        return ""

    def _name(self, name: str) -> str:
        labels = name.split(".")
        if name in _LOCAL or any(name.endswith("." + local) for local in _LOCAL):
            return "a local name"
        if len(labels) < 2 or not all(label.replace("-", "").replace("_", "").isalnum() and label.isascii() for label in labels):
            return "no name of two or more plain labels"
        if self._is_suffix(name):
            return "a public suffix: strangers' names stand under it"
        if name in self._parents:
            return "above a name on the allow-list"
        return "on the allow-list" if name in self._names or not self._names.isdisjoint(_parents(name)) else ""

    def _network(self, network: _Network) -> str:
        if network.prefixlen < WIDEST[network.version]:
            return f"a network wider than /{WIDEST[network.version]}"
        if any(network.version == other.version and network.overlaps(other) for other in _NOBODYS):
            return "a private, local or reserved range"
        if any(network.version == other.version and network.overlaps(other) for other in self._networks):
            return "on the allow-list"
        return ""

    def _host(self, host: str) -> str:
        try:
            return self._network(ip_network(ip_address(host)))
        except ValueError:
            return self._name(host)


def host_of(url: str) -> str:
    """The host of a URL in normal form, without brackets."""
    hostport = url.partition("://")[2].partition("/")[0].rpartition("@")[2]
    return hostport[1:].partition("]")[0] if hostport.startswith("[") else hostport.partition(":")[0]


def _parents(name: str) -> Iterable[str]:
    """The names above a name, the nearest first."""
    _, dot, rest = name.partition(".")
    while dot:
        yield rest
        _, dot, rest = rest.partition(".")
