"""The index of indicators: immutable, exact, and asked once per distinct text (model.md, Matching rule).

Domains match exactly or as a label-aligned parent; addresses, hashes and URLs in their normal form; networks by containment.
Every matching indicator is a match, parent and child alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import NamedTuple

from comity.terms.observable import HASH_KINDS, KINDS, normal
from comity.terms.stix import derived_id

#: Ids held under one value: None (made from the value when asked), one id, or several.
Ids = str | tuple[str, ...] | None


class Match(NamedTuple):
    """An indicator's value that a text matches, and how: `exact`, `subdomain` or `cidr`."""

    kind: str
    value: str
    how: str


class Index:
    """All indicators by kind and normal value. Built once by `build`, never changed."""

    def __init__(self, tables: Mapping[str, dict[str, Ids]]) -> None:
        self._tables = {kind: tables.get(kind, {}) for kind in KINDS}
        self._domains = self._tables["domain"]
        self._v4 = self._tables["ipv4"]
        self._v6 = self._tables["ipv6"]
        self._urls = self._tables["url"]
        self._emails = self._tables["email"]
        self._hashes = {length: self._tables[kind] for kind, length in HASH_KINDS.items()}
        self._hash_kinds = {length: kind for kind, length in HASH_KINDS.items()}
        self._nets: dict[int, list[tuple[int, dict[int, str]]]] = {4: [], 6: []}
        for value in self._tables["cidr"]:
            self._add_network(value)

    @staticmethod
    def build(entries: Iterable[tuple[str, str, str | None]]) -> Index:
        """An index of (kind, normal value, indicator id or None); several ids under one value are all kept."""
        tables: dict[str, dict[str, Ids]] = {kind: {} for kind in KINDS}
        for kind, value, id_ in entries:
            table = tables[kind]
            if value not in table:
                table[value] = id_
            elif id_ is not None:
                table[value] = _with(table[value] or derived_id("indicator", kind, value), id_)
        return Index(tables)

    def __len__(self) -> int:
        """How many distinct values there are."""
        return sum(map(len, self._tables.values()))

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of which there is at least one indicator."""
        return frozenset(kind for kind, table in self._tables.items() if table)

    def ids(self, kind: str, value: str) -> tuple[str, ...]:
        """The ids of the indicators for one value that is in the index; deterministic where its source gave none."""
        held = self._tables[kind][value]
        if held is None:
            return (derived_id("indicator", kind, value),)
        return (held,) if isinstance(held, str) else held

    def host(self, text: str) -> tuple[Match, ...]:
        """Matches of a host as a log writes it: a name or an address, perhaps with a port or a final dot."""
        name = _without_port(text)
        if ":" in name or name[-1:].isdigit():
            found = self.address(name)
            if found or ":" in name:
                return found
        name = name.lower().rstrip(".")
        if not name.isascii() or not self._domains:
            return self._unusual(name) if self._domains else ()
        return self._names(name)

    def _names(self, name: str) -> tuple[Match, ...]:
        domains = self._domains
        found = [Match("domain", name, "exact")] if name in domains else []
        dot = name.find(".")
        while dot >= 0:
            parent = name[dot + 1 :]
            if parent in domains:
                found.append(Match("domain", parent, "subdomain"))
            dot = name.find(".", dot + 1)
        return tuple(found)

    def _unusual(self, name: str) -> tuple[Match, ...]:
        try:
            return self._names(normal("domain", name))
        except ValueError:
            return ()

    def address(self, text: str) -> tuple[Match, ...]:
        """Matches of an address alone; anything else has none."""
        if ":" in text:
            return self._address6(text)
        found = [Match("ipv4", text, "exact")] if text in self._v4 else []
        if self._nets[4]:
            try:
                number = int(IPv4Address(text))
            except ValueError:
                return ()
            found += [Match("cidr", nets[number >> shift], "cidr") for shift, nets in self._nets[4] if number >> shift in nets]
        return tuple(found)

    def _address6(self, text: str) -> tuple[Match, ...]:
        if not self._v6 and not self._nets[6]:
            return ()
        try:
            value = normal("ipv6", text)
        except ValueError:
            return ()
        found = [Match("ipv6", value, "exact")] if value in self._v6 else []
        if self._nets[6]:
            number = int(IPv6Address(value))
            found += [Match("cidr", nets[number >> shift], "cidr") for shift, nets in self._nets[6] if number >> shift in nets]
        return tuple(found)

    def url(self, text: str) -> tuple[Match, ...]:
        """Matches of a whole URL in its normal form. Its host is asked separately."""
        if not self._urls:
            return ()
        try:
            value = normal("url", text)
        except ValueError:
            return ()
        return (Match("url", value, "exact"),) if value in self._urls else ()

    def hash(self, text: str) -> tuple[Match, ...]:
        """Matches of a hexadecimal hash, by its length."""
        table = self._hashes.get(len(text))
        if not table:
            return ()
        value = text.lower()
        return (Match(self._hash_kinds[len(text)], value, "exact"),) if value in table else ()

    def email(self, text: str) -> tuple[Match, ...]:
        """Matches of an e-mail address, in angle brackets or not."""
        if not self._emails or "@" not in text:
            return ()
        try:
            value = normal("email", text.rpartition("<")[2].partition(">")[0])
        except ValueError:
            return ()
        return (Match("email", value, "exact"),) if value in self._emails else ()

    def _add_network(self, value: str) -> None:
        network = ip_network(value)
        tables = self._nets[network.version]
        shift = network.max_prefixlen - network.prefixlen
        table = next((nets for have, nets in tables if have == shift), None)
        if table is None:
            table = {}
            tables.append((shift, table))
        table[int(network.network_address) >> shift] = value


def _with(held: str | tuple[str, ...], id_: str) -> Ids:
    ids = (held,) if isinstance(held, str) else held
    return held if id_ in ids else (*ids, id_)


def _without_port(text: str) -> str:
    """`name:8080` and `[2001:db8::1]:80` without the port; an address of version 6 as it is."""
    if text[:1] == "[":
        return text[1:].partition("]")[0]
    if text.count(":") == 1:
        return text.partition(":")[0]
    return text
