"""Pulls feeds as they fall due, one at a time: a slow feed keeps the next one waiting and nobody else."""

from __future__ import annotations

import sys

from comity.errors import Fault
from comity.peer.feed_pull import pull
from comity.peer.feeds import due
from comity.world import World

#: How often it is looked for feeds that are due, seconds.
LOOK = 10.0


def pull_due(world: World) -> None:
    """Pull the feeds that are due. What goes wrong with one is kept as its result (`comity feed list`) and said on stderr."""
    for name in due(world):
        try:
            pull(world, name, scheduled=True)
        except Fault as fault:
            print(f"comity: feed {name}: {fault}", file=sys.stderr, flush=True)
