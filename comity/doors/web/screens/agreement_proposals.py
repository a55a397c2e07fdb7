"""What was proposed: texts of agreements and entries of the register. Another person than the one who proposed takes them in."""

from __future__ import annotations

from typing import Any

from comity.agree.accord import Agreement
from comity.agree.agreement import read
from comity.doors.web import articles
from comity.doors.web.articles import moment
from comity.doors.web.page import Act, Done, Form, Page, Visit
from comity.doors.web.screens.agreement_changes import NOTHING, compared
from comity.doors.web.screens.agreement_drafting import checked
from comity.doors.web.screens.agreements import DECIDERS, proposed
from comity.errors import Denied, NotFound, SenderFault
from comity.intake import proposals
from comity.intake.proposals import Proposal
from comity.release import account


def decides(visit: Visit) -> bool:
    """Whether a person may take in what others propose."""
    return visit.user.party == visit.world.settings.party and visit.user.role in DECIDERS


def told(visit: Visit, each: Proposal) -> dict[str, Any]:
    """A proposal as it stands in a list; a party's people are named to that party alone, and to whoever decides."""
    named = decides(visit) or visit.user.party == each.by.party
    standing = each.standing
    return {
        "id": each.id,
        "what": "standing" if standing else "agreement",
        "ref": each.ref,
        "standing": {
            "party": standing.party, "body": standing.body, "standing": standing.standing, "since": moment(standing.since),
            "until": moment(standing.until), "name": standing.name, "source": standing.source,
        } if standing else None,
        "party": each.by.party,
        "by": each.by.id if named else None,
        "at": moment(each.at),
        "state": each.state,
        "decided_by": each.decided_by.id if each.decided_by and decides(visit) else None,
        "decided_at": moment(each.decided_at),
    }  # fmt: skip


def build(visit: Visit) -> dict[str, Any]:
    """Those that wait first."""
    return {"proposals": [told(visit, each) for each in proposed(visit)]}


def build_one(visit: Visit) -> dict[str, Any]:
    """One, with what it would change. Raises NotFound for one that is not there or not for this person."""
    proposal = _seen(visit)
    agreement = read(proposal.text, name="the text") if proposal.text else None
    return {
        "proposal": told(visit, proposal),
        "decides": decides(visit) and proposal.state == "waiting",
        "own": proposal.by == visit.person,
        "clauses": articles.clauses(agreement) if agreement else [],
        "title": agreement.title if agreement else "",
        "toml": proposal.text,
        **_changes(visit, agreement),
    }


def _changes(visit: Visit, agreement: Agreement | None) -> dict[str, Any]:
    """What a text changes against the newest version held, and what lint says of it."""
    if agreement is None:
        return {**NOTHING, "findings": []}
    versions = [each for each in account.agreements(visit.desk, visit.user.party) if each.id == agreement.id and each.ref != agreement.ref]
    against = compared(max(versions, key=lambda each: each.version), agreement) if versions else NOTHING
    return {**against, "findings": checked(visit, agreement.text)["findings"]}


def decide(visit: Visit, form: Form) -> Done:
    """Take it in, or refuse it. Raises NotFound, Denied, Conflict, SenderFault for no such button."""
    proposal, what = _seen(visit), form.text("do")
    if what not in ("take", "refuse"):
        raise SenderFault(f"{what[:20]!r} is nothing that can be done with a proposal", next="use the buttons of the page")
    withdrawn = what == "refuse" and proposal.by == visit.person
    if not decides(visit) and not withdrawn:
        raise Denied("an administrator or agreement officer of this node decides", next="ask one of them")
    made = proposals.decide(visit.world, proposal.id, what == "take", visit.person)
    if made.state == "taken":
        return Done(to=f"/agreements/{made.ref}" if made.ref else f"/members/{made.standing.party}" if made.standing else "/members")
    return Done(to=f"/agreements/proposals/{made.id}")


def _seen(visit: Visit) -> Proposal:
    found = next((each for each in proposed(visit) if each.id == visit.part("id")), None)
    if found is None:
        raise NotFound("there is no such proposal for you")
    return found


PAGES = (
    Page(path="/agreements/proposals", template="screens/agreement_proposals.html", build=build, rows="proposals"),
    Page(path="/agreements/proposals/{id}", template="screens/agreement_proposal.html", build=build_one, rows="amendments"),
)
ACTS = (Act(path="/agreements/proposals/{id}/decide", do=decide),)
