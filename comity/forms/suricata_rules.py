"""Suricata rules (Suricata user guide: Rules Format, Payload Keywords, HTTP, DNS, TLS and File Keywords, Datasets). They alert, never drop.

A name is looked for with all below it in DNS queries, TLS server names and HTTP hosts; a URL by host and raw path, which over TLS needs
decryption; an address or network in either direction; a certificate by fingerprint. File hashes stand in lists of their own that a rule
names. With `datasets`, names and addresses do so too, which holds millions of them, but names then match exactly and not those below.

Content outside letters, digits and `._-/` is written in hexadecimal, and all other text with plain characters alone, so that nothing ends a
string or an option. A rule's `sid` comes from what it looks for: the same rule keeps its sid from export to export (of two that hash
alike, the one later in the order moves on by one), within `SIDS`, which leaves the ranges of public rule sets alone.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator

from comity.clock import micros
from comity.forms.blocklist import Entry, Frame, Written, harmless, ordered, preamble, provenance
from comity.forms.unblockable import host_of

#: First sid and how many: sid is a 32-bit number, and 1,000,000 to 1,999,999, the local range, would be too narrow for hashes.
SIDS = (3_000_000_000, 1_000_000_000)
#: Suricata reads no rule longer than 8,192 bytes.
LONGEST = 8_000
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/")
_WORD = re.compile(r"[^A-Za-z0-9._+-]")
_LISTED = {"md5": "filemd5", "sha1": "filesha1", "sha256": "filesha256"}
#: Application layers in which Suricata sees files.
_CARRIERS = ("http", "smtp", "ftp-data", "smb", "nfs")
_ADDRESSES = ("ipv4", "ipv6")
#: A rule without msg, metadata, sid and rev: (action to direction, options).
_Rule = tuple[str, str]


def write(entries: Iterable[Entry], frame: Frame, *, name: str | None = None, datasets: bool = False) -> Written:
    """A rules file and the lists it names, `<name>.<kind>.lst`, which go into the same folder; without a `name` there are none."""
    sids = _Sids()
    body: list[str] = []
    lists: dict[str, list[Entry]] = {}
    left: list[tuple[Entry, str]] = []
    listed: list[Entry] = []
    for entry in ordered(entries):
        if entry.kind in _LISTED and name is None:
            left.append((entry, "file hashes go into lists beside the rules, which standard output has no place for"))
            continue
        if entry.kind in _LISTED or (datasets and entry.kind in ("domain", *_ADDRESSES)):
            lists.setdefault("ip" if entry.kind in _ADDRESSES else entry.kind, []).append(entry)
            listed.append(entry)
            continue
        try:
            rules = [_line(entry, rule, sids) for rule in _rules(entry)]
        except ValueError as error:
            left.append((entry, str(error)))
            continue
        body += rules
        listed.append(entry)
    beside = {}
    for kind in sorted(lists):
        file = f"{name}.{kind}.lst"
        beside[file] = "".join(f"{_list_line(kind, entry)}\n" for entry in lists[kind])
        body += [_list_rule(kind, file, rule, lists[kind], sids) for rule in _list_rules(kind, file)]
    text = "\n".join([*(f"# {said}" for said in preamble(listed, frame)), *body]) + "\n"
    return Written(text=text, beside=beside, left_out=tuple(left))


class _Sids:
    """Gives each rule a number of its own."""

    def __init__(self) -> None:
        self._given: set[int] = set()

    def of(self, rule: _Rule) -> int:
        first, count = SIDS
        number = int.from_bytes(hashlib.sha256("\n".join(rule).encode()).digest()[:8]) % count
        while number in self._given:
            number = (number + 1) % count
        self._given.add(number)
        return first + number


def _rules(entry: Entry) -> Iterator[_Rule]:
    """What looks for an entry. Raises ValueError for what no rule can say."""
    make = _MAKERS.get(entry.kind)
    if make is None:
        raise ValueError(f"Suricata has no rule for a {entry.kind}")
    yield from make(entry.value)


def _domain(value: str) -> Iterator[_Rule]:
    name = content("." + value)
    yield "dns any any -> any any", f"dns.query; dotprefix; {name}; nocase; endswith;"
    yield "tls any any -> any any", f"tls.sni; dotprefix; {name}; nocase; endswith;"
    # This buffer is lower case already, and Suricata refuses `nocase` on it.
    yield "http any any -> any any", f"http.host; dotprefix; {name}; endswith;"


def _address(value: str) -> Iterator[_Rule]:
    yield f"ip any any <> {value} any", ""


def _url(value: str) -> Iterator[_Rule]:
    scheme, _, rest = value.partition("://")
    hostport, slash, path = rest.partition("/")
    host = host_of(value)
    if scheme not in ("http", "https") or "@" in hostport:
        raise ValueError("Suricata sees URLs of http and https only, and none with a user in it")
    if hostport.startswith("["):
        raise ValueError("a URL on a bare IPv6 address")
    port = hostport.partition(":")[2] or "any"
    target = slash + path
    size = len(target.encode())
    hosted = f"http.host; {content(host)}; bsize:{len(host)};"
    yield f"http any any -> any {port}", f"{hosted} http.uri.raw; {content(target)}; bsize:{size};"


def _certificate(value: str) -> Iterator[_Rule]:
    pairs = ":".join(value[at : at + 2] for at in range(0, len(value), 2))
    yield "tls any any -> any any", f"tls.cert_fingerprint; {content(pairs)};"


_MAKERS: dict[str, Callable[[str], Iterator[_Rule]]] = {
    "domain": _domain,
    **dict.fromkeys((*_ADDRESSES, "cidr"), _address),
    "url": _url,
    "cert-sha1": _certificate,
}


def content(text: str) -> str:
    """A `content` match of exactly these bytes."""
    parts, hexed = [], ""
    for byte in text.encode("utf-8", "replace"):
        if chr(byte) in _PLAIN:
            parts += [f"|{hexed.strip()}|"] if hexed else []
            parts.append(chr(byte))
            hexed = ""
        else:
            hexed += f"{byte:02x} "
    return f'content:"{"".join([*parts, *([f"|{hexed.strip()}|"] if hexed else [])])}"'


def _line(entry: Entry, rule: _Rule, sids: _Sids) -> str:
    """One rule as text. Raises ValueError for one that is too long."""
    head, options = rule
    what = " ".join((f"COMITY {entry.origin}", ",".join(entry.threat), entry.kind, entry.value[:80]))
    facts = {
        "comity_indicator": entry.id,
        "comity_origin": entry.origin,
        "comity_claims": str(entry.also + 1),
        "tlp": entry.tlp,
        "confidence": "unsaid" if entry.confidence is None else str(entry.confidence),
        "expires": f"{entry.expires:%Y-%m-%d}",
        "evidence": entry.evidence,
    }
    metadata = ", ".join(f"{key} {_WORD.sub('_', text[:120])}" for key, text in facts.items())
    # Suricata takes the higher of two revisions of a sid; minutes since 1970 fit its 32 bits.
    revision = max(1, micros(entry.said) // 60_000_000)
    line = _assembled(head, what, options, metadata, sids.of(rule), revision)
    if len(line) > LONGEST:
        raise ValueError("its rule would be longer than Suricata reads")
    return line


def _assembled(head: str, what: str, options: str, metadata: str, sid: int, revision: int) -> str:
    said = re.sub(r"[^A-Za-z0-9 ._/+-]", "_", what)
    return f'alert {head} (msg:"{said}"; {options}{" " if options else ""}metadata:{metadata}; sid:{sid}; rev:{revision};)'


def _list_rules(kind: str, file: str) -> Iterator[_Rule]:
    if kind == "domain":
        load = f"dataset:isset,{_WORD.sub('-', file)},type string,load {file};"
        for layer, buffer in (("dns", "dns.query"), ("tls", "tls.sni"), ("http", "http.host")):
            yield f"{layer} any any -> any any", f"{buffer}; {load}"
    elif kind == "ip":
        for end in ("ip.src", "ip.dst"):
            yield "ip any any -> any any", f"{end}; dataset:isset,{_WORD.sub('-', file)},type ip,load {file};"
    else:
        for carrier in _CARRIERS:
            yield f"{carrier} any any -> any any", f"{_LISTED[kind]}:{file};"


def _list_rule(kind: str, file: str, rule: _Rule, entries: list[Entry], sids: _Sids) -> str:
    origins = sorted({entry.origin for entry in entries})
    metadata = f"comity_values {len(entries)}, comity_origins {_WORD.sub('_', '.'.join(origins)[:120])}"
    revision = max(1, max(micros(entry.said) for entry in entries) // 60_000_000)
    return _assembled(rule[0], f"COMITY {kind} on {file}", rule[1], metadata, sids.of(rule), revision)


def _list_line(kind: str, entry: Entry) -> str:
    """A line of a list: datasets of strings are base64 and take nothing beside the value; hash lists do, after it."""
    if kind == "domain":
        return b64encode(entry.value.encode()).decode()
    return entry.value if kind == "ip" else f"{entry.value}  {harmless(provenance(entry))}"
