"""The versions of an object, and what changed between two of them or between two dates: in what it says, and in who gets it.

A version that a stricter one took back is compared as far as it went before.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from comity.clock import parse
from comity.doors.web import diffs
from comity.doors.web.items import parsed
from comity.doors.web.page import Page, Visit
from comity.doors.web.show import stamped
from comity.doors.web.subject import ASKED, subject, told
from comity.errors import SenderFault
from comity.release import views
from comity.release.account import Panel
from comity.release.explain import Moments, Supposed
from comity.release.supposing import Supposition
from comity.store.protocol import Row

#: Versions that are listed; the newest.
LISTED = 200


class Side(msgspec.Struct, frozen=True):
    """One side of a comparison: a version, and the date that its audience is asked for (empty: now)."""

    seen: views.Seen
    on: str = ""

    @property
    def ref(self) -> str:
        """`origin@version`, as the address names it."""
        return _ref(self.seen.row)

    @property
    def moment(self) -> datetime | None:
        """The date. Raises ValueError."""
        return parse(self.on) if self.on else None


def build(visit: Visit) -> dict[str, Any]:
    """The versions, newest first, and the comparison that the address asks for. Raises NotFound when hidden or absent."""
    opened, head = subject(visit)
    old, new = _sides(visit, opened)
    sight = visit.desk.sight(visit.reader)
    gone = {one.row.item for one in opened.versions if one.envelope.before}
    data = {
        **head,
        "versions": [
            {
                "ref": _ref(row),
                "version": row.version,
                "origin": row.origin,
                "tlp": sight.traits(row.base).tlp,
                "arrived": stamped(row.added),
                "sha256": row.sha.hex(),
                "taken_back": row.item in gone,
                "shown": row.item == opened.seen.row.item,
                "leaf": row.leaf if visit.own else None,
            }
            for row in opened.claims[:LISTED]
        ],
        "more": max(0, len(opened.claims) - LISTED),
        "old": {"ref": old.ref, "version": old.seen.row.version, "origin": old.seen.row.origin, "on": old.on},
        "new": {"ref": new.ref, "version": new.seen.row.version, "origin": new.seen.row.origin, "on": new.on},
        "error": None,
        "changes": [],
        "audience": None,
    }
    try:
        return {**data, **_compared(visit, old, new)}
    except (SenderFault, ValueError) as fault:
        return {**data, "error": str(fault)}


def _ref(row: Row) -> str:
    return f"{row.origin}@{row.version}"


def _sides(visit: Visit, opened: views.Opened) -> tuple[Side, Side]:
    """What is compared: what the address names, else the shown version and the one before it of the same origin."""
    named = {_ref(one.row): one for one in opened.versions}
    shown = opened.seen
    family = [one for one in opened.versions if one.row.origin == shown.row.origin]
    at = next(at for at, one in enumerate(family) if one.row.item == shown.row.item)
    old = named.get(visit.one_of("old", named) or "", family[min(at + 1, len(family) - 1)])
    new = named.get(visit.one_of("new", named) or "", shown)
    return Side(old, visit.text("old_on") or ""), Side(new, visit.text("new_on") or "")


def _compared(visit: Visit, old: Side, new: Side) -> dict[str, Any]:
    """The properties that differ, and the parties for whom something does; nothing where one thing is compared with itself."""
    before, after = (_told(visit, side) for side in (old, new))
    rows = diffs.audiences(before.verdicts, after.verdicts)
    return {
        "changes": diffs.objects(parsed(old.seen.body), parsed(new.seen.body)),
        "audience": {
            "everybody": before.everybody and after.everybody,
            "gained": _named(rows, "gains"),
            "lost": _named(rows, "loses"),
            "fields_gained": _fields(rows, "gains"),
            "fields_lost": _fields(rows, "loses"),
            "rows": rows,
        },
    }


def _told(visit: Visit, side: Side) -> Panel:
    row = side.seen.row
    tried = Supposition(when=Moments(on=side.moment), supposed=Supposed(before=True))
    return told(visit, ASKED, tried, version=row.version, origin=row.origin)


def _named(rows: Sequence[dict[str, Any]], change: str) -> list[str]:
    return [row["party"] for row in rows if row["change"] == change]


def _fields(rows: Sequence[dict[str, Any]], name: str) -> list[str]:
    """The fields that parties gain or lose which get the object before and after."""
    return list(dict.fromkeys(field for row in rows if row["change"] == "fields" for field in row[name]))


PAGES = (Page(path="/o/{id}/history", template="screens/history.html", build=build, rows="versions"),)
