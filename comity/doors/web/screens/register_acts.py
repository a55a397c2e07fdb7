"""An entry of the register, in two steps: what it would change, then a proposal that another person takes in."""

from __future__ import annotations

from typing import Any

from comity.doors.web.page import Act, Again, Done, Form, Page, Visit
from comity.doors.web.screens.accessions import instant
from comity.doors.web.screens.members import claim, register_of
from comity.errors import SenderFault
from comity.intake import proposals
from comity.terms.party import STANDINGS, Register, Standing, body_slug, party_code, standing_name

#: Who enters what the register says.
ROLES = frozenset({"administrator"})
_TEMPLATE = "screens/register_act.html"
_FIELDS = ("party", "body", "standing", "since", "until", "name", "source")


def build(visit: Visit) -> dict[str, Any]:
    """The form; once the address says a party, what the entry would change."""
    asked = {name: visit.text(name) or "" for name in _FIELDS}
    wrong: dict[str, str] = {}
    step = None
    if asked["party"]:
        try:
            step = _step(visit, _read(asked))
        except SenderFault as fault:
            wrong = {"wrong": str(fault), "next": fault.next}
    else:
        asked["body"] = asked["body"] or visit.world.settings.body
    return _page(asked, step, **wrong)


def _page(asked: dict[str, str], step: dict[str, Any] | None, wrong: str = "", next: str = "") -> dict[str, Any]:
    return {"asked": asked, "choices": list(STANDINGS), "step": step, "wrong": wrong, "next": next}


def _read(asked: dict[str, str]) -> Standing:
    """The entry that a form describes. Raises SenderFault for a malformed name or moment, or an end that is not after the beginning."""
    if not asked["since"]:
        raise SenderFault("it does not say since when", next="write a date like 2021-10-01")
    until = instant(asked["until"]) if asked["until"] else None
    made = Standing(
        party=party_code(asked["party"]), body=body_slug(asked["body"]), standing=standing_name(asked["standing"]),
        since=instant(asked["since"]), until=until, name=asked["name"], source=asked["source"],
    )  # fmt: skip
    if made.until is not None and made.until <= made.since:
        raise SenderFault("it ends before it begins", next="give a later end, or none")
    return made


def _step(visit: Visit, made: Standing) -> dict[str, Any]:
    """The party's standing before and after, from the entry's beginning, and which claims on record it contradicts."""
    held = register_of(visit)
    after = Register([*held.standings, made])
    against = [other for pair in after.conflicts(made.party, made.body) if made in pair for other in pair if other != made]
    return {
        **claim(after, made),
        "before": held.standing(made.party, made.body, made.since),
        "after": after.standing(made.party, made.body, made.since),
        "against": [claim(after, each) for each in against],
    }


def propose(visit: Visit, form: Form) -> Done | Again:
    """The second step: propose what was shown. Raises SenderFault for too many that wait."""
    asked = {name: form.text(name) for name in _FIELDS}
    try:
        made = _read(asked)
    except SenderFault as fault:
        return Again(template=_TEMPLATE, data=_page(asked, None, str(fault), fault.next))
    proposal = proposals.propose_standing(visit.world, made, visit.person)
    return Done(to=f"/agreements/proposals/{proposal.id}")


PAGES = (Page(path="/members/enter", template=_TEMPLATE, build=build, roles=ROLES, own=True),)
ACTS = (Act(path="/members/enter", do=propose, roles=ROLES, own=True),)
