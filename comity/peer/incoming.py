"""What another node sends: one parcel, checked, taken in by the one way in, and answered under this node's signature.

    1. open    signed by a key pinned for that node, from it, to this one, not expired beyond SLACK
    2. follow  it follows the parcel that was applied last: its number is higher, and it names that one's hash
    3. apply   entry by entry: an object by `intake.submit`, under its origin; what is not the sender's to give is refused
    4. note    how far the link has come, and a log leaf           one critical section, durable before 5
    5. answer  what was applied, what was refused and why, receipts

Whatever comes again is applied once: a parcel by its number, an object by origin, id, version and bytes (`intake.versions`). Clocks decide
nothing but the far end of a parcel's life.

Crash story: cut off before 4, the parcel was not applied, though some of its objects may be here; it comes again, and those are duplicates.
Cut off after 4, before the answer is heard, it comes again and the same answer is given.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import msgspec

from comity.clock import micros
from comity.errors import Fault, IntegrityFault
from comity.forms.parcel import (
    ANSWER_TYPE,
    MOST_BYTES,
    PARCEL_TYPE,
    Answer,
    Confirmed,
    Given,
    Governed,
    Parcel,
    Withdrawn,
    read_parcel,
    write_answer,
)
from comity.ledger.journal import Entry
from comity.ledger.keys import LogKey
from comity.peer import partner as partners
from comity.peer import profile, receipts, restoring, ruling
from comity.peer.partner import Partner, State, node_of
from comity.peer.signing import opened, seal
from comity.peer.taking import Taking
from comity.terms.guardrails import profile_hash
from comity.world import World

#: How far two nodes' clocks may differ.
SLACK = timedelta(days=2)
#: Refusals that one log entry spells out; all of them are counted, and told to the sender.
SPELT = 20
#: Refused parcels of one link that have an entry each within a minute (microseconds); further ones are counted.
MOST_TOLD, MINUTE = 10, 60_000_000


class _Done(msgspec.Struct, frozen=True, kw_only=True):
    """What was done with the parcel applied last, for as long as its answer may be asked for again."""

    refused: tuple[tuple[int, str], ...] = ()
    receipts: tuple[Confirmed, ...] = ()


def incoming(world: World, partner: Partner, key: LogKey, raw: bytes, *, earlier: bool = False) -> bytes:
    """Apply a parcel of another node, and give the signed answer to it. Never raises for what the parcel says: the answer tells.

    `earlier`: it may follow any parcel that was applied here, or none: on a medium, what is not known to have arrived is given again.
    """
    name = hashlib.sha256(raw).hexdigest()
    stands = partners.state(world, partner.name)
    detail: dict[str, Any] = {"peer": partner.name, "parcel": name}
    if name == stands.last:
        return _answer(world, partner, key, name, "")
    try:
        # 1.
        parcel = read_parcel(opened(raw, PARCEL_TYPE, partner.keys, MOST_BYTES))
        _check_meant(world, partner, parcel)
        # 2.
        _check_follows(world, partner, stands, parcel, earlier)
    except Fault as fault:
        _refuse(world, partner, stands, detail | {"refused": str(fault)})
        return _answer(world, partner, key, name, str(fault))
    # 3.
    taking = Taking(world, partner, key)
    taking.refused += ruling.take(world, partner, [(at, entry) for at, entry in enumerate(parcel.entries) if isinstance(entry, Governed)])
    taking.withdrawals([(position, entry) for position, entry in enumerate(parcel.entries) if isinstance(entry, Withdrawn)])
    taking.confirmations([(position, entry) for position, entry in enumerate(parcel.entries) if isinstance(entry, Confirmed)])
    taking.objects([(position, entry) for position, entry in enumerate(parcel.entries) if isinstance(entry, Given)])
    # 4.
    done = _Done(refused=tuple(sorted(taking.refused)), receipts=tuple(taking.receipts()))
    detail |= {"sequence": parcel.sequence, "entries": len(parcel.entries)} | _untold(stands)
    if done.refused:
        detail |= {"refused": len(done.refused), "why": [f"entries[{position}]: {why}" for position, why in done.refused[:SPELT]]}
    with world.store.write() as tx:
        world.journal.append(tx, Entry(kind="parcel", at=world.clock(), party=partner.party, detail=detail))
        if not parcel.more:
            restoring.heard(world, tx, partner.name, before=micros(parcel.made - SLACK))
        partners.remember_applied(tx, partner.name, name, micros(parcel.made))
        partners.change(
            world, tx, partner.name, applied=parcel.sequence, last=name, answered=msgspec.json.encode(done), tried=micros(world.clock()),
            problem="", untold=0,
        )  # fmt: skip
    # 5.
    return _answer(world, partner, key, name, "")


def position(world: World, partner: Partner, key: LogKey) -> bytes:
    """Where this node stands, as an answer to no parcel: what a transport asks for before it gives anything.

    A node that was restored from a backup is thus noticed though there is nothing new for it.
    """
    return _answer(world, partner, key, "", "")


def _refuse(world: World, partner: Partner, stands: State, detail: dict[str, Any]) -> None:
    """Record that a parcel was refused: by an entry of its own, or by the next one's count once MOST_TOLD in a minute have one."""
    at, why = world.clock(), detail["refused"]
    recent = tuple(each for each in stands.refusals if micros(at) - MINUTE < each <= micros(at))
    with world.store.write() as tx:
        if len(recent) < MOST_TOLD:
            world.journal.append(tx, Entry(kind="parcel", at=at, party=partner.party, detail=detail | _untold(stands)))
            partners.change(world, tx, partner.name, problem=why, refusals=(*recent, micros(at)), untold=0)
        else:
            partners.change(world, tx, partner.name, problem=why, untold=stands.untold + 1)


