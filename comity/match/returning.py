"""A centre tells producers of sightings without their sighters: the tallies of `release.tallies`, as sightings of its own (ADR 12).

Crash story: a tally's id says what it is of and as of when. Cut off, it is there or not; what is there is not told again, and the rest is
told the next time.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from comity.intake.submit import Submitter, submit
from comity.release.desk import Desk
from comity.release.tallies import Tally, due, tallies, tally_id
from comity.terms.item import Draft, Outcome
from comity.terms.stix import timestamp


def tell_producers(desk: Desk) -> list[Outcome]:
    """Tell what is due now; nothing on a node that is no centre of an agreement in force."""
    world = desk.world
    _, rules = world.rulebook.current()
    settings, now = world.settings, world.clock()
    if not rules.custody(settings.party, settings.body, now):
        return []
    chosen = settings.sightings
    at = due(now, timedelta(hours=chosen.delay))
    found = list(tallies(desk, at, chosen.parties, timedelta(days=chosen.window)))
    return [outcome for tally in found for outcome in submit(world, [_draft(tally, at)], _submitter(desk, tally))]


def _submitter(desk: Desk, tally: Tally) -> Submitter:
    # RED names its recipients.
    to = (tally.producer,) if tally.tlp == "red" else None
    return Submitter(
        party=desk.world.settings.party, by="tally", tlp=tally.tlp, purposes=tally.purposes, handling=tally.handling, to=to, named=True
    )  # fmt: skip


def _draft(tally: Tally, at: datetime) -> Draft:
    """A tally as a sighting (STIX 2.1 section 5.2)."""
    moment = timestamp(at)
    obj = {
        "type": "sighting",
        "spec_version": "2.1",
        "id": tally_id(tally.subject, tally.producer, at),
        "created": moment,
        "modified": moment,
        "description": "Seen by several parties, who are not named. The count is the lower bound of a bucket.",
        "first_seen": timestamp(tally.first),
        "last_seen": timestamp(tally.last),
        "count": tally.count,
        "summary": True,
        "sighting_of_ref": tally.subject,
    }
    raw = msgspec.json.encode(obj)
    return Draft(raw=raw, obj=obj, position=tally.subject, derived=True, about=(tally.producer,))


class Telling:
    """Tells producers whenever a period has ended: what a server does by itself."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._told: datetime | None = None

    def look(self) -> None:
        """Tell what is due, if that may be more than at the last look."""
        world = self._desk.world
        at = due(world.clock(), timedelta(hours=world.settings.sightings.delay))
        if at != self._told:
            tell_producers(self._desk)
            self._told = at
