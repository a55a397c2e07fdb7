"""The object that a page is about: what every page under `/o/{id}` says of it before anything else."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from comity.doors.gating import LOOKING
from comity.doors.web.items import ends, listed, names, parsed
from comity.doors.web.page import Visit
from comity.release import views
from comity.release.account import Panel, panel
from comity.release.explain import NOW
from comity.release.supposing import Supposition

#: The purposes that a question is asked for where nobody says, as on the command line.
ASKED = ("network-defence",)
#: Nothing supposed.
PLAIN = Supposition(when=NOW)
#: How many of the log's latest entries are searched for past disclosures unless all are asked for: a page must not wait for more.
SEARCHED = 1_000


def meant(visit: Visit) -> tuple[str, str | None]:
    """The object of the address, `/o/{id}` or `/o/{id}@{version}`, and the version that it asks for (`?version=` before the other)."""
    id_, _, version = visit.part("id").partition("@")
    return id_, visit.text("version") or version or None


def subject(visit: Visit, mentioned: Callable[[dict[str, Any]], Iterable[str]] = ends) -> tuple[views.Opened, dict[str, Any]]:
    """The object of the address, in its latest visible version or the one asked for, and its head: `names` are the titles of what is
    `mentioned`.

    Raises NotFound when hidden or absent.
    """
    id_, version = meant(visit)
    opened = views.opened(visit.desk, visit.reader, id_, version)
    obj = parsed(opened.seen.body)
    called = names(visit, list(dict.fromkeys([*ends(obj), *mentioned(obj)])))
    head = {
        **listed(opened.seen, called),
        "names": called,
        "asked_version": version,
        "latest": opened.claims[0].version == opened.seen.row.version,
        "may_look": visit.user.role in LOOKING,
        "taken_back": opened.seen.envelope.before is not None,
        "own": any(row.origin == visit.user.party for row in opened.claims),
    }
    return opened, head


def told(
    visit: Visit, purposes: tuple[str, ...] = ASKED, tried: Supposition = PLAIN,
    *, version: str | None = None, origin: str = "", searched: int | None = 0,
) -> Panel:  # fmt: skip
    """What the person is told of the audience, with past disclosures by so many of the log's latest entries (None: by all)."""
    id_, asked = meant(visit)
    return panel(
        visit.desk, visit.reader, id_, purposes, tried.when, version or asked,
        origin=origin, supposed=tried.supposed, others=tried.others, searched=searched,
    )  # fmt: skip
