"""MISP event JSON as STIX 2.1: a report per event, an indicator or observable per attribute (MISP core format).

Everything is deterministic: the same event read twice gives the same ids, so the second reading is a duplicate. Markings and
audiences only ever tighten from event to object to attribute.

No attribute is dropped because STIX has no place for it, or because its value is not of its type: it is kept as MISP wrote it
in an `x-misp-attribute` (the custom object that misp-stix writes), and `x_misp_why` says why it is nothing else. The event's
report does not name these: a report is withheld from whoever may not see all it names, and no type group covers
`x-misp-attribute`, so it stays with its origin unless a clause lists the type. Refused are malformed attributes only. Attached
files (`data`) are not taken in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from comity.clock import parse_loosely
from comity.errors import SenderFault
from comity.forms import json_text
from comity.forms.markings import pap_of_tag, strictest_pap, tlp_of_tag
from comity.forms.misp_types import aside, observables, pattern, pattern_type, title
from comity.terms import tlp
from comity.terms.item import Draft, Refused
from comity.terms.party import party_code
from comity.terms.stix import derived_id, timestamp

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z")
_encode = msgspec.json.Encoder().encode
#: The type of what STIX has no place for.
KEPT = "x-misp-attribute"


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for a part of an event: markings, audience, tags. `within` narrows it for a part of that part."""

    tlp: str | None = None
    pap: str | None = None
    to: tuple[str, ...] | None = None
    groups: tuple[tuple[str, tuple[str, ...]], ...] = ()
    tags: tuple[str, ...] = ()

    def within(self, part: Mapping[str, Any]) -> Scope:
        """The scope of a part: the strictest of both markings, the intersection of both audiences."""
        tags = tuple(_tags(part))
        groups = {**dict(self.groups), **_groups(part)}
        to = _audience(part, groups)
        return Scope(
            tlp=tlp.strictest(x for x in (self.tlp, *map(tlp_of_tag, tags)) if x),
            pap=strictest_pap(x for x in (self.pap, *map(pap_of_tag, tags)) if x),
            to=self.to if to is None else to if self.to is None else tuple(sorted(set(to) & set(self.to))),
            groups=tuple(groups.items()),
            tags=tuple(dict.fromkeys((*self.tags, *tags))),
        )

    def draft(self, obj: dict[str, Any], position: str) -> Draft:
        """A derived draft of an object in this scope. MISP dates attributes and events; their author it does not."""
        dated = "modified" in obj and obj["type"] != "identity"
        return Draft(
            raw=_encode(obj), obj=obj, position=position, tlp=self.tlp, pap=self.pap, to=self.to, derived=True, dated=dated
        )  # fmt: skip


def read(raw: bytes) -> Iterator[Draft | Refused]:
    """The objects of one or more events: per event its author, its attributes, then its report. Never raises for bad input."""
    try:
        found = list(_events(json_text.loads(raw.removeprefix(b"\xef\xbb\xbf"))))
    except SenderFault as fault:
        yield Refused(position="document", why=str(fault))
        return
    if not found:
        yield Refused(position="document", why="no MISP event in it")
    for number, event in enumerate(found):
        yield from _event(event, f"Event[{number}]" if len(found) > 1 else "Event")


def _events(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, list):
        for item in node:
            yield from _events(item)
    elif isinstance(node, dict):
        if isinstance(node.get("Event"), dict):
            yield node["Event"]
        elif "response" in node:
            yield from _events(node["response"])
        elif "info" in node and ("Attribute" in node or "Object" in node):
            yield node


def _event(event: dict[str, Any], position: str) -> Iterator[Draft | Refused]:
    uuid = str(event.get("uuid", "")).lower()
    moment = _seconds(event.get("timestamp")) or _day(event.get("date"))
    if not _UUID.match(uuid) or moment is None:
        yield Refused(position=position, why="the event has no UUID, or neither timestamp nor date")
        return
    scope = Scope().within(event)
    author = _author(event, moment)
    if author:
        yield scope.draft(author, f"{position}.Orgc")
    refs: list[str] = []
    kept: list[str] = []
    links: list[str] = []
    for place, attribute, part in _attributes(event, position, scope):
        if _link(attribute) and _as_open(part, scope):
            links.append(str(attribute["value"]))
            continue
        for made in _attribute(attribute, place, part, moment, author, event):
            # What has a narrower reach than the event is not named: the report would go no further than that.
            if isinstance(made, Draft) and _as_open(part, scope):
                (kept if made.obj["type"] == KEPT else refs).append(str(made.obj["id"]))
            yield made
    # A report must name something (STIX 2.1 section 4.16): its author, if there is nothing that it should name.
    named = refs or ([str(author["id"])] if author else kept)
    if not named:
        yield Refused(position=position, why="the event has no attribute and no author, and a report must name something")
        return
    yield scope.draft(_report(event, uuid, moment, author, named, links, scope.tags), position)


