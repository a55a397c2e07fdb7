"""Who is to be told that an object was taken back, without a node that is linked here: whoever received it, by the log.

    1. find   the recalls since last time, and who had received each     outside the critical section: it looks through the log
    2. put    a tombstone before each of them, at a stamp of its own     one critical section, with how far this has come

The origin's node is told that they had it, and that they were told (`store.reports`). Clients that poll meet it where they read on
(`release.tombstones`); servers to which this node pushes are told at the next exchange.

Crash story: cut off before 2, nothing is put, and the next time finds the same.
"""

from __future__ import annotations

from collections.abc import Mapping

from comity.clock import micros
from comity.forms.tombstone import Tombstone
from comity.intake.withdraw import Recall, recalls_since, recipients
from comity.store import reports, tombstones
from comity.store.placing import stamps
from comity.store.reports import Report
from comity.world import World

_SPACE, _PLACE = "tombstones-place", "leaf"


def tell(world: World) -> int:
    """Put before parties what was taken back since last time; how many tombstones that were. Writes only if there is anything."""
    # 1.
    since = world.store.private(_SPACE, _PLACE)
    found = recalls_since(world, int(since or 0))
    if not found:
        return 0
    had = recipients(world, found)
    objects: dict[tuple[str, str, str], list[Recall]] = {}
    for recall in found:
        for party in had[recall.name]:
            if party != recall.party:
                objects.setdefault((party, recall.party, recall.id), []).append(recall)
    # Its origin knows an object by its own bytes, not by those of a redacted copy.
    own = {(each.party, each.id, each.version): each.sha for each in found if not each.of}
    made = [(party, _tombstone(recalls, own)) for (party, _, _), recalls in objects.items()]
    # 2.
    with world.store.write() as tx:
        if world.store.private(_SPACE, _PLACE) != since:  # another process was quicker
            return 0
        for at, (party, tomb) in zip(stamps(tx, micros(world.clock()), len(made)), made, strict=True):
            tombstones.put(tx, party, at, tomb)
            for sha in tomb.shas if tomb.origin != world.settings.party else ():
                reports.put(tx, Report(origin=tomb.origin, sha=sha, outcome="fetched", of=party, at=world.clock()))
        tx.put_private(_SPACE, _PLACE, str(found[-1].withdrawn + 1).encode())
    return len(made)


def _tombstone(recalls: list[Recall], own: Mapping[tuple[str, str, str], str]) -> Tombstone:
    """One for all versions of an object that went; its last version is that of the last of them."""
    shas = tuple(bytes.fromhex(own.get((each.party, each.of, each.version), each.sha)) for each in recalls)
    last = max(recalls, key=lambda each: (each.version, each.withdrawn))
    return Tombstone(
        recalls=tuple(each.name for each in recalls), origin=last.party, id=last.id, at=last.at, reason=last.reason, markings=last.markings,
        revoked=last.revoked, shas=shas,
    )  # fmt: skip
