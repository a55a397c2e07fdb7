"""What arrived, newest first."""

from __future__ import annotations

from typing import Any

from comity.admin import logbook
from comity.doors.web.items import ends, listed, names, parsed
from comity.doors.web.page import Page, Visit
from comity.release import arrivals
from comity.release.arrivals import Narrow
from comity.release.explain import parties

#: Items on one page.
SIZE = 50


def build(visit: Visit) -> dict[str, Any]:
    """Items that the reader may see, with `before` to go on from."""
    type_ = visit.text("type")
    types = frozenset({type_}) if type_ else None
    shelf = arrivals.arrivals(visit.desk, visit.reader, Narrow(types=types), at=visit.number("before"), limit=SIZE)
    counts = visit.tally.counts(visit.desk, visit.reader)
    head = logbook.head(visit.world)
    called = names(visit, [end for seen in shelf.seen for end in ends(parsed(seen.body))])
    return {
        "counts": {"total": counts.total, "more": counts.more, "by_type": counts.by_type},
        "parties": parties(visit.desk, visit.reader.body),
        "log": {"size": head.size, "root": head.root.hex()} if visit.own else None,
        "begin": counts.total == 0,
        "type": type_,
        "items": [listed(seen, called) for seen in shelf.seen],
        "before": shelf.next,
    }


PAGES = (Page(path="/", template="home.html", build=build, rows="items", nav="home"),)
