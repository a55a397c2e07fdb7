"""MISP event JSON as STIX 2.1: a report per event, and of each attribute or object an indicator, observables or a record of it.

Everything is deterministic: the same event read twice gives the same ids, so the second reading is a duplicate. Markings and
audiences only ever tighten from event to object to attribute.

What MISP says beyond STIX stays with the object as `x_misp_` properties (`misp_record`), so that `misp_out` can write the event
again. What STIX has no place for, or whose value is not of its type, is kept as MISP wrote it: alone as `x-misp-attribute`, in an
object as part of its `x-misp-object` (misp-stix's names for the same). The event's report does not name these: a report is
withheld from whoever may not see all it names, and no type group covers them, so they stay with their origin unless a clause
lists the type. Refused are malformed attributes only. What is left out on purpose (proposals, the bytes of attached files, deleted
parts, local tags) is counted, and the report's draft says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from comity.errors import SenderFault
from comity.forms import json_text
from comity.forms.misp_event import Event
from comity.forms.misp_fields import day, parts, seconds, uuid_of
from comity.forms.misp_scope import Scope
from comity.forms.misp_sheet import Sheet
from comity.terms.item import Draft, Refused
from comity.terms.stix import derived_id, timestamp


def read(raw: bytes, parties: Mapping[str, str] | None = None) -> Iterator[Draft | Refused]:
    """The objects of one or more events: per event its author, its parts, then its report. Never raises for bad input.

    `parties` maps organisations (UUID or name, lower-case) of sharing groups to party codes, where a name is not the code itself.
    """
    try:
        found = list(events(json_text.loads(raw.removeprefix(b"\xef\xbb\xbf"))))
    except SenderFault as fault:
        yield Refused(position="document", why=str(fault))
        return
    if not found:
        yield Refused(position="document", why="no MISP event in it")
    for number, event in enumerate(found):
        yield from _event(event, f"Event[{number}]" if len(found) > 1 else "Event", parties or {})


def events(node: Any) -> Iterator[dict[str, Any]]:
    """The events in any of MISP's wrappings: one, a list, `response`, a feed's file, or an event without its wrapping.

    Attributes or objects that a search gave without their events are one that has neither UUID nor `info`.
    """
    if isinstance(node, list):
        for item in node:
            yield from events(item)
    elif isinstance(node, dict):
        if isinstance(node.get("Event"), dict):
            yield node["Event"]
        elif "response" in node:
            yield from events(node["response"])
        elif isinstance(node.get("Attribute"), list) or isinstance(node.get("Object"), list):
            yield node
        elif isinstance(node.get("Attribute") or node.get("Object"), dict):
            yield {key: [node[key]] for key in ("Attribute", "Object") if isinstance(node.get(key), dict)}


def _event(event: dict[str, Any], position: str, parties: Mapping[str, str]) -> Iterator[Draft | Refused]:
    uuid = uuid_of(event)
    loose = "info" not in event and "uuid" not in event
    moment = _latest(event) if loose else seconds(event.get("timestamp")) or day(event.get("date"))
    if moment is None or not (uuid or loose):
        wrong = "nothing in it has a timestamp" if loose else "the event has no UUID, or neither timestamp nor date"
        yield Refused(position=position, why=wrong)
        return
    scope = Scope(parties=parties).within(event)
    author = identity(event.get("Orgc"), timestamp(moment))
    if author:
        yield scope.draft(author, f"{position}.Orgc")
    sheet = Sheet(uuid=uuid, moment=moment, day=day(event.get("date")), author=author["id"] if author else None)
    reading = Event(event, position, sheet, scope)
    yield from reading.inside() if loose else reading.drafts()


def _latest(event: dict[str, Any]) -> datetime | None:
    stamps = [seconds(each.get("timestamp")) for key in ("Attribute", "Object") for _, each in parts(event, key)]
    return max((stamp for stamp in stamps if stamp), default=None)


def identity(org: Any, moment: str) -> dict[str, Any] | None:
    """An organisation: a claim, shown as one. Only an event dates it; being derived, the first one stays."""
    if not isinstance(org, dict) or not org.get("name"):
        return None
    uuid = uuid_of(org)
    return {
        "type": "identity",
        "spec_version": "2.1",
        "id": f"identity--{uuid}" if uuid else derived_id("identity", "misp-organisation", str(org["name"])),
        "created": moment,
        "modified": moment,
        "name": str(org["name"]),
        "identity_class": "organization",
    }
