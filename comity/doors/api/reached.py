"""How parties are reached, and pings to see that they are."""

from __future__ import annotations

import msgspec

from comity.admin import pings
from comity.admin.tokens import APPROVE
from comity.doors import approving, pinging
from comity.doors.api.asked import Call, cut
from comity.doors.api.declare import JSON, LISTS, Content, Nothing, Operation, Paged
from comity.errors import SenderFault
from comity.release import account
from comity.terms.contact import Contact
from comity.wire_register import ContactPage, Ping, PingPage, SendPing


def contacts(call: Call, query: Paged) -> ContactPage:
    """The parties that the token's party may know of."""
    items, more, cursor = cut(call, query, account.contacts(call.desk, call.token.party), lambda each: each.party)
    return ContactPage(items=items, more=more, next=cursor)


def listed(call: Call, query: Paged) -> PingPage:
    """Those that the token's party sent or was sent."""
    party = call.token.party
    found = [pinging.told(each, party) for each in pings.pings(call.world, party)]
    order = {each.ping: f"{at:09d}" for at, each in enumerate(found)}
    items, more, cursor = cut(call, query, found, lambda each: order[each.ping])
    return PingPage(items=items, more=more, next=cursor, median=pinging.usual(call.world, party))


def send(call: Call, query: Nothing) -> Ping:
    """Ask a party for an answer. Raises NotFound, Denied, SenderFault."""
    try:
        said = msgspec.json.decode(call.body, type=SendPing)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise SenderFault(f"not a ping: {error}", next='send {"to": "UZ"}') from None
    return pinging.told(pings.send(call.world, said.to, approving.holder(call.token)), call.token.party)


def answer(call: Call, query: Nothing) -> Ping:
    """Answer one. Raises NotFound, Conflict."""
    return pinging.told(pings.answer(call.world, call.path["ping"], approving.holder(call.token)), call.token.party)


OPERATIONS = (
    Operation(
        path="/contacts", name="listContacts", does="How the parties are reached that the party may know of (RFC 2350).",
        query=Paged, gives=ContactPage, rows=Contact, media=LISTS, run=contacts,
    ),
    Operation(
        path="/pings", name="listPings", does="The pings that the party sent or was sent, the latest first.",
        detail="How long an answer took, and the median, are told to the party that answered alone.",
        query=Paged, gives=PingPage, rows=Ping, media=LISTS, run=listed,
    ),
    Operation(
        method="POST", path="/pings", name="sendPing", does="Ask that somebody at a party answers.", scope="api:write",
        detail="The people of the node's own party do.", takes=(Content(media=JSON, shape=SendPing),), gives=Ping,
        missing=True, denied=True, run=send,
    ),
    Operation(
        method="POST", path="/pings/{ping}/answer", name="answerPing", does="Say that somebody is there.", scope=APPROVE,
        detail="A person's token; never a tool's.", gives=Ping, missing=True, denied=True, conflict=True, run=answer,
    ),
)  # fmt: skip
