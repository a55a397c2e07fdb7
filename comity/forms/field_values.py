"""The candidates in one value of a column or key, by what its name says (`field_names`)."""

from __future__ import annotations

import re

from comity.forms.candidates import ADDRESS, HASH, HOST, TEXT, URL, Candidate, Reader

_BETWEEN = re.compile(r"[\s;,|\"'<>\[\](){}]+")
_V4 = re.compile(r"((?:[0-9]{1,3}\.){3}[0-9]{1,3})(?::[0-9]{1,5})?\Z")
_V6 = re.compile(r"[0-9A-Fa-f:]*:[0-9A-Fa-f:]*:(?:[0-9A-Fa-f]*|(?:[0-9]{1,3}\.){3}[0-9]{1,3})\Z")
_HEX = re.compile(r"(?<![\w.\x80-\U0010ffff-])[0-9A-Fa-f]{32,128}(?![\w\x80-\U0010ffff-]|\.[\w-])")


def candidates_in(field: str, role: str | None, value: str, text: Reader) -> list[Candidate]:
    """What one value offers. Several in one value are taken apart; `text` reads free text."""
    if role is None:
        return [(field, ADDRESS, each) for each in addresses_in(value)]
    if role == TEXT:
        return [(field, kind, each) for _, kind, each in text.candidates(value.encode("utf-8", "surrogatepass"))]
    if role == URL:
        return in_url(field, value)
    if role == HASH:
        return [(field, HASH, each) for each in _HEX.findall(value)]
    if role == HOST:
        return _hosts(field, value)
    return [(field, role, each.strip()) for each in value.split(",")] if "," in value else [(field, role, value)]


def in_url(field: str, value: str) -> list[Candidate]:
    """A URL, whole or without its scheme (`a.example:443`, `a.example/x`); a path alone names nothing."""
    if "://" in value:
        return [(field, URL, value)]
    host = value.partition("/")[0]
    if not host:
        return []
    return [(field, HOST, host)] if host == value else [(field, HOST, host), (field, URL, f"http://{value}")]


def _hosts(field: str, value: str) -> list[Candidate]:
    """One name, or several with white space, commas or semicolons between them (Sysmon: `type:  5 a.example;::ffff:192.0.2.1;`)."""
    if "://" in value:
        return [(field, URL, value)]
    if not _BETWEEN.search(value):
        return [(field, HOST, value)]
    return [(field, HOST, each) for each in _BETWEEN.split(value) if "." in each or ":" in each[:-1]]


def addresses_in(value: str) -> list[str]:
    """The addresses that a value consists of, without their ports; none where anything else stands there too."""
    if not (value[:1].isdigit() or value[:1] in "[:abcdefABCDEF\"'") or not value or ("." not in value and ":" not in value):
        return []
    found = []
    for each in _BETWEEN.split(value.partition("]:")[0] if value[:1] == "[" else value):
        four = _V4.match(each)
        if four:
            found.append(four.group(1))
        elif _V6.match(each):
            found.append(each)
        elif each:
            return []
    return found
