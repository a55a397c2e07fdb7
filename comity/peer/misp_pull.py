"""Pulling from a MISP: events as they changed, then sightings as they were made; what is gone there is withdrawn here.

    1. list     the index from the last second reached on, in its order
    2. fetch    some events at a time; one that is too large for one answer by pages of its attributes
    3. submit   what of them is for this node's organisation there
    4. withdraw what this node holds of their attributes and objects that they no longer say: deleted, or now said otherwise
    5. keep     how far this is, after every step 4

As with any peer, the origin is the peer's party, and what comes is for this node's party alone. What this party's own organisation wrote
there is left where it is: it is either from here, or not the peer's. Crash story: what was submitted is durable before its place is kept,
so a cut repeats a few events and loses none; what comes twice is a duplicate.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from comity.clock import parse, stamp
from comity.forms import misp
from comity.forms.misp_fields import text_of, uuid_of
from comity.forms.misp_reached import organisation
from comity.forms.misp_record import KEPT_ATTRIBUTE, KEPT_OBJECT
from comity.forms.misp_types import NAMED
from comity.intake.submit import submit
from comity.intake.withdraw import held, withdraw
from comity.peer import book
from comity.peer.book import Peer
from comity.peer.misp_server import Listed, MispServer, TooMuchError
from comity.peer.pulling import LONGEST, submitter
from comity.peer.report import Report
from comity.terms.item import Draft, Refused
from comity.world import World

#: Events of one answer, and attributes in them; an event with more than `_LARGE` is asked for by parts at once.
_TOGETHER, _ATTRIBUTES, _LARGE = 50, 5_000, 20_000
#: How long a second may still gather changes, seconds: what changed so lately is asked for once more the next time.
_GATHERING = 60
#: Sightings are asked for so many seconds at a time, from so many before the last one on: they may be entered late.
_SPAN, _LATE = 30 * 86_400, 86_400
#: The first second from which there can be sightings (MISP is younger).
_BEGINNING = 1_293_840_000
_SIGHTING_TYPES = frozenset({"sighting", "opinion", "note", "identity"})
#: The types of what an attribute or object by itself becomes under its own UUID.
MADE_OF_PARTS = ("indicator", "observed-data", KEPT_ATTRIBUTE, KEPT_OBJECT, *NAMED.values())

Part = dict[str, Any]


def pull(world: World, name: str, server: MispServer, report: Report, clock: Callable[[], float] = time.monotonic) -> None:
    """Take in what is new there. Raises PeerFault or NotAuthenticated; what came before is kept, and counted in the report."""
    pulling = _Pulling(world, book.peer(world, name), server, report, clock() + LONGEST, clock)
    try:
        if pulling.events():
            pulling.sightings()
    finally:
        report.pulled = dict(pulling.counts)


class _Pulling:
    """One exchange's walk."""

    def __init__(
        self, world: World, link: Peer, server: MispServer, report: Report, until: float, clock: Callable[[], float]
    ) -> None:  # fmt: skip
        self._world, self._link, self._server, self._report = world, link, server, report
        self._until, self._clock = until, clock
        self._by = submitter(world, link)
        self.counts: Counter[str] = Counter()
        own = server.organisation
        self._own = {uuid for uuid in (own.uuid, organisation(world.settings.party)["uuid"]) if uuid}
        named = (own.uuid, own.name.lower())
        self._parties = {name: world.settings.party for name in named if name}
        self._groups: dict[str, Part] | None = None

    def events(self) -> bool:
        """Steps 1 to 5 for all events; whether there was time for all."""
        since = _second(self._link.pulled)
        for page in self._server.index(since, tags=self._link.tags, unpublished=self._link.unpublished):
            seen = (_second(self._link.pulled), set(self._link.seen))
            fresh = [each for each in page if each.uuid and not (each.at == seen[0] and each.uuid in seen[1])]
            for batch in _batches([each for each in fresh if each.at >= since]):
                self._take(batch)
                self._reached(batch)
                if self._clock() > self._until:
                    self._report.problems.append(f"stopped after {LONGEST:.0f} s: the next exchange goes on there")
                    return False
        return True

    def _take(self, batch: Sequence[Listed]) -> None:
        """Steps 2 to 4 for some events."""
        if len(batch) == 1 and batch[0].attributes > _LARGE:
            return self._enter_large(batch[0].uuid)
        try:
            found = self._server.events([each.uuid for each in batch])
        except TooMuchError:
            if len(batch) == 1:
                return self._enter_large(batch[0].uuid)
            middle = len(batch) // 2
            self._take(batch[:middle])
            return self._take(batch[middle:])
        for event in found:
            self._enter(event)

    def _enter_large(self, uuid: str) -> None:
        event = self._server.event_by_parts(uuid)
        if event is not None:
            self._enter(event)

    def _enter(self, event: Part) -> None:
        """Steps 3 and 4 for one event."""
        if uuid_of(event.get("Orgc") or {}) in self._own:
            return
        self._cleaned(event)
        made: set[str] = set()
        self._submit(self._noted(self._read(event), made))
        for id_ in self._gone(event, made):
            self.counts["withdrawn"] += len(withdraw(self._world, self._link.party, id_, versions=("all",), by=self._by.by))

    def _read(self, event: Part) -> Iterator[Draft | Refused]:
        """What of an event is for this node's party, as far as the event says for whom it is."""
        party = self._world.settings.party
        for draft in misp.read(msgspec.json.encode({"Event": event}), self._parties):
            if isinstance(draft, Draft) and draft.to is not None and party not in draft.to:
                self.counts["not for this node"] += 1
            else:
                yield draft

    def _noted(self, drafts: Iterator[Draft | Refused], made: set[str]) -> Iterator[Draft | Refused]:
        for draft in drafts:
            if isinstance(draft, Draft):
                made.add(str(draft.obj["id"]))
            yield draft

    def _submit(self, drafts: Iterable[Draft | Refused]) -> None:
        for outcome in submit(self._world, drafts, self._by):
            self.counts[outcome.outcome] += 1
            if outcome.outcome == "rejected":
                self._report.problems.append(f"{outcome.id or outcome.position}: {outcome.why}")

    def _cleaned(self, event: Part) -> None:
        """Describe the sharing groups that an event names by number, and leave out our own sightings."""
        for part in within(event):
            number = str(part.get("sharing_group_id") or "0")
            if str(part.get("distribution")) == "4" and not isinstance(part.get("SharingGroup"), dict) and number in self._described():
                part["SharingGroup"] = self._described()[number]
            if isinstance(part.get("Sighting"), list):
                part["Sighting"] = [each for each in part["Sighting"] if not (isinstance(each, dict) and self._ours(each))]

    def _described(self) -> dict[str, Part]:
        if self._groups is None:
            self._groups = {text_of(group, "id"): group for group in self._server.groups()}
        return self._groups

    def _ours(self, sighting: Mapping[str, Any]) -> bool:
        return uuid_of(sighting.get("Organisation") or {}) in self._own

    def _gone(self, event: Part, made: set[str]) -> list[str]:
        """The ids under which this node holds parts of an event that it no longer makes."""
        uuids = {uuid_of(part) for part in within(event)} - {uuid_of(event), ""}
        possible = [id_ for uuid in uuids for type_ in MADE_OF_PARTS if (id_ := f"{type_}--{uuid}") not in made]
        return held(self._world, self._link.party, possible)

    def _reached(self, batch: Sequence[Listed]) -> None:
        """Step 5."""
        last = max(batch[-1].at, _second(self._link.pulled))
        seen = set(self._link.seen) if last == _second(self._link.pulled) else set()
        if last < int(self._world.clock().timestamp()) - _GATHERING:
            seen |= {each.uuid for each in batch if each.at == last}
        self._link = book.advance(self._world, self._link, pulled=stamp(last * 1_000_000), seen=tuple(sorted(seen)))

    def sightings(self) -> None:
        """The sightings that others made, of what this node holds."""
        now = int(self._world.clock().timestamp())
        first = max(self._link.sighted - _LATE, _BEGINNING)
        while first <= now:
            last = min(first + _SPAN - 1, now + _LATE)
            found = self._server.sightings(first, last)
            self._submit(draft for each in found if not self._ours(each) for draft in self._sighted(each))
            self._link = book.advance(self._world, self._link, sighted=min(last, now))
            first = last + 1
            if self._clock() > self._until:
                self._report.problems.append(f"stopped after {LONGEST:.0f} s: the next exchange goes on there")
                return

    def _sighted(self, found: Part) -> list[Draft]:
        """A sighting, read as the only one of its attribute; nothing if that is not held here."""
        event, attribute = found.get("Event"), found.get("Attribute")
        if not isinstance(event, dict) or not isinstance(attribute, dict):
            return []
        alone = {key: value for key, value in found.items() if key not in ("Event", "Attribute")}
        whole = {**event, "Attribute": [{**attribute, "Sighting": [alone]}]}
        self._cleaned(whole)
        drafts = [each for each in self._read(whole) if isinstance(each, Draft) and each.obj["type"] in _SIGHTING_TYPES]
        about = next((_subject(each.obj) for each in drafts if each.obj["type"] != "identity"), "")
        return drafts if about and held(self._world, self._link.party, [about]) else []


