"""Until when an item may be kept: the earliest of what its origin, an agreement and the node's own rule say (G11; docs/retention.md).

    origin       what its origin said: its envelope's `expires`
    clause       `retain`, from receipt: at a member's node of the clauses by which the item came to its party, at a centre of those by
                 which it goes to anybody; also of those that were in force at some time since, and no longer are
    quarantine   some days from receipt, of what nobody has let out of quarantine (G4)
    default      some days from receipt, so that nothing lacks a date; only this can be extended, for a reason

Clauses do not bind a party's own items at its own node: nobody gave them to it. Exempt are what governs (`EXEMPT`), and copies, which go
with what they were made of. A date follows from facts and receipt whenever it is asked for, so an agreement that comes later holds for
what is here.

What is due is found row by row of facts: the items of a home row stand in the order of their receipt, which is that of their dates.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec

from comity.agree import duration
from comity.agree.changes import endings
from comity.agree.question import Question
from comity.agree.weigh import weigh
from comity.clock import from_micros, micros, stamp
from comity.errors import NotFound, SenderFault
from comity.ledger.journal import MAX_OBJECTS, Entry
from comity.store.conditions import read_condition
from comity.store.expiry import going
from comity.store.protocol import Row, Source, Tx
from comity.terms.item import item_hash
from comity.terms.stix import OWN_TYPES
from comity.terms.traits import Traits
from comity.world import World

#: What is kept for as long as there is a node: agreements, registers and acts are what everything else is decided by.
EXEMPT = OWN_TYPES
#: What may decide about a date, besides a clause (`agreement@version/clause`).
ORIGIN, QUARANTINE, DEFAULT, EXTENDED = "origin", "quarantine", "default", "extended"
_EXTENSIONS = "extensions"
_PAGE = 1_000
_INSTANT = timedelta(microseconds=1)


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """When an item is to be erased, and by what: one of the words above, or `agreement@version/clause`."""

    row: Row
    at: datetime
    by: str


class Extension(msgspec.Struct, frozen=True, kw_only=True):
    """Why an origin's object is kept longer than by default, and until when."""

    origin: str
    id: str
    until: datetime
    reason: str
    by: str
    at: datetime


class _Bound(msgspec.Struct, frozen=True):
    """A duration from receipt, of what was received up to a moment, and what sets it."""

    retain: str
    by: str
    upto: datetime


class Retention:
    """The dates of a node's items under its rules as they are at a moment. Keep one for a run, not for ever."""

    def __init__(self, world: World, at: datetime | None = None) -> None:
        self._world = world
        self._at = at or world.clock()
        _, self._rules = world.rulebook.current()
        self._days = timedelta(days=world.settings.retention.days)
        self._bodies = sorted({world.settings.body, *(body for each in self._rules.agreements for body in each.spans)})
        ended = endings(self._rules, self._at - self._days, self._at)
        #: When the clauses are asked: now, and just before each moment at which one may have ceased to bind.
        self._moments = [self._at, *(moment - _INSTANT for moment in reversed(ended))]
        retains = {clause.retain for each in self._rules.agreements for clause in each.clauses}
        self._shortest = duration.shortest(retains)
        self._facts: dict[int, Traits] = {}
        self._bounds: dict[Traits, tuple[_Bound, ...]] = {}

    def due(self, row: Row) -> Due | None:
        """When an item is to be erased; None for one that is exempt, or goes with another."""
        facts = self._of(row.base)
        if facts.type in EXEMPT or facts.profile is not None:
            return None
        default = from_micros(row.added) + self._days, DEFAULT
        fixed = self.fixed(row)
        if fixed is not None and fixed[0] <= default[0]:
            return Due(row=row, at=fixed[0], by=fixed[1])
        longer = extension(self._world, row.origin, row.id)
        if longer is not None and longer.until > default[0]:
            default = longer.until, EXTENDED
        at, by = min(default, fixed or default, key=lambda each: each[0])
        return Due(row=row, at=at, by=by)

    def fixed(self, row: Row) -> tuple[datetime, str] | None:
        """The earliest date of an item that no extension moves, and what sets it; None for one that has none."""
        facts = self._of(row.base)
        found = [bound for bound in (self._bound(facts, row.added),) if bound]
        if facts.gate == QUARANTINE:
            found.append((from_micros(row.added) + timedelta(days=self._world.settings.gate.quarantine_days), QUARANTINE))
        if row.expires is not None:
            found.append((from_micros(row.expires), ORIGIN))
        return min(found, default=None)

    def until(self, moment: datetime) -> Iterator[Due]:
        """All that is to be erased up to a moment, that included; an item may be met twice."""
        store = self._world.store
        for row in going(store, 0, micros(moment) + 1):
            if (due := self.due(row)) is not None:
                yield due
        numbered = store.numbered()
        for home, body in store.trait_rows(0):
            if numbered.get(home):
                facts = read_condition(body).base
                if facts.type not in EXEMPT and facts.profile is None:
                    yield from self._aged(home, facts, moment)

    def _aged(self, home: int, facts: Traits, moment: datetime) -> Iterator[Due]:
        """The items of a home row whose time from receipt is over, the first received first."""
        after = 0
        while page := self._world.store.page([Source(home)], after, _PAGE if after else 1, 0):
            after = page[-1][0]
            for _, row in page:
                if not self._aged_by(row.added, facts, moment):
                    return
                due = self.due(row)
                if due is not None and due.at <= moment:
                    yield due

    def _aged_by(self, added: int, facts: Traits, moment: datetime) -> bool:
        """Whether the time from receipt is over at a moment. Clauses are asked only when the shortest time of any is over."""
        received = from_micros(added)
        soonest = [received + self._days, *(duration.after(received, each) for each in (self._shortest,) if each)]
        if facts.gate == QUARANTINE:
            soonest.append(received + timedelta(days=self._world.settings.gate.quarantine_days))
        return min(soonest) <= moment and self._from_receipt(facts, added)[0] <= moment

    def _from_receipt(self, facts: Traits, added: int) -> tuple[datetime, str]:
        """The earliest date that follows from when something was received, and what sets it."""
        received = from_micros(added)
        default = received + self._days, DEFAULT
        if facts.gate == QUARANTINE:
            default = min(default, (received + timedelta(days=self._world.settings.gate.quarantine_days), QUARANTINE))
        return min(default, self._bound(facts, added) or default, key=lambda each: each[0])

    def _bound(self, facts: Traits, added: int) -> tuple[datetime, str] | None:
        """The earliest date that a clause gives."""
        received = from_micros(added)
        if self._shortest is None or facts.origin == self._world.settings.party:
            return None
        bounds = self._bounds.get(facts)
        if bounds is None:
            bounds = self._bounds[facts] = tuple(dict.fromkeys(self._binding(facts)))
        dates = ((duration.after(received, each.retain), each.by) for each in bounds if received <= each.upto)
        return min(dates, default=None)

    def _binding(self, facts: Traits) -> Iterator[_Bound]:
        """What the clauses say of items with some facts, now and before each ending."""
        for moment in self._moments:
            for recipient in self._recipients(facts, moment):
                for body in self._bodies:
                    question = Question(
                        recipient=recipient, body=body, purposes=facts.purposes, holder=facts.origin, valid_at=moment
                    )  # fmt: skip
                    weighed = weigh(question, facts, self._rules)
                    for each in (*weighed.whole, *weighed.copies, *weighed.pending):
                        if each.clause.retain is not None:
                            yield _Bound(each.clause.retain, each.ref, moment)

    def _recipients(self, facts: Traits, moment: datetime) -> list[str]:
        """To whom an item goes, as far as its time here depends on it: the node's own party, or of what a centre holds, anybody."""
        own = self._world.settings.party
        if not any(self._rules.custody(own, body, moment) for body in self._bodies):
            return [own]
        parties = {each.party for each in self._rules.register.standings}
        parties |= {each.party for agreement in self._rules.agreements for each in agreement.parties}
        return sorted((parties if facts.to is None else parties & set(facts.to)) - {facts.origin})

    def _of(self, base: int) -> Traits:
        facts = self._facts.get(base)
        if facts is None:
            facts = self._facts[base] = read_condition(self._world.store.trait_body(base)).base
        return facts


