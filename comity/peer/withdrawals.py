"""What another node is to give up: what origins took back, and what is no longer for it; of each, only what it had received. And what it
took back itself, and has forgotten (`peer.returning`).
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from comity.clock import from_micros, stamp
from comity.forms.parcel import WITHDRAWAL_TYPE, Cause, Entry, Withdrawn, write_withdrawal
from comity.intake.withdraw import Recall, recalls_since, recipients
from comity.ledger.keys import LogKey
from comity.peer import returning
from comity.peer.partner import Partner, Place, state
from comity.peer.signing import seal
from comity.release.desk import Desk
from comity.release.holdings import Outlet
from comity.release.leaving import reader_of
from comity.release.narrowing import Lost, lost, note
from comity.terms.stix import version_moment

#: Characters of a reason that are told.
REASON = 1_000


def fill(desk: Desk, partner: Partner, entries: list[Entry], place: Place, limit: int, key: LogKey) -> tuple[Place, bool]:
    """Add withdrawals since a place, up to so many entries in all: the place then, and whether there are more. `key` signs our own."""
    for number, paper in returning.since(desk.world, partner.name, place.returned):
        if len(entries) >= limit:
            return place, True
        entries.append(returning.as_signed(paper))
        place = msgspec.structs.replace(place, returned=number)
    place, more = _recalled(desk, partner, entries, place, limit, key)
    if more:
        return place, True
    return _narrowed(desk, partner, entries, place, limit)


def _recalled(desk: Desk, partner: Partner, entries: list[Entry], place: Place, limit: int, key: LogKey) -> tuple[Place, bool]:
    """What origins took back since a log entry, all of one entry at once."""
    found = recalls_since(desk.world, place.withdrawn)
    if not found:
        return place, False
    told, forgotten = recipients(desk.world, found), _forgotten(desk, partner)
    reached = place.withdrawn
    for recall in found:
        if len(entries) >= limit and recall.withdrawn >= reached:
            return msgspec.structs.replace(place, withdrawn=reached), True
        # The other party's own items it has taken back itself, here or at its node.
        if (partner.party in told[recall.name] or forgotten(recall)) and recall.party != partner.party:
            entries.append(_of_recall(recall, key if recall.party == desk.world.settings.party else None))
        reached = recall.withdrawn + 1
    return msgspec.structs.replace(place, withdrawn=reached), False


def _forgotten(desk: Desk, partner: Partner) -> Callable[[Recall], bool]:
    """Whether our centre may have an own object that went, though the log does not say that it was given: this node was restored from a
    backup since, and the object is not newer than that. What is meant to stay never went.
    """
    own, forgot = desk.world.settings.party, state(desk.world, partner.name).forgot
    centre = bool(forgot) and bool(Outlet(desk, partner.party, partner.purposes).custody)

    def may_have(recall: Recall) -> bool:
        return centre and recall.party == own and not recall.stays and version_moment(recall.version) <= from_micros(forgot)

    return may_have


def _narrowed(desk: Desk, partner: Partner, entries: list[Entry], place: Place, limit: int) -> tuple[Place, bool]:
    """What is no longer for the other party since a narrowing, all of one at once."""
    note(desk, reader_of(desk, partner.party, partner.purposes, partner.name, partner.body), partner.name)
    for number, found in lost(desk, partner.name, place.narrowed):
        if len(entries) >= limit:
            return place, True
        entries += [_of_lost(each) for each in found]
        place = msgspec.structs.replace(place, narrowed=number)
    return place, False


def _of_recall(recall: Recall, key: LogKey | None) -> Withdrawn:
    """A recall as an entry: as its origin signed it, if it did. Of an object that its origin signed, nothing else says more than that it
    is no longer for the receiver from here: it may have been taken back here by a token or a person of the origin's.
    """
    if recall.signed:
        return returning.as_signed(recall.signed)
    causes: dict[str, Cause] = {"recalled": "recalled", "narrowed": "narrowed"}
    found = Withdrawn(
        origin=recall.party, id=recall.id, version=recall.version, sha256=recall.sha, entered=recall.arrival,
        cause="narrowed" if recall.proven and key is None else causes.get(recall.cause, "deleted"), reason=recall.reason[:REASON],
        at=recall.at,
    )  # fmt: skip
    return found if key is None else msgspec.structs.replace(found, signed=seal(WITHDRAWAL_TYPE, write_withdrawal(found), key))


def _of_lost(each: Lost) -> Withdrawn:
    row = each.row
    version = "" if row.version == stamp(row.added) else row.version
    return Withdrawn(
        origin=row.origin, id=row.id, version=version, sha256=row.sha.hex(), entered=each.entered, cause="narrowed", reason=each.why,
        at=each.at,
    )  # fmt: skip
