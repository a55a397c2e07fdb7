"""Every page of the furnished body's node, with a role that may open it, for what has to hold on each."""

from __future__ import annotations

from contextlib import closing

import httpx2

from comity.doors.web.page import Page
from comity.doors.web.screens import PAGES
from comity.terms.party import PEOPLE
from tests.consortium import Body
from tests.doors.web.routes import paths
from tests.doors.web.visitor import link
from tests.furnished import ids, parts

#: Who opens a page: a role, and the party of a person of another party than the node's own.
Who = tuple[str, str | None]
#: Pages that are somebody else's business.
GUESTS: dict[str, Who] = {"/approvals/{request}": ("duty-officer", "KZ")}
#: Pages that come to be by an act: where a form goes and what it says; the answer leads to the page.
MADE: dict[str, tuple[str, dict[str, str]]] = {
    "/agreements/{ref}/simulate/{job}": ("/agreements/sco-ict-sample@1/simulate", {"days": "30"}),
}
#: Pages whose addresses a list has: where that is, the list in it, and what the address is made of.
LISTED: dict[str, tuple[str, str, str]] = {
    "/agreements/proposals/{id}": ("/agreements/proposals.json", "proposals", "/agreements/proposals/{id}"),
}
#: How many objects the pages below an object's own are looked at for.
FEW = 2


def who_for(page: Page) -> Who:
    """Somebody who may open a page: an analyst of the node's own party if possible."""
    return GUESTS.get(page.path) or (next(role for role in PEOPLE if role in page.roles), None)


def client(body: Body, url: str, who: Who) -> httpx2.Client:
    """A signed-in person, without a browser."""
    role, party = who
    opened = httpx2.Client(base_url=url, timeout=30)
    assert opened.post(link(body, f"{(party or 'own').lower()}.{role}", role, party)).status_code == 303
    return opened


def every(body: Body, url: str) -> dict[Who, list[str]]:
    """Who -> the paths that they open. What this node has nothing for (404) is left out."""
    found: dict[Who, list[str]] = {}
    filled = parts(body)
    for who in dict.fromkeys(who_for(page) for page in PAGES):
        with closing(client(body, url, who)) as person:
            for page in (page for page in PAGES if who_for(page) == who):
                there = [path for path in _addresses(page, body, person, filled) if person.get(path).status_code != 404]
                assert there, f"no test has anything to show on {page.path}: add it to tests/furnished.py, or to MADE or LISTED here"
                found.setdefault(who, []).extend(there)
    return found


def _addresses(page: Page, body: Body, person: httpx2.Client, filled: dict[str, list[str]]) -> list[str]:
    if page.path in MADE:
        path, form = MADE[page.path]
        answer = person.post(path, data=form)
        assert answer.status_code == 303, (path, answer.status_code, answer.text[:500])
        return [answer.headers["location"]]
    if page.path in LISTED:
        path, rows, address = LISTED[page.path]
        return [address.format(**row) for row in person.get(path).json()[rows]]
    held = ids(body)
    return paths(page, held if page.path == "/o/{id}" else held[:FEW], filled)
