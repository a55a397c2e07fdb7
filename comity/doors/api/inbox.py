"""A party's inbox: what others, and it itself, say about its constituency."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from comity.doors.api.asked import Call
from comity.doors.api.declare import LISTS, Operation, Paged, Slug, read_key, write_cursor
from comity.match.inbox import read
from comity.terms.constituency import LONGEST_NAME
from comity.wire import Moment
from comity.wire_constituency import InboxItem, InboxPage


class Listing(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What of it."""

    since: Annotated[Moment, Meta(description="Only what came into view at this moment or later.")] | UnsetType = UNSET
    owner: Annotated[str, Meta(min_length=1, max_length=LONGEST_NAME, description="Only what is about this owner's.")] | UnsetType = UNSET
    body: Slug | UnsetType = UNSET


def listed(call: Call, query: Listing) -> InboxPage:
    """A page of the inbox of the token's party."""
    reader, after = call.reader(query.body), read_key(query.next).decode("utf-8", "replace")
    part = read(call.desk, reader, since=query.since or None, owner=query.owner or None, after=after, limit=call.limit(query.limit))
    more = part.next is not None
    return InboxPage(items=tuple(each.item for each in part.told), more=more, next=write_cursor(part.next) if part.next else None)


OPERATIONS = (
    Operation(
        path="/inbox", name="listInbox", does="What is visible to the party and names something of its constituency, the newest first.",
        detail="An object that is about several owners stands there once for each. What is given is recorded as disclosed. A page holds at "
        "most `limit` objects.",
        query=Listing, gives=InboxPage, rows=InboxItem, media=LISTS, missing=True, run=listed,
    ),
)  # fmt: skip
