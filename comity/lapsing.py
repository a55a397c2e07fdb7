"""Nothing is given out from its date on (`comity.retention`), though it is erased up to an hour later.

The dates that have come are written into items' rows (`Row.expires`), which every page is merged by. It is looked again at the first moment
at which another may come, and not before.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import islice

import msgspec

from comity.agree.changes import next_change
from comity.agree.rules import Rules
from comity.clock import micros
from comity.retention import Due, Retention
from comity.store.copied import all_made, envelopes
from comity.store.wrapped import made_of
from comity.terms.traits import Traits
from comity.world import World

#: Items whose dates are written together.
_PART = 1_000
_NEVER = datetime.max.replace(tzinfo=UTC)


class _Looked(msgspec.Struct, frozen=True, kw_only=True):
    """Under which rules and when it was looked; until when that is good for what came since; the next dates, by home row, and the first."""

    version: int
    at: datetime
    until: datetime
    dates: dict[int, datetime]
    again: datetime

    def holds(self, version: int, now: datetime) -> bool:
        """Whether nothing but what has a date here can have been given one since."""
        return self.version == version and self.at <= now < self.until


class Lapsing:
    """Sees to it that nothing is given out from its date on. Keep one as long as a world: it remembers when to look again.

    Crash story: a part of what lapses is one transaction, and what has lapsed follows from rules and receipt at the next look.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._looked: _Looked | None = None

    def look(self, version: int, rules: Rules, now: datetime) -> None:
        """Write the dates that have come into their items' rows, under the current rules and their version."""
        looked = self._looked
        if looked is not None and looked.holds(version, now):
            if now < looked.again:
                return
            retention = Retention(self._world, now)
            homes = [(home, retention.facts(home)) for home, at in looked.dates.items() if at <= now]
        else:
            retention = Retention(self._world, now)
            until = min(each for each in (retention.soonest(None, now), next_change(rules, now)) if each)
            looked = _Looked(version=version, at=now, until=until, dates={}, again=until)
            homes = list(retention.homes())
        dates = looked.dates | {home: self._lapse(retention, home, facts, now) for home, facts in homes}
        self._looked = msgspec.structs.replace(looked, dates=dates, again=min((looked.until, *dates.values())))

    def _lapse(self, retention: Retention, home: int, facts: Traits, now: datetime) -> datetime:
        """Lapse what is over of a home row; when to look at it again."""
        again = _NEVER
        found = retention.aged(home, facts, now, micros(now))
        while part := list(islice(found, _PART)):
            again = min((due.at for due in part if due.at > now), default=again)
            if over := [due for due in part if due.at <= now]:
                self._write(over)
        return again

    def _write(self, over: Sequence[Due]) -> None:
        """The dates of some items, and of what was made of them."""
        store = self._world.store
        with store.write() as tx:
            rows = store.rows([due.row.item for due in over])
            dates = {due.row.item: micros(due.at) for due in over if due.row.item in rows}
            made = {row.item: row for row in (*made_of(store, list(rows.values())), *all_made(store, rows.values()))}
            for item, envelope in envelopes(store, list(made)).items():
                date, expires = dates.get(envelope.made_of or 0), made[item].expires
                if date is not None and (expires is None or date < expires):
                    dates.setdefault(item, date)
            tx.lapse(sorted(dates.items()))
