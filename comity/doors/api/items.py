"""Reading items: everything, by value, one object's copies; who receives it and why. All of it leaves by the desk."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from comity.clock import from_micros, micros
from comity.doors.api.asked import Call
from comity.doors.api.declare import (
    JSON,
    LISTS,
    NDJSON,
    Code,
    Content,
    Nothing,
    Operation,
    Paged,
    Purpose,
    Purposes,
    Slug,
    read_number,
    write_cursor,
)
from comity.doors.received import TooLarge
from comity.errors import NotFound, SenderFault
from comity.release import account, holdings
from comity.release.desk import Page
from comity.release.explain import Moments, Verdict
from comity.release.purpose import declared, narrowed
from comity.release.select import Query
from comity.terms.stix import is_id, timestamp
from comity.wire import LONGEST, MOST_VALUES, Audience, Claims, Item, ItemPage, Known, KnownValues, Moment, Values
from comity.wire import Verdict as Told

Text = Annotated[str, Meta(min_length=1, max_length=LONGEST)]
Version = Annotated[Literal["first", "last", "all"], Meta(description="Which versions of each object; counted within one origin.")]
Exactly = Annotated[Moment, Meta(description="The version of this moment (its `modified`).")]
Types = Annotated[tuple[Annotated[str, Meta(pattern="^[a-z0-9-]{1,250}$")], ...], Meta(min_length=1, description="STIX types.")]
Ids = Annotated[tuple[Annotated[str, Meta(pattern="^[^,]{1,300}$")], ...], Meta(min_length=1, max_length=100, description="Ids.")]
Declared = Annotated[
    tuple[Purpose, ...],
    Meta(min_length=1, description="For these purposes alone; of those that the token was issued for. [default: all of them]"),
]
SPECS = frozenset({"2.0", "2.1"})


class Listing(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to list."""

    type: Types | UnsetType = UNSET
    id: Ids | UnsetType = UNSET
    value: Annotated[Text, Meta(description="Objects that carry this observable value, defanged or not.")] | UnsetType = UNSET
    version: Version = "last"
    modified: Exactly | UnsetType = UNSET
    whose: Annotated[Literal["all", "own", "shared"], Meta(description="The party's own, what others shared with it, or all.")] = "all"
    after: Annotated[Moment, Meta(description="Only what came into view after this moment.")] | UnsetType = UNSET
    body: Slug | UnsetType = UNSET
    purpose: Declared | UnsetType = UNSET


