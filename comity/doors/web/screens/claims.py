"""What each source says of one object, side by side, property by property. Nothing is merged, and nobody is believed more than another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from comity.doors.web.items import envelope, mentioned, parsed, properties
from comity.doors.web.page import Page, Visit
from comity.doors.web.show import stamped
from comity.doors.web.subject import subject
from comity.release.views import Seen

#: Sources side by side; the others are named.
MOST = 8


def build(visit: Visit) -> dict[str, Any]:
    """The latest claim of each origin that the reader may see, and every property that any of them states."""
    opened, head = subject(visit, mentioned)
    latest: dict[str, Seen] = {}
    for one in opened.versions:
        latest.setdefault(one.row.origin, one)
    # The reader's own first, then as they came.
    ordered = sorted(latest.values(), key=lambda one: (one.row.origin != visit.user.party, one.row.added))
    shown = ordered[:MOST]
    rows = _rows(shown)
    return {
        **head,
        "sources": [_source(one) for one in shown],
        "others": [one.row.origin for one in ordered[MOST:]],
        "claims": rows,
        "differing": sum(not row["agree"] for row in rows),
        "only": visit.one_of("only", ("differing",)) == "differing",
    }


def _source(one: Seen) -> dict[str, Any]:
    obj = parsed(one.body)
    return {
        "origin": one.row.origin,
        "version": one.row.version,
        "tlp": one.envelope.tlp,
        "arrived": stamped(one.stamp),
        "received_from": one.envelope.received_from,
        "created_by_ref": obj.get("created_by_ref"),
        "revoked": obj.get("revoked") is True,
        "hops": envelope(one)["hops"],
    }


def _rows(shown: Sequence[Seen]) -> list[dict[str, Any]]:
    """A row for each property: whether all `agree`, what each says (who says nothing has no key), and the `forms` in which it is shown."""
    objects = {one.row.origin: parsed(one.body) for one in shown}
    forms = {origin: {each["name"]: each for each in properties(obj)} for origin, obj in objects.items()}
    names = dict.fromkeys(name for found in forms.values() for name in found)
    names = dict.fromkeys(["name", *names]) if any("name" in obj for obj in objects.values()) else names
    rows = []
    for name in names:
        said = {origin: obj[name] for origin, obj in objects.items() if name in obj}
        values = list(said.values())
        rows.append(
            {
                "property": name,
                "agree": len(said) == len(objects) and all(value == values[0] for value in values),
                "said": said,
                "forms": {
                    origin: forms[origin].get(name, {"name": name, "form": "text", "value": str(value), "more": 0, "cut": False})
                    for origin, value in said.items()
                },
            }
        )
    return rows


PAGES = (Page(path="/o/{id}/claims", template="screens/claims.html", build=build, rows="claims"),)
