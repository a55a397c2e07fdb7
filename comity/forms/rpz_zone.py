"""DNS response policy zones: `CNAME .` answers NXDOMAIN for a name and all below it, and for answers that hold an address.

Master file format: RFC 1035 section 5. Triggers: draft-vixie-dnsop-dns-rpz section 4 (QNAME, and `rpz-ip` with the prefix length, then the
address backwards: octets, or 16-bit words in hexadecimal with the longest run of zeros as `zz`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from ipaddress import IPv6Address, ip_network

from comity.clock import micros
from comity.forms.blocklist import Entry, Frame, Written, ordered, preamble, provenance

KINDS = ("domain", "ipv4", "ipv6", "cidr")
ZONE = "rpz.comity"
_TTL = 300
#: A name is at most this long in text without its last dot (RFC 1035 section 2.3.4).
_LONGEST = 253
_SERIAL = re.compile(r"^@ SOA \S+ \S+ \( (\d{1,10}) ", re.MULTILINE)
_MADE = re.compile(r"made \S+$", re.MULTILINE)


def write(entries: Iterable[Entry], frame: Frame, *, zone: str = ZONE, previous: str | None = None) -> Written:
    """A zone file for the policy zone `zone`. `previous` is the file it replaces: serials rise (RFC 1982), with changes only."""
    listed, left = [], []
    for entry in ordered(entries):
        why = _unfit(entry, zone)
        (left.append((entry, why)) if why else listed.append(entry))
    records = []
    for entry in listed:
        said = f" ; {provenance(entry)}"
        if entry.kind == "domain":
            records += [f"{entry.value} CNAME .{said}", f"*.{entry.value} CNAME ."]
        else:
            records.append(f"{trigger(entry.value)} CNAME .{said}")

    def text(serial: int) -> str:
        soa = f"@ SOA localhost. hostmaster.localhost. ( {serial} 3600 600 604800 {_TTL} )"
        head = [f"; {said}" for said in preamble(listed, frame)]
        return "\n".join([*head, f"$TTL {_TTL}", f"$ORIGIN {zone}.", soa, "@ NS localhost.", *records]) + "\n"

    known = _SERIAL.search(previous) if previous else None
    if known and previous and _MADE.sub("", text(int(known[1]))) == _MADE.sub("", previous):
        return Written(text=previous, left_out=tuple(left))
    return Written(text=text(_serial(frame.made, int(known[1]) if known else None)), left_out=tuple(left))


def trigger(value: str) -> str:
    """The owner name of an `rpz-ip` trigger for an address or network in normal form."""
    network = ip_network(value)
    address = network.network_address
    if isinstance(address, IPv6Address):
        return f"{network.prefixlen}.{'.'.join(_words(address))}.rpz-ip"
    return f"{network.prefixlen}.{'.'.join(reversed(str(address).split('.')))}.rpz-ip"


def _words(address: IPv6Address) -> list[str]:
    """The 16-bit words backwards; the longest run of two or more zeros, of several the first in this order, is `zz`."""
    words = [f"{int(word, 16):x}" for word in reversed(address.exploded.split(":"))]
    best, at = (0, 1), 0
    while at < len(words):
        end = at
        while end < len(words) and words[end] == "0":
            end += 1
        if end - at > best[1]:
            best = (at, end - at)
        at = max(end, at + 1)
    start, length = best
    return [*words[:start], "zz", *words[start + length :]] if length > 1 else words


def _unfit(entry: Entry, zone: str) -> str:
    if entry.kind not in KINDS:
        return f"a policy zone has no place for a {entry.kind}"
    longest = len(f"*.{entry.value}.{zone}") if entry.kind == "domain" else 0
    return f"with the zone's own name it is longer than {_LONGEST} characters" if longest > _LONGEST else ""


def _serial(made: datetime, known: int | None) -> int:
    """The seconds of the moment, or one more than the known serial where that is not later than it, in RFC 1982's arithmetic."""
    serial = micros(made) // 1_000_000 % (1 << 32)
    if known is None or 0 < (serial - known) % (1 << 32) < 1 << 31:
        return serial
    return (known + 1) % (1 << 32)
