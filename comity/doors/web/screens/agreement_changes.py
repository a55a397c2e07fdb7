"""What one text of an agreement changes against another, in effect and then in its words; and an agreement as Cedar policies."""

from __future__ import annotations

from typing import Any

import msgspec

from comity.agree.agreement import Agreement, read
from comity.agree.cedar import policies
from comity.agree.difference import amendments, effects, moves, rewordings
from comity.agree.fine_print import fine_print
from comity.doors.web import articles
from comity.doors.web.page import Page, Visit
from comity.doors.web.screens.agreements import governs, held
from comity.release import account


def build(visit: Visit) -> dict[str, Any]:
    """A version beside another (`against`, by default the one before it). Raises NotFound."""
    agreement = held(visit, visit.part("ref"))
    others = [each for each in account.agreements(visit.desk, visit.user.party) if each.id == agreement.id and each.ref != agreement.ref]
    asked = visit.text("against")
    earlier = [each for each in others if each.version < agreement.version]
    other = held(visit, asked) if asked else earlier[-1] if earlier else others[0] if others else None
    return {
        "agreement": {**articles.head(agreement), "governs": agreement.ref in governs(visit)},
        "others": [each.ref for each in others],
        **(compared(*sorted((other, agreement), key=lambda each: (each.id, each.version))) if other else NOTHING),
    }


#: What a text says that has no other beside it.
NOTHING: dict[str, Any] = {"before": None, "after": None, "taken": False, "moves": [], "amendments": [], "sentences": []}


def compared(old: Agreement, new: Agreement) -> dict[str, Any]:
    """The difference of two texts as they were written, whatever parties did about them since.

    A draft binds nobody, so what it would do is shown as if it came into force with the other (`taken`).
    """
    before, after = (read(each.text, name=each.ref) for each in (old, new))
    taken = after.in_force is None and before.in_force is not None
    tried = msgspec.structs.replace(after, in_force=before.in_force) if taken else after
    return {
        "before": old.ref,
        "after": new.ref,
        "taken": taken,
        "moves": [articles.move(each) for each in moves(before, tried)],
        "amendments": [articles.amendment(each) for each in amendments(before, after)],
        "sentences": [*effects(before, tried), *fine_print(before, after), *rewordings(before, after)],
    }


def build_cedar(visit: Visit) -> dict[str, Any]:
    """The agreement in another policy language. Raises NotFound."""
    agreement = held(visit, visit.part("ref"))
    return {
        "agreement": {**articles.head(agreement), "governs": agreement.ref in governs(visit)},
        "policies": policies([agreement]),
    }


PAGES = (
    Page(path="/agreements/{ref}/changes", template="screens/agreement_changes.html", build=build, rows="amendments"),
    Page(path="/agreements/{ref}/cedar", template="screens/agreement_cedar.html", build=build_cedar),
)
