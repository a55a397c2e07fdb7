"""Held STIX objects as MISP events (MISP core format): what came from MISP goes back as it was, the rest as near as MISP has it.

An object that is of an event (`x_misp_event_uuid`) goes into that event, if its report is among the objects; else into each event
whose report or grouping names it; what no report names goes into one event per origin, day and reach. How far MISP may send each part
follows its envelope (`misp_reached`). What MISP has no place for is told, object by object. The same objects give the same events.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from comity.forms.misp_composed import Basis, Held, Whole, is_cluster, rank
from comity.forms.misp_fields import epoch, texts
from comity.forms.misp_plain import attribute
from comity.forms.misp_reached import INHERIT, organisation
from comity.forms.misp_record import attribute_of
from comity.terms.item import Refused
from comity.terms.stix import PUBLIC_TYPES, SCO_TYPES, derived_id, version, version_moment

__all__ = ["Held", "Written", "write"]

_REPORTS = frozenset({"report", "grouping"})
_ENDS = ("source_ref", "target_ref", "sighting_of_ref", "object_refs")
_LINKS = frozenset({"relationship", "sighting", "note", "opinion"})


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """Events, each as MISP takes it (`{"Event": {...}}`), and what has no place in MISP; `position` is the object's id."""

    events: list[dict[str, Any]]
    left: list[Refused]


def write(held: Iterable[Held]) -> Written:
    """The events that objects make up. Of several versions of an object the latest is written; quarantined ones are not."""
    found = _latest(held)
    known = {id_: each for id_, each in found.items() if each.envelope.gate != "quarantine"}
    left = [_left(id_, "it is in quarantine") for id_ in found if id_ not in known]
    events: list[dict[str, Any]] = []
    used, done = _own_uuids(known), set[str]()
    for event, basis, parts in _sorted(known):
        whole = Whole(event, basis, known, used)
        done.add(basis.report)
        done |= {each.id for each in sorted(parts, key=rank) if whole.take(each)} | whole.hung
        events.append({"Event": whole.event()})
    aside = _inner(known)
    for id_, each in known.items():
        if id_ not in done and id_ not in aside and not _aside(each):
            left.append(_left(id_, f"MISP has no place for this {each.obj['type']}"))
    return Written(events=events, left=left)


def _aside(each: Held) -> bool:
    """Whether something is written as part of something else: who wrote it, how it is marked. A sector is an identity too."""
    return each.obj["type"] in PUBLIC_TYPES or (each.obj["type"] == "identity" and "cluster_type" not in each.record)


def _left(id_: str, why: str) -> Refused:
    return Refused(position=id_, why=why, id=id_)


def _latest(held: Iterable[Held]) -> dict[str, Held]:
    found: dict[str, Held] = {}
    for each in held:
        if each.id not in found or version_moment(version(found[each.id].obj)) < version_moment(version(each.obj)):
            found[each.id] = each
    return found


def _own_uuids(known: Mapping[str, Held]) -> set[str]:
    """The UUIDs of attributes inside records: nothing else may take them."""
    listed = [each.record.get("attributes") for each in known.values()]
    return {str(one["uuid"]) for found in listed if isinstance(found, list) for one in found if isinstance(one, dict) and "uuid" in one}


def _inner(known: Mapping[str, Held]) -> set[str]:
    """What is said by another: the observables of an observation or observable, those that the attributes of an event from MISP say,
    and the groupings that an event's report is made of."""
    found = {id_ for id_, each in known.items() if each.record.get("part")}
    for each in known.values():
        if each.obj["type"] in SCO_TYPES | {"observed-data"} or "event_uuid" in each.record:
            refs = [ref for key, value in each.obj.items() if key.endswith(("_ref", "_refs")) for ref in texts(value)]
            found |= {ref for ref in refs if ref.partition("--")[0] in SCO_TYPES}
    return found


def _sorted(known: Mapping[str, Held]) -> list[tuple[dict[str, Any], Basis, list[Held]]]:
    """Which object goes into which event: (event, what it is written by, parts), in a fixed order."""
    reports = sorted((each for each in known.values() if each.obj["type"] in _REPORTS and not each.record.get("part")), key=rank)
    parts: dict[str, dict[str, Held]] = {each.id: {} for each in reports}
    homes = {id_.partition("--")[2]: id_ for id_ in parts}
    naming: dict[str, list[str]] = {}
    for each in reports:
        for id_ in _named(each, known):
            naming.setdefault(id_, []).append(each.id)
    aside = _inner(known) | set(parts)
    where = {id_: id_ for id_ in parts}  # id -> the first event that it is in

    def told_in(each: Held) -> list[str]:
        home = homes.get(str(each.record.get("event_uuid")))
        return [home] if home else naming.get(each.id, [])

    joined: dict[str, list[Held]] = {}
    for each in known.values():
        if each.obj["type"] == "relationship" and str(each.obj.get("source_ref")) in known:
            joined.setdefault(str(each.obj.get("target_ref")), []).append(known[str(each.obj["source_ref"])])
    for id_, each in sorted(known.items(), key=lambda item: rank(item[1])):
        if id_ in aside or _aside(each):
            continue
        # A cluster is told where it is named, and wherever something is joined to it.
        beside = [place for source in joined.get(id_, ()) for place in told_in(source)] if is_cluster(each) else _beside(each, where)
        places = [*told_in(each), *beside] if is_cluster(each) else told_in(each) or beside
        for place in dict.fromkeys(places or [_bucket(each)]):
            parts.setdefault(place, {})[id_] = each
            where.setdefault(id_, place)
    events = [(*_of_report(each, known), list(parts.pop(each.id).values())) for each in reports]
    return events + [(*_of_bucket(key, list(found.values())), list(found.values())) for key, found in sorted(parts.items())]


