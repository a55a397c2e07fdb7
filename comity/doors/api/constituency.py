"""What the token's party answers for: read, added to, taken away. Never another party's."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from comity.admin import constituency
from comity.doors.api.asked import Call, cut
from comity.doors.api.declare import JSON, LISTS, Content, Nothing, Operation, Paged
from comity.errors import NotFound, SenderFault
from comity.terms.constituency import KINDS, LONGEST_NAME, Constituent, addition, contact, holding, key_kind
from comity.wire_constituency import AddOwner, Asn, Domain, Netblock, Owner, OwnerPage

Name = Annotated[str, Meta(min_length=1, max_length=LONGEST_NAME)]
_SOME = Meta(min_length=1, max_length=1_000)


class Removing(Nothing, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is no longer answered for, of one owner or of all; without any of it, the owner."""

    owner: Name | UnsetType = UNSET
    netblock: Annotated[tuple[Netblock, ...], _SOME] | UnsetType = UNSET
    asn: Annotated[tuple[Asn, ...], _SOME] | UnsetType = UNSET
    domain: Annotated[tuple[Domain, ...], _SOME] | UnsetType = UNSET


def listed(call: Call, query: Paged) -> OwnerPage:
    """The owners in the constituency of the token's party."""
    items, more, cursor = cut(call, query, constituency.constituents(call.world, call.token.party), lambda each: each.owner)
    return OwnerPage(items=tuple(map(_owner, items)), more=more, next=cursor)


def add(call: Call, query: Nothing) -> Owner:
    """Add to an owner. Raises SenderFault for what is none of its kind, NotFound for nothing to a new owner."""
    try:
        said = msgspec.json.decode(call.body, type=AddOwner)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise SenderFault(f"not an owner: {error}", next='send {"owner": "...", "netblocks": ["..."]}') from None
    held = [(kind, text) for kind, texts in zip(KINDS, (said.netblocks, said.asns, said.domains)) for text in texts]
    made = addition(call.token.party, said.owner, held, contact(said.mail, said.webhook, said.key))
    if not held and made.owner not in {each.owner for each in constituency.constituents(call.world, made.party)}:
        raise NotFound(f"you have no owner {made.owner} yet", next="name netblocks, asns or domains")
    constituency.add(call.world, [made], by=f"token {call.token.id}")
    (found,) = (each for each in constituency.constituents(call.world, made.party) if each.owner == made.owner)
    return _owner(found)


def remove(call: Call, query: Removing) -> OwnerPage:
    """Take something away; the owners that are left. Raises NotFound."""
    gone = [holding(kind, text) for kind in KINDS for text in getattr(query, kind) or ()]
    if not gone and not query.owner:
        raise NotFound("it is not said what to take away", next="name an owner, or netblock, asn or domain")
    constituency.remove(call.world, call.token.party, query.owner or None, gone, by=f"token {call.token.id}")
    return listed(call, Paged())


def _owner(each: Constituent) -> Owner:
    netblocks, asns, domains = (tuple(one.value for one in each.holdings if one.kind == kind) for kind in KINDS)
    how = each.contact
    return Owner(
        owner=each.owner, netblocks=netblocks, asns=asns, domains=domains, mail=how.mail, webhook=how.webhook, key=key_kind(how.key)
    )  # fmt: skip


OPERATIONS = (
    Operation(
        path="/constituency", name="listConstituency", does="What the party answers for, by owner.",
        query=Paged, gives=OwnerPage, rows=Owner, media=LISTS, run=listed,
    ),
    Operation(
        method="POST", path="/constituency", name="addToConstituency", does="Add to what an owner of the party's answers for.",
        detail="Owners are organisations. Of the contact, what is given takes the place of what was.",
        scope="api:write", takes=(Content(media=JSON, shape=AddOwner),), gives=Owner, missing=True,
        run=add,
    ),
    Operation(
        method="DELETE", path="/constituency", name="removeFromConstituency", does="Take away what is no longer answered for, or an owner.",
        scope="api:write", query=Removing, gives=OwnerPage, missing=True, run=remove,
    ),
)  # fmt: skip
