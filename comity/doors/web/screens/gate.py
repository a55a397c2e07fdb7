"""The gate for persons: what waits because it leads to somebody, reviewed by one person and released by another; and what passed.

Lists tell kinds and places of what was found; the values stand on an object's own page, for those whose business it is to review it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import msgspec

from comity.clock import parse
from comity.doors import gating
from comity.doors.gating import LOOKING, REVIEWING
from comity.doors.web.items import properties
from comity.doors.web.page import Act, Again, Done, Form, Page, Visit
from comity.doors.web.refusing import status_of
from comity.errors import Conflict, Denied, SenderFault
from comity.intake import review
from comity.terms.item import BASIS, CATEGORIES

#: Rows of a page, and how far what waits is counted for other pages.
SIZE, COUNTED = 50, 100
#: How long a review keeps something unless its person says otherwise.
_KEPT = timedelta(days=365)
_ONE = "screens/gate_item.html"


def build(visit: Visit) -> dict[str, Any]:
    """What waits and is this person's party's business, the earliest first."""
    after = visit.number("after") or 0
    found = list(review.waiting(visit.world, visit.person, after=after, limit=SIZE + 1))
    return {
        "items": [{**_plain(item), "address": _address(item.row.id, item.row.version)} for item in found[:SIZE]],
        "begun": after == 0,
        "next": found[SIZE - 1].row.added if len(found) > SIZE else None,
        "sampled": len(gating.sampled(visit.desk, visit.reader)),
        "done": visit.text("done") if visit.text("done") in ("released", "erased") else None,
    }


def waits(visit: Visit) -> dict[str, Any]:
    """How much waits for this person's party: `count`, and whether there is `more`."""
    found = review.first(visit.world, visit.person, COUNTED + 1)
    return {"count": min(len(found), COUNTED), "more": len(found) > COUNTED}


def build_one(visit: Visit, *, sent: Mapping[str, str] | None = None, refused: str = "", next_: str = "") -> dict[str, Any]:
    """One object that waits, all of it, and what this person may do. Raises NotFound."""
    item = review.find(visit.world, visit.person, visit.part("item"))
    may = visit.user.role in REVIEWING and not item.other and bool(item.found)
    said, until = item.review, visit.at + _KEPT
    mine = said is not None and said.by == visit.person
    return {
        **_plain(item),
        "address": _address(item.row.id, item.row.version),
        "object": item.obj,
        "properties": properties(item.obj),
        "may_review": may,
        "may_approve": may and said is not None and not mine,
        "may_reject": visit.user.role in REVIEWING,
        "mine": mine,
        "categories": list(CATEGORIES),
        "longest": BASIS,
        "sent": {"category": "", "basis": "", "expires": f"{until:%Y-%m-%d}", "reason": ""} | dict(sent or {}),
        "refused": refused,
        "refused_next": next_,
    }


def build_sample(visit: Visit) -> dict[str, Any]:
    """What passed by its producer's word, and nobody has looked at, as far as this person may see it."""
    found = gating.sampled(visit.desk, visit.reader)
    return {
        "items": msgspec.to_builtins(found[:SIZE]),
        "count": len(found),
        "may_see": visit.user.role in REVIEWING,
        "share": visit.world.settings.gate.sample,
    }


def seen(visit: Visit, form: Form) -> Done:
    """Take an object off that list. Raises NotFound."""
    gating.looked_at(visit.desk, visit.reader, form.needed("id"))
    return Done(to="/gate/sample")


def _propose(visit: Visit, name: str, form: Form) -> str:
    basis, category = form.text("basis"), form.text("category")
    if category not in CATEGORIES:
        raise SenderFault(visit.words("gate.wrong.category"))
    if not basis or len(basis) > BASIS:
        raise SenderFault(visit.words("gate.wrong.basis", longest=BASIS))
    try:
        until = parse(form.text("expires"))
    except ValueError:
        raise SenderFault(visit.words("gate.wrong.expires")) from None
    if until <= visit.at:
        raise SenderFault(visit.words("gate.wrong.expires"))
    review.propose(visit.world, name, visit.person, visit.user.role, category=category, basis=basis, expires=until)
    return f"/gate/{quote(name, safe='')}"


def _approve(visit: Visit, name: str, form: Form) -> str:
    try:
        reviewed = parse(form.needed("reviewed"))
    except ValueError:
        raise SenderFault(visit.words("gate.wrong.reviewed")) from None
    gating.approve(visit.world, name, visit.person, visit.user.role, reviewed)
    return "/gate?done=released"


def _reject(visit: Visit, name: str, form: Form) -> str:
    if not form.text("reason"):
        raise SenderFault(visit.words("gate.wrong.reason"))
    review.reject(visit.world, name, visit.person, form.text("reason"), visit.user.role)
    return "/gate?done=erased"


def _acting(kind: str, do: Callable[[Visit, str, Form], str]) -> Act:
    def act(visit: Visit, form: Form) -> Done | Again:
        try:
            return Done(to=do(visit, visit.part("item"), form))
        except (Denied, Conflict, SenderFault) as fault:
            sent = {key: form.text(key) for key in ("category", "basis", "expires", "reason") if form.text(key)}
            return Again(template=_ONE, data=build_one(visit, sent=sent, refused=str(fault), next_=fault.next), status=status_of(fault))

    return Act(path=f"/gate/{{item}}/{kind}", do=act, roles=REVIEWING)


def _plain(item: review.Waiting) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(gating.told(item))
    return plain


def _address(id_: str, version: str) -> str:
    return f"/gate/{quote(f'{id_}@{version}' if version else id_, safe='')}"


PAGES = (
    Page(path="/gate", template="screens/gate.html", build=build, rows="items", nav="gate", roles=LOOKING),
    Page(path="/gate/sample", template="screens/gate_sample.html", build=build_sample, rows="items", roles=LOOKING),
    Page(path="/gate/{item}", template=_ONE, build=build_one, rows="found", roles=LOOKING),
)
ACTS = (
    Act(path="/gate/sample/seen", do=seen, roles=REVIEWING),
    _acting("review", _propose),
    _acting("approve", _approve),
    _acting("reject", _reject),
)
