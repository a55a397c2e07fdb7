"""Accessions: which there are, how far they have come, and what a person does about one."""

from __future__ import annotations

import msgspec
from msgspec import UNSET, UnsetType

from comity.admin.tokens import APPROVE
from comity.agree.accession import Step
from comity.doors.api.asked import Call, cut
from comity.doors.api.declare import JSON, LISTS, Content, Nothing, Operation, Paged, Slug
from comity.errors import SenderFault
from comity.intake import acceding
from comity.release import accessions
from comity.wire_register import Accession, AccessionPage, TakeStep


class Listing(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which accessions."""

    body: Slug | UnsetType = UNSET


def listed(call: Call, query: Listing) -> AccessionPage:
    """Those that the token's party may know of."""
    found = accessions.accessions(call.desk, call.token.party, query.body or call.token.body)
    order = {each.accession: f"{at:09d}" for at, each in enumerate(found)}
    items, more, cursor = cut(call, query, found, lambda each: order[each.accession])
    return AccessionPage(items=items, more=more, next=cursor)


def one(call: Call, query: Nothing) -> Accession:
    """One of them. Raises NotFound."""
    return accessions.find(call.desk, call.token.party, call.path["accession"])


def take(call: Call, query: Nothing) -> Accession:
    """Speak for a party, or object. Raises NotFound, Denied, Conflict, SenderFault."""
    try:
        said = msgspec.json.decode(call.body, type=TakeStep)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise SenderFault(f"not a step: {error}", next='send {"kind": "object", "note": "..."}') from None
    found = accessions.find(call.desk, call.token.party, call.path["accession"])
    step = Step(kind=said.kind, party=call.token.party, on=call.world.clock(), note=said.note)
    acceding.take(call.world, found.accession, step, by=call.token.user)
    return accessions.find(call.desk, call.token.party, found.accession)


OPERATIONS = (
    Operation(
        path="/accessions", name="listAccessions", does="Accessions, suspensions and withdrawals that the party may know of.",
        detail="Those that go on first. No right follows from any; those do that the register gives.",
        query=Listing, gives=AccessionPage, rows=Accession, media=LISTS, run=listed,
    ),
    Operation(path="/accessions/{accession}", name="getAccession", does="One of them.", gives=Accession, missing=True, run=one),
    Operation(
        method="POST", path="/accessions/{accession}/steps", name="takeAccessionStep", does="Speak for a party that accedes, or object.",
        detail="A person's token; never a tool's. All other steps are recorded at the node itself.",
        scope=APPROVE, takes=(Content(media=JSON, shape=TakeStep),), gives=Accession, missing=True, denied=True, conflict=True, run=take,
    ),
)  # fmt: skip
