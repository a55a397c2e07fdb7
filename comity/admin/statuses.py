"""TAXII status resources (TAXII 2.1 section 4.3), kept at least 24 hours after completion."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

import msgspec

from comity.clock import micros, stamp
from comity.store.protocol import Tx
from comity.terms.item import Outcome
from comity.world import World

KEPT = timedelta(hours=48)
#: Up to so many successes are listed one by one; of more the list is left out, as section 4.3.1 allows. Failures always are.
DETAILS = 1_000
_SPACE = "statuses"
#: `until` (microseconds, 20 digits) and id, so that the sweep reads no status to find what is over.
_TIMES = "status times"
#: When the last sweep was: one an hour, however many statuses there are.
_SWEPT = "status sweep"
_SWEEP = timedelta(hours=1)


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A status resource with whom it is for and until when it is kept."""

    party: str
    body: str
    until: datetime
    resource: dict[str, Any]


def keep(world: World, id_: str, party: str, body: str, outcomes: list[Outcome], asked: datetime) -> dict[str, Any]:
    """Make and keep the status of a finished submission, `asked` for at that moment; the resource.

    A quarantined object is kept by the node: a success.
    """
    at = world.clock()
    now = stamp(micros(at))
    failed = [o for o in outcomes if o.outcome == "rejected"]
    taken = [o for o in outcomes if o.outcome != "rejected"]
    resource: dict[str, Any] = {
        "id": id_,
        "status": "complete",
        "request_timestamp": stamp(micros(asked)),
        "total_count": len(outcomes),
        "success_count": len(taken),
        "failure_count": len(failed),
        "pending_count": 0,
    }
    # Lists may be left out but not be empty (TAXII 2.1 section 2).
    if taken and len(taken) <= DETAILS:
        resource["successes"] = [_detail(o, now) for o in taken]
    if failed:
        resource["failures"] = [_detail(o, now) for o in failed]
    kept = Kept(party=party, body=body, until=at + KEPT, resource=resource)
    with world.store.write() as tx:
        _sweep(world, tx, at)
        tx.put_private(_SPACE, id_, msgspec.json.encode(kept))
        tx.put_private(_TIMES, f"{micros(kept.until):020d} {id_}", b"")
    return resource


def _sweep(world: World, tx: Tx, at: datetime) -> None:
    """Remove the statuses whose time is over."""
    if int(world.store.private(_SWEPT, "at") or 0) > micros(at - _SWEEP):
        return
    tx.put_private(_SWEPT, "at", str(micros(at)).encode())
    for key in _over(world, at):
        _remove(tx, key)


def forget(world: World) -> int:
    """Remove the statuses whose time is over, as a purge does; how many there were."""
    over = _over(world, world.clock())
    if over:
        with world.store.write() as tx:
            for key in over:
                _remove(tx, key)
    return len(over)


def _over(world: World, at: datetime) -> list[str]:
    """The keys of the statuses whose time is over, by when it was."""
    return [key for key, _ in takewhile(lambda each: int(each[0].partition(" ")[0]) <= micros(at), world.store.privates(_TIMES))]


def _remove(tx: Tx, key: str) -> None:
    tx.put_private(_TIMES, key, None)
    tx.put_private(_SPACE, key.partition(" ")[2], None)


def find(world: World, id_: str, party: str, body: str) -> dict[str, Any] | None:
    """A party's own status resource; None if there is none, or it is another's, or its time is over."""
    value = world.store.private(_SPACE, id_)
    kept = msgspec.json.decode(value, type=Kept) if value else None
    if kept is None or kept.party != party or kept.body != body or kept.until <= world.clock():
        return None
    return kept.resource


def _detail(outcome: Outcome, now: str) -> dict[str, Any]:
    detail = {"id": outcome.id or outcome.position, "version": outcome.version or now}
    message = outcome.why or ("already held" if outcome.outcome == "duplicate" else "")
    return {**detail, "message": message} if message else detail