def _untold(stands: State) -> dict[str, Any]:
    """What an entry says of refusals before it that have none."""
    return {"refused besides": stands.untold} if stands.untold else {}


def _check_meant(world: World, partner: Partner, parcel: Parcel) -> None:
    """Step 1, once it is known who signed it."""
    if parcel.sender != partner.node or parcel.receiver != node_of(world.settings):
        raise IntegrityFault(f"a parcel from {parcel.sender} to {parcel.receiver}, not from {partner.node} to this node")
    body = partner.body or world.settings.body
    if parcel.body != body:
        raise IntegrityFault(f"a parcel of the body {parcel.body}, and {partner.node} is known here as a node of {body}")
    profile.check(world, partner, parcel.guardrails)
    if parcel.expires + SLACK < world.clock():
        raise IntegrityFault(f"the parcel expired on {parcel.expires:%Y-%m-%d}", next="make it again")


def _check_follows(world: World, partner: Partner, stands: State, parcel: Parcel, earlier: bool) -> None:
    """Step 2."""
    if parcel.sequence <= stands.applied:
        raise IntegrityFault(f"parcel {parcel.sequence} comes again, or late: {stands.applied} was applied here")
    if earlier and (not parcel.previous or partners.applied(world, partner.name, parcel.previous) is not None):
        return
    if parcel.previous != stands.last:
        raise IntegrityFault(f"parcel {parcel.sequence} does not follow {stands.applied}, the last that was applied here")


def _answer(world: World, partner: Partner, key: LogKey, name: str, why: str) -> bytes:
    """Step 5. Receipts are those of the parcel applied last, whatever was asked: an answer that was lost is heard with the next."""
    stands = partners.state(world, partner.name)
    done = msgspec.json.decode(stands.answered, type=_Done) if stands.answered else _Done()
    answer = Answer(
        version=1, sender=node_of(world.settings), receiver=partner.node, parcel=name, applied=bool(name) and not why, why=why,
        sequence=stands.applied, last=stands.last, refused=done.refused if name == stands.last else (),
        receipts=receipts.under(key, done.receipts), guardrails=profile_hash(world.settings), made=world.clock(),
    )  # fmt: skip
    return seal(ANSWER_TYPE, write_answer(answer), key)
