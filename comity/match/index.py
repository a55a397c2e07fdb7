"""The index of indicators: immutable, exact, and asked once per distinct text (model.md, Matching rule).

Domains match exactly or as a label-aligned parent; addresses, hashes and URLs in their normal form; networks by containment.
Every matching indicator is a match, parent and child alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address
from typing import NamedTuple

from comity.match.prefilter import Prefilter
from comity.match.table import Entry, Table, build, combined
from comity.terms.observable import HASH_KINDS, normal
from comity.terms.stix import derived_id


class Match(NamedTuple):
    """An indicator's value that a text matches, and how: `exact`, `subdomain` or `cidr`."""

    kind: str
    value: str
    how: str


#: The most characters of a name without its final dot (RFC 1035 section 3.1): what is longer has no match.
_LONGEST_NAME = 253
_KIND_OF_LENGTH = {length: kind for kind, length in HASH_KINDS.items()}


class Index:
    """All indicators of some tables, asked together: what comes later is a further, small table. Never changed."""

    def __init__(self, tables: Sequence[Table]) -> None:
        self._tables = tuple(tables)
        facts = [table.facts for table in tables]
        self.kinds = frozenset(kind for each in facts for kind in each.kinds)
        self._tops = any(each.tops for each in facts)
        self._v4 = sorted({length for each in facts for length in each.lengths.get("4", ())})
        self._v6 = sorted({length for each in facts for length in each.lengths.get("6", ())})

    @staticmethod
    def build(entries: Iterable[Entry]) -> Index:
        """An index of (kind, normal value, indicator id or None); several ids under one value are all kept."""
        return Index([build(entries)])

    def __len__(self) -> int:
        """How many distinct values there are; one that stands in two tables counts twice."""
        return sum(table.facts.count for table in self._tables)

    def prefilter(self) -> Prefilter:
        """The pass over raw bytes for these indicators."""
        return Prefilter(combined(self._tables))

    def ids(self, kind: str, value: str) -> tuple[str, ...]:
        """The ids of the indicators for one value that is in the index; deterministic where its source gave none."""
        found = [table.ids(kind, value) for table in self._tables]
        named = [ids or (derived_id("indicator", kind, value),) for ids in found if ids is not None]
        return tuple(dict.fromkeys(id_ for ids in named for id_ in ids))

    def _has(self, kind: str, value: str) -> bool:
        for table in self._tables:  # noqa: SIM110 - asked for every name: any() costs as much as the question
            if table.has(kind, value):
                return True
        return False

    def host(self, text: str) -> tuple[Match, ...]:
        """Matches of a host as a log writes it: a name or an address, perhaps with a port or a final dot."""
        name = _without_port(text)
        if ":" in name or name[-1:].isdigit():
            found = self.address(name)
            if found or ":" in name:
                return found
        name = name.lower().rstrip(".")
        if "domain" not in self.kinds or len(name) > _LONGEST_NAME:
            return ()
        return self._names(name) if name.isascii() else self._unusual(name)

    def _names(self, name: str) -> tuple[Match, ...]:
        found = [Match("domain", name, "exact")] if self._has("domain", name) else []
        dot = name.find(".")
        while dot >= 0:
            parent, dot = name[dot + 1 :], name.find(".", dot + 1)
            if (dot >= 0 or self._tops) and self._has("domain", parent):
                found.append(Match("domain", parent, "subdomain"))
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
        found = [Match("ipv4", text, "exact")] if "ipv4" in self.kinds and self._has("ipv4", text) else []
        if self._v4:
            try:
                number = int(IPv4Address(text))
            except ValueError:
                return ()
            found += self._networks(self._v4, 32, number, IPv4Address)
        return tuple(found)

    def _address6(self, text: str) -> tuple[Match, ...]:
        # A system with both versions writes one of version 4 so (RFC 4291 section 2.5.5.2).
        mapped = text[7:] if text[:7].lower() == "::ffff:" and "." in text else ""
        if "ipv6" not in self.kinds and not self._v6:
            return self.address(mapped) if mapped and ":" not in mapped else ()
        try:
            value = normal("ipv6", text)
        except ValueError:
            return ()
        found = [Match("ipv6", value, "exact")] if self._has("ipv6", value) else []
        found += self._networks(self._v6, 128, int(IPv6Address(value)), IPv6Address) if self._v6 else []
        return (*found, *self.address(mapped)) if mapped else tuple(found)

    def _networks(
        self, lengths: Sequence[int], bits: int, number: int, address: Callable[[int], IPv4Address | IPv6Address]
    ) -> list[Match]:  # fmt: skip
        """The networks that hold an address, the largest first."""
        values = [normal("cidr", f"{address(number >> (bits - length) << (bits - length))}/{length}") for length in lengths]
        return [Match("cidr", value, "cidr") for value in values if self._has("cidr", value)]

    def url(self, text: str) -> tuple[Match, ...]:
        """Matches of a whole URL in its normal form. Its host is asked separately."""
        if "url" not in self.kinds:
            return ()
        try:
            value = normal("url", text)
        except ValueError:
            return ()
        return (Match("url", value, "exact"),) if self._has("url", value) else ()

    def hash(self, text: str) -> tuple[Match, ...]:
        """Matches of a hexadecimal hash, by its length."""
        kind = _KIND_OF_LENGTH.get(len(text))
        if kind not in self.kinds:
            return ()
        value = text.lower()
        return (Match(kind, value, "exact"),) if kind and self._has(kind, value) else ()

    def email(self, text: str) -> tuple[Match, ...]:
        """Matches of an e-mail address, in angle brackets or not."""
        if "email" not in self.kinds or "@" not in text:
            return ()
        try:
            value = normal("email", text.rpartition("<")[2].partition(">")[0])
        except ValueError:
            return ()
        return (Match("email", value, "exact"),) if self._has("email", value) else ()


def _without_port(text: str) -> str:
    """`name:8080` and `[2001:db8::1]:80` without the port; an address of version 6 as it is."""
    if text[:1] == "[":
        return text[1:].partition("]")[0]
    if text.count(":") == 1:
        return text.partition(":")[0]
    return text
