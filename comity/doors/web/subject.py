"""The object that a page is about: what every page under `/o/{id}` says of it before anything else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from comity.doors.web.items import ends, listed, names, parsed
from comity.doors.web.page import Visit
from comity.release import views
from comity.release.account import Panel, panel
from comity.release.explain import NOW, Moments
from comity.release.supposing import Supposition

#: Roles of the node's own people that are told of all parties, as whoever works at the node itself is.
AUDITORS = frozenset({"auditor", "administrator"})
#: The purposes that a question is asked for where nobody says, as on the command line.
ASKED = ("network-defence",)
#: How many of the log's latest entries are searched for past disclosures unless all are asked for: a page must not wait for more.
SEARCHED = 1_000


def subject(visit: Visit, mentioned: Iterable[str] = ()) -> tuple[views.Opened, dict[str, Any]]:
    """The object of the address, in its latest visible version or `?version=`, and its head: `names` has the titles of what it names.

    Raises NotFound when hidden or absent.
    """
    opened = views.opened(visit.desk, visit.reader, visit.part("id"), visit.text("version"))
    obj = parsed(opened.seen.body)
    called = names(visit, [*ends(obj), *mentioned])
    head = {
        **listed(opened.seen, called),
        "names": called,
        "asked_version": visit.text("version"),
        "latest": opened.claims[0].version == opened.seen.row.version,
        "own": any(row.origin == visit.user.party for row in opened.claims),
    }
    return opened, head


def told(
    visit: Visit,
    purposes: tuple[str, ...] = ASKED,
    tried: Supposition | None = None,
    *,
    version: str | None = None,
    since: int | None = None,
) -> Panel:
    """What the person is told of the audience. Disclosures before log entry `since` are left out (None: all are)."""
    tried = tried or Supposition(when=NOW)
    return panel(
        visit.desk,
        visit.reader,
        visit.part("id"),
        purposes,
        tried.when,
        version if version is not None else visit.text("version"),
        auditor=visit.user.role in AUDITORS,
        supposed=tried.supposed,
        others=tried.others,
        since=visit.world.store.head().size if since is None else since,
    )


def now(visit: Visit) -> Moments:
    """As of this moment."""
    return Moments(on=visit.world.clock())
