"""Pushing own items to a MISP as events, as far as an agreement lets them go there and MISP keeps what is said of them.

Each step takes the own items after the last that were pushed, with what they cannot be written without: the reports that name them, and
what they join or judge. An edit in MISP changes only the parts that it brings, so only those are brought that are newer than there. Events
are made unpublished: publishing one is a person's decision there. Their author is this party's organisation there, and no distribution is
wider than the envelope (`forms.misp_reached`, `misp_groups`).

Crash story: a step is in the log before any of it leaves, and its place is kept when all of it is answered. One that is cut off counts as
made and is made again: events are looked for by UUID first, sightings by what was sighted and when.
"""

from __future__ import annotations

from typing import Any

import msgspec

from comity.errors import NotAuthenticated
from comity.forms import misp_out
from comity.forms.misp_fields import seconds, text_of, texts, uuid_of
from comity.peer import book
from comity.peer.book import Peer
from comity.peer.misp_groups import Groups
from comity.peer.misp_pull import MADE_OF_PARTS, within
from comity.peer.misp_server import MispServer, TooMuchError
from comity.peer.misp_sightings import of_theirs, taken_out, tell
from comity.peer.misp_step import Step
from comity.peer.pushing import PAGE, record
from comity.peer.report import Report
from comity.release.desk import Desk
from comity.release.holdings import Outlet, every, own_items, own_named, own_reader
from comity.terms.stix import PUBLIC_TYPES, references

_NAMING = frozenset({"report", "grouping"})
_JOINING = frozenset({"relationship", "sighting", "note", "opinion", "observed-data"})
#: What is never an object of its own there.
_ASIDE = PUBLIC_TYPES | {"identity"}
#: Attributes of an event up to which its parts are compared with those that the server has.
_COMPARED = 5_000

Part = dict[str, Any]


class Pushing:
    """One exchange's events."""

    def __init__(self, desk: Desk, server: MispServer, report: Report) -> None:
        self._desk, self._server, self._report = desk, server, report
        self._groups = Groups(server, desk.world.settings.party)
        self._homes: dict[str, set[str]] | None = None

    def run(self, link: Peer) -> None:
        """Write own items in order. What MISP would not keep as it is said stays here, and is told."""
        outlet = Outlet(self._desk, link.party, link.purposes)
        if link.waiting not in (-1, outlet.version):
            link = msgspec.structs.replace(link, pushed=0, waiting=-1)
        while found := own_items(self._desk, link.pushed, PAGE):
            if not self._server.may_add:
                raise NotAuthenticated(f"the key for {link.name} may not add events", next="ask its operator for a role that may")
            step = Step(link, outlet, self._report)
            for _, row, body, envelope in found:
                step.take(row, msgspec.json.decode(body), envelope)
            for _, row, body, envelope in own_named(self._desk, sorted(self._around(step))):
                step.beside(row, msgspec.json.decode(body), envelope)
            self._send(link, outlet, step)
            waiting = outlet.version if step.waits else link.waiting
            link = book.advance(self._desk.world, link, pushed=found[-1][0], waiting=waiting)

    def _around(self, step: Step) -> set[str]:
        """The ids of what those of a step are written with: reports that name them, ends, observables, the object of an attribute."""
        wanted: set[str] = set()
        for held in step.held:
            homes = self._naming().get(held.id, set())
            wanted |= homes.union(*(self._naming().get(home, ()) for home in homes))  # a long report names by groupings
            wanted |= {f"report--{uuid}" for uuid in texts(held.record.get("event_uuid"))}
            wanted |= {f"{type_}--{uuid}" for uuid in texts(held.record.get("object_uuid")) for type_ in MADE_OF_PARTS}
            if held.obj["type"] in _JOINING:
                wanted.update(references(held.obj))
        return wanted

    def _naming(self) -> dict[str, set[str]]:
        """id -> the own reports and groupings that name it."""
        if self._homes is None:
            self._homes = {}
            for _, row, body in every(self._desk, own_reader(self._desk), _NAMING):
                for id_ in texts(msgspec.json.decode(body).get("object_refs")):
                    self._homes.setdefault(id_, set()).add(row.id)
        return self._homes

    def _send(self, link: Peer, outlet: Outlet, step: Step) -> None:
        """Record a step, write its events, tell its sightings."""
        theirs = of_theirs(self._desk, link.party, step.held)
        written = misp_out.write(each for each in step.held if each.id not in theirs)
        left = {each.position: each.why for each in written.left}
        for id_ in sorted(step.fresh & set(left)):
            step.keep(id_, left[id_])
        events = [each["Event"] for each in written.events]
        sightings = [*theirs.values(), *(each for event in events for each in taken_out(event))]
        going = [row for id_, row in step.rows.items() if id_ not in left and row.type not in _ASIDE]
        if going:
            record(self._desk.world, link, outlet, going)
            for event in events:
                self._write(event)
            tell(self._server, sightings, self._count)

    def _write(self, event: Part) -> None:
        """Make an event, or bring one of ours up to date."""
        uuid = event["uuid"]
        event |= {"Orgc": msgspec.to_builtins(self._server.organisation), "published": False}
        for told in self._groups.confine(event):
            self._tell(told)
        there = self._there(uuid)
        if there is None:
            problem, done = self._server.add(event), "added"
        elif uuid_of(there.get("Orgc") or {}) != self._server.organisation.uuid:
            return self._count("kept here", f"event {uuid}: it is another organisation's there")
        elif not _newer(event, there):
            return self._count("unchanged")
        else:
            # MISP takes an edit only if it is newer than what it has.
            event["timestamp"] = str(max(_second(event), _second(there) + 1))
            problem, done = self._server.edit(event), "updated"
        self._count("refused" if problem else done, f"event {uuid}: {problem}" if problem else "")

    def _there(self, uuid: str) -> Part | None:
        """The event as the server has it, without its parts if they are many; None if this user sees none."""
        header = self._server.header(uuid)
        if header is None or int(text_of(header, "attribute_count") or 0) > _COMPARED:
            return header
        try:
            return next(iter(self._server.events([uuid])), header)
        except TooMuchError:
            return header

    def _count(self, what: str, problem: str = "") -> None:
        self._report.pushed[what] = self._report.pushed.get(what, 0) + 1
        if problem:
            self._tell(problem)

    def _tell(self, problem: str) -> None:
        if problem not in self._report.problems:
            self._report.problems.append(problem)


def _newer(event: Part, there: Part) -> bool:
    """Whether an event says more than the server has; of its parts only those that do stay in it."""
    known = {uuid_of(part): _second(part) for part in within(there)}

    def fresh(part: Part) -> bool:
        return any(_second(each) > known.get(uuid_of(each), -1) for each in (part, *part.get("Attribute", ())))

    for key in ("Attribute", "Object"):
        event[key] = [each for each in event.get(key, ()) if fresh(each)]
    reports = {uuid_of(each): _second(each) for each in there.get("EventReport") or ()}
    event["EventReport"] = [each for each in event.get("EventReport", ()) if _second(each) > reports.get(uuid_of(each), -1)]
    ours, theirs = ({text_of(tag, "name") for tag in each.get("Tag") or ()} for each in (event, there))
    return bool(event["Attribute"] or event["Object"] or event["EventReport"] or ours - theirs or _second(event) > _second(there))


def _second(part: Part) -> int:
    moment = seconds(part.get("timestamp"))
    return int(moment.timestamp()) if moment else 0