def extension(world: World, origin: str, id_: str) -> Extension | None:
    """For how long and why an origin's object is kept beyond the default."""
    raw = world.store.private(_EXTENSIONS, f"{origin}|{id_}")
    return msgspec.json.decode(raw, type=Extension) if raw is not None else None


def extend(world: World, id_: str, until: datetime, reason: str, by: str) -> list[Extension]:
    """Keep what is here under an object id longer than by default, for a reason; an extension for each origin, with a log entry.

    At most for as long again as the default gives from now. Raises NotFound, SenderFault where an origin, an agreement or the gate sets an
    earlier date, which nobody here can move.
    """
    at = world.clock()
    longest = at + timedelta(days=world.settings.retention.days)
    if not reason.strip():
        raise SenderFault("an extension needs a reason", next="say why it is needed for longer")
    if not at < until <= longest:
        raise SenderFault(f"an extension ends after now, and by {longest:%Y-%m-%d}", next="extend it again when that has come near")
    with world.store.write() as tx:
        retention = Retention(world, at)
        dues = [due for row in world.store.by_id([id_]) if (due := retention.due(row)) is not None]
        if not dues:
            raise NotFound(f"this node has no {id_} that expires")
        for due in dues:
            # As it would be if only the default were gone.
            _may_last(retention.fixed(due.row), until)
        items = {due.row.item: due.row for due in dues}
        envelopes = world.store.envelopes(list(items))
        hashes = [item_hash(row.sha, envelopes[item]) for item, row in items.items()]
        made = []
        for origin in dict.fromkeys(row.origin for row in items.values()):
            each = Extension(origin=origin, id=id_, until=until, reason=reason, by=by, at=at)
            tx.put_private(_EXTENSIONS, f"{origin}|{id_}", msgspec.json.encode(each))
            made.append(each)
        entry = Entry(kind="extend", at=at, actor=by, detail={"until": stamp(micros(until)), "reason": reason})
        world.journal.append(tx, entry, hashes[:MAX_OBJECTS])
    return made


def forget_extension(tx: Tx, origin: str, id_: str) -> None:
    """Within the critical section in which the last of an origin's items under an object id goes."""
    tx.put_private(_EXTENSIONS, f"{origin}|{id_}", None)


def _may_last(fixed: tuple[datetime, str] | None, until: datetime) -> None:
    """Raises SenderFault where something that cannot be extended ends before."""
    if fixed is None or until <= fixed[0]:
        return
    at, by = fixed
    if by == ORIGIN:
        said, next_ = "its origin says so", "ask the origin for a new version with a later date"
    elif by == QUARANTINE:
        said, next_ = "it is in quarantine", "let two people review it"
    else:
        said, next_ = f"{by} says so", "the parties may change the agreement; or choose an earlier date"
    raise SenderFault(f"it may be kept until {at:%Y-%m-%d %H:%M} UTC and no longer: {said}", next=next_)
