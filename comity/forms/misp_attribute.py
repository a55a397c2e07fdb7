"""One MISP attribute as STIX objects: the one that carries its record first, then the observables that it names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from comity.forms.misp_fields import UUID, moment, parts, seconds, stamped, text_of, true, uuid_of
from comity.forms.misp_links import expiry
from comity.forms.misp_record import KEPT_ATTRIBUTE, essentials
from comity.forms.misp_sheet import Sheet
from comity.forms.misp_types import NAMED, aside, observables, pattern, pattern_type, title

Part = Mapping[str, Any]


def malformed(attribute: Part) -> str:
    """Why something is not a MISP attribute at all, "" if it is one (MISP core format, section 2.4)."""
    type_, value, uuid = attribute.get("type"), attribute.get("value"), attribute.get("uuid")
    if not isinstance(type_, str) or not type_:
        return "the attribute has no type"
    if value is None or not str(value).strip():
        return f"the attribute of type {type_} has no value"
    if not isinstance(value, str | int | float):
        return f"the value of the attribute of type {type_} is neither text nor a number"
    if uuid and not (isinstance(uuid, str) and UUID.match(uuid.lower())):
        return f"{str(uuid)[:80]!r} is not an RFC 4122 UUID"
    return ""


def one(attribute: Part, sheet: Sheet, tags: tuple[str, ...], within: str) -> list[dict[str, Any]]:
    """The STIX objects of a well-formed attribute, the one with its record first; `within` is its object's UUID, if it has one.

    Where STIX has no place for it, a record alone that says why (`x_misp_why`).
    """
    type_, text = str(attribute["type"]), str(attribute["value"])
    value = text.strip()
    record = essentials(attribute) | {"object_uuid": within}
    record.pop("uuid", None)
    when = seconds(attribute.get("timestamp"))
    names = (uuid_of(attribute), sheet.uuid, type_, value)
    try:
        if type_ in NAMED:
            obj = sheet.head(NAMED[type_], names, when, tags) | {"description": text_of(attribute, "comment"), "name": value}
            return [sheet.filled(obj, record)]
        if true(attribute.get("to_ids")):
            return [sheet.filled(_indicator(attribute, type_, value, names, sheet, tags), record)]
        found = observables(type_, value)
        obj = sheet.head("observed-data", names, when, tags) | seen(attribute, sheet) | {"object_refs": [sco["id"] for sco in found]}
        return [sheet.filled(obj, record), *found]
    except ValueError as error:
        return [sheet.filled(sheet.head(KEPT_ATTRIBUTE, names, when, tags), record | {"why": str(error)})]


def _indicator(attribute: Part, type_: str, value: str, names: tuple[str, ...], sheet: Sheet, tags: tuple[str, ...]) -> dict[str, Any]:
    said = text_of(attribute, "comment")
    begins = moment(attribute.get("first_seen")) or seconds(attribute.get("timestamp")) or sheet.moment
    body: dict[str, Any] = {
        "description": "\n".join(text for text in (said, aside(type_, value)) if text),
        "name": title(type_, value),
        "pattern": pattern(type_, value),
        "pattern_type": pattern_type(type_),
        "valid_from": stamped(begins),
    }
    obj = sheet.head("indicator", names, seconds(attribute.get("timestamp")), tags) | body
    return ended(obj, attribute)


def ended(indicator: dict[str, Any], *about: Part) -> dict[str, Any]:
    """An indicator, ended by the latest sighting of type 2 on what it is about; this is a new version of it."""
    end = max((end for end in map(expiry, about) if end), default=None)
    if end is None or end <= indicator["valid_from"]:
        return indicator
    return indicator | {"valid_until": end, "modified": max(indicator["modified"], end)}


def seen(part: Part, sheet: Sheet) -> dict[str, Any]:
    """When something was observed: as it says, else when it was written down."""
    first = moment(part.get("first_seen")) or seconds(part.get("timestamp")) or sheet.moment
    last = moment(part.get("last_seen")) or first
    return {"first_observed": stamped(min(first, last)), "last_observed": stamped(max(first, last)), "number_observed": 1}


def held_back(attribute: Part) -> str:
    """What the export says against an attribute: the warninglists that its value is on; "" for nothing."""
    found = [text_of(each, "warninglist_name") or text_of(each, "name") for _, each in parts(attribute, "warnings")]
    names = ", ".join(dict.fromkeys(name for name in found if name))
    return f"MISP's warninglists have {text_of(attribute, 'value')[:80]!r}: {names}" if names else ""
