"""What goes over links: whether an object arrived, and what became of one that was taken back."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from comity.doors.api.asked import Call
from comity.doors.api.declare import LISTS, Code, Nothing, Operation, Purposes, Slug
from comity.peer.arrival import arrival
from comity.peer.recalled import statuses
from comity.release import account
from comity.wire_links import Arrival, RecallStatus, RecallStatuses


class AskingArrival(Nothing, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """To which party, for which purposes, in which body."""

    party: Code
    purpose: Purposes = ("network-defence",)
    body: Slug | UnsetType = UNSET


def arrived(call: Call, query: AskingArrival) -> Arrival:
    """How far an object has come. Raises NotFound, Denied."""
    return arrival(call.desk, account.why(call.desk, call.reader(query.body), call.path["id"], query.party, query.purpose))


def recalled(call: Call, query: Nothing) -> RecallStatuses:
    """What became of an object. Raises NotFound."""
    return RecallStatuses(items=tuple(statuses(call.world, call.token.party, call.path["id"])), more=False)


OPERATIONS = (
    Operation(
        path="/items/{id}/arrival", name="getArrival", does="How far an object has come on its way to a party, and why no further.",
        detail="About oneself; about others only for the object's origin, and for the node's own party.",
        query=AskingArrival, gives=Arrival, missing=True, denied=True, run=arrived,
    ),
    Operation(
        path="/recalls/{id}", name="getRecall", does="What became of an object that was taken back, at each party that had received it.",
        detail="For the object's origin, and for the node's own party. The id may be that of the object or of the recall.",
        gives=RecallStatuses, rows=RecallStatus, media=LISTS, missing=True, run=recalled,
    ),
)  # fmt: skip
