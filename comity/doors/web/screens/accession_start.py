"""An accession, suspension or withdrawal begun on the pages.

An accession is recorded at once, for no right follows from it. A notice ends rights, so it is proposed, and another person takes it in.
"""

from __future__ import annotations

from typing import Any

from comity.doors.documents import listed
from comity.doors.web.once import Told
from comity.doors.web.page import Act, Again, Done, Form, Page, Visit
from comity.doors.web.refusing import status_of
from comity.doors.web.screens.accessions import RECORDING, instant
from comity.doors.web.screens.members import register_of
from comity.errors import Conflict, SenderFault
from comity.intake import acceding, proposals
from comity.terms.party import STANDINGS

_TEMPLATE = "screens/accession_start.html"
_FIELDS = ("party", "target", "body", "mode", "documents", "on", "note")


def build(visit: Visit) -> dict[str, Any]:
    """The form; the address may say who accedes."""
    blank = dict.fromkeys(_FIELDS, "")
    return _page(visit, {**blank, "party": visit.text("party") or "", "target": "member", "body": visit.world.settings.body})


def _page(visit: Visit, asked: dict[str, str], wrong: str = "", next: str = "") -> dict[str, Any]:
    bodies = sorted({visit.world.settings.body, *(each.body for each in register_of(visit).standings)})
    return {"asked": asked, "targets": list(STANDINGS), "bodies": bodies, "wrong": wrong, "next": next}


def begin(visit: Visit, form: Form) -> Done | Again:
    """Record an accession; propose a notice."""
    asked = {name: form.text(name) for name in _FIELDS}
    try:
        made = acceding.plan(
            visit.world, asked["party"], asked["target"], sponsors=asked["mode"] == "sponsors",
            on=instant(asked["on"]) if asked["on"] else None, documents=listed(asked["documents"].split("\n")), body=asked["body"],
            note=asked["note"],
        )  # fmt: skip
        if made.mode == "notice":
            return Done(to=f"/agreements/proposals/{proposals.propose_notice(visit.world, made, visit.person).id}")
        acceding.begin(visit.world, made, by=visit.user.name)
    except (SenderFault, Conflict) as fault:
        return Again(template=_TEMPLATE, data=_page(visit, asked, str(fault), fault.next), status=status_of(fault))
    return Done(to=f"/members/accessions/{made.accession}", told=Told(word="said.made"))


PAGES = (Page(path="/members/accessions/begin", template=_TEMPLATE, build=build, roles=RECORDING, own=True),)
ACTS = (Act(path="/members/accessions/begin", do=begin, roles=RECORDING, own=True),)
