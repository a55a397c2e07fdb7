"""`comity match` without `--indicators`: against what the node itself may match."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from comity.doors.cli.looking_back import held_from
from comity.doors.cli.output import note
from comity.match.hit import Hit
from comity.match.own import Own
from comity.match.sighted import submit_sightings
from comity.release.desk import Desk
from comity.world import World


class Node:
    """A node, as `comity match` uses it. What was read is in its log when it is closed."""

    def __init__(self, world: World) -> None:
        self._desk = Desk(world)

    def own(self, folder: Path | None, min_score: int) -> Own:
        """What it may match, kept in a folder; None: nothing is kept."""
        return Own(self._desk, folder, min_score)

    def held_from(self, id_: str) -> str:
        """The party or feed that an indicator is from."""
        return held_from(self._desk, id_)

    def submit(self, hits: Iterable[Hit], *, named: bool) -> None:
        """Turn hits into sightings."""
        outcomes = Counter(outcome.outcome for outcome in submit_sightings(self._desk.world, hits, named=named))
        note("sightings: " + (", ".join(f"{number} {name}" for name, number in outcomes.items()) or "none"))

    def close(self) -> None:
        """Record what was read."""
        self._desk.flush()