def _attributes(event: dict[str, Any], position: str, scope: Scope) -> Iterator[tuple[str, dict[str, Any], Scope]]:
    """(position, attribute, its scope) of every attribute that is not deleted, those of objects too."""
    for index, attribute in _parts(event, "Attribute"):
        yield f"{position}.Attribute[{index}]", attribute, scope.within(attribute)
    for at, holder in _parts(event, "Object"):
        inner = scope.within(holder)
        for index, attribute in _parts(holder, "Attribute"):
            yield f"{position}.Object[{at}].Attribute[{index}]", attribute, inner.within(attribute)


def _parts(node: Mapping[str, Any], key: str) -> Iterator[tuple[int, dict[str, Any]]]:
    items = node.get(key)
    for index, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, dict) and not _true(item.get("deleted")):
            yield index, item


def _attribute(
    attribute: dict[str, Any], position: str, scope: Scope, moment: datetime, author: dict[str, Any] | None, event: Mapping[str, Any]
) -> Iterator[Draft | Refused]:
    why = _malformed(attribute)
    if why:
        yield Refused(position=position, why=why)
        return
    type_, text = attribute["type"], str(attribute["value"])
    when = _seconds(attribute.get("timestamp")) or moment
    # MISP does not say when an attribute was made; the event's day stays the same over its versions (STIX 2.1 section 3.2).
    created = min(_day(event.get("date")) or when, when)
    parts = (str(event.get("uuid", "")).lower(), type_, text.strip())
    frame = _frame(str(attribute.get("uuid") or "").lower(), parts, created, when, author, scope.tags)
    try:
        made = _objects(attribute, type_, text.strip(), frame, _time(attribute.get("first_seen")) or when)
    except ValueError as error:
        made = [_kept(attribute, type_, text, frame, str(error))]
    for obj in made:
        yield scope.draft(obj, position)


def _malformed(attribute: Mapping[str, Any]) -> str:
    """Why something is not a MISP attribute at all, "" if it is one (MISP core format, section 2.4)."""
    type_, value, uuid = attribute.get("type"), attribute.get("value"), attribute.get("uuid")
    if not isinstance(type_, str) or not type_:
        return "the attribute has no type"
    if value is None or not str(value).strip():
        return f"the attribute of type {type_} has no value"
    if not isinstance(value, str | int | float):
        return f"the value of the attribute of type {type_} is neither text nor a number"
    if uuid and not (isinstance(uuid, str) and _UUID.match(uuid.lower())):
        return f"{str(uuid)[:80]!r} is not an RFC 4122 UUID"
    return ""


def _objects(
    attribute: Mapping[str, Any], type_: str, value: str, frame: Callable[[str], dict[str, Any]], valid_from: datetime
) -> list[dict[str, Any]]:
    """An attribute in STIX's own types. Raises ValueError for what they have no place for."""
    said = str(attribute.get("comment") or "")
    if type_ == "vulnerability":
        return [_filled({"type": "vulnerability"} | frame("vulnerability") | {"description": said, "name": value})]
    if not _true(attribute.get("to_ids")):
        return observables(type_, value)
    body = {
        "description": "\n".join(text for text in (said, aside(type_, value)) if text),
        "name": title(type_, value),
        "pattern": pattern(type_, value),
        "pattern_type": pattern_type(type_),
        "valid_from": timestamp(valid_from),
    }
    return [_filled({"type": "indicator"} | frame("indicator") | body)]


def _kept(attribute: Mapping[str, Any], type_: str, value: str, frame: Callable[[str], dict[str, Any]], why: str) -> dict[str, Any]:
    """An attribute as MISP wrote it."""
    body = {
        "x_misp_type": type_,
        "x_misp_category": str(attribute.get("category") or ""),
        "x_misp_value": value,
        "x_misp_comment": str(attribute.get("comment") or ""),
        "x_misp_object_relation": str(attribute.get("object_relation") or ""),
        "x_misp_to_ids": True if _true(attribute.get("to_ids")) else None,
        "x_misp_why": why,
    }
    return _filled({"type": KEPT} | frame(KEPT) | body)


def _filled(obj: dict[str, Any]) -> dict[str, Any]:
    """An object without its empty properties, which STIX forbids (section 2)."""
    return {key: item for key, item in obj.items() if item not in ("", [], None)}


