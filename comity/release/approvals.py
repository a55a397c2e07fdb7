"""Requests for approval as far as they are somebody's business, and the objects that somebody may ask about.

A request is seen by the origin, by the party that asked, by every party that may object, and by a recipient that sees one of the objects or
a redacted copy of it already. Which objects it is about is told to whoever sees them, on record as given; to whoever sees copies, which
copies. `None` instead of a reader stands for whoever works at the node itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

import msgspec

from comity import wire
from comity.agree.approval import WINDOWED, Person, Procedure, State, check, moments
from comity.agree.rules import Rules
from comity.agree.weigh import asked
from comity.clock import micros
from comity.errors import Conflict, Denied, NotFound, SenderFault
from comity.ledger.journal import MAX_OBJECTS
from comity.release.desk import Desk
from comity.release.select import Query
from comity.release.sight import Reader
from comity.rulebook import Request, requests
from comity.store.copied import copies_of, originals
from comity.store.protocol import Row

_SPECS = frozenset({"2.0", "2.1"})


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A request and where it stands; `deadline` is when time alone will change that."""

    request: Request
    procedure: Procedure
    state: State
    deadline: datetime | None

    @property
    def order(self) -> str:
        """What requests are sorted by: those that wait first, then the older first."""
        approval = self.request.approval
        return f"{self.state.name != 'requested':d} {micros(approval.requested):020d} {approval.id}"


def standing(desk: Desk, asker: Reader | None, state: str | None = None, id_: str | None = None) -> list[Standing]:
    """The requests that are the asker's business, in their order: those in one state, or the one of an id."""
    _, rules = desk.world.rulebook.current()
    at = desk.world.clock()
    found = []
    for request in requests(desk.world.store):
        if id_ not in (None, request.approval.id) or not _concerns(desk, asker, request, rules, at):
            continue
        each = _stands(request, rules, at)
        if each is not None and state in (None, each.state.name):
            found.append(each)
    return sorted(found, key=lambda each: each.order)


def _stands(request: Request, rules: Rules, at: datetime) -> Standing | None:
    approval = request.approval
    procedure, now = rules.procedure(approval.clause), rules.state(approval, at)
    if procedure is None or now is None:
        return None
    later = sorted({moment for moment in moments(approval, procedure) if moment > at})
    deadline = next((moment for moment in later if rules.state(approval, moment) != now), None)
    return Standing(request=request, procedure=procedure, state=now, deadline=deadline)


def _concerns(desk: Desk, asker: Reader | None, request: Request, rules: Rules, at: datetime) -> bool:
    approval = request.approval
    if asker is None or asker.party in (approval.origin, approval.by.party):
        return True
    procedure = rules.procedure(approval.clause)
    if procedure is not None and procedure.kind in WINDOWED and rules.bound(approval.clause, asker.party, at):
        return True
    if asker.party not in approval.recipients:
        return False
    sight, now, store = desk.sight(asker), micros(at), desk.world.store
    rows = list(store.rows(request.items).values())
    return any(sight.sees(row.traits) for row in (*rows, *copies_of(store, rows)) if row.expires is None or row.expires > now)


def open_to(desk: Desk, each: Standing, by: Person) -> list[str]:
    """What somebody may still do about a request, and has not done."""
    approval, at = each.request.approval, desk.world.clock()
    _, rules = desk.world.rulebook.current()
    found = []
    for kind in ("approve", "object", "revoke"):
        try:
            check(approval, each.procedure, kind, by, at, lambda party, then: rules.bound(approval.clause, party, then))
        except (Denied, Conflict):
            continue
        if all((done.kind, done.by) != (kind, by) for done in approval.acts):
            found.append(kind)
    return found


def find(desk: Desk, asker: Reader | None, id_: str) -> wire.Approval:
    """One request. Raises NotFound for one that is not there or not the asker's business, with the same words."""
    found = standing(desk, asker, id_=id_)
    if not found:
        raise NotFound("there is no such request for you")
    return told(desk, asker, found)[0]


