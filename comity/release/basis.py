"""What a reading of all that this node may match stood on, so that one who kept it knows whether only arrivals can have changed it.

The store's counters of all else (what governs, what moved, what was removed) stand where they stood; its log has the same leaf where it
ended then (it is the same store, and no older copy of it); no date has come at which an agreement or an indicator begins or ends; the
clock was not set back; and program and party are the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from comity import __version__
from comity.agree.decide import next_change
from comity.release.desk import Desk
from comity.release.matchable import Held
from comity.terms.force import changes_of_force

#: The counters of the store that arrivals alone move, besides those of each trait row's items (`ordinal 7`).
_ARRIVALS = frozenset(("added", "items"))


class Basis(msgspec.Struct, kw_only=True):
    """What must still be so: `state`, and `leaf` the last of `size` in the log; from when `until` when. `added`: how far it goes."""

    state: dict[str, str]
    size: int
    leaf: bytes
    added: int
    made: datetime
    until: datetime | None

    def met(self, each: Held) -> None:
        """Mind the dates at which an indicator begins or ends."""
        ends = each.envelope.expires
        for moment in (*changes_of_force(each.obj, self.made), *((ends,) if ends is not None and ends > self.made else ())):
            self.until = moment if self.until is None else min(self.until, moment)


def basis(desk: Desk) -> Basis:
    """What a reading that begins now stands on. What comes while it goes on counts as having come later."""
    world = desk.world
    now, size, added = world.clock(), world.store.head().size, world.store.counter("added")
    until = next_change(world.rulebook.current()[1], now)
    return Basis(state=_state(desk), size=size, leaf=_leaf(desk, size), added=added, made=now, until=until)


def holds(desk: Desk, known: Basis) -> bool:
    """Whether only arrivals can have changed what was read."""
    at = desk.world.clock()
    in_time = known.made <= at and (known.until is None or at < known.until)
    return in_time and known.state == _state(desk) and known.leaf == _leaf(desk, known.size)


def arrivals(desk: Desk) -> int:
    """How far arrivals go: what has come since is beyond it."""
    return desk.world.store.counter("added")


def all_new(desk: Desk, ids: Sequence[str]) -> bool:
    """Whether nothing but these arrivals has their ids: no other version, and no other party's copy."""
    return len(desk.world.store.by_id(ids)) <= len(ids)


def _state(desk: Desk) -> dict[str, str]:
    settings = desk.world.settings
    grown = desk.world.store.counters().items()
    counters = {name: str(value) for name, value in grown if name not in _ARRIVALS and not name.startswith("ordinal ")}
    return {**counters, "program": __version__, "party": settings.party, "body": settings.body}


def _leaf(desk: Desk, size: int) -> bytes:
    """The hash of the log's last leaf when it had a size; salted, so that no other log has it."""
    return next((leaf.hash for leaf in desk.world.store.leaves(size - 1, size)), b"") if size else b""
