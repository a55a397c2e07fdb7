"""One object: what it says, how it came, its claims, and who would get it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from comity.agree.agreement import read as read_agreement
from comity.doors.web.items import envelope, listed, mentioned, names, parsed
from comity.doors.web.page import Page, Visit
from comity.doors.web.show import stamped
from comity.errors import Denied
from comity.release import account, views
from comity.release.explain import Verdict
from comity.terms.stix import AGREEMENT_TYPE

#: Of a verdict, what takes a walk through the log: `comity why` and `comity audience` say it.
_OF_THE_LOG = ("disclosed", "refusals")


def build(visit: Visit) -> dict[str, Any]:
    """One object and its audience. Raises NotFound when hidden or absent."""
    opened = views.opened(visit.desk, visit.reader, visit.part("id"), visit.text("version"))
    seen = opened.seen
    obj = parsed(seen.body)
    called = names(visit, mentioned(obj))
    return {
        **listed(seen, called),
        **envelope(seen),
        "sha256": seen.row.sha.hex(),
        "bytes": len(seen.body),
        "leaf": seen.row.leaf if visit.own else None,
        "names": called,
        "created_by_ref": obj.get("created_by_ref"),
        "versions": [
            {
                "version": row.version,
                "origin": row.origin,
                "arrived": stamped(row.added),
                "sha256": row.sha.hex(),
                "shown": row.item == seen.row.item,
            }
            for row in opened.claims
        ],
        "clauses": _clauses(obj),
        "audience": _audience(visit, _verdicts(visit)),
        "object": obj,
    }


def _verdicts(visit: Visit) -> list[Verdict]:
    """About every party as far as that is this reader's business: of another's object, about itself alone."""
    id_, version, reader = visit.part("id"), visit.text("version"), visit.reader
    try:
        return account.audience(visit.desk, reader, id_, reader.purposes, version=version)
    except Denied:
        return [account.why(visit.desk, reader, id_, reader.party, reader.purposes, version=version)]


def _audience(visit: Visit, verdicts: list[Verdict]) -> list[dict[str, Any]]:
    world = visit.world
    _, rules = world.rulebook.current()
    names, at = rules.register.names(), world.clock()
    return [
        {
            **{name: value for name, value in verdict.as_json().items() if name not in _OF_THE_LOG},
            "withheld": [name for name, effect in verdict.fields.items() if effect == "redact"],
            "onward": verdict.decision.onward,
            "retain": verdict.decision.retain,
            "name": names.get(verdict.party, ""),
            "standing": rules.register.standing(verdict.party, world.settings.body, at),
        }
        for verdict in verdicts
    ]


def _clauses(obj: Mapping[str, Any]) -> list[dict[str, str]]:
    """The clauses of an agreement's object, none for anything else."""
    if obj.get("type") != AGREEMENT_TYPE:
        return []
    agreement = read_agreement(str(obj["text"]), name=str(obj.get("name", "")))
    return [{"id": clause.id, "effect": clause.effect, "text": clause.text} for clause in agreement.clauses]


PAGES = (Page(path="/o/{id}", template="object.html", build=build, rows="audience"),)
