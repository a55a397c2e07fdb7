"""Rules that one person proposes on the pages and another takes in: a version of an agreement, a standing, also one that ends an
accession, a notice (model.md, Root of trust).

    1. propose  the text or the standing is checked; a record, and a log entry that vouches for it
    2. decide   another person takes it in, by `govern`, or refuses it; the record and its entry say who

Crash story: each is one commit, and taking in is three: that it has begun, what governs, the record. A crash between leaves a proposal that
waits and that nobody can refuse; taking it in again finds what governs there, or makes it so, and writes the record.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from typing import Literal

import msgspec

from comity.agree.accession import Accession, Step
from comity.agree.agreement import read
from comity.agree.approval import Person
from comity.errors import Conflict, Denied, Fault, NotFound, SenderFault
from comity.intake import acceding
from comity.intake.govern import add_agreement, add_standing
from comity.ledger.journal import Entry
from comity.rulebook import PROPOSALS
from comity.terms.party import Standing, body_slug, party_code, standing_name
from comity.world import World

#: How many proposals of one party may wait at a time.
MOST = 50
#: Where it stands that somebody has begun to take a proposal in.
_BEGUN = "proposals-begun"


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody proposes: the `text` of an agreement (then `ref` is its `id@version`), or a `standing` (perhaps to end an
    `accession`, or by the `notice` that begins then).

    `state` is `waiting`, `taken` or `refused`, the latter two by `decided_by`.
    """

    id: str
    by: Person
    at: datetime
    ref: str = ""
    text: str = ""
    standing: Standing | None = None
    accession: str = ""
    notice: Accession | None = None
    state: Literal["waiting", "taken", "refused"] = "waiting"
    decided_by: Person | None = None
    decided_at: datetime | None = None


def propose_agreement(world: World, text: str, by: Person) -> Proposal:
    """Propose a version of an agreement. Raises AgreementFault for a faulty text, Conflict for a version that is held with another text."""
    agreement = read(text, name="the text")
    _, rules = world.rulebook.current()
    if any(each.ref == agreement.ref for each in rules.agreements):
        raise Conflict(f"{agreement.ref} is held here already", next="count its version up")
    return _made(world, Proposal(id=_id(), by=by, at=world.clock(), ref=agreement.ref, text=text))


def propose_standing(world: World, standing: Standing, by: Person) -> Proposal:
    """Propose an entry of the register. Raises SenderFault for a malformed name, or an end that is not after the beginning."""
    party_code(standing.party), body_slug(standing.body), standing_name(standing.standing)
    if standing.until is not None and standing.until <= standing.since:
        raise SenderFault("it ends before it begins", next="give a later end, or none")
    return _made(world, Proposal(id=_id(), by=by, at=world.clock(), standing=standing))


def propose_admission(world: World, accession: str, since: datetime, by: Person) -> Proposal:
    """Propose that a party is admitted, from an instant on. Raises NotFound, Conflict for an accession that has not come so far."""
    held = acceding.find(world, accession)
    acceding.judge(world, held, _admission(world, since))
    standing = Standing(party=held.party, body=held.body, standing=held.target, since=since, source=f"accession {accession}")
    return _made(world, Proposal(id=_id(), by=by, at=world.clock(), standing=standing, accession=accession))


def propose_notice(world: World, planned: Accession, by: Person) -> Proposal:
    """Propose the notice of a suspension or withdrawal (`acceding.plan`): it runs from when it was planned to begin."""
    standing = acceding.notice(planned)
    return _made(world, Proposal(id=_id(), by=by, at=world.clock(), standing=standing, accession=planned.accession, notice=planned))


def _admission(world: World, since: datetime) -> Step:
    return Step(kind="admit", party=world.settings.party, on=world.clock(), since=since)