class Opening(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which copies of one object."""

    version: Version = "all"
    modified: Exactly | UnsetType = UNSET
    body: Slug | UnsetType = UNSET
    purpose: Declared | UnsetType = UNSET


class Searching(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to search for."""

    q: Annotated[Text, Meta(description="An observable value, defanged or not, or an id.")]
    body: Slug | UnsetType = UNSET
    purpose: Declared | UnsetType = UNSET


class Within(Nothing, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """In which body."""

    body: Slug | UnsetType = UNSET


class LookingUp(Within, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """In which body, for which purposes."""

    purpose: Declared | UnsetType = UNSET


class Asking(Within, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Under which circumstances."""

    purpose: Purposes = ("network-defence",)
    on: Annotated[Moment, Meta(description="As of this moment. [default: now]")] | UnsetType = UNSET
    known: Annotated[Moment, Meta(description="With the rules as they were known at this moment. [default: now]")] | UnsetType = UNSET
    modified: Exactly | UnsetType = UNSET


class AskingWhy(Asking, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The same about one party."""

    party: Code


def listed(call: Call, query: Listing) -> ItemPage:
    """A page of what the party may see."""
    found = _asked(
        call,
        query,
        Query(
            own=query.whose != "shared",
            others=query.whose != "own",
            after=max(read_number(query.next), micros(query.after) if query.after else 0),
            limit=call.limit(query.limit),
            ids=query.id or None,
            values=_values(query.value) if query.value else None,
            types=frozenset(query.type) if query.type else None,
            versions=_versions(query.version, query.modified),
        ),
    )
    return _page(call, query, found)


def claims(call: Call, query: Opening) -> Claims:
    """Every visible copy of one object. Raises NotFound."""
    id_ = call.path["id"]
    after, versions = read_number(query.next), _versions(query.version, query.modified)
    asked = Query(ids=(id_,), versions=versions, spec_versions=SPECS, copies=True, after=after, limit=call.limit(query.limit))
    found = _asked(call, query, asked)
    if not found.found and not after:
        raise NotFound(f"there is no {id_} for you")
    page = _page(call, query, found)
    agree = len({item.sha256 for item in page.items}) <= 1
    return Claims(id=id_, agree=agree, items=page.items, more=page.more, next=page.next)


def search(call: Call, query: Searching) -> ItemPage:
    """What carries a value, or has an id."""
    value, id_ = holdings.open_to_search(query.q), query.q.strip()
    asked = Query(
        ids=(id_,) if is_id(id_) else None,
        values=(value,) if value else (),
        after=read_number(query.next),
        limit=call.limit(query.limit),
    )
    return _page(call, query, _asked(call, query, asked))


def _asked(call: Call, query: Listing | Opening | Searching, asked: Query) -> Page:
    """A page, for the purposes declared if any are. Raises Denied for objects named that the party sees for others alone (G2)."""
    reader = call.reader(query.body)
    if query.purpose and asked.named:
        return declared(call.desk, reader, query.purpose, asked)
    if query.purpose:
        reader = narrowed(reader, query.purpose)
    return call.desk.object(reader, asked) if isinstance(query, Opening) else call.desk.page(reader, asked)


def known(call: Call, query: LookingUp) -> KnownValues:
    """Which of many values are known. Raises SenderFault for a body of another shape."""
    try:
        asked = msgspec.json.decode(call.body, type=Values).values
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise SenderFault(f"not a list of values: {error}", next='send {"values": ["...", ...]}') from None
    if len(asked) > MOST_VALUES:
        raise TooLarge(f"there are {len(asked)} values, more than the {MOST_VALUES} looked up at once", next="ask in parts")
    forms = {text: holdings.open_to_search(text) for text in asked}
    reader = call.reader(query.body)
    found = holdings.known(call.desk, narrowed(reader, query.purpose or reader.purposes), filter(None, forms.values()))

    def one(text: str) -> Known:
        form = forms[text]
        ids = tuple(found[form]) if form else ()
        return Known(value=text, kind=form[0] if form else None, known=bool(ids), items=ids)

    return KnownValues(items=tuple(map(one, asked)))


def audience(call: Call, query: Asking) -> Audience:
    """A verdict for every party. Raises NotFound, Denied."""
    reader = call.reader(query.body)
    found = account.audience(call.desk, reader, call.path["id"], query.purpose, _when(query), _exact(query.modified))
    return Audience(items=tuple(_told(call, each) for each in found), more=False)


def why(call: Call, query: AskingWhy) -> Told:
    """The verdict about one party. Raises NotFound, Denied."""
    reader = call.reader(query.body)
    found = account.why(call.desk, reader, call.path["id"], query.party, query.purpose, _when(query), _exact(query.modified))
    return _told(call, found)


def _when(query: Asking) -> Moments:
    return Moments(on=query.on or None, known=query.known or None)


def _told(call: Call, verdict: Verdict) -> Told:
    alone = call.token.party != call.world.settings.party
    return msgspec.convert({**verdict.as_json(), "alone": alone, "sentences": verdict.sentences()}, Told)


def _values(text: str) -> tuple[tuple[str, str], ...]:
    found = holdings.open_to_search(text)
    return (found,) if found else ()


def _exact(modified: Any) -> str | None:
    try:
        return timestamp(modified) if modified else None
    except OverflowError:
        raise SenderFault("modified is outside the years 1 to 9999 in UTC", next="give the object's own `modified`") from None


def _versions(word: str, modified: Any) -> tuple[str, ...]:
    return (_exact(modified) or word,)


def _page(call: Call, query: Any, page: Page) -> ItemPage:
    """A page of the desk's as it goes over the wire; objects are embedded as the bytes they are."""
    sight = call.desk.sight(call.reader(query.body))
    facts = {base: sight.traits(base) for base in {row.base for _, row in page.found}}
    items = tuple(
        Item(
            id=row.id, type=row.type, version=row.version, spec=row.spec, origin=row.origin, added=from_micros(at), tlp=fact.tlp,
            pap=fact.pap, handling=fact.handling, purposes=fact.purposes, sha256=row.sha.hex(), object=msgspec.Raw(body),
        )
        for (at, row), body in zip(page.found, page.bodies, strict=True)
        for fact in (facts[row.base],)
    )  # fmt: skip
    return ItemPage(items=items, more=page.more, next=write_cursor(page.found[-1][0]) if page.more else None)


OPERATIONS = (
    Operation(
        path="/items", name="listItems", does="List what the party may see, in the order in which it came into view.",
        detail="Each page is recorded as disclosed before it leaves. As lines or as a table all that follows is given, at most `limit`; "
        "in lines an object's own line ends become spaces.",
        query=Listing, gives=ItemPage, rows=Item, media=LISTS, missing=True, denied=True, run=listed,
    ),
    Operation(
        path="/items/{id}", name="getItem", does="Every visible copy of an object side by side: all versions, all origins.",
        query=Opening, gives=Claims, rows=Item, media=LISTS, missing=True, denied=True, run=claims,
    ),
    Operation(
        path="/items/{id}/audience", name="getAudience", does="Who receives an object, and by which clause.",
        detail="For the object's origin, and for the node's own party.",
        query=Asking, gives=Audience, rows=Told, media=LISTS, missing=True, denied=True, run=audience,
    ),
    Operation(
        path="/items/{id}/why", name="getWhy", does="Why a party receives an object, or why not.",
        detail="About oneself; about others only for the object's origin, and for the node's own party.",
        query=AskingWhy, gives=Told, missing=True, denied=True, run=why,
    ),
    Operation(
        path="/search", name="search", does="The visible objects that carry an observable value, or have an id.",
        detail="Mail addresses lead to people and are not looked up.",
        query=Searching, gives=ItemPage, rows=Item, media=LISTS, missing=True, denied=True, run=search,
    ),
    Operation(
        method="POST", path="/search", name="lookUp", does="Which of up to 10,000 values are known, and by which visible objects.",
        detail="Every object that is named is recorded as disclosed. Mail addresses lead to people and are not looked up.",
        query=LookingUp, takes=(Content(media=JSON, shape=Values),), gives=KnownValues, rows=Known, media=(JSON, NDJSON), missing=True,
        run=known,
    ),
)  # fmt: skip
