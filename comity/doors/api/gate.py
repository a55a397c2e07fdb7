"""What waits for the persons in it, and redress: for people, with a token of their own for approve; never for a tool."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from comity.admin.tokens import APPROVE
from comity.doors import gating, redressing
from comity.doors.api.asked import Call, cut
from comity.doors.api.declare import JSON, LISTS, Content, Nothing, Operation, Paged, read_number, write_cursor
from comity.doors.approving import holder
from comity.errors import SenderFault
from comity.intake import redress, review
from comity.wire_gate import (
    AnswerTicket,
    Consent,
    OpenTicket,
    Quarantined,
    QuarantinedObject,
    QuarantinePage,
    Rejection,
    Review,
    Sample,
    Samples,
    Settled,
    Ticket,
    TicketPage,
)

_T = TypeVar("_T")


def listed(call: Call, query: Paged) -> QuarantinePage:
    """What is the person's to review. Raises Denied."""
    gating.look(call.token.role)
    limit = call.limit(query.limit)
    found = list(review.waiting(call.world, holder(call.token), after=read_number(query.next), limit=limit + 1))
    kept, more = found[:limit], len(found) > limit
    return QuarantinePage(items=tuple(map(gating.told, kept)), more=more, next=write_cursor(kept[-1].row.added) if more else None)


def one(call: Call, query: Nothing) -> QuarantinedObject:
    """One of them. Raises Denied, NotFound."""
    gating.look(call.token.role)
    return gating.whole(review.find(call.world, holder(call.token), call.path["item"]))


def propose(call: Call, query: Nothing) -> Quarantined:
    """Review it. Raises NotFound, Denied, Conflict, SenderFault."""
    said = _read(call, Review)
    item = review.propose(
        call.world, call.path["item"], holder(call.token), call.token.role, category=said.category, basis=said.basis, expires=said.expires
    )
    return gating.told(item)


def approve(call: Call, query: Nothing) -> Settled:
    """Release it. Raises NotFound, Denied, Conflict."""
    reviewed = _read(call, Consent).reviewed
    item = gating.approve(call.world, call.path["item"], holder(call.token), call.token.role, reviewed)
    return Settled(id=item.row.id, version=item.row.version, state="released")


def reject(call: Call, query: Nothing) -> Settled:
    """Erase it. Raises NotFound, Denied, Conflict."""
    item = review.reject(call.world, call.path["item"], holder(call.token), _read(call, Rejection).reason, call.token.role)
    return Settled(id=item.row.id, version=item.row.version, state="erased")


def samples(call: Call, query: Nothing) -> Samples:
    """What passed and is to be looked at. Raises Denied."""
    gating.look(call.token.role)
    return Samples(items=tuple(gating.sampled(call.desk, call.reader(msgspec.UNSET))))


def seen(call: Call, query: Nothing) -> Samples:
    """Take it off the list. Raises Denied, NotFound."""
    gating.look(call.token.role, gating.REVIEWING)
    gating.looked_at(call.desk, call.reader(msgspec.UNSET), call.path["id"])
    return samples(call, query)


def tickets(call: Call, query: Paged) -> TicketPage:
    """All tickets. Raises Denied."""
    redressing.check(call.world, call.token.party, call.token.role, redressing.READING)
    found, now = redress.tickets(call.world), call.world.clock()
    order = {each.id: f"{at:09d}" for at, each in enumerate(found)}
    items, more, cursor = cut(call, query, found, lambda each: order[each.id])
    return TicketPage(items=tuple(redressing.told(each, now) for each in items), more=more, next=cursor)


def ticket(call: Call, query: Nothing) -> Ticket:
    """One of them. Raises Denied, NotFound."""
    redressing.check(call.world, call.token.party, call.token.role, redressing.READING)
    return redressing.told(redress.ticket(call.world, call.path["ticket"]), call.world.clock())


def open_ticket(call: Call, query: Nothing) -> Ticket:
    """A new one. Raises Denied."""
    redressing.check(call.world, call.token.party, call.token.role, redressing.ANSWERING)
    said = _read(call, OpenTicket)
    return redressing.told(redress.open_ticket(call.world, said.about, said.who, call.token.user), call.world.clock())


