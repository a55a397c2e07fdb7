"""Lines of free text whose make is plain to see: name servers, proxies, web servers, and JSON behind a syslog header.

What a pattern finds has the name of its field; all else on the line is free text (`textlogs`), so that a line that only looks like one of
these loses nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from comity.forms.candidates import ADDRESS, HOST, URL, Candidate, text_of
from comity.forms.field_values import in_url
from comity.forms.textlogs import TextReader


class Make(NamedTuple):
    """One kind of line: its name, text that all of them have, the pattern that tells it, and others for further fields.

    Each pattern is searched for by itself and never spans free text: a hostile line costs no square.
    """

    name: str
    mark: bytes
    pattern: re.Pattern[bytes]
    more: tuple[re.Pattern[bytes], ...] = ()


#: What is told apart, in the order that it is tried. The groups of the patterns are fields.
MAKES = (
    Make(
        "BIND query log",
        b"query: ",
        re.compile(rb"\bquery: (?P<query>\S+) (?:IN|CH|HS|ANY|CLASS\d{1,5}) [A-Z]"),
        (re.compile(rb"\bclient (?:@0x[0-9a-fA-F]{1,16} )?(?P<client>[0-9A-Fa-f.:]{2,45})#\d"),),
    ),
    Make(
        "dnsmasq log",
        b"dnsmasq",
        re.compile(
            rb"\bdnsmasq(?:\[\d{1,9}\])?: (?:\d{1,9} \S{1,60} )?(?:(?:dnssec-)?query\[[^\] ]{1,20}\]|reply|cached|cached-stale|"
            rb"forwarded|config|"
            rb"gravity blocked|exactly denied|/\S+) (?P<query>\S+) (?:from|is|to) (?P<answer>\S+)"
        ),
    ),
    Make(
        "Unbound query log",
        b"info: ",
        re.compile(rb"\binfo: (?P<client>[0-9A-Fa-f.:]{2,45}) (?P<query>\S+) [A-Z][A-Z0-9]{0,9} (?:IN|CH|HS)\b"),
    ),
    Make(
        "Squid access log",
        b"/",
        re.compile(
            rb"\b\d{9,11}\.\d{3} +-?\d{1,12} (?P<client>\S{1,255}) [A-Z_]{3,40}/\d{3} \d{1,20} "
            rb"[A-Z]{3,12} (?P<url>\S+) \S{1,255} [A-Z_]{3,40}/(?P<server>\S+)"
        ),
    ),
    Make(
        "access log",
        b" HTTP/",
        re.compile(rb"\"[A-Z]{3,12} (?P<url>[^\s\"]+) HTTP/[0-9.]{1,9}\"(?: \d{3} \S{1,20} \"(?P<referrer>[^\"\s]*)\")?"),
        (
            re.compile(
                rb"\A(?P<host>[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63}){1,30})(?::\d{1,5})? "
                rb"(?P<client>[0-9A-Fa-f]{0,4}[.:][0-9A-Fa-f.:]{1,41}) "
            ),
        ),
    ),
)
#: XML, as events of Windows are exported; and what stands there for a sign (Extensible Markup Language 1.0, section 4.6).
_ELEMENT = re.compile(rb"\s*</?[A-Za-z]")
_ENTITY = re.compile(rb"&(amp|lt|gt|quot|apos);")
_ENTITIES = {b"amp": b"&", b"lt": b"<", b"gt": b">", b"quot": b'"', b"apos": b"'"}
_ROLES = {"query": HOST, "answer": HOST, "host": HOST, "server": HOST, "client": ADDRESS}


def make_of(line: bytes) -> tuple[str, dict[str, str]] | None:
    """What a line of text is, and its fields; None where no pattern tells it."""
    for make in MAKES:
        match = make.pattern.search(line) if make.mark in line else None
        if match:
            matches = [match, *(found for more in make.more if (found := more.search(line)))]
            return make.name, {
                name: text_of(value) for each in matches for name, value in each.groupdict().items() if value and value != b"-"
            }
    return None


class LineReader:
    """Reads lines of text. `events` reads JSON that stands behind other text or alone."""

    def __init__(self, events: Callable[[bytes], list[Candidate] | None] | None = None) -> None:
        self._events = events
        self._text = TextReader()

    def candidates(self, line: bytes) -> list[Candidate]:
        """The candidates of one line, those of named fields first."""
        if b"&" in line and _ELEMENT.match(line):
            line = _ENTITY.sub(lambda found: _ENTITIES[found[1]], line)
        if self._events is not None:
            begin = line.find(b"{")
            if begin >= 0 and b'":' in line:
                found = self._events(line[begin:].rstrip())
                if found is not None:
                    return [*found, *self._text.candidates(line[:begin])] if begin else found
        made = make_of(line)
        return [*_named(made[1]), *self._text.candidates(line)] if made else self._text.candidates(line)


def _named(fields: dict[str, str]) -> Iterator[Candidate]:
    for name, value in fields.items():
        if name in _ROLES:
            yield name, _ROLES[name], value
    url = fields.get("url", "")
    if url[:1] != "/":
        yield from in_url("url", url)
    elif "host" in fields:
        yield "url", URL, f"http://{fields['host']}{url}"
    if "://" in fields.get("referrer", ""):
        yield "referrer", URL, fields["referrer"]
