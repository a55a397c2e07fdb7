"""Requests for approval: which there are, making them, and what a person does about one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from comity.admin.tokens import APPROVE
from comity.agree.approval import STATES
from comity.doors import approving
from comity.doors.api.asked import Call, cut
from comity.doors.api.declare import JSON, LISTS, Content, Nothing, Operation, Paged, Slug
from comity.errors import SenderFault
from comity.release import approvals
from comity.wire import Approval, ApprovalPage, Approvals, AskApproval

State = Annotated[str, Meta(pattern=f"^({'|'.join(STATES)})$", description="Only those that stand so.")]


class Listing(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which requests."""

    state: State | UnsetType = UNSET
    body: Slug | UnsetType = UNSET


class Asking(Nothing, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """In which body."""

    body: Slug | UnsetType = UNSET


def listed(call: Call, query: Listing) -> ApprovalPage:
    """The requests that are the party's business."""
    asker = call.reader(query.body)
    found = approvals.standing(call.desk, asker, query.state or None)
    items, more, cursor = cut(call, query, found, lambda each: each.order)
    return ApprovalPage(items=tuple(approvals.told(call.desk, asker, items)), more=more, next=cursor)


def one(call: Call, query: Asking) -> Approval:
    """One of them. Raises NotFound."""
    return approvals.find(call.desk, call.reader(query.body), call.path["request"])


def ask(call: Call, query: Asking) -> Approvals:
    """Make requests. Raises NotFound for objects that the party does not see, SenderFault for what awaits no approval."""
    try:
        said = msgspec.json.decode(call.body, type=AskApproval)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise SenderFault(f"not a request for approval: {error}", next='send {"ids": ["..."], "to": ["UZ"]}') from None
    by = approving.holder(call.token)
    return Approvals(items=tuple(approving.request(call.desk, call.reader(query.body), by, said.ids, said.to, said.clause, said.origin)))


def _acting(kind: str) -> Callable[[Call, Asking], Approval]:
    def run(call: Call, query: Asking) -> Approval:
        return approving.act(call.desk, call.token, call.reader(query.body), call.path["request"], kind)

    return run


def _act(kind: str, name: str, does: str) -> Operation:
    return Operation(
        method="POST", path=f"/approvals/{{request}}/{kind}", name=name, does=does, detail="A person's token; never a tool's.",
        scope=APPROVE, query=Asking, gives=Approval, missing=True, denied=True, conflict=True, run=_acting(kind),
    )  # fmt: skip


OPERATIONS = (
    Operation(
        path="/approvals", name="listApprovals", does="The requests for approval that are the party's business, those that wait first.",
        detail="Its own and others' about its objects, those it may object to, and those that gave it something.",
        query=Listing, gives=ApprovalPage, rows=Approval, media=LISTS, missing=True, run=listed,
    ),
    Operation(path="/approvals/{request}", name="getApproval", does="One of them.", query=Asking, gives=Approval, missing=True, run=one),
    Operation(
        method="POST", path="/approvals", name="askApproval", does="Ask that objects go to parties that get them with approval only.",
        detail="About the party's own objects or what it sees of another's; one request for each clause that awaits approval.",
        scope="api:write", query=Asking, takes=(Content(media=JSON, shape=AskApproval),), gives=Approvals, missing=True, run=ask,
    ),
    _act("approve", "approve", "Consent to a request, or speak for it, as the clause asks."),
    _act("object", "object", "Object to a request that waits."),
    _act("revoke", "revoke", "Take back what was granted about one's own objects."),
)  # fmt: skip
