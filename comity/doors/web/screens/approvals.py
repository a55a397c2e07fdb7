"""The queue of requests for approval: what waits for whom, what was decided, and the form by which something is asked for.

Who may do what about a request is the agreement's to say (`agree.approval`); the pages offer what it would allow.
"""

from __future__ import annotations

from typing import Any

import msgspec

from comity.agree.approval import STATES
from comity.doors import approving
from comity.doors.web.exchange import ahead
from comity.doors.web.items import names
from comity.doors.web.page import Act, Again, Done, Form, Page, Visit
from comity.doors.web.refusing import in_full, status_of
from comity.errors import Conflict, Denied, NotFound, SenderFault
from comity.release import approvals
from comity.release.explain import parties
from comity.terms.party import PEOPLE
from comity.wire import Approval

#: Requests on the page; the filters reach the others.
SIZE = 200
#: Who may ask, and who may decide: an auditor looks on, an administrator looks after the node.
_GRANTED = ("approved", "adopted")
ASKING = frozenset(PEOPLE) - {"auditor", "administrator"}
DECIDING = ASKING - {"analyst"}


def build(visit: Visit) -> dict[str, Any]:
    """The requests that are this person's party's business, those that wait first."""
    state = visit.one_of("state", ("mine", *STATES))
    found = approvals.standing(visit.desk, visit.reader)
    open_to = {each.request.approval.id: _open_to(visit, each) for each in found}
    counts = {name: sum(each.state.name == name for each in found) for name in STATES}
    mine = [each for each in found if open_to[each.request.approval.id] and each.state.name == "requested"]
    shown = mine if state == "mine" else [each for each in found if state in (None, each.state.name)]
    told = approvals.told(visit.desk, visit.reader, shown[:SIZE])
    return {
        "state": state,
        "counts": {"mine": len(mine), **counts},
        "more": len(shown) > SIZE,
        "requests": [{**_plain(each, one), "open_to": open_to[one.id]} for each, one in zip(shown, told)],
        "may_ask": visit.user.role in ASKING,
    }  # fmt: skip


def mine(visit: Visit) -> list[dict[str, Any]]:
    """The requests that wait and about which this person may do something, as on the page."""
    found = [(each, _open_to(visit, each)) for each in approvals.standing(visit.desk, visit.reader, "requested")]
    open_to = [(each, kinds) for each, kinds in found if kinds]
    told = approvals.told(visit.desk, visit.reader, [each for each, _ in open_to])
    return [{**_plain(each, one), "open_to": kinds} for (each, kinds), one in zip(open_to, told)]


def build_one(visit: Visit, refused: str = "") -> dict[str, Any]:
    """One request with what it is about, what was done, and what this person may do. Raises NotFound."""
    id_ = visit.part("request")
    found = approvals.standing(visit.desk, visit.reader, id_=id_)
    if not found:
        raise NotFound("there is no such request for you")
    told = approvals.told(visit.desk, visit.reader, found)[0]
    return {
        **_plain(found[0], told),
        "open_to": _open_to(visit, found[0]),
        "names": names(visit, list(told.ids)),
        "refused": refused,
        "links": ahead(visit) if told.state in _GRANTED and told.origin == visit.user.party else None,
    }


def build_asking(visit: Visit, *, wrong: str = "", sent: Form | None = None) -> dict[str, Any]:
    """The form for a new request; the address may fill it in (`id`, `to`)."""
    ids, to = (sent.texts("ids"), sent.texts("to")) if sent else (visit.texts("id"), visit.texts("to"))
    return {
        "ids": " ".join(ids).split(),
        "to": to,
        "parties": [party for party in parties(visit.desk, visit.reader.body) if party != visit.user.party],
        "wrong": wrong,
    }


def ask(visit: Visit, form: Form) -> Done | Again:
    """Make the requests that it takes for objects to go to some parties."""
    try:
        ids = form.needed("ids").split()
        made = approving.request(visit.desk, visit.reader, visit.person, ids, form.texts("to"))
    except (SenderFault, NotFound) as fault:
        return Again(template="screens/approval_ask.html", data=build_asking(visit, wrong=in_full(fault), sent=form))
    return Done(to=f"/approvals/{made[0].id}" if len(made) == 1 else "/approvals")


def _acting(kind: str) -> Act:
    def do(visit: Visit, form: Form) -> Done | Again:
        id_ = visit.part("request")
        try:
            approving.act_as(visit.desk, visit.person, visit.user.role, visit.reader, id_, kind)
        except (Denied, Conflict) as fault:
            data = build_one(visit, in_full(fault))
            return Again(template="screens/approval.html", data=data, status=status_of(fault))
        return Done(to=f"/approvals/{id_}")

    return Act(path=f"/approvals/{{request}}/{kind}", do=do, roles=DECIDING)


def _open_to(visit: Visit, each: approvals.Standing) -> list[str]:
    return approvals.open_to(visit.desk, each, visit.person) if visit.user.role in DECIDING else []


def _plain(each: approvals.Standing, told: Approval) -> dict[str, Any]:
    """A request as plain data, as the API has it, and with what it asks for."""
    procedure = each.procedure
    asks = {"procedure": procedure.kind, "sponsors": procedure.sponsors, "window": procedure.window}
    return {**msgspec.to_builtins(told), **asks}


PAGES = (
    Page(path="/approvals", template="screens/approvals.html", build=build, rows="requests", nav="approvals"),
    Page(path="/approvals/ask", template="screens/approval_ask.html", build=build_asking, roles=ASKING),
    Page(path="/approvals/{request}", template="screens/approval.html", build=build_one, rows="acts"),
)
ACTS = (Act(path="/approvals/ask", do=ask, roles=ASKING), *(_acting(kind) for kind in ("approve", "object", "revoke")))
