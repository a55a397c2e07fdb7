"""Pings: a request that somebody at a party answers, to see that it can be reached. How long that takes is told to that party alone.

Crash story: a ping and its answer are one commit each, record and log entry together.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from statistics import median

import msgspec

from comity.admin.told import SPACES, digest
from comity.agree.approval import Person
from comity.errors import Conflict, Denied, NotFound, SenderFault
from comity.ledger.journal import Entry
from comity.terms.party import party_code
from comity.world import World

_KIND = "ping"
_SPACE = SPACES[_KIND]
#: Pings to one party that may wait at a time, and answered ones that count.
WAITING, COUNTED = 5, 100


class Ping(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A request to a party, and when somebody there answered."""

    ping: str
    to: str
    by: Person
    sent: datetime
    answered: datetime | None = None
    answered_by: Person | None = None

    @property
    def took(self) -> timedelta | None:
        """How long the answer took."""
        return self.answered - self.sent if self.answered else None


def send(world: World, to: str, by: Person) -> Ping:
    """Ask a party of the register for an answer. Raises NotFound for any other, Denied for people of other nodes, SenderFault."""
    code = party_code(to)
    if by.party != world.settings.party:
        raise Denied(f"the people of {world.settings.party} ping from here", next="ping from your own node")
    _, rules = world.rulebook.current()
    if code not in rules.register.parties():
        raise NotFound(f"the register has no party {code}")
    made = Ping(ping=f"png_{secrets.token_hex(6)}", to=code, by=by, sent=world.clock())
    with world.store.write() as tx:
        if sum(each.to == code and each.answered is None for each in pings(world)) >= WAITING:
            raise SenderFault(f"{WAITING} pings to {code} wait already", next="telephone")
        record = msgspec.json.encode(made)
        tx.put_private(_SPACE, made.ping, record)
        world.journal.append(tx, _entry(made, record, by, made.sent))
    return made


def answer(world: World, id_: str, by: Person) -> Ping:
    """Answer a ping to one's own party. Raises SenderFault for a tool, NotFound, Conflict for one that was answered."""
    if by.robot:
        raise SenderFault("a tool cannot say that somebody is there", next="a person answers, with a token of their own")
    with world.store.write() as tx:
        raw = world.store.private(_SPACE, id_)
        made = msgspec.json.decode(raw, type=Ping) if raw is not None else None
        if made is None or made.to != by.party:
            raise NotFound("there is no such ping for you")
        if made.answered is not None:
            if made.answered_by == by:
                return made
            raise Conflict("somebody else was quicker: it is answered", next="nothing is left to do")
        made = msgspec.structs.replace(made, answered=world.clock(), answered_by=by)
        record = msgspec.json.encode(made)
        tx.put_private(_SPACE, id_, record)
        world.journal.append(tx, _entry(made, record, by, made.answered))
    return made


def pings(world: World, party: str | None = None) -> list[Ping]:
    """Those that a party sent or was sent (None: all), the latest first."""
    found = [msgspec.json.decode(value, type=Ping) for _, value in world.store.privates(_SPACE)]
    return sorted((each for each in found if party in (None, each.to, each.by.party)), key=lambda each: each.sent, reverse=True)


def usual(world: World, party: str) -> timedelta | None:
    """The median of how long a party's latest answers took; None where there is none. For that party's own people."""
    took = [each.took.total_seconds() for each in pings(world) if each.to == party and each.took is not None][:COUNTED]
    return timedelta(seconds=median(took)) if took else None


def _entry(made: Ping, record: bytes, by: Person, at: datetime | None) -> Entry:
    return Entry(
        kind=_KIND, at=at or made.sent, actor=by.id, party=by.party, detail={_KIND: made.ping, "record": digest(record), "to": made.to}
    )
