"""Keeping something longer than the node's own rule says, for a reason that stands in the log (G11; `comity.retention`)."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from comity.clock import micros, stamp
from comity.errors import NotFound, SenderFault
from comity.intake.reasons import unnamed
from comity.ledger.journal import MAX_OBJECTS, Entry
from comity.retention import EXTENSIONS, ORIGIN, QUARANTINE, Extension, Retention
from comity.store.protocol import Tx
from comity.terms.item import item_hash
from comity.world import World


def extend(world: World, id_: str, until: datetime, reason: str, by: str) -> list[Extension]:
    """Keep what is here under an object id longer than by default, for a reason; an extension for each origin, with a log entry.

    At most for as long again as the default gives from now. Raises NotFound, SenderFault where an origin, an agreement or the gate sets an
    earlier date, which nobody here can move, and for a reason that leads to a person.
    """
    at = world.clock()
    longest = at + timedelta(days=world.settings.retention.days)
    if not reason.strip():
        raise SenderFault("an extension needs a reason", next="say why it is needed for longer")
    unnamed(reason)
    if not at < until <= longest:
        raise SenderFault(f"an extension ends after now, and by {longest:%Y-%m-%d}", next="extend it again when that has come near")
    with world.store.write() as tx:
        retention = Retention(world, at)
        dues = [due for row in world.store.by_id([id_]) if (due := retention.due(row)) is not None]
        if not dues:
            raise NotFound(f"this node has no {id_} that expires")
        for due in dues:
            if due.at <= at:
                raise SenderFault(f"its time was over on {due.at:%Y-%m-%d %H:%M} UTC", next="it is erased by the next purge")
            # As it would be if only the default were gone.
            _may_last(retention.fixed(due.row), until)
        items = {due.row.item: due.row for due in dues}
        envelopes = world.store.envelopes(list(items))
        hashes = [item_hash(row.sha, envelopes[item]) for item, row in items.items()]
        made = []
        for origin in dict.fromkeys(row.origin for row in items.values()):
            each = Extension(origin=origin, id=id_, until=until, reason=reason, by=by, at=at)
            tx.put_private(EXTENSIONS, f"{origin}|{id_}", msgspec.json.encode(each))
            made.append(each)
        entry = Entry(kind="extend", at=at, actor=by, detail={"until": stamp(micros(until)), "reason": reason})
        world.journal.append(tx, entry, hashes[:MAX_OBJECTS])
    return made


def forget_extension(tx: Tx, origin: str, id_: str) -> None:
    """Within the critical section in which the last of an origin's items under an object id goes."""
    tx.put_private(EXTENSIONS, f"{origin}|{id_}", None)


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
