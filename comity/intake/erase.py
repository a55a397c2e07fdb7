"""Taking back what came in a parcel, because its origin did, or because the node that gave it says that it is no longer for this one.

    1. choose  the copies of the origin with these bytes, as they came by then; from that sender, unless it is the origin's own act.
               A recall means the object: versions of it that came before go too, of which its origin may not know any more
    2. keep    what is held for a reason (`hold`), and what another node gives too, if it is only no longer for us from this one
    3. remove  the others, as a withdrawal (`intake.withdraw`), so that those to whom this node gave them are told in turn
    4. mark    that the origin took it back: the same arrival is not taken in again, whoever brings it

Crash story: one critical section. Cut off before its commit nothing is gone, and the parcel comes again; after it, the second time finds
nothing more to remove, and says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from comity.errors import IntegrityFault, NotFound
from comity.intake.reasons import unnamed
from comity.intake.withdraw import remove
from comity.ledger.journal import MAX_OBJECTS, Entry
from comity.store import reports
from comity.store.protocol import Row, Tx
from comity.store.reports import Report
from comity.store.wrapped import made_of
from comity.terms.item import Envelope, arrival, read_envelope
from comity.world import World

_GONE, _HOLDS, _WAYS = "taken-back", "holds", "ways"
#: Notices about what is held, by object id.
_PENDING = "holds-pending"
#: Kept of a node that gave an object, when it says that it is no longer for this one.
_ENDED = b"null"


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """What a sender says is to go. `sha` is the SHA-256 of the bytes, `entered` the arrival it is about, and all before it.

    `proven`: its origin's node says so, or signed it: `signed` (`forms.parcel.Withdrawn`), which is passed on.
    """

    sender: str
    origin: str
    id: str
    sha: bytes
    entered: int
    cause: str
    reason: str
    by: str
    proven: bool = False
    signed: bytes = b""


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """Why this node keeps an object though its origin may take it back."""

    id: str
    reason: str
    by: str
    at: datetime


def erase(world: World, notice: Notice) -> str:
    """Remove what a notice is about, and return why it is kept; "" when nothing of it is here any more.

    Raises IntegrityFault where the origin signed the object, and the notice is another's word for what the origin does.
    """
    acts = notice.cause != "narrowed"
    with world.store.write() as tx:
        # 1.
        rows, signed, later = _meant(world, tx, notice)
        if acts and signed and not notice.proven:
            raise IntegrityFault(f"{notice.origin} signed this object, and has not signed that it takes it back")
        # 2.
        kept = _kept(world, notice, rows) if rows else "it came again since" if later else ""
        # 3.
        if rows and not kept:
            detail = {"cause": notice.cause, **({"reason": notice.reason} if notice.reason else {})}
            entry = Entry(kind="withdraw", at=world.clock(), party=notice.origin, actor=notice.by, detail=detail)
            for start in range(0, len(rows), MAX_OBJECTS):
                remove(world, tx, rows[start : start + MAX_OBJECTS], entry, notice.signed)
            for row in rows:
                forget_ways(world, tx, row.origin, row.sha)
        if kept and rows and world.store.private(_HOLDS, notice.id) is not None:
            tx.put_private(_PENDING, f"{notice.id}/{_key(notice.origin, notice.sha)}", msgspec.json.encode(notice))
        # 4.
        # Before anything came that could be signed or not, whoever signs is believed alone.
        sure = notice.proven or bool(rows) or not world.rulebook.parcel_keys(notice.origin)
        if acts and sure and notice.entered > taken_back(world, notice.origin, notice.sha):
            for sha in {notice.sha, *(row.sha for row in rows)}:
                tx.put_private(_GONE, _key(notice.origin, sha), str(notice.entered).encode())
        elif not acts and kept:
            tx.put_private(_WAYS, f"{_key(notice.origin, notice.sha)}/{notice.sender}", _ENDED)
    return kept


def taken_back(world: World, origin: str, sha: bytes) -> int:
    """The latest arrival of an object that its origin took back (a stamp of the node that vouches for it); 0 if it did not."""
    kept = world.store.private(_GONE, _key(origin, sha))
    return 0 if kept is None else int(kept)


def hold(world: World, id_: str, reason: str, by: str) -> None:
    """Keep an object here, whatever its origin does, for a reason that the origin is told.

    Raises NotFound for one that is not here, SenderFault for a reason that leads to a person.
    """
    if not world.store.by_id([id_]):
        raise NotFound(f"this node has no {id_}")
    with world.store.write() as tx:
        held = Hold(id=id_, reason=unnamed(reason), by=by, at=world.clock())
        tx.put_private(_HOLDS, id_, msgspec.json.encode(held))
        world.journal.append(tx, Entry(kind="hold", at=held.at, actor=by, detail={"id": id_, "reason": reason}))


def let_go(world: World, id_: str, by: str) -> int:
    """End a hold; what was taken back meanwhile goes now, and its origin is told so: how many notices that were. Raises NotFound.

    Crash story: cut off behind the first commit, the hold is over, and asking again does the rest.
    """
    start = f"{id_}/"
    waiting = [(key, value) for key, value in world.store.privates(_PENDING, start) if key.startswith(start)]
    with world.store.write() as tx:
        if world.store.private(_HOLDS, id_) is None and not waiting:
            raise NotFound(f"{id_} is not held")
        tx.put_private(_HOLDS, id_, None)
        world.journal.append(tx, Entry(kind="hold", at=world.clock(), actor=by, detail={"id": id_, "ended": True}))
    for key, value in waiting:
        notice = msgspec.json.decode(value, type=Notice)
        gone = not erase(world, notice)
        with world.store.write() as tx:
            tx.put_private(_PENDING, key, None)
            if gone:
                reports.put(tx, Report(origin=notice.origin, sha=notice.sha, outcome="deleted", at=world.clock()))
    return len(waiting)


def forget_pending(world: World) -> int:
    """Forget what was to go and is kept for a reason, where nothing of it is here any more; how many notices."""
    waiting = [(key, msgspec.json.decode(value, type=Notice)) for key, value in world.store.privates(_PENDING)]
    here = {(row.origin, row.id) for row in world.store.by_id(list({notice.id for _, notice in waiting}))}
    over = [key for key, notice in waiting if (notice.origin, notice.id) not in here]
    if over:
        with world.store.write() as tx:
            for key in over:
                tx.put_private(_PENDING, key, None)
    return len(over)


def holds(world: World) -> list[Hold]:
    """What is held, by id."""
    return [msgspec.json.decode(value, type=Hold) for _, value in world.store.privates(_HOLDS)]


def came_by(world: World, tx: Tx, origin: str, sha: bytes, sender: str, grounds: tuple[str, ...]) -> None:
    """Keep, in the critical section, that an object which is here came from another node too, and by what clauses of it."""
    tx.put_private(_WAYS, f"{_key(origin, sha)}/{sender}", msgspec.json.encode(grounds))


def also_from(world: World, origin: str, sender: str, given: Sequence[tuple[str, bytes, tuple[str, ...]]]) -> None:
    """Keep of an origin's objects that were here already (id, SHA-256, clauses) that a sender gives them too, unless they came from it."""
    store = world.store
    rows = [row for row in store.by_id([id_ for id_, _, _ in given]) if row.origin == origin]
    first = {item: read_envelope(said).received_from for item, said in store.envelopes([row.item for row in rows]).items()}
    others = {row.sha for row in rows if first[row.item] not in (None, sender)}
    with store.write() as tx:
        for _, sha, grounds in given:
            if sha in others and ways(world, origin, sha).get(sender) is None:
                came_by(world, tx, origin, sha, sender, grounds)


