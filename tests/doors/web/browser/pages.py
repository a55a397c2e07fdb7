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

#: Parts of paths that come to be by an act: name of the part -> where a form goes and what it says; the answer leads to the new page.
MADE: dict[str, tuple[str, dict[str, str]]] = {"job": ("/agreements/sco-ict-sample@1/simulate", {"days": "30"})}


def role_for(page: Page) -> str:
    """Somebody who may open a page: an analyst if possible."""
    return next(role for role in PEOPLE if role in page.roles)


def client(body: Body, url: str, role: str) -> httpx2.Client:
    """A signed-in person of a role, without a browser."""
    opened = httpx2.Client(base_url=url, timeout=30)
    assert opened.post(link(body, f"own.{role}", role)).status_code == 303
    return opened


def every(body: Body, url: str) -> dict[str, list[str]]:
    """Role -> the paths that it opens. What this node has nothing for (404) is left out."""
    found: dict[str, list[str]] = {}
    for role in dict.fromkeys(role_for(page) for page in PAGES):
        with closing(client(body, url, role)) as person:
            filled = {**parts(body), **{name: [_made(person, *act)] for name, act in MADE.items()}}
            for page in (page for page in PAGES if role_for(page) == role):
                there = [path for path in paths(page, ids(body), filled) if person.get(path).status_code != 404]
                assert there, f"no test has anything to show on {page.path}: add it to tests/furnished.py, or to MADE here"
                found.setdefault(role, []).extend(there)
    return found


def _made(person: httpx2.Client, path: str, form: dict[str, str]) -> str:
    answer = person.post(path, data=form)
    assert answer.status_code == 303, (path, answer.status_code, answer.text[:500])
    return answer.headers["location"].rpartition("/")[2]
