"""What a register says besides standings: bodies, parties, sources, and where sources differ. Organisations only, never persons."""

from __future__ import annotations

from datetime import datetime

import msgspec

from comity.terms.party import Standing


class Office(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A part of a body, like its secretariat, and where it sits."""

    code: str
    title: str
    seat: str = ""


class Body(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A body that parties take part in; `founded` is a date as its source writes it."""

    body: str
    title: str
    founded: str = ""
    offices: tuple[Office, ...] = ()


class Known(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A party as the register names it: `kind` is `state` or `organisation`, the codes are ISO 3166-1's, "" where there is none."""

    party: str
    title: str
    kind: str = ""
    iso2: str = ""
    iso3: str = ""
    iso_num: str = ""


class Source(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where claims come from: `source` is the word by which they name it."""

    source: str
    title: str
    dated: str = ""
    kind: str = ""
    url: str = ""


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """What one source says."""

    source: str
    says: str


class Dispute(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Sources that differ, about parties of a body ("": of several) or about a body. `held` is what the register goes by."""

    about: str
    positions: tuple[Position, ...]
    body: str = ""
    parties: tuple[str, ...] = ()
    held: str = ""


class Entries(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be entered at once; `left` says what there was besides, and why it is not taken."""

    bodies: tuple[Body, ...] = ()
    parties: tuple[Known, ...] = ()
    sources: tuple[Source, ...] = ()
    standings: tuple[Standing, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    left: tuple[str, ...] = ()
    as_of: datetime | None = None
