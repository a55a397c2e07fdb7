"""All that a node forgets when its time is over: its items, what people wrote here, what logs have shown, and tables made of any of it.

Crash story: each part is as of its own module, and what is over is found anew at every run. Nothing depends on the order but the scrubbing
of the store's files, which comes after all that the store forgets.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from pathlib import Path

from comity.admin import asked, persons, shifts, statuses
from comity.errors import IntegrityFault, OperatorFault
from comity.intake import claimed, erase, redress
from comity.intake.purge import Report, overdue, purge
from comity.match import history
from comity.match.own import Forgetting
from comity.peer import returning
from comity.share import drafts
from comity.store import copied, reports, tombstones
from comity.world import World


def purge_node(world: World, folder: Path, *, by: str = "") -> Report:
    """Forget what is over in a node and its folder; the report of it."""
    at, settings = world.clock(), world.settings
    before = at - timedelta(days=settings.retention.days)
    besides = {
        "redress tickets": partial(redress.purge, world),
        "drafts": partial(drafts.forget, world, before),
        "lists": partial(asked.forget, world, before),
        "names in the log": partial(persons.forget, world, at - timedelta(days=settings.retention.persons)),
        "tombstones": partial(tombstones.forget, world.store, before),
        "reports": partial(reports.forget, world.store, before),
        "copies that are gone": partial(copied.forget_bytes, world.store, before),
        "notices about what was held": partial(erase.forget_pending, world),
        "withdrawals told again": partial(returning.forget, world, before),
        "ids of several origins": partial(claimed.forget, world),
        "statuses": partial(statuses.forget, world),
        "handovers": partial(shifts.forget, world, before),
        "days of logs": partial(
            history.purge, Path(settings.history.folder or folder / "history"), at.date() - timedelta(settings.history.days)
        ),
    }
    report = purge(world, by=by, besides=besides)
    Forgetting(world, folder / "tables").look()
    return report


def purge_first(world: World, folder: Path) -> Report:
    """As `purge_node`, before anything is served. Raises OperatorFault where something is overdue and nothing can be entered in the log."""
    try:
        return purge_node(world, folder)
    except IntegrityFault as fault:
        if count := len(overdue(world)):
            raise OperatorFault(f"{count} objects are overdue, and cannot be purged: {fault}", next=fault.next) from fault
        raise
