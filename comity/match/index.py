"""The index of indicators: immutable, exact, and asked once per distinct text (model.md, Matching rule).

Domains match exactly or as a label-aligned parent; addresses, hashes and URLs in their normal form; networks by containment; e-mail
addresses in whatever case.
Every matching indicator is a match, parent and child alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address
from typing import NamedTuple

from comity.match.pattern_set import PatternSet
from comity.match.prefilter import Prefilter
from comity.match.table import Entry, Table, combined
from comity.match.table_maker import build
from comity.terms.observable import HASH_KINDS, mapped, normal
from comity.terms.stix import derived_id


class Match(NamedTuple):
    """An indicator's value that a text matches, how (`exact`, `subdomain` or `cidr`), and the ids of the indicators for it, none where
    their source gave none."""

    kind: str
    value: str
    how: str
    ids: tuple[str, ...]

    @property
    def indicators(self) -> tuple[str, ...]:
        """The ids, deterministic where their source gave none: made when asked for, as most matches are only counted."""
        return self.ids or (derived_id("indicator", self.kind, self.value),)


#: The most characters of a name without its final dot (RFC 1035 section 3.1): what is longer has no match.
_LONGEST_NAME = 253
#: The most parents of names that are remembered.
_REMEMBERED = 50_000
_KIND_OF_LENGTH = {length: kind for kind, length in HASH_KINDS.items()}


class Index:
    """All indicators of some tables, asked together: what comes later is a further, small table. What it answers never changes.

    `patterns` are those that are no values; `atoms` is the index of the values by which their lines are found, None without any.
    """

    def __init__(self, tables: Sequence[Table], *, every: bool = False) -> None:
        self._tables = tuple(tables)
        self._ids = self._tables[0].ids if len(tables) == 1 else self._all_ids
        self._known: dict[str, tuple[Match, ...]] = {}
        self.patterns = PatternSet((pattern for table in tables for pattern in table.facts.patterns), every=every)
        self.atoms: Index | None = Index([build(self.patterns.entries())]) if self.patterns.parts else None
        facts = [table.facts for table in tables]
        self.kinds = frozenset(kind for each in facts for kind in each.kinds)
        self._domains = "domain" in self.kinds
        self._tops = any(each.tops for each in facts)
        self._mails: dict[str, list[str]] = {}
        for value in sorted({value for each in facts for value in each.mails}):
            self._mails.setdefault(value.lower(), []).append(value)
        self._v4 = sorted({length for each in facts for length in each.lengths.get("4", ())})
        self._v6 = sorted({length for each in facts for length in each.lengths.get("6", ())})

    @staticmethod
    def build(entries: Iterable[Entry]) -> Index:
        """An index of (kind, normal value, indicator id or None); several ids under one value are all kept."""
        return Index([build(entries)])

    def on_each_line(self) -> Index:
        """The same where each line is evaluated by the patterns that no value tells the lines of."""
        return Index(self._tables, every=True)

    def __len__(self) -> int:
        """How many distinct values there are; one that stands in two tables counts twice."""
        return sum(table.facts.count for table in self._tables)

    def prefilter(self, *, much: bool = True) -> Prefilter:
        """The pass over raw bytes for these indicators; compiled, where that can be had, if `much` is to be read."""
        tables = self._tables if self.atoms is None else (*self._tables, *self.atoms._tables)
        return Prefilter(combined(tables), compiled=None if much else False, every=bool(self.patterns.on_each))

    def _match(self, kind: str, value: str, how: str) -> Match | None:
        """The match of a value that is in the index."""
        ids = self._ids(kind, value)
        return None if ids is None else Match(kind, value, how, ids)

    def _all_ids(self, kind: str, value: str) -> tuple[str, ...] | None:
        """The ids under a value in all tables, None if it is in none."""
        found: tuple[str, ...] | None = None
        for table in self._tables:
            ids = table.ids(kind, value)
            if found is None:
                found = ids
            elif ids is not None and ids != found:
                own = derived_id("indicator", kind, value)
                found = tuple(dict.fromkeys((found or (own,)) + (ids or (own,))))
        return found

    def _exact(self, kind: str, value: str) -> tuple[Match, ...]:
        match = self._match(kind, value, "exact")
        return () if match is None else (match,)

    def host(self, text: str) -> tuple[Match, ...]:
        """Matches of a host as a log writes it: a name or an address, perhaps with a port or a final dot."""
        name = without_port(text) if ":" in text or "[" in text else text
        if ":" in name or name[-1:].isdigit():
            found = self.address(name)
            if found or ":" in name:
                return found
        name = name.lower().rstrip(".")
        if not self._domains or len(name) > _LONGEST_NAME:
            return ()
        return self._names(name) if name.isascii() else self._unusual(name)

    def _names(self, name: str) -> tuple[Match, ...]:
        match = self._match("domain", name, "exact")
        _, dot, parent = name.partition(".")
        above = self._known.get(parent) if dot else ()
        if above is None:
            above = self._parents(parent)
        return above if match is None else (match, *above)

    def _parents(self, name: str) -> tuple[Match, ...]:
        """Matches of a name, and of those above it, of a name below it; remembered, as names below one and the same are many."""
        _, dot, parent = name.partition(".")
        match = self._match("domain", name, "subdomain") if dot or self._tops else None
        above = self._known.get(parent) if dot else ()
        if above is None:
            above = self._parents(parent)
        found = above if match is None else (match, *above)
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[name] = found
        return found

    def _unusual(self, name: str) -> tuple[Match, ...]:
        try:
            return self._names(normal("domain", name))
        except ValueError:
            return ()

    def address(self, text: str) -> tuple[Match, ...]:
        """Matches of an address alone, with its zone or without (RFC 4007 section 11); anything else has none."""
        text = text.partition("%")[0]
        if ":" in text:
            return self._address6(text)
        found = self._exact("ipv4", text) if "ipv4" in self.kinds else ()
        if "ipv6" in self.kinds:
            found += self._exact("ipv6", f"::ffff:{text}")
        if self._v4:
            try:
                number = int(IPv4Address(text))
            except ValueError:
                return ()
            found += self._networks(self._v4, 32, number, IPv4Address)
        return found

    def _address6(self, text: str) -> tuple[Match, ...]:
        if "ipv6" not in self.kinds and not self._v6 and "." not in text:
            return ()
        try:
            value = normal("ipv6", text)
        except ValueError:
            return ()
        # A system with both versions writes one of version 4 so (RFC 4291 section 2.5.5.2), and with dots (RFC 5952 section 5).
        four = mapped(value) if "." in text else ""
        found = self.address(four) if four else self._exact("ipv6", value)
        return found + (self._networks(self._v6, 128, int(IPv6Address(value)), IPv6Address) if self._v6 else ())

    def _networks(
        self, lengths: Sequence[int], bits: int, number: int, address: Callable[[int], IPv4Address | IPv6Address]
    ) -> tuple[Match, ...]:  # fmt: skip
        """The networks that hold an address, the largest first."""
        values = [normal("cidr", f"{address(number >> (bits - length) << (bits - length))}/{length}") for length in lengths]
        found = (self._match("cidr", value, "cidr") for value in values)
        return tuple(match for match in found if match is not None)

    def url(self, text: str) -> tuple[Match, ...]:
        """Matches of a whole URL in its normal form. Its host is asked separately."""
        if "url" not in self.kinds:
            return ()
        try:
            value = normal("url", text)
        except ValueError:
            return ()
        return self._exact("url", value)

    def hash(self, text: str) -> tuple[Match, ...]:
        """Matches of a hexadecimal hash, by its length."""
        kind = _KIND_OF_LENGTH.get(len(text))
        return self._exact(kind, text.lower()) if kind in self.kinds else ()

    def email(self, text: str) -> tuple[Match, ...]:
        """Matches of an e-mail address, in angle brackets or not, in whatever case: a server may tell them apart (RFC 5321 section 2.4),
        those that do are not met, and logs keep what the sender typed."""
        if "email" not in self.kinds or "@" not in text:
            return ()
        try:
            value = normal("email", text.rpartition("<")[2].partition(">")[0]).lower()
        except ValueError:
            return ()
        return tuple(match for each in (value, *self._mails.get(value, ())) for match in self._exact("email", each))


def host_of_url(text: str) -> str:
    """The host of a URL as it is written, with its port."""
    rest = text.partition("://")[2]
    end = next((at for at, char in enumerate(rest) if char in "/?#\\"), len(rest))
    return rest[:end].rpartition("@")[2]


def without_port(text: str) -> str:
    """`name:8080` and `[2001:db8::1]:80` without the port; an address of version 6 as it is."""
    if text[:1] == "[":
        return text[1:].partition("]")[0]
    if text.count(":") == 1:
        return text.partition(":")[0]
    return text
