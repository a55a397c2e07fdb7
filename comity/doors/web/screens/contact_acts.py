"""How a party is reached, written on the pages: of the node's own party, at a centre's node of any."""

from __future__ import annotations

from typing import Any

from comity.doors.web.once import Told
from comity.doors.web.page import Act, Again, Done, Form, Page, Visit
from comity.doors.web.refusing import status_of
from comity.doors.web.screens.members import known_party, sets_contact
from comity.doors.web.screens.register_acts import ROLES
from comity.errors import Denied, NotFound, SenderFault
from comity.intake.contacting import set_contact
from comity.release import account
from comity.terms.contact import FIELDS, Contact

_TEMPLATE = "screens/contact_act.html"
_PATH = "/members/{party}/contact"


def build(visit: Visit) -> dict[str, Any]:
    """The form, with what is on record. Raises NotFound for a party of which this node keeps no records."""
    party = _party(visit)
    found = next((each for each in account.contacts(visit.desk, visit.user.party) if each.party == party), Contact(party=party))
    return _page(party, {name: getattr(found, name) for name in FIELDS})


def _page(party: str, asked: dict[str, str], wrong: str = "", next: str = "") -> dict[str, Any]:
    return {"party": party, "asked": asked, "wrong": wrong, "next": next}


def _party(visit: Visit) -> str:
    party = visit.part("party")
    if not sets_contact(visit, party) or not known_party(visit, party):
        raise NotFound("there is no such party for you")
    return party


def change(visit: Visit, form: Form) -> Done | Again:
    """Record what the form says; what it leaves empty is taken away. Raises NotFound as the page does."""
    party, asked = _party(visit), {name: form.text(name) for name in FIELDS}
    try:
        set_contact(visit.world, party, asked, by=visit.user.name)
    except (SenderFault, Denied) as fault:
        return Again(template=_TEMPLATE, data=_page(party, asked, str(fault), fault.next), status=status_of(fault))
    return Done(to=f"/members/{party}", told=Told(word="said.made"))


PAGES = (Page(path=_PATH, template=_TEMPLATE, build=build, roles=ROLES, own=True),)
ACTS = (Act(path=_PATH, do=change, roles=ROLES, own=True),)
