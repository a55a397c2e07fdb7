"""Members and flows: who is in, how much goes in and out by the log, and by which clauses. A picture, and a table with the same numbers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from comity.doors.web.articles import moment
from comity.doors.web.page import Page, Visit
from comity.doors.web.rings import line, placed, width
from comity.release import account
from comity.release.traffic import Flow, seen_by

#: Over how many days one may ask.
SPANS = (1, 7, 30, 90)
DAYS = 30


def build(visit: Visit) -> dict[str, Any]:
    """Parties of the node's body with what each sent and received per day, as far as this is the viewer's business."""
    settings = visit.world.settings
    days = int(visit.one_of("days", [str(each) for each in SPANS]) or DAYS)
    whose = seen_by(visit.desk, visit.user.party)
    counted = visit.traffic.since(visit.desk, visit.world.clock() - timedelta(days=days), whose)
    flows = [each for each in counted.flows if each.party != settings.party]
    register = [each for each in account.register(visit.desk, visit.user.party) if each.body == settings.body]
    known: dict[str, str | None] = {each.party: each.standing for each in register if each.party != settings.party}
    points, reach = placed(dict.fromkeys((each.party for each in flows), None) | known)
    names = {each.party: each.name for each in register}
    at = {point["party"]: point for point in points}
    most = max((each.items / days for each in flows), default=0.0)
    readable = {each.ref for each in account.agreements(visit.desk, visit.user.party)}
    return {
        "days": days,
        "spans": list(SPANS),
        "view": visit.one_of("view", ("table", "map")) or "map",
        "all_parties": whose is None,
        "whole": counted.whole,
        "back": moment(counted.back),
        "reach": reach,
        "parties": [{**point, "name": names.get(point["party"], ""), "standing": known.get(point["party"])} for point in points],
        "flows": [
            {**_told(each, days, readable), "width": width(each.items / days, most), **line(at[each.party], each.way)} for each in flows
        ],
    }  # fmt: skip


def _told(flow: Flow, days: int, readable: set[str]) -> dict[str, Any]:
    """A flow; `clause` is the one that most of it relied on, of an agreement that the viewer may read."""
    clauses = [name for name in flow.clauses if name.partition("/")[0] in readable]
    return {
        "party": flow.party,
        "way": flow.way,
        "items": flow.items,
        "per_day": round(flow.items / days, 2),
        "clause": clauses[0] if clauses else None,
        "clauses": clauses,
    }


PAGES = (Page(path="/members/flows", template="screens/flows.html", build=build, rows="flows"),)