def _frame(
    uuid: str, parts: tuple[str, ...], created: datetime, when: datetime, author: dict[str, Any] | None, tags: tuple[str, ...]
) -> Callable[[str], dict[str, Any]]:
    """A maker of the properties that every domain object from one attribute has; `parts` name one without a UUID."""

    def make(type_: str) -> dict[str, Any]:
        return {
            "spec_version": "2.1",
            "id": f"{type_}--{uuid}" if uuid else derived_id(type_, *parts),
            "created_by_ref": author["id"] if author else None,
            "created": timestamp(created),
            "modified": timestamp(when),
            "labels": list(tags),
        }

    return make


def _report(
    event: dict[str, Any],
    uuid: str,
    moment: datetime,
    author: dict[str, Any] | None,
    refs: list[str],
    links: list[str],
    tags: tuple[str, ...],
) -> dict[str, Any]:
    day = _day(event.get("date")) or moment
    obj: dict[str, Any] = {
        "type": "report",
        "spec_version": "2.1",
        "id": f"report--{uuid}",
        "created_by_ref": author["id"] if author else None,
        "created": timestamp(min(day, moment)),
        "modified": timestamp(moment),
        "name": str(event.get("info") or "MISP event"),
        "published": timestamp(_seconds(event.get("publish_timestamp")) or moment),
        "labels": list(tags),
        "external_references": [{"source_name": "misp", "url": link} for link in dict.fromkeys(links)],
        "object_refs": sorted(set(refs)),
    }
    return _filled(obj)


def _author(event: dict[str, Any], moment: datetime) -> dict[str, Any] | None:
    """The organisation that wrote the event: a claim, shown as one. Only the event dates it; being derived, the first one stays."""
    orgc = event.get("Orgc")
    uuid = str(orgc.get("uuid", "")).lower() if isinstance(orgc, dict) else ""
    if not isinstance(orgc, dict) or not _UUID.match(uuid) or not orgc.get("name"):
        return None
    return {
        "type": "identity",
        "spec_version": "2.1",
        "id": f"identity--{uuid}",
        "created": timestamp(moment),
        "modified": timestamp(moment),
        "name": str(orgc["name"]),
        "identity_class": "organization",
    }


def _link(attribute: dict[str, Any]) -> bool:
    """A link that is no detection points to reading: it belongs to the report."""
    return attribute.get("type") == "link" and not _true(attribute.get("to_ids")) and bool(attribute.get("value"))


def _as_open(part: Scope, whole: Scope) -> bool:
    """Whether whoever may have the whole may have a part: only then may the report say what the part says."""
    return (part.tlp, part.pap, part.to) == (whole.tlp, whole.pap, whole.to)


def _tags(part: Mapping[str, Any]) -> Iterator[str]:
    tags = part.get("Tag")
    for tag in tags if isinstance(tags, list) else ():
        if isinstance(tag, dict) and isinstance(tag.get("name"), str) and tag["name"]:
            yield tag["name"]


def _audience(part: Mapping[str, Any], groups: Mapping[str, tuple[str, ...]]) -> tuple[str, ...] | None:
    """MISP's distribution: 0 nobody, 1 to 3 whoever the agreement permits, 4 a sharing group, 5 as the whole; else nobody."""
    level = part.get("distribution")
    if level is None or str(level) in ("1", "2", "3", "5"):
        return None
    return groups.get(str(part.get("sharing_group_id")), ()) if str(level) == "4" else ()


def _groups(part: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The sharing group that a part describes: its id -> the party codes among its organisations' names."""
    group = part.get("SharingGroup")
    if not isinstance(group, dict):
        return {}
    members = group.get("SharingGroupOrg")
    names = [item.get("Organisation") for item in members if isinstance(item, dict)] if isinstance(members, list) else []
    codes = _codes(org.get("name") for org in names if isinstance(org, dict))
    return {str(group.get("id", part.get("sharing_group_id"))): codes, str(part.get("sharing_group_id")): codes}


def _codes(names: Iterable[Any]) -> tuple[str, ...]:
    found: set[str] = set()
    for name in names:
        try:
            found.add(party_code(str(name)))
        except SenderFault:
            continue
    return tuple(sorted(found))


def _true(value: Any) -> bool:
    return value is True or str(value).lower() in ("1", "true")


def _seconds(value: Any) -> datetime | None:
    """A MISP timestamp: seconds since 1970, as a number or text; 0 is "never"."""
    text = str(value)
    if not text.isascii() or not text.isdigit() or len(text) > 11 or int(text) == 0:
        return None
    return datetime.fromtimestamp(int(text), UTC)


def _day(value: Any) -> datetime | None:
    return _time(value) if isinstance(value, str) and len(value) == 10 else None


def _time(value: Any) -> datetime | None:
    try:
        moment = parse_loosely(value) if isinstance(value, str) else None
    except (ValueError, OverflowError):
        return None
    # STIX writes years with four digits; whatever says an earlier one means "unknown".
    return moment if moment and moment.year >= 1000 else None
