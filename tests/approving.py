"""A body whose agreement asks for approval in every way there is, and its people, for the tests of approvals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from comity import wire
from comity.agree.approval import Approval, Person
from comity.intake import approve
from comity.intake.govern import add_agreement
from comity.release import approvals
from tests.consortium import MEMBERS, Body, Member, Ticking

#: Members get up to GREEN at once, AMBER by two persons, reports by silence; observers what two sponsors speak for; guests by consent.
TEXT = """
[agreement]
id = "careful"
version = 1
title = "What goes only with approval"
body = "sco"
purposes = ["network-defence"]
in_force = 2021-01-01

[[clause]]
id = "green"
text = "Members receive up to TLP:GREEN."
effect = "permit"
to = { standing = ["member"] }
types = ["@threat", "@observables", "relationship"]
tlp_max = "green"

[[clause]]
id = "two"
text = "Members receive TLP:AMBER indicators with the consent of two persons."
effect = "permit"
to = { standing = ["member"] }
types = ["indicator"]
tlp_max = "amber"
approval = { procedure = "two-persons", lapse = "P30D" }

[[clause]]
id = "silent"
text = "Members receive TLP:AMBER malware unless somebody objects."
effect = "permit"
to = { standing = ["member"] }
types = ["malware"]
tlp_max = "amber"
approval = { procedure = "silence", window = "P14D" }

[[clause]]
id = "spoken-for"
text = "Observers receive TLP:GREEN indicators that two parties speak for."
effect = "permit"
to = { standing = ["observer"] }
types = ["indicator"]
tlp_max = "green"
approval = { procedure = "sponsors", sponsors = 2, window = "P7D", lapse = "P60D" }

[[clause]]
id = "guests"
text = "Guests receive TLP:GREEN indicators with the origin's consent."
effect = "permit"
to = { standing = ["guest"] }
types = ["indicator"]
tlp_max = "green"
approval = { procedure = "origin" }

[party.SCO-CENTRE]
role = "centre"
"""
TWO, SILENT, SPOKEN, GUESTS = (f"careful@1/{id_}" for id_ in ("two", "silent", "spoken-for", "guests"))
OPEN = MEMBERS


class Meeting:
    """KZ, UZ and TJ are members, IR is an observer, BY a guest, XX has no standing; each has people."""

    def __init__(self, text: str = TEXT, store: str = "memory:", clock: Ticking | None = None) -> None:
        self.body = Body(agreement=None, store=store, clock=clock)
        add_agreement(self.body.world, text, "careful.toml", by="test")
        self.kz, self.uz, self.tj = (self.body.member(code) for code in ("KZ", "UZ", "TJ"))
        self.ir, self.by = self.body.observer("IR"), self.body.party("BY", "guest")

    @property
    def desk(self):
        return self.body.desk

    def shares(self, *objects: dict[str, Any], tlp: str = "amber", by: Member | None = None, **options: Any) -> list[str]:
        """What a member (KZ) submits; the ids."""
        outcomes = (by or self.kz).submits(*objects, tlp=tlp, **options)
        assert {outcome.outcome for outcome in outcomes} == {"accepted"}
        return [obj["id"] for obj in objects]

    def asks(self, ids: Sequence[str], *to: str, by: str = "KZ/anna", **options: Any) -> list[Approval]:
        """Make requests, as a person of a party that sees the objects."""
        person = who(by)
        items = approvals.askable(self.desk, self.member(person.party).reader, ids)
        return approve.ask(self.body.world, items, to, person, **options)

    def does(self, kind: str, request: Approval, by: str) -> Approval:
        return approve.act(self.body.world, request.id, kind, who(by))

    def member(self, code: str) -> Member:
        return Member(self.body, code)

    def state(self, request: Approval) -> str:
        return self.told(request, None).state

    def told(self, request: Approval, asker: Member | None) -> wire.Approval:
        return approvals.find(self.desk, asker.reader if asker else None, request.id)


def who(text: str) -> Person:
    """`who("KZ/anna")`."""
    party, _, name = text.partition("/")
    return Person(party=party, id=name)
