"""A whole body in memory, told in the domain's words: `body.member("KZ").submits(indicator(...))`. Real code throughout, no mocks."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from comity.config import Settings
from comity.intake.govern import add_agreement, add_standing
from comity.intake.submit import Submitter, submit
from comity.ledger.journal import Journal
from comity.ledger.keys import LogKey
from comity.release.desk import Desk, Page
from comity.release.select import Query
from comity.release.sight import Reader
from comity.rulebook import Rulebook
from comity.store import open_store
from comity.terms.item import Draft, Outcome
from comity.terms.party import Standing
from comity.world import World

START = datetime(2021, 11, 1, 9, tzinfo=UTC)
MEMBERS = """
[agreement]
id = "test"
version = 1
title = "Members and observers"
body = "sco"
purposes = ["network-defence"]
in_force = 2021-01-01

[[clause]]
id = "members"
text = "Members receive technical information up to TLP:AMBER."
effect = "permit"
to = { standing = ["member"] }
types = ["@threat", "@observables", "@links"]
tlp_max = "amber"

[[clause]]
id = "observers"
text = "Observers receive technical information up to TLP:GREEN."
effect = "permit"
to = { standing = ["observer"] }
types = ["@threat", "@observables", "@links"]
tlp_max = "green"

[party.SCO-CENTRE]
role = "centre"
"""

#: The same, but sightings go to the producers of what was sighted and to nobody else.
RETURNING = (
    MEMBERS.replace("version = 1", "version = 2")
    .replace('"@links"]', '"relationship"]')
    .replace(
        "[party.SCO-CENTRE]",
        """[[clause]]
id = "back"
text = "Sightings return to the producer."
effect = "permit"
to = { role = ["producer"] }
types = ["sighting"]
tlp_max = "amber"

[party.SCO-CENTRE]""",
    )
)


class Ticking:
    """A clock that goes on by a millisecond at each look, and jumps when told."""

    def __init__(self, start: datetime = START) -> None:
        self.at = start

    def __call__(self) -> datetime:
        self.at += timedelta(milliseconds=1)
        return self.at


class Body:
    """A centre's node with its parties, or another party's. `store` is a store URL."""

    def __init__(
        self,
        agreement: str | None = MEMBERS,
        store: str = "memory:",
        clock: Ticking | None = None,
        party: str = "SCO-CENTRE",
        body: str = "sco",
    ) -> None:
        settings = Settings(party=party, name=f"{party}-{body}", body=body)
        opened = open_store(store)
        self.clock = clock or Ticking()
        key = LogKey.generate("comity.example/test")
        self.world = World(
            store=opened, journal=Journal(key, "comity.example/test"), rulebook=Rulebook(opened), clock=self.clock, settings=settings
        )
        self.desk = Desk(self.world)
        if agreement:
            add_agreement(self.world, agreement, "test.toml", by="test")

    def party(self, code: str, standing: str = "member", since: datetime = START - timedelta(days=400)) -> Member:
        add_standing(self.world, Standing(party=code, body="sco", standing=standing, since=since), by="test")
        return Member(self, code)

    def member(self, code: str) -> Member:
        return self.party(code, "member")

    def observer(self, code: str) -> Member:
        return self.party(code, "observer")


class Member:
    """One party, as it meets the centre."""

    def __init__(self, body: Body, code: str) -> None:
        self.body = body
        self.code = code
        self.reader = Reader(party=code, body="sco", purposes=("network-defence",))
        self.cursor = 0

    def submits(self, *objects: dict[str, Any], tlp: str = "amber", to: tuple[str, ...] | None = None, **options: Any) -> list[Outcome]:
        """Its sightings name it, unless told otherwise."""
        by = Submitter(party=self.code, tlp=tlp, to=to, **{"named": True, **options})
        return list(submit(self.body.world, drafts(objects), by))

    def page(self, **query: Any) -> Page:
        return self.body.desk.page(self.reader, Query(**query))

    def reads(self, **query: Any) -> list[str]:
        """The ids of everything the party may see, page by page."""
        found: list[str] = []
        after, limit = 0, query.pop("limit", 100)
        for _ in range(10_000):
            page = self.page(after=after, limit=limit, **query)
            found.extend(row.id for _, row in page.found)
            if not page.more:
                return found
            after = page.found[-1][0]
        raise AssertionError("paging does not end")

    def polls(self) -> list[str]:
        """What is new since it last polled, as a client that keeps the last stamp it saw."""
        page = self.page(after=self.cursor, limit=10_000, own=False)
        if page.found:
            self.cursor = page.found[-1][0]
        return [row.id for _, row in page.found]

    def gets(self, id_: str, **query: Any) -> list[bytes]:
        return self.body.desk.object(self.reader, Query(ids=(id_,), **query)).bodies


def drafts(objects: Iterable[dict[str, Any]], *, derived: bool = False) -> list[Draft]:
    return [
        Draft(raw=msgspec.json.encode(obj), obj=obj, position=f"objects[{index}]", tlp=obj.get("x_tlp"), derived=derived)
        for index, obj in enumerate(objects)
    ]


_counter = itertools.count(1)


def _id(type_: str) -> str:
    return f"{type_}--{uuid.UUID(int=(4 << 76) | (8 << 60) | next(_counter), version=4)}"


def sdo(type_: str, **properties: Any) -> dict[str, Any]:
    """A STIX 2.1 object of a type, with what STIX requires of it."""
    required: dict[str, Callable[[], dict[str, Any]]] = {
        "indicator": lambda: {
            "pattern": "[domain-name:value = 'bad.example']",
            "pattern_type": "stix",
            "valid_from": "2021-10-01T00:00:00Z",
        },
        "malware": lambda: {"name": "sample", "is_family": True},
        "report": lambda: {"name": "sample", "published": "2021-10-01T00:00:00Z"},
        "identity": lambda: {"name": "sample", "identity_class": "organization"},
        "campaign": lambda: {"name": "sample"},
        "note": lambda: {"content": "sample"},
    }
    moment = properties.pop("modified", "2021-10-01T00:00:00.000Z")
    head = {"type": type_, "spec_version": "2.1", "id": properties.pop("id", None) or _id(type_), "created": "2021-10-01T00:00:00.000Z"}
    return {**head, "modified": moment, **required.get(type_, dict)(), **properties}


def indicator(**properties: Any) -> dict[str, Any]:
    return sdo("indicator", **properties)


def relationship(source: str, target: str, **properties: Any) -> dict[str, Any]:
    return sdo("relationship", relationship_type="indicates", source_ref=source, target_ref=target, **properties)


def report(*refs: str, **properties: Any) -> dict[str, Any]:
    return sdo("report", object_refs=list(refs), **properties)


def sighting(of: str, **properties: Any) -> dict[str, Any]:
    return sdo("sighting", sighting_of_ref=of, **properties)
