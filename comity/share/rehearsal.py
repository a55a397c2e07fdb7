"""Sharing in two steps: a rehearsal that says exactly what would leave, to whom and by which clause; then the same, for good.

Both are one and the same: intake takes the objects in, and every party's decision about them is asked for, within one critical section. A
rehearsal ends by undoing it. The sending ends by committing it, if what it comes to is what its person has seen; else it is undone, too.
So nothing can differ between the two, and there is nothing that has to be kept like intake or like the decision.

Crash story: one critical section. Before its commit nothing was shared; after it the objects are here and the draft says what became of
them.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, cast

import msgspec

from comity.agree.redact import fields
from comity.agree.rules import Rules
from comity.errors import Conflict, SenderFault
from comity.intake.submit import Submitter, submit
from comity.release.desk import Desk
from comity.release.explain import parties, verdicts
from comity.release.preview import Answer, Item, Party, Subject, look
from comity.release.preview_findings import Break, Unreached, tlp_breaks, unreached
from comity.release.sight import Reader
from comity.share import drafts
from comity.share.drafts import Draft as Kept
from comity.store import Store
from comity.store.protocol import Row, Tx
from comity.terms.item import Draft, Outcome, Refused
from comity.terms.party import ENDED
from comity.world import World

#: Objects of one sharing: every one is decided for every party while nobody else can write.
MOST = 200
_TAKEN = ("accepted", "quarantined")


class Rehearsal(msgspec.Struct, frozen=True, kw_only=True):
    """What sharing comes to: outcomes, and of what would be stored every party's answer (`items`).

    `left_out` is (id, party) -> the properties that a redacted copy lacks; `before` the answers about what stands under an id now;
    `was` an id's object as it stands, `now` as it would. `breaks` and `nobody` are what the sender should know. `mark` is the same for two
    rehearsals that come to the same.
    """

    outcomes: tuple[Outcome, ...]
    items: tuple[Item, ...]
    parties: tuple[Party, ...]
    left_out: dict[tuple[str, str], tuple[str, ...]]
    before: dict[str, dict[str, Answer]]
    was: dict[str, Mapping[str, Any]]
    now: dict[str, Mapping[str, Any]]
    breaks: tuple[Break, ...]
    nobody: tuple[Unreached, ...]
    mark: str

    @property
    def reaches(self) -> list[str]:
        """The parties to whom something goes, or would once people approve it."""
        others = [each.party for each in self.parties if not each.submits]
        return [party for party in others if any(item.answers[party].effect != "deny" for item in self.items)]

    @property
    def receives(self) -> list[str]:
        """The parties to whom something goes at once."""
        return [party for party in self.reaches if any(item.answers[party].effect in ("permit", "redact") for item in self.items)]

    @property
    def awaits(self) -> list[str]:
        """The parties to whom something goes only once people approve it."""
        return [party for party in self.reaches if any(item.answers[party].effect == "approve" for item in self.items)]

    @property
    def passed_over(self) -> list[str]:
        """The parties whom an object names as its recipients and to whom nothing goes."""
        named = {party for item in self.items for party in item.to or ()}
        return sorted(named - {each.party for each in self.parties if each.submits} - set(self.reaches))

    @property
    def hindrance(self) -> str:
        """Why this cannot be sent: nothing to send, something rejected, or an empty audience; "" when it can."""
        if not self.outcomes:
            return "nothing"
        if any(each.outcome == "rejected" for each in self.outcomes):
            return "rejected"
        if not self.items:
            return "known"
        return "" if self.reaches else "nobody"


def rehearse(desk: Desk, objects: Sequence[Draft | Refused], by: Submitter) -> Rehearsal:
    """What sharing these objects would come to. Nothing is kept of it. Raises SenderFault for too many objects."""
    try:
        with _section(desk, objects) as (_, rehearsing):
            raise _Undo(_carried_out(rehearsing, objects, by))
    except _Undo as undone:
        return undone.found


def send(desk: Desk, kept: Kept, objects: Sequence[Draft | Refused], by: Submitter, mark: str) -> Kept:
    """Share the objects of a draft, if that comes to what a rehearsal of this `mark` said; the draft, with what became of them.

    Raises Changed where it comes to something else by now, Conflict for what cannot be sent, SenderFault for too many objects, and what
    `drafts.close` raises: a draft that is not as it was looked at is not sent.
    """
    with _section(desk, objects) as (tx, rehearsing):
        found = _carried_out(rehearsing, objects, by)
        if found.hindrance:
            raise Conflict(f"this cannot be sent: {found.hindrance}", next="look at the preview")
        if found.mark != mark:
            raise Changed(found)
        return drafts.close(rehearsing.world, tx, kept, found.outcomes)


class Changed(Conflict):
    """What sharing comes to is not what was looked at: another agreement, another standing, another moment. `found` is what it is now."""

    def __init__(self, found: Rehearsal) -> None:
        super().__init__("what this comes to has changed since you looked", next="look again")
        self.found = found


class _Undo(Exception):
    def __init__(self, found: Rehearsal) -> None:
        self.found = found


class _Within:
    """A store in whose critical section one is already: writing joins it."""

    def __init__(self, store: Store, tx: Tx) -> None:
        self._store = store
        self._tx = tx

    @contextmanager
    def write(self) -> Iterator[Tx]:
        """The section that one is in."""
        yield self._tx

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


@contextmanager
def _section(desk: Desk, objects: Sequence[Draft | Refused]) -> Iterator[tuple[Tx, Desk]]:
    """The critical section, and a desk in it that keeps nothing of what it sees for anybody else."""
    if len(objects) > MOST:
        raise SenderFault(f"there are more than the {MOST} objects that are shared here at once", next="share in parts, or with comity add")
    world = desk.world
    with world.store.write() as tx:
        yield tx, Desk(dataclasses.replace(world, store=cast(Store, _Within(world.store, tx))))


def _carried_out(desk: Desk, objects: Sequence[Draft | Refused], by: Submitter) -> Rehearsal:
    """1. What stands now. 2. Intake. 3. Every party's decision. 4. What the sender should know."""
    world = desk.world
    _, rules = world.rulebook.current()
    everybody = _parties(desk, rules, by.party)
    # 1.
    ids = [id_ for each in objects if isinstance(each, Draft) and isinstance(id_ := each.obj.get("id"), str)]
    stood = _latest(world, ids, by.party)
    before = {item.id: item.answers for item in _looked(desk, stood, everybody, by)}
    was = _objects(world, stood)
    # 2.
    outcomes = tuple(submit(world, objects, by))
    # 3.
    taken = {each.id for each in outcomes if each.outcome in _TAKEN and each.id}
    rows = _latest(world, sorted(taken), by.party)
    items = _looked(desk, rows, everybody, by)
    now = _objects(world, rows)
    # 4.
    return Rehearsal(
        outcomes=tuple(sorted(outcomes, key=lambda each: (each.position, each.id or ""))), items=tuple(items), parties=everybody,
        left_out=_left_out(desk, rows, items, now, by), before=before, was=was, now=now, breaks=tuple(tlp_breaks(items, everybody)),
        nobody=tuple(unreached(items, everybody)), mark=_mark(outcomes, items, was),
    )  # fmt: skip