def ways(world: World, origin: str, sha: bytes) -> dict[str, tuple[str, ...] | None]:
    """Party -> its clauses, of the nodes besides the first from which an object came; None of one that has since taken it back."""
    start = f"{_key(origin, sha)}/"
    found = world.store.privates(_WAYS, start, 100)
    every = {key.removeprefix(start): value for key, value in found if key.startswith(start)}
    return {party: msgspec.json.decode(value, type=tuple[str, ...] | None) for party, value in every.items()}


def _meant(world: World, tx: Tx, notice: Notice) -> tuple[list[Row], bool, bool]:
    """Step 1; whether the origin's signature of one of them was checked, and whether there are others that came since."""
    rows = [row for row in tx.held(notice.origin, [notice.id]).get(notice.id, []) if notice.cause == "recalled" or row.sha == notice.sha]
    envelopes = world.store.envelopes([row.item for row in rows])
    said = [(row, read_envelope(envelopes[row.item])) for row in rows]
    given = [(row, envelope) for row, envelope in said if _may(world, notice, row, envelope)]
    meant = [(row, envelope) for row, envelope in given if arrival(row.added, envelope) <= notice.entered]
    signed = any(envelope.came is not None and envelope.came.proven for _, envelope in meant)
    return [row for row, _ in meant], signed, len(meant) < len(given)


def _may(world: World, notice: Notice, row: Row, envelope: Envelope) -> bool:
    """Whether the sender's word counts for this copy: it is the origin's own, or it gave the copy."""
    if notice.sender == notice.origin or notice.sender == envelope.received_from:
        return True
    return notice.sender in ways(world, row.origin, row.sha)


def _kept(world: World, notice: Notice, rows: list[Row]) -> str:
    """Step 2. Whoever holds what was opened holds the sealed object that it stood in."""
    for id_ in dict.fromkeys((notice.id, *(row.id for row in made_of(world.store, rows)))):
        if (held := world.store.private(_HOLDS, id_)) is not None:
            return msgspec.json.decode(held, type=Hold).reason
    if notice.cause != "narrowed":
        return ""
    others = _others(world, notice)
    return f"it also came from {' and '.join(others)}" if others else ""


def _others(world: World, notice: Notice) -> list[str]:
    """The other parties whose nodes give the object to this one."""
    rows = [row for row in world.store.by_id([notice.id]) if row.origin == notice.origin and row.sha == notice.sha]
    first = {read_envelope(body).received_from for body in world.store.envelopes([row.item for row in rows]).values()}
    known = ways(world, notice.origin, notice.sha)
    ended = {party for party, grounds in known.items() if grounds is None}
    return sorted({party for party in (*first, *known) if party} - ended - {notice.sender})


def forget_ways(world: World, tx: Tx, origin: str, sha: bytes) -> None:
    """Forget from which other nodes an object came, in the critical section in which it goes."""
    for party in ways(world, origin, sha):
        tx.put_private(_WAYS, f"{_key(origin, sha)}/{party}", None)


def _key(origin: str, sha: bytes) -> str:
    return f"{origin}/{sha.hex()}"
