"""MISP event JSON as STIX 2.1: a report per event, an indicator or observable per attribute (MISP core format).

Everything is deterministic: the same event read twice gives the same ids, so the second reading is a duplicate. Markings and
audiences only ever tighten from event to object to attribute. What is not converted is refused by name, never dropped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from comity.clock import parse
from comity.errors import SenderFault
from comity.forms import detect, json_text
from comity.forms.markings import pap_of_tag, strictest_pap, tlp_of_tag
from comity.forms.misp_types import OBSERVABLES, PLAIN, observables, pattern
from comity.terms import tlp
from comity.terms.item import Draft, Refused
from comity.terms.party import party_code
from comity.terms.stix import derived_id, timestamp

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z")
_encode = msgspec.json.Encoder().encode


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
        """A derived draft of an object in this scope."""
        return Draft(raw=_encode(obj), obj=obj, position=position, tlp=self.tlp, pap=self.pap, to=self.to, derived=True)


def looks_like(raw: bytes) -> bool:
    """Whether some bytes look like MISP event JSON."""
    return detect.kind(raw[: detect.HEAD]) == "misp"


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
    links: list[str] = []
    for place, attribute, part in _attributes(event, position, scope):
        if _link(attribute):
            links.append(str(attribute["value"]))
            continue
        for made in _attribute(attribute, place, part, moment, author, uuid):
            if isinstance(made, Draft):
                refs.append(str(made.obj["id"]))
            yield made
    if not refs:
        yield Refused(position=position, why="the event has no attribute that is converted, and a report needs one")
        return
    yield scope.draft(_report(event, uuid, moment, author, refs, links, scope.tags), position)


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
    attribute: dict[str, Any], position: str, scope: Scope, moment: datetime, author: dict[str, Any] | None, event: str
) -> Iterator[Draft | Refused]:
    type_, value = str(attribute.get("type", "")), str(attribute.get("value", "")).strip()
    uuid = str(attribute.get("uuid", "")).lower()
    if type_ not in OBSERVABLES and type_ not in PLAIN and type_ != "vulnerability":
        yield Refused(position=position, why=f"attribute type {type_} is not converted")
        return
    if not value:
        yield Refused(position=position, why=f"the attribute of type {type_} has no value")
        return
    when = _seconds(attribute.get("timestamp")) or moment
    frame = _frame(uuid if _UUID.match(uuid) else "", (event, type_, value), when, author, attribute, scope.tags)
    try:
        if type_ == "vulnerability":
            yield scope.draft({"type": "vulnerability"} | frame("vulnerability") | {"name": value}, position)
        elif _true(attribute.get("to_ids")):
            first = _time(attribute.get("first_seen")) or when
            body = {"name": value, "pattern": pattern(type_, value), "pattern_type": "stix", "valid_from": timestamp(first)}
            yield scope.draft({"type": "indicator"} | frame("indicator") | body, position)
        else:
            for obj in observables(type_, value):
                yield scope.draft(obj, position)
    except ValueError as error:
        yield Refused(position=position, why=str(error))


def _frame(
    uuid: str,
    name: tuple[str, ...],
    when: datetime,
    author: dict[str, Any] | None,
    attribute: dict[str, Any],
    tags: tuple[str, ...],
) -> Callable[[str], dict[str, Any]]:
    """A maker of the properties that every domain object from one attribute has."""

    def make(type_: str) -> dict[str, Any]:
        obj: dict[str, Any] = {
            "spec_version": "2.1",
            "id": f"{type_}--{uuid}" if uuid else derived_id(type_, *name),
            "created_by_ref": author["id"] if author else None,
            "created": timestamp(when),
            "modified": timestamp(when),
            "description": str(attribute.get("comment") or ""),
            "labels": list(tags),
        }
        return {key: item for key, item in obj.items() if item not in ("", [], None)}

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
    return {key: item for key, item in obj.items() if item not in ("", [], None)}


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
        return parse(value) if isinstance(value, str) else None
    except ValueError:
        return None