def _named(report: Held, known: Mapping[str, Held]) -> list[str]:
    """What a report names, itself or by the groupings that it is made of."""
    found: list[str] = []
    for id_ in texts(report.obj.get("object_refs")):
        part = known.get(id_)
        found += texts(part.obj.get("object_refs")) if part and part.record.get("part") else [id_]
    return found


def _beside(link: Held, where: Mapping[str, str]) -> list[str]:
    """The event of what something is about, for what joins or judges."""
    if link.obj["type"] not in _LINKS:
        return []
    ends = [ref for key in _ENDS for ref in texts(link.obj.get(key))]
    return [where[ref] for ref in ends if ref in where][:1]


def _bucket(each: Held) -> str:
    """What objects that no report names have in common in one event: origin, day, how far they go."""
    envelope = each.envelope
    to = ",".join(envelope.to) if envelope.to is not None else "*"
    day = str(each.obj.get("created") or "")[:10]
    return "\n".join((envelope.origin, day, envelope.tlp, envelope.pap or "", to, ",".join(envelope.handling)))


def _of_bucket(key: str, parts: list[Held]) -> tuple[dict[str, Any], Basis]:
    envelope = parts[0].envelope
    uuid = derived_id("misp-event", key).partition("--")[2]
    moments = [epoch(each.obj.get("modified") or each.obj.get("created")) for each in parts]
    stamp = max((int(moment) for moment in moments if moment), default=0)
    day = key.split("\n")[1]
    info = ", ".join(text for text in (f"Shared by {envelope.origin}", day, f"TLP:{envelope.tlp.upper()}") if text)
    event = _event(uuid, info, day or "1970-01-01", str(stamp))
    return event | {"Orgc": organisation(envelope.origin)}, Basis(envelope=envelope)


def _of_report(report: Held, known: Mapping[str, Held]) -> tuple[dict[str, Any], Basis]:
    obj, record, envelope = report.obj, report.record, report.envelope
    stamp = str(record.get("timestamp") or epoch(obj.get("modified")))
    day = str(record.get("date") or str(obj.get("created"))[:10])
    event = _event(report.id.partition("--")[2], str(obj.get("name") or obj["type"]), day, stamp)
    event |= {key: str(record[key]) for key in ("threat_level_id", "analysis", "publish_timestamp", "extends_uuid") if key in record}
    event |= {"published": record.get("published") is True, "disable_correlation": record.get("disable_correlation") is True}
    author = known.get(str(obj.get("created_by_ref")))
    named = author.obj.get("name") if author else None
    org = {"name": str(named), "uuid": author.id.partition("--")[2]} if author and named else organisation(envelope.origin)
    event["Orgc"] = org
    from_misp = "event_uuid" in record
    basis = Basis(
        envelope=envelope,
        tags=tuple(texts(record.get("tags")) if from_misp else texts(obj.get("labels"))),
        distribution=str(record.get("distribution", "")),
        report=report.id,
        about=tuple(texts(record.get("clusters")) if from_misp else _named(report, known)),
        links=tuple(_links(record) if from_misp else _references(report)),
        reports=() if from_misp else tuple(_told(report)),
    )
    return event, basis


def _event(uuid: str, info: str, day: str, stamp: str) -> dict[str, Any]:
    return {
        "uuid": uuid,
        "info": info,
        "date": day,
        "timestamp": stamp,
        "published": False,
        "threat_level_id": "4",
        "analysis": "2",
        "disable_correlation": False,
    }


def _links(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The links to reading that the report of an event from MISP has."""
    listed = record.get("attributes")
    return [attribute_of(each) for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []


def _references(report: Held) -> list[dict[str, Any]]:
    """What a report that did not come from MISP refers to, as such links."""
    listed = report.obj.get("external_references")
    urls = (
        [each["url"] for each in listed if isinstance(each, dict) and isinstance(each.get("url"), str)] if isinstance(listed, list) else []
    )
    return [
        attribute("link", url) | {"category": "External analysis", "uuid": derived_id("misp-link", report.id, url).partition("--")[2]}
        for url in dict.fromkeys(urls)
    ]


def _told(report: Held) -> list[dict[str, Any]]:
    """The text of a report that did not come from MISP."""
    text = report.obj.get("description")
    if not isinstance(text, str) or not text:
        return []
    uuid = derived_id("misp-event-report", report.id).partition("--")[2]
    return [{"uuid": uuid, "name": "Description", "content": text, "timestamp": epoch(report.obj.get("modified")), "distribution": INHERIT}]