def _latest(world: World, ids: Sequence[str], party: str) -> list[Row]:
    """The party's own items under these ids, of each the latest."""
    found: dict[str, Row] = {}
    for row in world.store.by_id(list(dict.fromkeys(ids))):
        if row.origin == party and (row.id not in found or found[row.id].added < row.added):
            found[row.id] = row
    return list(found.values())


def _looked(desk: Desk, rows: Sequence[Row], everybody: Sequence[Party], by: Submitter) -> list[Item]:
    subjects = [Subject(row=row, file="", position="") for row in rows]
    return look(desk, subjects, everybody, by.purposes, desk.world.clock())


def _objects(world: World, rows: Sequence[Row]) -> dict[str, Mapping[str, Any]]:
    bodies = world.store.bodies([row.item for row in rows])
    return {row.id: msgspec.json.decode(bodies[row.item]) for row in rows}


def _left_out(
    desk: Desk, rows: Sequence[Row], items: Sequence[Item], now: Mapping[str, Mapping[str, Any]], by: Submitter
) -> dict[tuple[str, str], tuple[str, ...]]:  # fmt: skip
    """What the redacted copies lack."""
    found, row_of = {}, {row.id: row for row in rows}
    for item in items:
        parted = [party for party, answer in item.answers.items() if answer.effect == "redact"]
        readers = [Reader(party=party, body=desk.world.settings.body, purposes=by.purposes) for party in parted]
        for each in verdicts(desk, [row_of[item.id]], readers):
            told = fields(now[item.id], each.decision.effect, each.decision.profile)
            found[item.id, each.party] = tuple(name for name, effect in told.items() if effect == "redact")
    return found


def _parties(desk: Desk, rules: Rules, own: str) -> tuple[Party, ...]:
    """Everybody whom the register or an agreement of the body names, but for those whose standing has ended."""
    body, at = desk.world.settings.body, desk.world.clock()
    standings = {party: rules.register.standing(party, body, at) or "" for party in {*parties(desk, body), own}}
    found = [
        Party(party=party, label=party, standing=standing, submits=party == own, bodies=(body,))
        for party, standing in sorted(standings.items())
        if standing not in ENDED or party == own
    ]
    return tuple(found)


def _mark(outcomes: Sequence[Outcome], items: Sequence[Item], was: Mapping[str, Mapping[str, Any]]) -> str:
    """What two rehearsals that come to the same have in common: not the moments of versions, but all that was decided.

    What stands under the ids counts: a new version of an object is made from it, so another's change to it is a change to what leaves.
    """
    became = sorted((each.outcome, each.id or "", each.why) for each in outcomes)
    answers = sorted(
        (item.id, party, each.effect, each.rule, each.agreement, each.version, each.clause)
        for item in items
        for party, each in item.answers.items()
    )
    handled = sorted((item.id, item.tlp, item.to) for item in items)
    return hashlib.sha256(msgspec.json.encode([became, answers, handled, sorted(was.items(), key=lambda pair: pair[0])])).hexdigest()
