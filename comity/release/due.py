"""What a reader's party owes and what runs out: duties with a deadline, and items that expire. Looked at, not released.

    1. duties    per visible home row of others: what the clauses ask of the recipient, with a deadline (`agree.duties`)
    2. items     those of such a row that came when the deadline falls within the time asked about
    3. owed      of these, those for which the party has not done it: no opinion, no sighting of its own

Only what is given to the reader now obliges it; what it may not see is neither counted nor passed over.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from comity.agree import duties
from comity.agree.duties import Duty
from comity.clock import from_micros, micros
from comity.release.desk import Desk
from comity.release.feed import Feed
from comity.release.sight import Reader
from comity.store.expiry import going
from comity.store.protocol import Row

#: Items of one row that are looked at; a row with more says so by `more`.
_PART = 200
#: By how much months and years may differ, in microseconds.
_SLACK = 5 * 86_400_000_000
#: Which type of an item of the party's own fulfils a duty towards an object.
_FULFILS = {"feedback": "opinion", "report-sightings": "sighting"}


class Owed(msgspec.Struct, frozen=True, kw_only=True):
    """A duty towards one object that has not been fulfilled: which (`agree.guard.DUTIES`), until when, since when it is here."""

    row: Row
    duty: str
    due: datetime
    received: datetime


def owed(desk: Desk, reader: Reader, since: datetime, until: datetime, limit: int) -> tuple[list[Owed], bool]:
    """What is due within [since, until), the first due first, at most `limit`; and whether there may be more."""
    feed, more = desk.feed(reader), False
    found: list[Owed] = []
    for home in feed.sight.homes():
        for duty in _dated(feed, home):
            met = _met(desk, feed, home, duty, since, until)
            more = more or len(met) == _PART
            found += [each for each in met if not _fulfilled(desk, reader, each)]
    found.sort(key=lambda each: (each.due, each.row.added))
    return found[:limit], more or len(found) > limit


def expiring(desk: Desk, reader: Reader, since: datetime, until: datetime, limit: int) -> tuple[list[Row], bool]:
    """The items the reader may see that expire within [since, until), the first to go first; and whether there are more."""
    feed = desk.feed(reader)
    found: list[Row] = []
    for row in going(desk.world.store, micros(since), micros(until)):
        if feed.stamps([row]) and not feed.sight.spared(row.base):
            if len(found) == limit:
                return found, True
            found.append(row)
    return found, False


def _dated(feed: Feed, home: int) -> list[Duty]:
    """Step 1."""
    every = (duties.read(text) for text in feed.sight.decision(home).duties)
    return [duty for duty in every if duty.name in _FULFILS and (duty.within or duty.by)]


def _met(desk: Desk, feed: Feed, home: int, duty: Duty, since: datetime, until: datetime) -> list[Owed]:
    """Step 2."""
    found: list[Owed] = []
    first, now = _first(duty, since), micros(desk.world.clock())
    for source in feed.streams(home):
        for at, row in desk.world.store.page([source], first, _PART, now):
            received = from_micros(at)
            due = duty.due(received)
            if due is None or due >= until:
                break
            if due >= since and feed.stamps([row]).get(row.item) == at:
                found.append(Owed(row=row, duty=duty.name, due=due, received=received))
    return found[:_PART]


def _first(duty: Duty, since: datetime) -> int:
    """A stamp after which everything stands for which a duty is due at `since` or later."""
    if duty.within is None:
        return 0
    # Durations go by the calendar, so they are not taken back exactly: what is too early is left out by its own deadline.
    due = duty.due(since)
    length = (due - since) if due is not None else None
    return max(0, micros(since - length) - _SLACK) if length is not None else 0


def _fulfilled(desk: Desk, reader: Reader, each: Owed) -> bool:
    """Step 3."""
    naming = desk.world.store.naming(each.row.id)
    return any(row.origin == reader.party and row.type == _FULFILS[each.duty] for row, _ in naming)
