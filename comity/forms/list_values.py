"""Values as lists write them that are no observable as they stand: with a port, quoted, for a filter or a resolver, in pairs or ranges.

Asked only of what cannot be read otherwise, so that plain lists cost nothing.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, ip_address, summarize_address_range

from comity.terms.observable import HASH_KINDS, guess, refang

#: Kind and normal form.
Value = tuple[str, str]

_QUOTES = " \t\"'`,;"
_PORT = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s:/@]+):[0-9]{1,5}\Z")
#: A name for Adblock's filters, for dnsmasq, or with all that is below it: here every name is.
_FILTER = re.compile(r"\|\|([^\s^/$|]+)\^?(?:\$[\w,~=.|-]*)?\Z")
_RESOLVER = re.compile(r"(?:address|server|local)=/([^\s/]+)/\S*\Z")
#: A remark behind a value; several values in a line; a hash with its name before it, or the name of its file behind it (md5sum).
_REMARK = re.compile(r"\s+(?:#|;|//|!)")
_COMMA = re.compile(r"[,;]")
_BETWEEN = re.compile(r"[\s,;]+")
_NAMED = re.compile(r"(?:md5|sha-?1|sha-?256|sha-?512)\s?[:=]\s?", re.IGNORECASE)
_SUM = re.compile(r"([0-9A-Fa-f]{32,128})\s+\*?\S")
_BELOW = re.compile(r"\A(?:\*|\+)?\.(?=[^.])")
_RANGE = re.compile(r"([0-9.]{7,15})\s?-\s?([0-9.]{7,15})\Z")
#: How MISP names the parts of a pair that say something.
_PARTS = {**{kind: kind for kind in HASH_KINDS}, **dict.fromkeys(("ip", "ip-src", "ip-dst", "domain", "hostname"), "")}
_SINKS = ("0.0.0.0", "127.", "::", "255.255.255.255", "fe80::1%", "ff0")
#: Names that every file of hosts has.
_OWN = """
    localhost localhost.localdomain local broadcasthost ip6-localhost ip6-loopback ip6-localnet ip6-mcastprefix ip6-allnodes
    ip6-allrouters ip6-allhosts 0.0.0.0
"""
HOSTS_OWN = frozenset(_OWN.split())
_OTHER = """
    filename file-name file_name filepath file_path mutex regkey registry user-agent useragent port as asn text comment yara sigma
    ssdeep imphash authentihash pehash btc xmr vulnerability cve cpe pattern-in-file pattern-in-traffic target-org target-user
"""
#: Types of values that only look like names or hashes: no row of them is an observable.
OTHER_TYPES = frozenset(_OTHER.split())


def values_in(text: str, word: str = "") -> list[Value] | None:
    """The observables that a text of a list means, none where it says something that is no business of anybody's (`localhost`); None
    where it means none. `word` is the type that its row gives."""
    text = text.strip(_QUOTES)
    sink, *names = text.split() or [""]
    if names and sink.startswith(_SINKS):
        found = [value for name in names if name not in HOSTS_OWN for value in values_in(name) or ()]
        return found if found or HOSTS_OWN.issuperset(names) else None
    if "|" in word or word == "malware-sample":
        return _pair(text, "filename|md5" if word == "malware-sample" else word)
    if ends := _RANGE.match(text):
        return _range(ends[1], ends[2])
    wrapped = _FILTER.match(text) or _RESOLVER.match(text)
    text = _NAMED.sub("", _REMARK.split(text, maxsplit=1)[0], count=1)
    if summed := _SUM.match(text):
        text = summed[1]
    elif values := several(text):
        return values
    elif (first := guess(text.partition(",")[0])) is not None:
        return [first]
    text = _BELOW.sub("", wrapped[1] if wrapped else text, count=1)
    if host := _PORT.match(refang(text)):
        text = host[1].strip("[]")
    value = guess(text)
    return [value] if value else None


def several(text: str) -> list[Value]:
    """The values of a line that has nothing but values, besides a remark; empty for any other."""
    text = _REMARK.split(text, maxsplit=1)[0]
    parts = [part for each in _BETWEEN.split(text) if (part := each.strip(_QUOTES))]
    found = [value for part in parts if (value := guess(part)) is not None]
    # An address and names without a comma are somebody's own file of hosts.
    mixed = len({kind for kind, _ in found}) > 1 and not _COMMA.search(text)
    return found if len(found) == len(parts) and not mixed else []


def _pair(text: str, word: str) -> list[Value] | None:
    """What both sides of `name|hash` or `address|port` are, by the two types of MISP that the word names."""
    found = []
    for type_, part in zip(word.split("|"), text.split("|"), strict=False):
        value = guess(part) if type_ in _PARTS else None
        if value and _PARTS[type_] in ("", value[0]):
            found.append(value)
    return found or None


def _range(first: str, last: str) -> list[Value] | None:
    """The networks from one address to another."""
    try:
        start, end = ip_address(first), ip_address(last)
        if not (isinstance(start, IPv4Address) and isinstance(end, IPv4Address)):
            return None
        return [
            ("ipv4", str(net.network_address)) if net.prefixlen == 32 else ("cidr", str(net)) for net in summarize_address_range(start, end)
        ]
    except ValueError:
        return None
