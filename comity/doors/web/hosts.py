"""Internationalised names: the other form of one (RFC 5891), and the scripts it is written in, so that none passes for another."""

from __future__ import annotations

import unicodedata
from urllib.parse import urlsplit

import idna
import msgspec

from comity.terms.observable import guess

#: The kinds of observables that have a host's name in them.
_HOST_KINDS = ("domain", "url", "email")


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """How a host's name is written: the form that the value itself does not show, its scripts, and whether one label mixes several."""

    other: str
    scripts: tuple[str, ...]
    mixed: bool


def written(value: str) -> Written | None:
    """How the host in an observable value is written; None for one that is plain ASCII, or no host."""
    found = guess(value)
    if found is None or found[0] not in _HOST_KINDS:
        return None
    host = _host(*found)
    if "xn--" not in host:
        return None
    labels = [_decoded(label) for label in host.split(".")]
    told = ".".join(labels)
    scripts = [_scripts(label) for label in labels if not label.isascii()]
    names = sorted({name for each in scripts for name in each})
    return Written(other=told if host in value.casefold() else host, scripts=tuple(names), mixed=any(len(each) > 1 for each in scripts))


def _host(kind: str, normal: str) -> str:
    if kind == "url":
        try:
            return urlsplit(normal).hostname or ""
        except ValueError:
            return ""
    return normal.rpartition("@")[2]


def _decoded(label: str) -> str:
    """A label as people read it; itself where it is no valid A-label (then its raw punycode is tried, as browsers do to warn)."""
    if not label.startswith("xn--"):
        return label
    try:
        return idna.decode(label)
    except (idna.IDNAError, UnicodeError):
        try:
            return label[4:].encode("ascii").decode("punycode")
        except (UnicodeError, OverflowError):
            return label


def _scripts(label: str) -> set[str]:
    """The scripts of a label's letters, by the first word of their Unicode names (`latin`, `cyrillic`, `cjk`)."""
    names = (unicodedata.name(char, "").split(" ")[0].split("-")[0].lower() for char in label if char.isalpha())
    return {name for name in names if name}
