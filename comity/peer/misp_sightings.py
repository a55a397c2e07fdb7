"""Own sightings told to a MISP: of our events there, and of what came from there. Each is told once.

MISP gives a sighting an id of its own, so what is there already is found by what was sighted, how and when.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from comity.forms.misp_fields import text_of, texts, true, uuid_of
from comity.forms.misp_links import written_sighting
from comity.forms.misp_out import Held
from comity.forms.misp_record import record_of
from comity.peer.misp_groups import parts_of
from comity.peer.misp_server import MispServer
from comity.release.desk import Desk
from comity.release.holdings import others_named

Part = dict[str, Any]
#: The UUID of an attribute, and what is told of it: `type`, `source`, `timestamp`.
Told = tuple[str, dict[str, str]]


def taken_out(event: Part) -> list[Told]:
    """The sightings in an event, out of it: in events MISP takes them from other servers only."""
    return [_told(part["uuid"], each) for part in parts_of(event) if part is not event for each in part.pop("Sighting", ())]


def of_theirs(desk: Desk, party: str, held: Iterable[Held]) -> dict[str, Told]:
    """id -> what is told of each own sighting, or denying opinion, about something that the party's MISP made known."""
    judging = {each.id: each for each in held if each.obj["type"] in ("sighting", "opinion")}
    subjects = {_subject(each.obj) for each in judging.values()}
    theirs = {row.id: body for row, body in others_named(desk, sorted(subjects)) if row.origin == party}
    found: dict[str, Told] = {}
    for id_, each in judging.items():
        body = theirs.get(_subject(each.obj))
        said = written_sighting(each.obj, None, each.envelope.origin) if body else None
        attribute = _attribute(msgspec.json.decode(body)) if body else ""
        if said and attribute:
            found[id_] = _told(attribute, said)
    return found


def tell(server: MispServer, sightings: list[Told], count: Callable[[str, str], None]) -> None:
    """Add the sightings that are not there yet; `count` notes what became of each, and why not."""
    if sightings and not server.may_sight:
        count("kept here", f"{len(sightings)} sightings: the key may not add any there")
        return
    moments = [int(said["timestamp"]) for _, said in sightings]
    there = {_known(each) for each in server.sightings(min(moments), max(moments), server.organisation.uuid)} if moments else set()
    for attribute, said in sightings:
        if (attribute, said["type"], said["timestamp"]) not in there:
            problem = server.sight(attribute, said)
            count("refused" if problem else "sightings", f"sighting of {attribute}: {problem}" if problem else "")


def _told(attribute: str, said: Mapping[str, Any]) -> Told:
    return attribute, {
        "type": text_of(said, "type") or "0",
        "source": text_of(said, "source"),
        "timestamp": text_of(said, "date_sighting") or "0",
    }


def _known(sighting: Mapping[str, Any]) -> tuple[str, str, str]:
    return uuid_of(sighting.get("Attribute") or {}), text_of(sighting, "type"), text_of(sighting, "date_sighting")


def _attribute(obj: Mapping[str, Any]) -> str:
    """The UUID of the attribute that an object from MISP was made of; of an object's, the first that is flagged. "" for neither."""
    said = record_of(obj)
    if "value" in said:
        return str(obj["id"]).partition("--")[2]
    listed = said.get("attributes")
    inner = [each for each in listed if isinstance(each, dict) and uuid_of(each)] if isinstance(listed, list) else []
    return uuid_of(max(inner, key=lambda each: true(each.get("to_ids")), default={}))


def _subject(obj: Mapping[str, Any]) -> str:
    return str(obj.get("sighting_of_ref") or next(iter(texts(obj.get("object_refs"))), ""))