def news(link: Peer, server: MispServer) -> bool:
    """Whether any event changed since the last that was taken in."""
    since = _second(link.pulled)
    seen = set(link.seen)
    return any(each.at > since or each.uuid not in seen for each in next(server.index(since, tags=link.tags, unpublished=link.unpublished)))


def _second(pulled: str) -> int:
    return int(parse(pulled).timestamp()) if pulled else 0


def _subject(obj: Mapping[str, Any]) -> str:
    return str(obj.get("sighting_of_ref") or next(iter(obj.get("object_refs", ())), ""))


def within(event: Part) -> Iterator[Part]:
    """An event, its attributes, its objects and theirs."""
    yield event
    for key in ("Attribute", "Object"):
        listed = event.get(key)
        for part in listed if isinstance(listed, list) else ():
            if isinstance(part, dict):
                yield from within(part) if key == "Object" else (part,)


def _batches(listed: Sequence[Listed]) -> Iterator[list[Listed]]:
    """Events in order, so many at a time that an answer stays small."""
    batch: list[Listed] = []
    size = 0
    for each in listed:
        if batch and (len(batch) == _TOGETHER or size + each.attributes > _ATTRIBUTES):
            yield batch
            batch, size = [], 0
        batch.append(each)
        size += each.attributes
    if batch:
        yield batch
