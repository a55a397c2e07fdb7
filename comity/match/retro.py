"""Indicators looked for in what was observed before they came: the same index and rules as for logs, over what `history` keeps.

Each finding becomes a sighting of an indicator on a day. Its id says both, so what is looked for twice is one sighting, and a day of which
more was kept meanwhile gives a new version of it.

Crash story: sightings are durable before it is kept how far the indicators have been looked for. Cut off between, they are looked for
again, and give the same sightings, which are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from comity.admin.warninglists import open_warninglists
from comity.intake.submit import Submitter, submit
from comity.match.history import Kept, days, kept, purge
from comity.match.index import Index, Match
from comity.match.suppression import Suppression
from comity.release.desk import Desk
from comity.release.holdings import own_named
from comity.release.matchable import newer
from comity.terms.item import Draft, Outcome
from comity.terms.stix import derived_id, timestamp

_SPACE = _CLIENT = "history"
_REACHED = "reached"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """An indicator that was observed on a day: as in `scan.Hit`, with how often and when first and last."""

    day: str
    kind: str
    value: str
    observed: str
    how: str
    count: int
    first: datetime
    last: datetime
    indicator: str


def findings(rows: Iterable[Kept], index: Index) -> Iterator[Finding]:
    """The indicators that what was kept shows."""
    ask: dict[str, Callable[[str], tuple[Match, ...]]] = {
        "domain": index.host, "ipv4": index.address, "ipv6": index.address, "url": index.url,
    }  # fmt: skip
    for row in rows:
        for match in ask.get(row.kind, index.hash)(row.value):
            for id_ in match.indicators:
                yield Finding(
                    day=row.day.isoformat(), kind=match.kind, value=match.value, observed=row.value, how=match.how, count=row.times,
                    first=row.first, last=row.last, indicator=id_,
                )  # fmt: skip


def submit_findings(desk: Desk, found: Iterable[Finding], *, named: bool = False) -> list[Outcome]:
    """Take them in as sightings of the node's own party; those that say nothing new are left out."""
    world = desk.world
    groups: dict[tuple[str, str], list[Finding]] = {}
    for each in found:
        groups.setdefault((each.indicator, each.day), []).append(each)
    ids = {key: derived_id("sighting", "history", *key) for key in groups}
    known: dict[str, dict[str, Any]] = {row.id: msgspec.json.decode(body) for _, row, body, _ in own_named(desk, ids.values())}
    drafts = [_draft(ids[key], group, known.get(ids[key]), timestamp(world.clock())) for key, group in groups.items()]
    by = Submitter(party=world.settings.party, by="match", named=named or world.settings.sightings.named)
    return list(submit(world, (draft for draft in drafts if draft is not None), by))


def _draft(id_: str, group: list[Finding], known: dict[str, Any] | None, now: str) -> Draft | None:
    # Several values of one indicator, or names below one, may stand on the same lines: the most frequent says the least too much.
    count = min(max(each.count for each in group), 999_999_999)
    if known is not None and known.get("count") == count:
        return None
    obj = {
        "type": "sighting",
        "spec_version": "2.1",
        "id": id_,
        "created": known["created"] if known else now,
        "modified": now,
        "first_seen": timestamp(min(each.first for each in group)),
        "last_seen": timestamp(max(each.last for each in group)),
        "count": count,
        "summary": True,
        "sighting_of_ref": group[0].indicator,
    }
    return Draft(raw=msgspec.json.encode(obj), obj=obj, position=id_)


class LookingBack:
    """Looks for what is new among the node's indicators. Made of a desk; nothing is kept on most nodes, and then nothing is done."""

    def __init__(self, desk: Desk, tell: Callable[[str], None]) -> None:
        self._desk = desk
        self._tell = tell
        self._folder = Path(desk.world.settings.history.folder or "/nonexistent")

    def since(self) -> date:
        """The first day that is still to be kept."""
        world = self._desk.world
        return (world.clock() - timedelta(days=world.settings.history.days)).date()

    def new(self) -> Iterator[Finding]:
        """What of the indicators that came since the last time stands in what is kept; call `reached` when it is dealt with."""
        world = self._desk.world
        after = int(world.store.private(_SPACE, _REACHED) or b"0")
        entries, self._upto = newer(self._desk, after, _CLIENT)
        yield from findings(kept(self._folder, self.since(), self._tell), Index.build(entries)) if entries else ()

    def reached(self) -> None:
        """Keep how far `new` has come."""
        with self._desk.world.store.write() as tx:
            tx.put_private(_SPACE, _REACHED, str(self._upto).encode())

    def look(self) -> list[Outcome]:
        """Purge what is over its time, look for what is new, and take sightings in: what a server does by itself."""
        if not days(self._folder):
            return []
        purge(self._folder, self.since())
        found = list(Suppression(open_warninglists().known_good).of(self.new()))
        outcomes = submit_findings(self._desk, found)
        self.reached()
        return outcomes
