"""The node's people, for the administrator of its own party: who there is, who comes, who goes, and links to enrol with."""

from __future__ import annotations

from typing import Any

from comity.admin import credentials, links, sessions, users
from comity.doors.web.page import Act, Again, Done, Form, Page, Visit
from comity.doors.web.refusing import in_full, status_of
from comity.errors import Conflict, SenderFault
from comity.terms.party import ADMINISTRATOR, PEOPLE

_ADMINISTRATORS = frozenset({ADMINISTRATOR})
_TEMPLATE = "screens/people.html"


def build(
    visit: Visit, *, sent: dict[str, str] | None = None, wrong: str = "", link: dict[str, str] | None = None
) -> dict[str, Any]:  # fmt: skip
    """Everybody, by name. `sent` is what was filled in for a new person, `link` (`name`, `url`) what is shown once."""
    asked = visit.text("remove")
    found = users.users(visit.world)
    return {
        "roles": list(PEOPLE),
        "parties": sorted({visit.world.settings.party, *visit.world.rulebook.current()[1].register.parties(visit.world.settings.body)}),
        "people": [_person(visit, each) for each in found],
        "remove": asked if any(each.name == asked for each in found) else None,
        "sent": {"name": "", "party": visit.world.settings.party, "role": "analyst"} | (sent or {}),
        "wrong": wrong,
        "link": link,
    }


def add(visit: Visit, form: Form) -> Again:
    """Enter a person, and show the link by which they enrol."""
    sent = {key: form.text(key) for key in ("name", "party", "role")}
    try:
        users.add(visit.world, sent["name"], sent["party"], sent["role"], by=visit.user.name)
    except (SenderFault, Conflict) as fault:
        return Again(template=_TEMPLATE, data=build(visit, sent=sent, wrong=in_full(fault)), status=status_of(fault))
    return _shown(visit, sent["name"])


def link(visit: Visit, form: Form) -> Again:
    """Show a new link by which somebody enrols, as after they have lost what they sign in with. Raises NotFound."""
    return _shown(visit, form.needed("name"))


def remove(visit: Visit, form: Form) -> Done | Again:
    """Remove a person. Raises NotFound."""
    name = form.needed("name")
    if name == visit.user.name:
        return Again(template=_TEMPLATE, data=build(visit, wrong=visit.words("people.self")), status=409)
    users.remove(visit.world, name, by=visit.user.name)
    return Done(to="/people")


def _shown(visit: Visit, name: str) -> Again:
    """The page with a link: it is in this answer and nowhere else."""
    secret = links.create(visit.world, name, enrol=True, by=visit.user.name)
    url = str(visit.request.base_url).rstrip("/")
    return Again(template=_TEMPLATE, data=build(visit, link={"name": name, "url": f"{url}/enrol/{secret}"}), status=200)


def _person(visit: Visit, user: users.User) -> dict[str, Any]:
    held = credentials.held(visit.world, user.name)
    return {
        "name": user.name,
        "party": user.party,
        "role": user.role,
        "since": user.created.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "password": bool(held and held.password),
        "passkeys": len(held.passkeys) if held else 0,
        "identities": len(held.subjects) if held else 0,
        "sessions": len(sessions.of(visit.world, user.name)),
    }


PAGES = (Page(path="/people", template=_TEMPLATE, build=build, rows="people", nav="people", roles=_ADMINISTRATORS, own=True),)
ACTS = (
    Act(path="/people/add", do=add, roles=_ADMINISTRATORS, own=True),
    Act(path="/people/link", do=link, roles=_ADMINISTRATORS, own=True),
    Act(path="/people/remove", do=remove, roles=_ADMINISTRATORS, own=True),
)
