"""Every page of the furnished body, with a role that may open it, for what has to hold on each."""

from __future__ import annotations

from comity.doors.web.page import Page
from comity.doors.web.screens import PAGES
from comity.terms.party import PEOPLE
from tests.consortium import Body
from tests.doors.web.routes import paths
from tests.doors.web.visitor import Visitor
from tests.furnished import ids, parts


def role_for(page: Page) -> str:
    """Somebody who may open a page: an analyst if possible."""
    return next(role for role in PEOPLE if role in page.roles)


def every(body: Body) -> dict[str, list[str]]:
    """Role -> the paths that it opens. What this node has nothing for (404) is left out."""
    found: dict[str, list[str]] = {}
    visitors = {role: Visitor(body, name=f"own.{role}", role=role) for role in {role_for(page) for page in PAGES}}
    for page in PAGES:
        role = role_for(page)
        there = [path for path in paths(page, ids(body), parts(body)) if visitors[role].get(path).status_code != 404]
        assert there, f"no test has anything to show on {page.path}: add it to tests/furnished.py"
        found.setdefault(role, []).extend(there)
    return found
