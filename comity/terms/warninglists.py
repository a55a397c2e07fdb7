"""Values that are known to be good: public resolvers, large sites, sinkholes, documentation addresses, as MISP's warninglists have them.

A value on one is more often a false positive than an indicator, and sometimes it is one all the same. So this tells; it is the submitter
who says whether such indicators are to wait for a person. Values are in normal form (`terms.observable`), and compared as MISP does:

| list | matches |
|---|---|
| string | the whole value |
| hostname | the name, or the host of a URL, or a parent domain of it |
| cidr | an address in a network, a network within one |
| substring | a value that contains it |
| regex | a value in which the expression matches, in linear time |
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from ipaddress import ip_network
from typing import Any
from urllib.parse import urlsplit

import msgspec

from comity.terms.item import Draft, Refused
from comity.terms.linear_regex import searcher
from comity.terms.networks import Owners, owners
from comity.terms.values import observables
from comity.terms.warninglist_index import About, numbered, read, word

#: (kind, normal form) -> the names of the lists that have the value.
KnownGood = Callable[[str, str], tuple[str, ...]]
_EXAMPLES = [ip_network(text) for text in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")]
#: Lists that are named in a message; the rest are counted.
_NAMED = 3


class Warninglists:
    """Looks values up in an index (`warninglist_index`), which stays where it is. Raises IntegrityFault for one that is damaged."""

    def __init__(self, raw: memoryview) -> None:
        self._index = read(raw)
        header = self._index.header
        self.lists: tuple[About, ...] = header.lists
        self._salt = bytes.fromhex(header.salt)
        self._sets = [Owners(each) for each in header.owners]
        self._ipv6 = [int(start, 16) for start, _ in header.ipv6]
        self._of_ipv6 = [number for _, number in header.ipv6]
        self._substrings: dict[str, list[tuple[int, str]]] = {}
        self._expressions: dict[str, list[tuple[int, Callable[[str], bool]]]] = {}
        for number, text in header.substrings:
            for kind in self.lists[number].kinds:
                self._substrings.setdefault(kind, []).append((number, text))
        for number, text in header.expressions:
            for kind in self.lists[number].kinds:
                self._expressions.setdefault(kind, []).append((number, searcher(text)))

    def known_good(self, kind: str, value: str) -> tuple[str, ...]:
        """The names of the lists that have a value in normal form, sorted."""
        found = {number for number in self._numbers(kind, value) if kind in self.lists[number].kinds}
        return tuple(sorted(self.lists[number].name for number in found))

    def _numbers(self, kind: str, value: str) -> Iterator[int]:
        lower = value.lower()
        yield from self._exact("string", lower)
        if kind in ("ipv4", "ipv6", "cidr"):
            yield from self._networks(value)
        host = lower if kind == "domain" else urlsplit(lower).hostname or "" if kind == "url" else ""
        while host:
            yield from self._exact("hostname", host)
            host = host.partition(".")[2]
        yield from (number for number, text in self._substrings.get(kind, ()) if text in lower)
        yield from (number for number, search in self._expressions.get(kind, ()) if search(value))

    def _exact(self, type_: str, value: str) -> Iterator[int]:
        words, hash_ = self._index.words, word(self._salt, type_, value)
        at = bisect_left(words, hash_)
        while (number := numbered(words, at, hash_)) >= 0:
            yield number
            at += 1

    def _networks(self, value: str) -> Owners:
        network = ip_network(value)
        first, last = int(network.network_address), int(network.broadcast_address)
        if network.version == 4:
            return owners(self._index.starts, self._index.of, self._sets, first, last)
        return owners(self._ipv6, self._of_ipv6, self._sets, first, last)


def told(obj: Mapping[str, Any], known_good: KnownGood) -> str:
    """What is to be said of an indicator whose values are known to be good; "" of any other, and of what is no indicator."""
    if obj.get("type") != "indicator":
        return ""
    asked = ((kind, value) for kind, value in observables(obj) if not is_example(kind, value))
    found = [(value, names) for kind, value in asked if (names := known_good(kind, value))]
    return "; ".join(f"{value} is on the {_listed(names)}" for value, names in found[:_NAMED]) + (
        f"; and {len(found) - _NAMED} more of its values are on some" if len(found) > _NAMED else ""
    )


def is_example(kind: str, value: str) -> bool:
    """Whether a value stands for examples (RFC 2606, 3849, 5737): it is on several lists, and surely meant."""
    if kind in ("ipv4", "ipv6", "cidr"):
        network = ip_network(value)
        return any(network.version == each.version and network.subnet_of(each) for each in _EXAMPLES)  # type: ignore[arg-type]
    host = value.rpartition("@")[2] if kind == "email" else urlsplit(value).hostname or "" if kind == "url" else value
    return host.endswith(".example") or f".{host}".endswith((".example.com", ".example.net", ".example.org"))


def _listed(names: tuple[str, ...]) -> str:
    word_ = "warninglist" if len(names) == 1 else "warninglists"
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{word_} {', '.join(repr(name) for name in names[:_NAMED])}{more}"


def looked_up(drafts: Iterable[Draft | Refused], known_good: KnownGood, *, hold: bool = False) -> Iterator[Draft | Refused]:
    """The drafts on their way in: those that are known good say so in their note, or with `hold` wait for a person."""
    for draft in drafts:
        said = told(draft.obj, known_good) if isinstance(draft, Draft) else ""
        if said and isinstance(draft, Draft):
            if hold:
                draft = msgspec.structs.replace(draft, why_held="; ".join(filter(None, (draft.why_held, said))))
            else:
                draft = msgspec.structs.replace(draft, note="; ".join(filter(None, (draft.note, said))))
        yield draft
