"""What is told of pings, for every door: a party learns how long its answer took, and whoever pinged it only that there was one."""

from __future__ import annotations

from comity.admin import pings
from comity.wire_register import Ping
from comity.world import World


def told(made: pings.Ping, party: str) -> Ping:
    """A ping, as far as it is a party's business."""
    took = made.took if made.to == party else None
    return Ping(
        ping=made.ping, to=made.to, party=made.by.party, sent=made.sent, answered=made.answered is not None,
        seconds=took.total_seconds() if took is not None else None,
    )  # fmt: skip


def usual(world: World, party: str) -> float | None:
    """How many seconds a party's own answers usually take (the median)."""
    found = pings.usual(world, party)
    return found.total_seconds() if found is not None else None
