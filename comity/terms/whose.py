"""Whose constituency a value is in: an immutable index over what owners answer for, asked once per value.

An address is in every network that holds it; a name is in every domain that is it or a parent of it, whole labels only; a URL is where its
host is, a mail address where its domain is. The most specific of these has the value. A network of many addresses is also about all the
networks that lie within it: each of those has it as well. One that holds half the world (`WIDEST`) is about nobody.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import Any, NamedTuple

from comity.terms.constituency import Constituent, Holding
from comity.terms.named import named, systems

#: The shortest prefix of a network that is about those within it, by bits of an address: what a regional registry is given at most.
WIDEST = {32: 8, 128: 12}


class Held(NamedTuple):
    """Something that is answered for, and the ids of the owners who do, sorted."""

    holding: Holding
    owners: tuple[str, ...]


class Whose(NamedTuple):
    """Who has a value, and in what larger thing of somebody's it is besides."""

    has: tuple[Held, ...] = ()
    besides: tuple[Held, ...] = ()


class Touch(NamedTuple):
    """A value that an object names, and whose it is."""

    kind: str
    value: str
    whose: Whose


class _Networks:
    """Networks of one version of addresses."""

    def __init__(self, bits: int, held: Sequence[tuple[int, int, Held]]) -> None:
        """`held`: (first address, prefix length, what is held)."""
        self._bits = bits
        self._by_length: dict[int, dict[int, Held]] = {}
        for first, length, each in held:
            self._by_length.setdefault(length, {})[first >> (bits - length)] = each
        self._tables = sorted(((bits - length, table) for length, table in self._by_length.items()), key=lambda pair: pair[0])
        self._sorted = sorted(held, key=lambda one: one[:2])
        self._firsts = [first for first, _, _ in self._sorted]

    def address(self, number: int) -> list[Held]:
        """The networks that hold an address, the smallest first."""
        return [found for shift, table in self._tables if (found := table.get(number >> shift))]

    def network(self, first: int, length: int) -> Whose:
        """Those within a network, and those that hold it."""
        around = [found for shift, table in self._tables if self._bits - shift <= length and (found := table.get(first >> shift))]
        last = first + (1 << (self._bits - length)) - 1
        whole = length >= WIDEST[self._bits]
        within = self._sorted[bisect_left(self._firsts, first) : bisect_right(self._firsts, last)] if whole else []
        return Whose((*around[:1], *(each for _, size, each in within if size > length)), tuple(around[1:]))


class Index:
    """What some owners answer for. Never changed."""

    def __init__(self, constituents: Iterable[Constituent]) -> None:
        owners: dict[Holding, list[str]] = {}
        for each in constituents:
            for holding in each.holdings:
                owners.setdefault(holding, []).append(each.id)
        held = {holding: Held(holding, tuple(sorted(ids))) for holding, ids in owners.items()}
        networks: dict[int, list[tuple[int, int, Held]]] = {4: [], 6: []}
        for holding, found in held.items():
            if holding.kind == "netblock":
                network = ip_network(holding.value)
                networks[network.version].append((int(network.network_address), network.prefixlen, found))
        self._four, self._six = _Networks(32, networks[4]), _Networks(128, networks[6])
        self._domains = {holding.value: found for holding, found in held.items() if holding.kind == "domain"}
        self._systems = {holding.value: found for holding, found in held.items() if holding.kind == "asn"}

    def of(self, kind: str, value: str) -> Whose:
        """Whose a value in its normal form is."""
        if kind == "cidr":
            network = ip_network(value)
            return (self._four if network.version == 4 else self._six).network(int(network.network_address), network.prefixlen)
        found = self._holding(kind, value)
        return Whose(tuple(found[:1]), tuple(found[1:]))

    def touches(self, obj: Mapping[str, Any], numbers: Mapping[str, str]) -> list[Touch]:
        """The values that an object names and somebody answers for. `numbers` are autonomous systems by the id of their object.

        An address that belongs to a system is the system's owner's where no network of anybody's holds it.
        """
        belongs = [held for ref in systems(obj) for held in self._holding("asn", numbers.get(ref, ""))]
        found = []
        for kind, value in named(obj):
            whose = self.of(kind, value)
            if belongs:
                whose = Whose(whose.has, (*whose.besides, *belongs)) if whose.has else Whose(tuple(belongs))
            if whose.has:
                found.append(Touch(kind, value, whose))
        return found

    def _holding(self, kind: str, value: str) -> list[Held]:
        """What holds a value, the most specific first."""
        if kind == "asn":
            return [found] if (found := self._systems.get(value)) else []
        if kind in ("ipv4", "ipv6"):
            return self._address(value)
        if kind == "domain":
            return self._name(value)
        if kind == "email":
            return self._name(value.rpartition("@")[2])
        return self._host(value) if kind == "url" else []

    def _host(self, url: str) -> list[Held]:
        rest = url.partition("://")[2]
        authority = rest[: min((at for at in map(rest.find, "/?#") if at >= 0), default=len(rest))].rpartition("@")[2]
        if authority.startswith("["):
            return self._address(authority[1:].partition("]")[0])
        host = authority.partition(":")[0]
        return self._address(host) if host[-1:].isdigit() else self._name(host)

    def _name(self, name: str) -> list[Held]:
        found = []
        while name:
            if held := self._domains.get(name):
                found.append(held)
            name = name.partition(".")[2]
        return found

    def _address(self, text: str) -> list[Held]:
        try:
            if ":" not in text:
                return self._four.address(int(IPv4Address(text)))
            address = IPv6Address(text)
        except ValueError:
            return []
        # A system with both versions writes one of version 4 so (RFC 4291 section 2.5.5.2).
        mapped = address.ipv4_mapped
        return self._six.address(int(address)) + (self._four.address(int(mapped)) if mapped else [])