def proposals(world: World) -> list[Proposal]:
    """Every proposal ever made, those that wait first, then the latest first."""
    found = [msgspec.json.decode(value, type=Proposal) for _, value in world.store.privates(PROPOSALS)]
    return sorted(sorted(found, key=lambda each: each.at, reverse=True), key=lambda each: each.state != "waiting")


def find(world: World, id_: str) -> Proposal:
    """The proposal of an id. Raises NotFound."""
    stored = world.store.private(PROPOSALS, id_)
    if stored is None:
        raise NotFound("there is no such proposal for you")
    return msgspec.json.decode(stored, type=Proposal)


def decide(world: World, id_: str, take: bool, by: Person) -> Proposal:
    """Take a proposal in, or refuse it. What has been decided so already is not decided again.

    Raises NotFound, Denied for the person who made it and would take it in, Conflict for one that was decided otherwise, or that another
    text has overtaken.
    """
    state: Literal["taken", "refused"] = "taken" if take else "refused"
    made = find(world, id_)
    if made.state == state:
        return made
    if take and made.by == by:
        raise Denied("another person takes it in than the one who proposed it", next="ask another administrator or agreement officer")
    if made.state != "waiting":
        raise Conflict(f"somebody else was quicker: it was {made.state}", next="look at it again")
    if take:
        _begin(world, id_)
        try:
            _govern(world, made, by)
        except Fault:
            with world.store.write() as tx:
                tx.put_private(_BEGUN, id_, None)
            raise
    with world.store.write() as tx:
        held = find(world, id_)
        _waits(world, held, take)
        tx.put_private(_BEGUN, id_, None)
        after = msgspec.structs.replace(held, state=state, decided_by=by, decided_at=world.clock())
        record = msgspec.json.encode(after)
        tx.put_private(PROPOSALS, id_, record)
        world.journal.append(tx, _entry(after, record, state, by))
    return after


def _begin(world: World, id_: str) -> None:
    """From here on nobody refuses it: what governs was taken in. Whoever takes it in again after a process ended in between goes on."""
    with world.store.write() as tx:
        _waits(world, find(world, id_), take=True)
        tx.put_private(_BEGUN, id_, b"1")


def _waits(world: World, held: Proposal, take: bool) -> None:
    if held.state != "waiting" or (not take and world.store.private(_BEGUN, held.id)):
        state = "taken" if held.state == "waiting" else held.state
        raise Conflict(f"somebody else was quicker: it was {state}", next="look at it again")


def _govern(world: World, made: Proposal, by: Person) -> None:
    actor = f"{made.by.id}, {by.id}"
    if made.notice is not None:
        acceding.begin(world, made.notice, by=actor)
    elif made.standing is not None and made.accession:
        acceding.take(world, made.accession, _admission(world, made.standing.since), by=actor)
    elif made.standing is not None:
        add_standing(world, made.standing, by=actor)
    else:
        add_agreement(world, made.text, made.ref, by=actor)


def _made(world: World, proposal: Proposal) -> Proposal:
    with world.store.write() as tx:
        if sum(each.state == "waiting" and each.by.party == proposal.by.party for each in proposals(world)) >= MOST:
            raise SenderFault(f"{MOST} proposals of {proposal.by.party} wait already", next="have them decided first")
        record = msgspec.json.encode(proposal)
        tx.put_private(PROPOSALS, proposal.id, record)
        world.journal.append(tx, _entry(proposal, record, "propose", proposal.by))
    return proposal


def _entry(proposal: Proposal, record: bytes, act: str, by: Person) -> Entry:
    detail = {"proposal": proposal.id, "act": act, "record": hashlib.sha256(record).hexdigest()}
    if proposal.ref:
        detail |= {"agreement": proposal.ref, "sha256": hashlib.sha256(proposal.text.encode()).hexdigest()}
    return Entry(kind="proposal", at=proposal.decided_at or proposal.at, actor=by.id, party=by.party, detail=detail)


def _id() -> str:
    return f"prp_{secrets.token_hex(6)}"