def answer(call: Call, query: Nothing) -> Ticket:
    """Answer one. Raises Denied, NotFound, Conflict."""
    redressing.check(call.world, call.token.party, call.token.role, redressing.ANSWERING)
    said = _read(call, AnswerTicket)
    found, _ = redress.answer(call.world, call.path["ticket"], said.decision, said.text, call.token.user)
    return redressing.told(found, call.world.clock())


def _read(call: Call, shape: type[_T]) -> _T:
    try:
        return msgspec.json.decode(call.body, type=shape)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise SenderFault(f"not what is asked for here: {error}", next="see /api/openapi.json") from None


def _takes(shape: type[msgspec.Struct]) -> tuple[Content, ...]:
    return (Content(media=JSON, shape=shape),)


OPERATIONS = (
    Operation(
        path="/gate", name="listQuarantined", does="What waits in quarantine for the persons in it and is the person's to review.",
        detail="A person's token. Kinds and places of what was found, never a value.",
        scope=APPROVE, query=Paged, gives=QuarantinePage, rows=Quarantined, media=LISTS, run=listed,
    ),
    Operation(
        path="/gate/sample", name="listGateSample", does="What passed by its producer's word and is to be looked at: a fixed share.",
        scope=APPROVE, gives=Samples, rows=Sample, media=LISTS, run=samples,
    ),
    Operation(
        method="POST", path="/gate/sample/{id}/seen", name="seeGateSample", does="Take an object off that list; what is left of it.",
        scope=APPROVE, gives=Samples, missing=True, run=seen,
    ),
    Operation(
        path="/gate/{item}", name="getQuarantined", does="One of them, with the object.",
        scope=APPROVE, gives=QuarantinedObject, missing=True, run=one,
    ),
    Operation(
        method="POST", path="/gate/{item}/review", name="reviewQuarantined", does="Say as whose the values are kept, and until when.",
        detail="And on what legal basis. Another person of the same party then approves. A person's token; never a tool's.",
        scope=APPROVE, takes=_takes(Review), gives=Quarantined, missing=True, denied=True, conflict=True, run=propose,
    ),
    Operation(
        method="POST", path="/gate/{item}/approve", name="approveQuarantined", does="Release what another person reviewed.",
        detail="Agreements decide from then on who gets it.",
        scope=APPROVE, takes=_takes(Consent), gives=Settled, missing=True, denied=True, conflict=True, run=approve,
    ),
    Operation(
        method="POST", path="/gate/{item}/reject", name="rejectQuarantined", does="Erase it.",
        scope=APPROVE, takes=_takes(Rejection), gives=Settled, missing=True, denied=True, conflict=True, run=reject,
    ),
    Operation(
        path="/redress", name="listRedress", does="Tickets of those who say that something here is wrong, those that wait first.",
        detail="For the node's own duty officers, points of contact, administrators and auditors.",
        scope=APPROVE, query=Paged, gives=TicketPage, rows=Ticket, media=LISTS, denied=True, run=tickets,
    ),
    Operation(
        path="/redress/{ticket}", name="getRedress", does="One of them, with its answer.",
        scope=APPROVE, gives=Ticket, missing=True, denied=True, run=ticket,
    ),
    Operation(
        method="POST", path="/redress", name="openRedress", does="Open a ticket.",
        detail="An answer is due after the days that the node's settings say.",
        scope=APPROVE, takes=_takes(OpenTicket), gives=Ticket, denied=True, run=open_ticket,
    ),
    Operation(
        method="POST", path="/redress/{ticket}/answer", name="answerRedress", does="Answer a ticket.",
        detail="What is corrected or erased goes: an own object is recalled; of another party's, this node's copy is erased.",
        scope=APPROVE, takes=_takes(AnswerTicket), gives=Ticket, missing=True, denied=True, conflict=True, run=answer,
    ),
)  # fmt: skip
