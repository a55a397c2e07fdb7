"""What the JSON API says of the register: accessions, contacts, pings. As `wire`, of which it is a part."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from comity.agree.accession import LONGEST, Kind, Mode
from comity.wire import Moment


class AccessionDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A document on the list: by when it is due, when it came in, and whether it is late now."""

    title: str
    due: Moment
    deposited: Moment | None
    late: bool


class AccessionStep(msgspec.Struct, frozen=True, kw_only=True):
    """What was done, by which party and when; for an admission since when it holds."""

    kind: Kind
    party: str
    on: Moment
    document: str
    since: Moment | None
    note: str


class Accession(msgspec.Struct, frozen=True, kw_only=True):
    """A party's way to a standing: how far it has come, what may be done next (the first is what it waits for), and what is late.

    `standing` is what the party has now (`none`: nothing), from which its rights follow; no step changes that but an admission or a
    notice, from `effect` on. `deadline` is when time alone changes the stage.
    """

    accession: str
    party: str
    body: str
    target: str
    mode: Mode
    stage: str
    since: Moment
    standing: str
    next: tuple[Kind, ...]
    deadline: Moment | None
    effect: Moment | None
    late: int
    begun: Moment
    sponsors: int
    window: str
    note: str
    documents: tuple[AccessionDocument, ...]
    steps: tuple[AccessionStep, ...]


class AccessionPage(msgspec.Struct, frozen=True, kw_only=True):
    """Accessions, those that go on first."""

    items: tuple[Accession, ...]
    more: bool
    next: str | None = None


class TakeStep(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a member does about an accession: speak for the party, or object; `note` says why."""

    kind: Literal["sponsor", "object"]
    note: Annotated[str, Meta(max_length=LONGEST)] = ""
