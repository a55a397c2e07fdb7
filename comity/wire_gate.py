"""What the JSON API says of the gate for persons, and of redress. As `wire`, of which it is a part.

Of what waits, lists tell kinds and places of what leads to persons, never a value; only the object itself, asked for alone, has those.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from comity.terms.item import BASIS, CATEGORIES, PERSONS
from comity.wire import Moment, Object

Category = Annotated[str, Meta(pattern=f"^({'|'.join(CATEGORIES)})$")]
Assertion = Annotated[str, Meta(pattern=f"^({'|'.join(PERSONS)})$")]
Decision = Annotated[str, Meta(pattern="^(corrected|erased|kept|refused)$")]
State = Annotated[str, Meta(pattern="^(open|overdue|corrected|erased|kept|refused)$")]
#: Characters of a text in a ticket.
Text = Annotated[str, Meta(min_length=1, max_length=4_000)]


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where in an object something leads to a person (JSON pointer, RFC 6901), and what kind of thing."""

    kind: str
    where: str


class Reviewed(msgspec.Struct, frozen=True, kw_only=True):
    """As whose the values are to be kept, on what legal basis and until when, by the word of which person."""

    category: Category
    basis: str
    expires: Moment
    party: str
    person: str
    at: Moment


class Quarantined(msgspec.Struct, frozen=True, kw_only=True):
    """An object that waits; at its `deadline` it is erased. `person` is its producer's word, `other` why it would stay all the same."""

    id: str
    version: str
    type: str
    origin: str
    person: Assertion
    deadline: Moment
    found: tuple[Place, ...]
    other: str
    review: Reviewed | None


class QuarantinedObject(Quarantined, frozen=True, kw_only=True):
    """One of them, with the object: what people review."""

    object: Object


class QuarantinePage(msgspec.Struct, frozen=True, kw_only=True):
    """Objects that wait, the earliest first."""

    items: tuple[Quarantined, ...]
    more: bool
    next: str | None = None


class Review(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a person says of an object that waits."""

    category: Category
    basis: Annotated[str, Meta(min_length=1, max_length=BASIS)]
    expires: Moment


class Consent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which review is approved: when it was made (`review.at`), so that nobody approves another than they have seen."""

    reviewed: Moment


class Rejection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why an object is erased, without naming anybody."""

    reason: Text


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an object that waited."""

    id: str
    version: str
    state: Literal["released", "erased"]


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """An object that passed by its producer's word, and that nobody has looked at."""

    id: str
    version: str
    type: str
    origin: str


class Samples(msgspec.Struct, frozen=True, kw_only=True):
    """Objects to look at afterwards."""

    items: tuple[Sample, ...]
    more: bool = False


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a ticket came to, in which words, by whom and when."""

    decision: Decision
    text: str
    by: str
    at: Moment


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody says that something here is wrong: about what, how they are reached, by when an answer is due, and the answer."""

    ticket: str
    state: State
    opened: Moment
    due: Moment
    about: str
    who: str
    answer: Answer | None


class TicketPage(msgspec.Struct, frozen=True, kw_only=True):
    """Tickets: those without an answer first, then by when they are due."""

    items: tuple[Ticket, ...]
    more: bool
    next: str | None = None


class OpenTicket(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a ticket is about (an object's id, or words), and who asks: an office or a pseudonym."""

    about: Text
    who: Text


class AnswerTicket(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The answer to a ticket."""

    decision: Decision
    text: Text
