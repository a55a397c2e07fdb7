"""Approval: somebody asks that objects go to parties to which a clause gives them only then; persons approve, object or revoke.

    1. ask     what has yet to be approved for these objects and parties; a request for each clause, or one for the clause that is named
    2. record  a log leaf with the items' hashes, the record, the items' new facts, late grants by `release.feed`
    3. act     what a person does about a request: a log leaf and the record

A request is about the versions that are here when it is made: whoever approves has seen those, so a later one needs a request of its own.
With a withdrawn object its request stays as a record without effect.

Crash story: asking and each act are one commit. Before it nothing is asked or done; after it every process sees it at its next request,
since the counter of what governs has advanced.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Collection, Sequence
from datetime import timedelta
from typing import TypeVar

import msgspec

from comity.agree.approval import Approval, Person
from comity.agree.approval import act as acted
from comity.agree.approval import check as check_act
from comity.agree.decide import Question, Rules, awaited
from comity.clock import micros
from comity.errors import Denied, NotFound, SenderFault
from comity.intake.ceiling import ceiling
from comity.ledger.journal import MAX_OBJECTS, Entry
from comity.rulebook import APPROVALS, GOVERNED, Request
from comity.store.conditions import read_condition
from comity.store.copied import copies_of
from comity.store.placing import refit
from comity.store.protocol import Row, Tx
from comity.terms.item import item_hash
from comity.terms.traits import Traits
from comity.world import World

#: Said of requests that are not there, and of those that the asker may not see.
ABSENT = "there is no such request for you"
#: How many pairs of party and kind of item one request may be about: each is a decision in the critical section.
PAIRS = 2_000
#: How many requests one party may ever make about one item, whose facts name them all: its origin, and any other. Nobody's requests take
#: the room of another's.
REQUESTS, OTHERS = 100, 10
#: How many requests one party may make within a day: every one of them changes what governs, and each may be about much.
DAILY = 200
_T = TypeVar("_T")


def ask(
    world: World, items: Collection[int], recipients: Sequence[str], by: Person, *, clause: str | None = None, body: str | None = None,
    readable: Collection[str] | None = None,
) -> list[Approval]:  # fmt: skip
    """Make the requests without which items of one origin do not go to these parties, in `body` (None: the node's own).

    `items` are those that the asker may see, `readable` the ids of the agreements that it may read (None: all); `clause` is
    `agreement@version/clause` or `rules.H3`, None for each that awaits approval. What the same party asks already, and what waits, is not
    asked again. Raises NotFound when none is there any more, SenderFault for what awaits no approval, or asks too much.
    """

    def step(tx: Tx, rules: Rules) -> list[Approval]:
        rows = _alive(world, items)
        bases = {row.base for row in rows}
        _check_day(world, rules, by)
        if readable is not None and by.party != rows[0].origin:
            rules = _told_to(rules, by.party, readable)
        if len(bases) * len(recipients) > PAIRS:
            raise SenderFault("that is too much for one request", next="ask about fewer objects or parties at a time")
        facts = {base: read_condition(tx.trait_body(base)).base for base in bases}
        for each in facts.values():
            _check_room(rules, each, by)
        asking = {base: _awaited(world, rules, each, recipients, body or world.settings.body) for base, each in facts.items()}
        made = []
        for ref in _chosen(asking.values(), recipients, clause):
            covered = [row for row in rows if any(ref in refs for refs in asking[row.base].values())]
            parties = {party for refs in asking.values() for party, each in refs.items() if ref in each}
            approval = Approval(
                id=f"apr_{secrets.token_hex(6)}", clause=ref, origin=rows[0].origin, recipients=tuple(sorted(parties)),
                requested=world.clock(), by=by,
            )  # fmt: skip
            waiting = _waiting(world, rules, approval, covered)
            if waiting is None:
                _enter(world, tx, approval, covered)
            made.append(waiting or approval)
        return made

    return _governed(world, step)


def act(world: World, id_: str, kind: str, by: Person, role: str = "") -> Approval:
    """Do something about a request (`approval.ACTS`). What the same person has done already is not done again.

    Nobody consents to what their `role` may not share ("": anybody's, as for `ceiling`). Raises NotFound, SenderFault for a tool (G10),
    Denied for somebody who may not, Conflict for a request that has its outcome.
    """

    def step(tx: Tx, rules: Rules) -> Approval:
        stored = world.store.private(APPROVALS, id_)
        if stored is None:
            raise NotFound(ABSENT)
        request = msgspec.json.decode(stored, type=Request)
        before = request.approval
        after = acted(before, kind, by, world.clock())
        procedure = rules.procedure(before.clause)
        if procedure is None:
            raise NotFound(ABSENT)
        at = after.acts[-1].at
        check_act(before, procedure, kind, by, at, lambda party, then: rules.bound(before.clause, party, then))
        if any((each.kind, each.by) == (kind, by) for each in before.acts):
            return before
        if kind == "approve" and by.party == before.origin:
            _check_ceiling(world, tx, request, by, role)
        _keep(world, tx, msgspec.structs.replace(request, approval=after), kind, by)
        return after

    return _governed(world, step)


def _check_ceiling(world: World, tx: Tx, request: Request, by: Person, role: str) -> None:
    """Raise Denied for an object that is beyond a role: to consent to a release is to share."""
    beyond = ceiling(world, by.party, role)
    for base in {row.base for row in world.store.rows(request.items).values()}:
        if why := beyond(read_condition(tx.trait_body(base)).base):
            raise Denied(why, next="comity user list says who has another role")


def _governed(world: World, step: Callable[[Tx, Rules], _T]) -> _T:
    """Carry out a step in the critical section, under the rules of that very moment."""
    while True:
        version, rules = world.rulebook.current()
        with world.store.write() as tx:
            if world.store.counter(GOVERNED) == version:
                return step(tx, rules)


def _alive(world: World, items: Collection[int]) -> list[Row]:
    """The items that are still there, of one origin and no more than a log entry is about."""
    now = micros(world.clock())
    rows = [row for row in world.store.rows(list(items)).values() if row.expires is None or row.expires > now]
    if not rows:
        raise NotFound("there are no such objects for you")
    if len({row.origin for row in rows}) > 1:
        raise SenderFault("these are objects of several parties", next="ask about those of one party at a time")
    if len(rows) > MAX_OBJECTS:
        raise SenderFault(f"these are {len(rows)} objects and versions", next=f"ask about at most {MAX_OBJECTS} at a time")
    return sorted(rows, key=lambda row: row.item)


def _told_to(rules: Rules, party: str, readable: Collection[str]) -> Rules:
    """The rules as far as a party is told of them that asks about another's objects: the agreements that it may read, the requests that
    it made or that may give it something. What it is answered must not say what others agreed, or what they consented to for others.
    """
    agreements = [each for each in rules.agreements if each.id in readable]
    mine = [each for each in rules.approvals.values() if party == each.by.party or party in each.recipients]
    return Rules(agreements, rules.register, mine)


def _check_day(world: World, rules: Rules, by: Person) -> None:
    """Raise SenderFault for one request too many within a day; whoever works at the node itself may go on."""
    since = world.clock() - timedelta(days=1)
    if by.party != world.settings.party and sum(e.by.party == by.party and e.requested > since for e in rules.approvals.values()) >= DAILY:
        raise SenderFault(f"{by.party} has made {DAILY} requests within a day", next="one request may be about many objects and parties")


def _check_room(rules: Rules, traits: Traits, by: Person) -> None:
    """Raise SenderFault for one request too many about an item."""
    made = sum(id_ in rules.approvals and rules.approvals[id_].by.party == by.party for id_ in traits.approvals)
    most = REQUESTS if by.party == traits.origin else OTHERS
    if made >= most:
        said = f"{by.party} has made {most} requests about one of these objects"
        raise SenderFault(said, next="decide those that wait" if by.party == traits.origin else f"ask {traits.origin} to make it")


def _awaited(world: World, rules: Rules, traits: Traits, recipients: Sequence[str], body: str) -> dict[str, tuple[str, ...]]:
    """Party -> what has yet to be approved for it to receive items with these facts, for any purpose that they were shared for."""
    at, holder = world.clock(), world.settings.party
    return {
        party: awaited(
            Question(recipient=party, body=body, purposes=traits.purposes, holder=holder, valid_at=at), traits, rules
        )
        for party in recipients
    }  # fmt: skip


def _chosen(asking: Collection[dict[str, tuple[str, ...]]], recipients: Sequence[str], clause: str | None) -> list[str]:
    """The clauses to make requests under, those of the first party first. Raises SenderFault for a party that nothing awaits."""
    found: dict[str, None] = {}
    for party in recipients:
        refs = dict.fromkeys(ref for each in asking for ref in each[party] if clause in (None, ref))
        if not refs:
            what = f"nothing awaits approval for {party}" + (f" under {clause}" if clause else "")
            raise SenderFault(what, next=f"comity why ID {party} says what it receives by which clause, and why not the rest")
        found.update(refs)
    return list(found)


def _waiting(world: World, rules: Rules, asked: Approval, rows: Sequence[Row]) -> Approval | None:
    """The request that waits and is the same but for whoever of the party makes it."""
    for id_ in read_condition(world.store.trait_body(rows[0].base)).base.approvals:
        stored = world.store.private(APPROVALS, id_)
        request = msgspec.json.decode(stored, type=Request) if stored else None
        if request is None or request.items != tuple(row.item for row in rows):
            continue
        known, state = request.approval, rules.state(request.approval, asked.requested)
        same = (known.clause, known.recipients, known.by.party) == (asked.clause, asked.recipients, asked.by.party)
        if same and state is not None and state.name == "requested":
            return known
    return None


def _enter(world: World, tx: Tx, approval: Approval, rows: Sequence[Row]) -> None:
    """Step 2: the record and its entry, and the request's id among the facts of the items that it is about."""
    envelopes = world.store.envelopes([row.item for row in rows])
    ids = tuple(dict.fromkeys(row.id for row in rows))
    request = Request(approval=approval, ids=ids, items=tuple(row.item for row in rows))
    _keep(world, tx, request, "request", approval.by, [item_hash(row.sha, envelopes[row.item]) for row in rows])

    def asked(traits: Traits) -> Traits:
        return msgspec.structs.replace(traits, approvals=tuple(sorted({*traits.approvals, approval.id})))

    # Rows as they are by now: an item may have got another request a moment ago. What is decided of an item is decided of its copies.
    rows = list(world.store.rows(request.items).values())
    refit(tx, [*rows, *copies_of(world.store, rows)], asked)


def _keep(world: World, tx: Tx, request: Request, what: str, by: Person, hashes: Sequence[bytes] = ()) -> None:
    """A request's record as it is now, with the entry that says so."""
    approval, record = request.approval, msgspec.json.encode(request)
    tx.put_private(APPROVALS, approval.id, record)
    detail = {
        "approval": approval.id, "act": what, "clause": approval.clause, "origin": approval.origin,
        "recipients": list(approval.recipients), "record": hashlib.sha256(record).hexdigest(),
    }  # fmt: skip
    at = approval.acts[-1].at if approval.acts else approval.requested
    world.journal.append(tx, Entry(kind="approval", at=at, party=by.party, actor=by.id, detail=detail), hashes)
    tx.bump(GOVERNED)
