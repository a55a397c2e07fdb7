"""One object: what it says, how it came and how far it is trusted, who would get it; and as it was received."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from comity.agree.agreement import read as read_agreement
from comity.doors.web.items import envelope, mentioned, parsed, properties
from comity.doors.web.page import File, Given, Page, Visit
from comity.doors.web.screens.inbox import ACTING
from comity.doors.web.screens.peers import taken_back
from comity.doors.web.screens.share import SHARING
from comity.doors.web.subject import meant, subject, told
from comity.forms import misp_out, stix_json
from comity.release.export import surrounded
from comity.terms.stix import AGREEMENT_TYPE


def build(visit: Visit) -> dict[str, Any]:
    """What the object says, its envelope, and its audience in short. Raises NotFound when hidden or absent."""
    opened, head = subject(visit, mentioned)
    seen = opened.seen
    obj = parsed(seen.body)
    panel = told(visit)
    others = [each for each in panel.verdicts if each.decision.rule not in ("own", "received")]
    return {
        **head,
        **envelope(seen),
        "sha256": seen.row.sha.hex(),
        "bytes": len(seen.body),
        "leaf": seen.row.leaf if visit.own else None,
        "created_by_ref": obj.get("created_by_ref"),
        "claims": len({row.origin for row in opened.claims}),
        "everybody": panel.everybody,
        "receives": [each.party for each in others if each.decision.effect in ("permit", "redact")],
        "refused": [each.party for each in others if each.decision.effect in ("approve", "deny")],
        "may": {"share": visit.user.role in SHARING, "say": visit.user.role in ACTING},
        "clauses": _clauses(obj),
        "recalls": taken_back(visit, seen.row.id) if seen.row.origin == visit.user.party else [],
        "properties": properties(obj),
    }


def raw(visit: Visit) -> dict[str, Any]:
    """The object as it was received, and its properties one by one."""
    opened, head = subject(visit)
    obj = parsed(opened.seen.body)
    rows = [{"property": name, "value": value} for name, value in obj.items()]
    return {**head, "sha256": opened.seen.row.sha.hex(), "bytes": len(opened.seen.body), "object": obj, "rows": rows}


def _clauses(obj: Mapping[str, Any]) -> list[dict[str, str]]:
    """The clauses of an agreement's object, none for anything else."""
    if obj.get("type") != AGREEMENT_TYPE:
        return []
    agreement = read_agreement(str(obj["text"]), name=str(obj.get("name", "")))
    return [{"id": clause.id, "effect": clause.effect, "text": clause.text} for clause in agreement.clauses]


def stix(visit: Visit) -> Given:
    """The object with what is tied to it and what they name, as a STIX bundle of the received bytes."""
    held = surrounded(visit.desk, visit.reader, meant(visit)[0])
    return Given(name="object.stix.json", media="application/stix+json;version=2.1", body=stix_json.bundle(each.body for each in held))


def misp(visit: Visit) -> Given:
    """The same as MISP takes it. What has no place in MISP is left out."""
    written = misp_out.write(surrounded(visit.desk, visit.reader, meant(visit)[0]))
    document = written.events[0] if len(written.events) == 1 else {"response": written.events}
    return Given(name="object.misp.json", media="application/json", body=msgspec.json.encode(document))


PAGES = (
    Page(path="/o/{id}", template="screens/object.html", build=build, rows="properties"),
    Page(path="/o/{id}/raw", template="screens/raw.html", build=raw, rows="rows"),
)
FILES = (File(path="/o/{id}/export.stix.json", give=stix), File(path="/o/{id}/export.misp.json", give=misp))
