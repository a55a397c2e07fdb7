"""What every block-list format writes: an entry per value with where it comes from, the frame around them, and text made harmless.

The formats are `suricata_rules`, `zeek_intel`, `rpz_zone` and `value_table`. Each gives the text of one file, the same for the same entries
and frame, with the entries in the order of their kinds and values.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec

from comity.terms.stix import timestamp
from comity.terms.tlp import strictest

#: Whatever a format may take for the end of a comment, a field or a text, or that a terminal obeys.
_UNSAFE = re.compile(r"[^A-Za-z0-9 ._:/@+=,()?&%~-]")
_LONGEST = 200


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One value to look for or block, and what G8 asks to stand beside it: threat, evidence, producer, expiry (product.md).

    `kind` is one of `terms.observable.KINDS` or `cert-sha1`. `origin` is the producer of the claim `id`; `also` counts further claims of
    this value. `said` is when the producer last said it. `threat` are technical words, `evidence` a reference to what it rests on.
    """

    kind: str
    value: str
    id: str
    origin: str
    tlp: str
    threat: tuple[str, ...]
    evidence: str
    said: datetime
    expires: datetime
    score: int
    confidence: int | None = None
    also: int = 0


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """Whose list it is, when it was made, and where whoever is hit by an entry turns to (the dispute route of G8)."""

    party: str
    made: datetime
    dispute: str


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """A list as text; `beside` are files it names (name -> text); `left_out` says of entries that the format has no place for why."""

    text: str
    beside: Mapping[str, str] = {}
    left_out: tuple[tuple[Entry, str], ...] = ()


def harmless(text: str) -> str:
    """Text that ends no comment, field or string in any of the formats: other characters become `_`; at most 200 are left."""
    return _UNSAFE.sub("_", text[:_LONGEST])


def provenance(entry: Entry) -> str:
    """Where an entry comes from, for a comment."""
    more = f" and {entry.also} more" if entry.also else ""
    said = f"{entry.origin} {entry.id}{more} TLP:{entry.tlp.upper()} {','.join(entry.threat)}"
    return harmless(f"{said} score {entry.score} expires {timestamp(entry.expires)} evidence {entry.evidence}")


def preamble(entries: Iterable[Entry], frame: Frame) -> list[str]:
    """What a list says of itself, a line each, for a comment at its head."""
    listed = list(entries)
    level = strictest(entry.tlp for entry in listed)
    return [
        f"comity block-list for the tools of {harmless(frame.party)}: {len(listed)} values, made {timestamp(frame.made)}",
        f"TLP:{(level or 'clear').upper()} is the strictest in it and holds for the whole file; it is not to be passed on",
        f"disputed entries: {harmless(frame.dispute)}",
    ]


def ordered(entries: Iterable[Entry]) -> list[Entry]:
    """Entries in the order of every format."""
    return sorted(entries, key=lambda entry: (entry.kind, entry.value))
