"""Redress tickets: somebody says that something held here is wrong or should not be, and gets a dated answer (G13).

    1. open    who asks, about which object or in which words; an answer is due after `[gate] redress_days`
    2. answer  corrected, erased, kept or refused, with a text, by a person at the node
    3. carry   what is corrected or erased goes: an own object is recalled, so that everybody who received it is told; another's is erased
               here, and its origin has to be asked for more
    4. forget  a ticket is erased as long after its answer as it might have waited for it

Log entries hold ids, decisions and digests; what was said, and by whom, stands in the ticket alone and goes with it.

Crash story: a ticket and its entry are one commit. An answer is given before it is carried out: cut off between the two, giving the same
answer again carries it out.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from comity.errors import Conflict, NotFound, SenderFault
from comity.intake.purge import erase_rows
from comity.intake.withdraw import withdraw
from comity.ledger.journal import Entry
from comity.store.protocol import Tx
from comity.terms.stix import is_id
from comity.world import World

SPACE = "redress"
#: Closed: what a ticket may come to.
DECISIONS = ("corrected", "erased", "kept", "refused")
_CARRIED = frozenset({"corrected", "erased"})
#: Characters of each text.
LONGEST = 4_000


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided, in which words, by whom and when."""

    decision: str
    text: str
    by: str
    at: datetime


class Ticket(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One ticket. `about` is an object id or words, `who` a contact office or a pseudonym, `due` when it has to be answered."""

    id: str
    about: str
    who: str
    opened: datetime
    due: datetime
    by: str
    answer: Answer | None = None

    def overdue(self, at: datetime) -> bool:
        """Whether its answer is late."""
        return self.answer is None and at >= self.due


def open_ticket(world: World, about: str, who: str, by: str) -> Ticket:
    """Step 1. Raises SenderFault for empty or long texts."""
    now = world.clock()
    ticket = Ticket(
        id=f"rdr_{secrets.token_hex(6)}", about=_said(about, "what it is about"), who=_said(who, "who asks"), opened=now,
        due=now + timedelta(days=world.settings.gate.redress_days), by=by,
    )  # fmt: skip
    with world.store.write() as tx:
        _keep(world, tx, ticket, "open", by)
    return ticket


def tickets(world: World) -> list[Ticket]:
    """All tickets: those without an answer first, then by when they are due."""
    found = [msgspec.json.decode(raw, type=Ticket) for _, raw in world.store.privates(SPACE)]
    return sorted(found, key=lambda each: (each.answer is not None, each.due, each.id))


def ticket(world: World, id_: str) -> Ticket:
    """One ticket. Raises NotFound."""
    raw = world.store.private(SPACE, id_)
    if raw is None:
        raise NotFound(f"there is no ticket {id_}", next="comity redress list shows them")
    return msgspec.json.decode(raw, type=Ticket)


def answer(world: World, id_: str, decision: str, text: str, by: str) -> tuple[Ticket, Sequence[str]]:
    """Steps 2 and 3; the ticket, and whose copies of the object went by it.

    Raises NotFound for no such ticket, or nothing here that could be corrected or erased; SenderFault for words that are none, Conflict for
    a ticket that has another answer.
    """
    if decision not in DECISIONS:
        raise SenderFault(f"{decision!r} is no decision", next="one of " + ", ".join(DECISIONS))
    text = _said(text, "the answer")
    before = ticket(world, id_)
    if before.answer is not None and before.answer.decision != decision:
        raise Conflict(f"it was answered already: {before.answer.decision}", next="open another ticket")
    after = before
    if before.answer is None:
        if decision in _CARRIED and _is_object(before.about) and not world.store.by_id([before.about]):
            raise NotFound(
                f"this node holds nothing under {before.about}, so nothing of it can be {decision}",
                next="refused or kept, and say so; or open a ticket about the id that is meant",
            )
        after = msgspec.structs.replace(before, answer=Answer(decision=decision, text=text, by=by, at=world.clock()))
        with world.store.write() as tx:
            if world.store.private(SPACE, id_) != msgspec.json.encode(before):
                raise Conflict("it was changed meanwhile", next=f"look at it again: comity redress show {id_}")
            _keep(world, tx, after, decision, by)
    return after, _carried(world, after, by) if decision in _CARRIED else ()


def _is_object(about: str) -> bool:
    """Whether a ticket is about an object by its id, and not in words."""
    return is_id(about.partition("@")[0])


def _carried(world: World, ticket: Ticket, by: str) -> Sequence[str]:
    """Step 3."""
    if not _is_object(ticket.about):
        return ()
    gone, own = [], world.settings.party
    if withdraw(world, own, ticket.about, by=by, reason=f"redress {ticket.id}", cause="recalled"):
        gone.append(own)
    others = [row for row in world.store.by_id([ticket.about]) if row.origin != own]
    if others and erase_rows(world, others, by=by, why=f"redress {ticket.id}"):
        gone += sorted({row.origin for row in others})
    if gone:
        world.store.scrub()
    return gone


def purge(world: World) -> int:
    """Step 4: forget tickets whose answer is old enough; how many they were."""
    now, kept = world.clock(), timedelta(days=world.settings.gate.redress_days)
    old = [each for each in tickets(world) if each.answer is not None and each.answer.at + kept <= now]
    for each in old:
        with world.store.write() as tx:
            tx.put_private(SPACE, each.id, None)
            world.journal.append(tx, Entry(kind="redress", at=now, detail={"redress": each.id, "revoked": True}))
    return len(old)


def _said(text: str, what: str) -> str:
    text = text.strip()
    if not text or len(text) > LONGEST:
        raise SenderFault(f"{what} has to be said, in at most {LONGEST} characters")
    return text


def _keep(world: World, tx: Tx, ticket: Ticket, act: str, by: str) -> None:
    """A ticket as it is now, with the entry that says so."""
    record = msgspec.json.encode(ticket)
    tx.put_private(SPACE, ticket.id, record)
    detail = {"redress": ticket.id, "act": act, "record": hashlib.sha256(record).hexdigest()}
    world.journal.append(tx, Entry(kind="redress", at=world.clock(), party=world.settings.party, actor=by, detail=detail))