def told(desk: Desk, asker: Reader | None, found: Sequence[Standing]) -> list[wire.Approval]:
    """What the asker is told of requests that are its business."""
    if asker is None:
        return [_told(each, None, {}) for each in found]
    items = {item for each in found if each.request.approval.origin != asker.party for item in each.request.items}
    seen = _seen(desk, asker, items)
    return [_told(each, asker, seen) for each in found]


def _seen(desk: Desk, asker: Reader, items: Collection[int]) -> dict[int, str]:
    """item -> the id under which the asker sees it, or else a copy of it, on record as given."""
    store = desk.world.store
    rows = list(store.rows(sorted(items)).values())
    copies = copies_of(store, rows)
    made_of = {copy: original.item for copy, original in originals(store, [row.item for row in copies]).items()}
    found: dict[int, str] = {}
    query = Query(
        ids=tuple(sorted({row.id for row in (*rows, *copies)})), versions=("all",), spec_versions=_SPECS, copies=True, limit=MAX_OBJECTS
    )
    more = bool(query.ids)
    while more:
        page = desk.page(asker, query)
        found = {made_of[row.item]: row.id for _, row in page.found if row.item in made_of} | found
        found |= {row.item: row.id for _, row in page.found if row.item in items}
        more = page.more
        query = msgspec.structs.replace(query, after=page.stamps[-1] if page.stamps else query.after)
    return found


def _told(each: Standing, asker: Reader | None, seen: dict[int, str]) -> wire.Approval:
    request, approval = each.request, each.request.approval
    whole = asker is None or asker.party == approval.origin
    ids = request.ids if whole else tuple(dict.fromkeys(seen[item] for item in request.items if item in seen))

    def name(person: Person) -> str | None:
        # A party's people are its own business.
        return person.id if asker is None or asker.party == person.party else None

    return wire.Approval(
        id=approval.id, clause=approval.clause, asks=asked(approval.clause, each.procedure), origin=approval.origin,
        recipients=approval.recipients, objects=len(request.ids), ids=ids, state=each.state.name, since=each.state.since,
        words=each.state.words, deadline=each.deadline, requested=approval.requested, party=approval.by.party, person=name(approval.by),
        acts=tuple(wire.ApprovalAct(act=act.kind, party=act.by.party, person=name(act.by), at=act.at) for act in approval.acts),
    )  # fmt: skip


def askable(desk: Desk, asker: Reader | None, ids: Sequence[str], origin: str | None = None) -> list[int]:
    """The items under these ids, of one origin, that the asker may ask about: its own, or what it sees of another's, if only as a copy.

    Raises NotFound for an id under which it sees none, SenderFault where several origins' are seen and `origin` does not say whose.
    """
    rows = [row for row in _visible(desk, asker, ids) if origin in (None, row.origin)]
    for id_ in ids:
        if all(row.id != id_ for row in rows):
            raise NotFound(f"there is no {id_} for you", next="" if "--" in id_ else "name it by its id, as comity why prints it")
    origins = {row.origin for row in rows}
    mine = asker.party if asker is not None else desk.world.settings.party
    if mine in origins and {row.id for row in rows if row.origin == mine} == set(ids):
        origins = {mine}
    if len(origins) > 1:
        raise SenderFault(f"these objects are of {', '.join(sorted(origins))}", next="say whose are meant")
    chosen = [row.item for row in rows if row.origin in origins]
    made_of = originals(desk.world.store, chosen)
    return list(dict.fromkeys(made_of[item].item if item in made_of else item for item in chosen))


def _visible(desk: Desk, asker: Reader | None, ids: Sequence[str]) -> Iterator[Row]:
    """What is held under these ids, as far as the asker sees it."""
    if asker is None:
        now = micros(desk.world.clock())
        yield from (row for row in desk.world.store.by_id(ids) if row.expires is None or row.expires > now)
        return
    query = Query(ids=tuple(ids), versions=("all",), spec_versions=_SPECS, copies=True, limit=MAX_OBJECTS)
    page = desk.object(asker, query)
    if page.more:
        raise SenderFault(f"there are more than {MAX_OBJECTS} versions of these", next="ask about fewer objects at a time")
    yield from (row for _, row in page.found)
