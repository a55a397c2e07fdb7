"""A reader of the part of Suricata's rule language that its user guide describes: header, quoted and escaped options, content."""

from __future__ import annotations

import re
from ipaddress import ip_network
from typing import NamedTuple

_HEAD = re.compile(r"(alert) ([a-z0-9-]+) (\S+) (\S+) (->|<>) (\S+) (\S+) \((.*)\)\Z")
KEYWORDS = {
    "msg", "dns.query", "tls.sni", "http.host", "http.uri.raw", "tls.cert_fingerprint", "dotprefix", "content", "nocase", "endswith", "bsize",
    "metadata", "sid", "rev", "filemd5", "filesha1", "filesha256", "dataset", "ip.src", "ip.dst",
}  # fmt: skip
PROTOCOLS = {"dns", "tls", "http", "ip", "smtp", "ftp-data", "smb", "nfs"}


class Rule(NamedTuple):
    protocol: str
    source: str
    arrow: str
    target: str
    port: str
    options: list[tuple[str, str | None]]

    def __getitem__(self, key):
        return next(value for name, value in self.options if name == key) if isinstance(key, str) else tuple.__getitem__(self, key)

    def has(self, key: str) -> bool:
        return any(name == key for name, _ in self.options)


def parse(line: str) -> Rule:
    assert len(line.encode()) <= 8192
    assert line.isascii() and line.isprintable(), line
    found = _HEAD.match(line)
    assert found, line
    _, protocol, source, source_port, arrow, target, port, body = found.groups()
    assert protocol in PROTOCOLS and source_port == "any"
    for side in (source, target):
        assert side == "any" or ip_network(side)
    assert port == "any" or 0 < int(port) < 65536
    options = list(_options(body))
    names = [name for name, _ in options]
    assert set(names) <= KEYWORDS and names[0] == "msg" and names[-2:] == ["sid", "rev"]
    assert 0 < int(dict(options)["sid"]) < 1 << 32 and 0 < int(dict(options)["rev"]) < 1 << 32
    return Rule(protocol, source, arrow, target, port, options)


def _options(body: str):
    """`name;` and `name:value;`, where a value may be quoted, and `;`, `\"` and `\\` in quotes are escaped by a backslash."""
    at = 0
    while at < len(body):
        while body[at] == " ":
            at += 1
        end, quoted = at, False
        while quoted or body[end] != ";":
            if body[end] == "\\":
                end += 1
            elif body[end] == '"':
                quoted = not quoted
            end += 1
        name, colon, value = body[at:end].partition(":")
        yield name, value if colon else None
        at = end + 1


def content(value: str) -> bytes:
    """The bytes that a content matches."""
    assert value[0] == value[-1] == '"'
    found = b""
    for number, part in enumerate(value[1:-1].split("|")):
        assert not set(part) & set('";\\:')
        found += bytes.fromhex(part) if number % 2 else part.encode()
    return found
