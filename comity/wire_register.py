"""What the JSON API says of the register: accessions, contacts, pings. As `wire`, of which it is a part."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from comity.agree.accession import LONGEST, Kind, Mode
from comity.terms.contact import Contact
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


class ContactPage(msgspec.Struct, frozen=True, kw_only=True):
    """How parties are reached, by code."""

    items: tuple[Contact, ...]
    more: bool
    next: str | None = None


class Ping(msgspec.Struct, frozen=True, kw_only=True):
    """A request that somebody at a party answers. How many seconds that took is told to that party alone."""

    ping: str
    to: str
    party: str
    sent: Moment
    answered: bool
    seconds: float | None = None


class PingPage(msgspec.Struct, frozen=True, kw_only=True):
    """The pings that the party sent or was sent, the latest first; `median` is how many seconds its own answers usually take."""

    items: tuple[Ping, ...]
    more: bool
    next: str | None = None
    median: float | None = None


class SendPing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """To whom."""

    to: Annotated[str, Meta(pattern="^[A-Z0-9-]{2,32}$")]
