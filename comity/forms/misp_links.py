"""What joins or judges the parts of a MISP event: object references, sightings, event reports, analysts' notes and opinions.

| MISP | STIX |
|---|---|
| reference of an object | relationship, where both ends are in the event |
| sighting, type 0 | sighting by its organisation |
| type 1, false positive | opinion `strongly-disagree`: a sighting says that something was there, which this denies |
| type 2, expiration | note; the indicator's `valid_until` is set beside it, for a note alone stops no detection |
| event report, analyst's note | note |
| analyst's opinion, 0 to 100 | opinion, in five steps |
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from comity.forms.misp_fields import epoch, moment, parts, seconds, text_of, uuid_of
from comity.forms.misp_record import record_of
from comity.forms.misp_sheet import Sheet
from comity.terms.stix import timestamp

Part = Mapping[str, Any]

SEEN, FALSE_POSITIVE, EXPIRED = "0", "1", "2"
_STEPS = ("strongly-disagree", "disagree", "neutral", "agree", "strongly-agree")
_NOT_NAME = re.compile(r"[^a-z0-9]+")


def relationship(reference: Part, source: str, target: str, sheet: Sheet, about: str) -> dict[str, Any]:
    """A reference of the object `about` (UUID) between the STIX objects of its ends."""
    said = text_of(reference, "relationship_type") or "related-to"
    names = (uuid_of(reference), sheet.uuid, about, said, text_of(reference, "referenced_uuid"))
    obj = sheet.head("relationship", names, seconds(reference.get("timestamp")))
    obj |= {
        "relationship_type": _NOT_NAME.sub("-", said.lower()).strip("-") or "related-to",
        "description": text_of(reference, "comment"),
        "source_ref": source,
        "target_ref": target,
    }
    keys = ("referenced_uuid", "relationship_type", "comment", "timestamp")
    return sheet.filled(obj, {"object_uuid": about, "reference": {key: text_of(reference, key) for key in keys}})


def expiry(part: Part) -> str | None:
    """When the last sighting that ends an attribute's validity was made, as a STIX timestamp; None if there is none."""
    ends = [
        found for _, each in parts(part, "Sighting") if text_of(each, "type") == EXPIRED and (found := seconds(each.get("date_sighting")))
    ]
    return timestamp(max(ends)) if ends else None


def organisation(part: Part) -> Part | None:
    """The organisation that made a sighting, if it says who it is."""
    org = part.get("Organisation")
    return org if isinstance(org, dict) and uuid_of(org) and text_of(org, "name") else None


def sighting(part: Part, target: str, sheet: Sheet, about: str) -> dict[str, Any]:
    """A sighting of the attribute `about` (UUID), of whatever type, on the STIX object `target`."""
    kind = text_of(part, "type") or SEEN
    when = seconds(part.get("date_sighting")) or sheet.moment
    org = organisation(part)
    names = (uuid_of(part), sheet.uuid, about, kind, text_of(part, "date_sighting"), str(org and uuid_of(org)))
    type_ = {FALSE_POSITIVE: "opinion", EXPIRED: "note"}.get(kind, "sighting")
    obj = sheet.head(type_, names, when)
    obj["created"] = obj["modified"]
    if type_ == "sighting":
        obj |= {"sighting_of_ref": target, "first_seen": timestamp(when), "last_seen": timestamp(when), "count": 1}
        obj["where_sighted_refs"] = [f"identity--{uuid_of(org)}"] if org else []
    elif type_ == "opinion":
        obj |= {"opinion": _STEPS[0], "explanation": "MISP: seen as a false positive.", "object_refs": [target]}
        obj["authors"] = [text_of(org, "name")] if org else []
    else:
        obj |= {"content": f"MISP: expired on {when:%Y-%m-%d}.", "object_refs": [target]}
    keys = ("type", "date_sighting", "source")
    said = {key: text_of(part, key) for key in keys}
    who = {"uuid": uuid_of(org), "name": text_of(org, "name")} if org else {}
    return sheet.filled(
        obj, {"attribute_uuid": about, "sighting": {key: value for key, value in said.items() if value}, "organisation": who}
    )


def report(part: Part, target: str, sheet: Sheet) -> dict[str, Any]:
    """An event report as a note on the event's STIX report `target`."""
    name, content = text_of(part, "name"), text_of(part, "content")
    obj = sheet.head("note", (uuid_of(part), sheet.uuid, name, content), seconds(part.get("timestamp")))
    obj |= {"abstract": name, "content": content or name or "(empty)", "object_refs": [target]}
    return sheet.filled(obj, {"event_report": {"name": name, "content": content, "timestamp": text_of(part, "timestamp")}})


