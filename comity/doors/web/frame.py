"""What every page says around its own data: which node this is, who is signed in, and the agreements in force that its party may read."""

from __future__ import annotations

from typing import Any

from comity.agree.accord import current
from comity.agree.agreement import Agreement
from comity.doors.web.page import Visit
from comity.release import account
from comity.terms.stix import AGREEMENT_TYPE, derived_id


def frame(visit: Visit) -> dict[str, Any]:
    """`node`, `shortcuts`, `user`, `agreements` (id -> version, title, object) and `illustrative` (titles)."""
    settings = visit.world.settings
    held = in_force(visit)
    return {
        "node": {
            "party": settings.party,
            "name": settings.name,
            "title": settings.title,
            "body": settings.body,
            "realm": "sample" if settings.pages.sample else "real",
        },
        "shortcuts": settings.pages.shortcuts,
        "user": {"name": visit.user.name, "party": visit.user.party, "role": visit.user.role},
        "agreements": {
            each.id: {"version": each.version, "title": each.title, "object": derived_id(AGREEMENT_TYPE, each.id, str(each.version))}
            for each in held
        },
        "illustrative": [each.title for each in held if each.illustrative],
    }


def in_force(visit: Visit) -> list[Agreement]:
    """The agreements of the node's body that are current, as far as the person's party may read them."""
    world = visit.world
    _, rules = world.rulebook.current()
    readable = {each.ref for each in account.agreements(visit.desk, visit.user.party)}
    return [each for each in current(rules.agreements, world.clock()) if world.settings.body in each.spans and each.ref in readable]
