"""What a log shows of the outside, day by day: names, addresses, URLs and hashes, each with how often and when. Nothing of one's own.

Left out: addresses inside one's own network, names that only mean something there, mail addresses (they lead to people, G6), and URLs
with a query or a user, which may hold a person's words; their host is there by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

from comity.forms import detect
from comity.forms.candidates import ADDRESS, HASH, HOST, URL
from comity.forms.event_time import moment_of
from comity.match.openfile import DAMAGED, damaged, lines, opened
from comity.match.recode import recoded
from comity.match.scan import reader_for
from comity.terms.address_space import inside
from comity.terms.observable import guess

_OWN_NAMES = (".local", ".internal", ".intranet", ".lan", ".corp", ".home", ".localhost", ".home.arpa", ".in-addr.arpa", ".ip6.arpa")
_REMEMBERED = 200_000
_ROLES = frozenset({HOST, ADDRESS, URL, HASH})


class Observed(NamedTuple):
    """A value in normal form, on one line; `at` is the event's time, None where the line does not say it."""

    kind: str
    value: str
    at: datetime | None


def observed(path: str, format: str = "auto") -> Iterator[Observed]:
    """What the lines of a log show, each value once a line. Raises NotFound, OperatorFault, or SenderFault where it is damaged."""
    known: dict[tuple[str, str], tuple[tuple[str, str], ...]] = {}
    with opened(path) as packed:
        try:
            file = recoded(packed, live=False)
            reader = reader_for(detect.log_format(file.peek(detect.HEAD)) if format == "auto" else format)
            for _, line in lines(file):
                found: dict[tuple[str, str], None] = {}
                for _, role, text in reader.candidates(line):
                    if role in _ROLES:
                        if (role, text) not in known:
                            if len(known) >= _REMEMBERED:
                                known.clear()
                            known[role, text] = tuple(_outside(_READ[role](text)))
                        found.update(dict.fromkeys(known[role, text]))
                if found:
                    at = moment_of(line)
                    yield from (Observed(kind, value, at) for kind, value in found)
        except DAMAGED as error:
            raise damaged(path, error) from None


def _host(text: str) -> list[str]:
    """A host without its port."""
    if text[:1] == "[":
        return [text[1:].partition("]")[0]]
    return [text.partition(":")[0] if text.count(":") == 1 else text]


def _url(text: str) -> list[str]:
    """A URL that says nothing of a person, and its host."""
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        return []
    plain = parts.scheme and not (parts.query or parts.username or parts.password or "@" in text or "%40" in text)
    return [*([text] if plain else []), *([host] if host else [])]


_READ: dict[str, Callable[[str], list[str]]] = {HOST: _host, ADDRESS: _host, URL: _url, HASH: lambda text: [text]}


def _outside(texts: list[str]) -> Iterator[tuple[str, str]]:
    for text in texts:
        found = guess(text)
        if found is None or found[0] in ("email", "cidr"):
            continue
        kind, value = found
        if kind in ("ipv4", "ipv6") and inside(ip_address(value)):
            continue
        if kind == "domain" and ("." not in value or f".{value}".endswith(_OWN_NAMES)):
            continue
        if kind == "url" and (host := urlsplit(value).hostname) and not list(_outside([host])):
            continue
        yield kind, value
