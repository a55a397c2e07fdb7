"""What a page and an act are: declared once by a screen, carried out by `app`, the only place that knows HTTP."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

import msgspec
from starlette.requests import Request

from comity.admin.sessions import Signed
from comity.admin.users import User
from comity.agree.approval import Person
from comity.doors.web import query
from comity.doors.web.jobs import Jobs
from comity.doors.web.once import Told
from comity.doors.web.words import Words
from comity.errors import NotFound, SenderFault
from comity.ledger.keys import LogKey
from comity.release.desk import Desk
from comity.release.sight import Reader
from comity.release.techniques import Atlas
from comity.release.traffic import Traffic
from comity.release.views import Remembered, Tally
from comity.terms.item import PURPOSES
from comity.terms.party import PEOPLE
from comity.world import World

#: Every role of a person.
EVERYBODY = frozenset(PEOPLE)


#: Gives the key by which the node's party signs what it does about agreements.
Signer = Callable[[], LogKey]


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """One request of a person who is signed in."""

    desk: Desk
    request: Request
    signed: Signed
    words: Words
    tally: Tally
    jobs: Jobs
    traffic: Traffic
    atlases: Remembered[Atlas]
    #: When it began, by the node's clock.
    at: datetime
    signer: Signer | None = None

    @property
    def user(self) -> User:
        """The person."""
        return self.signed.user

    @property
    def person(self) -> Person:
        """Who acts by the person's forms."""
        return Person(party=self.user.party, id=self.user.name)

    @property
    def owner(self) -> str:
        """Whose the person's jobs are: not those of somebody who has the name later."""
        return f"{self.user.name} {self.user.created.isoformat()}"

    @property
    def world(self) -> World:
        """The node's world."""
        return self.desk.world

    @property
    def reader(self) -> Reader:
        """Whose eyes the person has: their own party's, in the node's body."""
        return Reader(party=self.user.party, body=self.world.settings.body, purposes=PURPOSES)

    @property
    def own(self) -> bool:
        """Whether the person is of the node's own party: to others, the log and what the node does are no business of theirs."""
        return self.user.party == self.world.settings.party

    def part(self, name: str) -> str:
        """A part of the path."""
        return str(self.request.path_params[name])

    def text(self, name: str) -> str | None:
        """A parameter of the address, None when it is absent or empty."""
        return self.request.query_params.get(name) or None

    def texts(self, name: str) -> list[str]:
        """Every value that the address gives a parameter, the empty ones left out."""
        return [text for text in self.request.query_params.getlist(name) if text]

    def number(self, name: str) -> int | None:
        """A parameter as a number. Raises SenderFault for anything else, as the next two."""
        text = self.text(name)
        return query.number(self.words, name, text) if text else None

    def moment(self, name: str) -> datetime | None:
        """A parameter as a date or a moment."""
        text = self.text(name)
        return query.moment(self.words, name, text) if text else None

    def one_of(self, name: str, choices: Collection[str]) -> str | None:
        """A parameter that is one of some words."""
        text = self.text(name)
        return query.one_of(self.words, name, text, choices) if text else None


def index(text: str) -> int:
    """A number in a path. Raises NotFound for anything else."""
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise NotFound("there is no such page")
    return int(text)


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """A page at `path`, drawn from the plain data that `build` gives; its `.json` twin is that data.

    `rows` names the list in the data that the `.csv` and `.ndjson` twins give. `nav` is the name (`nav.…` in the catalogue) under which the
    main navigation has it. `roles` are those who may open it; `own` keeps it to people of the node's own party. To all others it is absent.
    `build` raises NotFound for what is hidden or absent, alike.
    """

    path: str
    template: str
    build: Callable[[Visit], Mapping[str, Any]]
    rows: str = ""
    nav: str = ""
    roles: frozenset[str] = EVERYBODY
    own: bool = False


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """A file to keep: what to call it, its media type and its bytes."""

    name: str
    media: str
    body: bytes


class File(msgspec.Struct, frozen=True, kw_only=True):
    """A file at `path` that `give` makes for whoever asks, raising what a page may raise; `roles` and `own` as for a page."""

    path: str
    give: Callable[[Visit], Given]
    roles: frozenset[str] = EVERYBODY
    own: bool = False


class Form:
    """What a form sent: names and texts (application/x-www-form-urlencoded)."""

    def __init__(self, fields: list[tuple[str, str]]) -> None:
        self.fields = fields

    def text(self, name: str) -> str:
        """The last text of a name, without the space around it; empty when there is none. Lines end in a line feed."""
        found = [text for key, text in self.fields if key == name]
        return found[-1].replace("\r\n", "\n").strip() if found else ""

    def texts(self, name: str) -> list[str]:
        """Every text of a name that is not empty."""
        return [text.strip() for key, text in self.fields if key == name and text.strip()]

    def needed(self, name: str) -> str:
        """A text that has to be there. Raises SenderFault."""
        text = self.text(name)
        if not text:
            raise SenderFault(f"the form says nothing for {name}", next="fill it in and send it again")
        return text


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """An act was carried out: the browser goes on to `to`, a path here (303), whose page says `told`, once."""

    to: str
    told: Told | None = None


class Again(msgspec.Struct, frozen=True, kw_only=True):
    """An act was not carried out: the page `template` is drawn from `data`, with what was sent still in it.

    `status` is 422 for what has to be corrected and 409 where somebody else was quicker.
    """

    template: str
    data: Mapping[str, Any]
    status: int = 422


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """What a form at `path` does (POST). `do` raises the faults of `comity.errors`; `roles` and `own` as for a page."""

    path: str
    do: Callable[[Visit, Form], Done | Again]
    roles: frozenset[str] = EVERYBODY
    own: bool = False


def may(user: User, party: str, place: Page | File | Act) -> bool:
    """Whether a person may open a page, have a file or do an act, at a party's node."""
    return user.role in place.roles and (user.party == party or not place.own)
