"""Parties that come and go: each as a checklist, with what is late, what may be done next, and what it changes in rights."""

from __future__ import annotations

from datetime import datetime
from typing import Any, get_args

import msgspec

from comity.agree.accession import OF_MEMBERS, Kind, Step
from comity.clock import parse
from comity.doors.web.page import EVERYBODY, Act, Again, Done, Form, Page, Visit
from comity.doors.web.refusing import in_full, status_of
from comity.errors import Conflict, Denied, NotFound, SenderFault
from comity.intake import acceding, proposals
from comity.release import accessions
from comity.wire_register import Accession

#: Who records what was done, at the node of the body's centre; who speaks for a party or objects, of its members.
RECORDING = frozenset({"administrator", "agreement-officer"})
SPEAKING = EVERYBODY - {"analyst", "auditor", "administrator"}
_TEMPLATE = "screens/accession.html"


def build(visit: Visit) -> dict[str, Any]:
    """Those that go on first."""
    found = [msgspec.to_builtins(each) for each in accessions.accessions(visit.desk, visit.user.party)]
    return {"accessions": found, "begins": visit.own and visit.user.role in RECORDING}


def build_one(visit: Visit, wrong: str = "") -> dict[str, Any]:
    """One, and what this person may do about it. Raises NotFound."""
    told = accessions.find(visit.desk, visit.user.party, visit.part("accession"))
    waiting = [each.id for each in proposals.proposals(visit.world) if each.accession == told.accession and each.state == "waiting"]
    return {
        "told": msgspec.to_builtins(told),
        "documents": msgspec.to_builtins(told.documents),
        "open_to": _open_to(visit, told),
        "proposed": waiting if visit.own else [],
        "wrong": wrong,
    }


def _open_to(visit: Visit, told: Accession) -> list[Kind]:
    """What this person may do now, by party and role."""
    found = accessions.open_to(visit.desk, visit.user.party, told)
    return [kind for kind in found if visit.user.role in (SPEAKING if kind in OF_MEMBERS else RECORDING)]


def do(visit: Visit, form: Form) -> Done | Again:
    """Take a step; an admission is proposed, and another person takes it in. Raises NotFound, SenderFault for no such button."""
    told = accessions.find(visit.desk, visit.user.party, visit.part("accession"))
    kind = next((each for each in get_args(Kind) if each == form.text("do")), None)
    if kind is None:
        raise SenderFault(f"{form.text('do')[:20]!r} is nothing that can be done here", next="use the buttons of the page")
    if kind not in _open_to(visit, told):
        raise NotFound("there is no such accession for you")
    try:
        if kind == "admit":
            made = proposals.propose_admission(visit.world, told.accession, instant(form.needed("since")), visit.person)
            return Done(to=f"/agreements/proposals/{made.id}")
        step = Step(kind=kind, party=visit.user.party, on=visit.world.clock(), document=form.text("document"), note=form.text("note"))
        acceding.take(visit.world, told.accession, step, by=visit.user.name)
    except (SenderFault, Denied, Conflict) as fault:
        return Again(template=_TEMPLATE, data=build_one(visit, in_full(fault)), status=status_of(fault))
    return Done(to=f"/members/accessions/{told.accession}")


def instant(text: str) -> datetime:
    """A moment that a form gives. Raises SenderFault."""
    try:
        return parse(text)
    except ValueError:
        raise SenderFault(f"{text[:40]!r} is no date", next="write it like 2021-10-01") from None


PAGES = (
    Page(path="/members/accessions", template="screens/accessions.html", build=build, rows="accessions"),
    Page(path="/members/accessions/{accession}", template=_TEMPLATE, build=build_one, rows="documents"),
)
ACTS = (Act(path="/members/accessions/{accession}", do=do),)
