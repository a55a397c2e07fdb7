"""Every page of the furnished body's node, with a role that may open it, for what has to hold on each."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

import httpx2

from comity.doors.web.page import Page
from comity.doors.web.screens import PAGES
from comity.terms.party import PEOPLE
from tests.consortium import Body, Member, indicator
from tests.doors.web.routes import paths
from tests.doors.web.sending import Remote
from tests.doors.web.visitor import link
from tests.furnished import ids, parts

#: Who opens a page: a role, and the party of a person of another party than the node's own.
Who = tuple[str, str | None]
#: Pages that are somebody else's business.
GUESTS: dict[str, Who] = dict.fromkeys(
    ("/approvals/{request}", "/share/{draft}", "/share/{draft}/preview", "/share/withdraw", "/share/withdrawn"), ("duty-officer", "KZ")
)
#: Pages on which this role has something to do.
GUESTS["/gate/{item}"] = GUESTS["/gate/sample"] = ("duty-officer", None)
#: Pages whose addresses a list has: where that is, the list in it, and what the address is made of.
LISTED: dict[str, tuple[str, str, str]] = {
    "/members/accessions/{accession}": ("/members/accessions.json", "accessions", "/members/accessions/{accession}"),
    "/gate/{item}": ("/gate.json", "items", "/gate/{id}"),
    "/redress/{ticket}": ("/redress.json", "tickets", "/redress/{ticket}"),
    "/agreements/proposals/{id}": ("/agreements/proposals.json", "proposals", "/agreements/proposals/{id}"),
}


def _trial(person: httpx2.Client, body: Body) -> str:
    return _sent(person, "/agreements/sco-ict-sample@1/simulate", days="30")


def _draft(person: httpx2.Client, body: Body) -> str:
    path = _sent(person, "/share/new")
    draft = person.get(f"{path}.json").json()["draft"]
    text = "A mail host of STEPPE HERON: hxxp://mail-steppe[.]example/login"
    said = {"version": str(draft["version"]), "tlp": "green", "purposes": "network-defence", "audience": "any", "text": text}
    return _sent(person, path, **said)


def _preview(person: httpx2.Client, body: Body) -> str:
    return _draft(person, body) + "/preview"


def _withdrawal(person: httpx2.Client, body: Body) -> str:
    theirs = next(id_ for id_ in (row.id for row in body.world.store.by_type("report") if row.origin == "KZ"))
    return f"/share/withdraw?id={theirs}"


def _withdrawn(person: httpx2.Client, body: Body) -> str:
    made = indicator()
    Member(body, "KZ").submits(made, tlp="green")
    return str(person.post("/share/withdraw", data={"id": made["id"], "reason": "a false positive"}).headers["location"])


def _sent(person: httpx2.Client, path: str, **form: str) -> str:
    """Where a form leads, as a path."""
    answer = person.post(path, data=form)
    assert answer.status_code == 303, (path, answer.status_code, answer.text[:500])
    return str(answer.headers["location"]).partition("?")[0]


#: Pages that come to be by an act, or are about a person's own: who makes them.
MADE: dict[str, Callable[[httpx2.Client, Body], str]] = {
    "/agreements/{ref}/simulate/{job}": _trial,
    "/share/{draft}": _draft,
    "/share/{draft}/preview": _preview,
    "/share/withdraw": _withdrawal,
    "/share/withdrawn": _withdrawn,
}
#: How many objects the pages below an object's own are looked at for.
FEW = 1


def who_for(page: Page) -> Who:
    """Somebody who may open a page: an analyst of the node's own party if possible."""
    return GUESTS.get(page.path) or (next(role for role in PEOPLE if role in page.roles), None)


def client(body: Body, url: str, who: Who) -> httpx2.Client:
    """A signed-in person, without a browser."""
    role, party = who
    opened = Remote(base_url=url, timeout=30)
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
        return [MADE[page.path](person, body)]
    if page.path in LISTED:
        path, rows, address = LISTED[page.path]
        return [address.format(**row) for row in person.get(path).json()[rows]]
    held = ids(body)
    return paths(page, held if page.path == "/o/{id}" else held[:FEW], filled)