def analysts(part: Part, target: str, sheet: Sheet, about: str) -> Iterator[tuple[Part, dict[str, Any]]]:
    """(part, its object) of what analysts noted on the event, object or attribute `about` (UUID), made as `target`."""
    for key in ("Note", "Opinion"):
        for _, each in parts(part, key):
            said = {name: text_of(each, name) for name in ("note", "opinion", "comment", "authors", "language", "created", "modified")}
            said = {name: value for name, value in said.items() if value}
            obj = sheet.head(key.lower(), (uuid_of(each), sheet.uuid, about, *said.values()), moment(each.get("modified")))
            begun = moment(each.get("created"))
            if begun and timestamp(begun) <= obj["modified"]:
                obj["created"] = timestamp(begun)
            if key == "Note":
                obj |= {"content": said.get("note") or "(empty)", "authors": [said["authors"]] if "authors" in said else []}
            else:
                obj |= {"opinion": step(said.get("opinion", "")), "explanation": said.get("comment", "")}
                obj["authors"] = [said["authors"]] if "authors" in said else []
            obj["object_refs"] = [target]
            yield each, sheet.filled(obj, {"about_uuid": about, "analyst": said})


def step(text: str) -> str:
    """MISP's opinion from 0 to 100 as one of STIX's five (sections 4.14 and 10.22); neutral if it is none."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 3 else 50
    return _STEPS[0 if number <= 20 else 1 if number <= 40 else 2 if number <= 60 else 3 if number <= 80 else 4]


def written_reference(obj: Part, target: str) -> dict[str, str]:
    """The inverse of `relationship`: a reference to what became `target` (UUID)."""
    said = record_of(obj).get("reference")
    if isinstance(said, dict):
        return {"uuid": uuid_in(obj), "comment": ""} | {key: str(value) for key, value in said.items() if value}
    return {
        "uuid": uuid_in(obj),
        "referenced_uuid": target,
        "relationship_type": str(obj.get("relationship_type") or "related-to"),
        "comment": str(obj.get("description") or ""),
        "timestamp": epoch(obj.get("modified")),
    }


def written_sighting(obj: Part, by: Part | None, origin: str) -> dict[str, Any] | None:
    """The inverse of `sighting`, and a sighting or a denying opinion that did not come from MISP; None for what is neither.

    `by` is the identity that saw it, if it is known; `origin` the party that said so.
    """
    record = record_of(obj)
    said = record.get("sighting")
    if isinstance(said, dict):
        found: dict[str, Any] = {key: str(value) for key, value in said.items()}
        who = record.get("organisation")
        return {"uuid": uuid_in(obj)} | found | ({"Organisation": dict(who)} if isinstance(who, dict) and who else {})
    kind = SEEN if obj["type"] == "sighting" else FALSE_POSITIVE if obj.get("opinion") in _STEPS[:2] else ""
    if not kind:
        return None
    # An opinion may be a later one than the first.
    when = epoch(obj.get("last_seen") or obj.get("first_seen") or obj.get("modified" if kind == FALSE_POSITIVE else "created"))
    org = {"uuid": uuid_in(by), "name": str(by.get("name") or origin)} if by else None
    return {"uuid": uuid_in(obj), "type": kind, "date_sighting": when, "source": origin} | ({"Organisation": org} if org else {})


def written_report(obj: Part) -> dict[str, str]:
    """The inverse of `report`; a note that did not come from MISP is an event report too."""
    said = record_of(obj).get("event_report")
    record = record_of(obj)
    name = str(obj.get("abstract") or record.get("name") or "Note")
    content = str(obj.get("content") or record.get("content") or record.get("event_note") or "")
    plain = {"name": name, "content": content, "timestamp": epoch(obj.get("modified"))}
    own = {key: str(value) for key, value in said.items()} if isinstance(said, dict) else {}
    return {"uuid": uuid_in(obj)} | plain | own


def written_analyst(obj: Part) -> tuple[str, str, dict[str, str]] | None:
    """The inverse of `analysts`: (UUID of what it is about, "Note" or "Opinion", the part); None for anything else."""
    record = record_of(obj)
    said = record.get("analyst")
    if not isinstance(said, dict):
        return None
    return str(record.get("about_uuid")), str(obj["type"]).capitalize(), {"uuid": uuid_in(obj)} | {k: str(v) for k, v in said.items()}


def uuid_in(obj: Part) -> str:
    """The UUID in a STIX id."""
    return str(obj["id"]).partition("--")[2]
