"""One MISP event as drafts: its clusters, attributes, objects, what joins and judges them, and the report that names what is open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from comity.forms import misp_galaxy, misp_links, misp_objects
from comity.forms.misp_attribute import held_back, malformed, one
from comity.forms.misp_fields import day, parts, seconds, text_of, true, uuid_of
from comity.forms.misp_record import KEPT_ATTRIBUTE, KEPT_OBJECT, essentials
from comity.forms.misp_scope import Scope, own_tags
from comity.forms.misp_sheet import Sheet
from comity.terms.item import Draft, Refused
from comity.terms.stix import SCO_TYPES, derived_id, timestamp

Part = Mapping[str, Any]

#: References of one object; an event with more has them in groupings that its report names, as an object has a largest size.
MOST_REFS = 10_000
_SAID = ("name", "object_relation", "type", "value")


class Event:
    """One reading of one event: gathers, as its parts are made, what the report may name and what other parts may refer to."""

    def __init__(self, event: Part, position: str, sheet: Sheet, scope: Scope) -> None:
        self._event, self._position, self._sheet, self._scope = event, position, sheet, scope
        self._report = f"report--{sheet.uuid}"
        self._made: dict[str, str] = {sheet.uuid: self._report}  # UUID of a part -> the STIX object that it became
        self._uuids: set[str] = set()
        self._named: list[str] = []
        self._about: list[str] = []  # the clusters of the event itself
        self._kept: list[str] = []
        self._links: list[Part] = []
        self._identities = {sheet.author}
        self._left: Counter[str] = Counter()

    def drafts(self) -> Iterator[Draft | Refused]:
        """Everything of the event, its report after what it names."""
        event, at = self._event, self._position
        self._left["proposals"] += len(list(parts(event, "ShadowAttribute")))
        self._left["local tags"] += len([tag for _, tag in parts(event, "Tag") if true(tag.get("local"))])
        yield from self._clusters(event, at, self._scope, None)
        yield from self.inside()
        yield from self._reported()
        yield from self._judged(event, at, self._scope, self._report, self._sheet.uuid)
        for index, part in self._parts(event, "EventReport"):
            yield self._scope.within(part).draft(misp_links.report(part, self._report, self._sheet), f"{at}.EventReport[{index}]")

    def inside(self) -> Iterator[Draft | Refused]:
        """The attributes and objects, and what hangs on them."""
        event, at = self._event, self._position
        for index, attribute in self._parts(event, "Attribute"):
            named = self._called(attribute)
            yield from self._attribute(named, f"{at}.Attribute[{index}]", self._scope.within(attribute))
        held = [(f"{at}.Object[{index}]", self._called(each), self._scope.within(each)) for index, each in self._parts(event, "Object")]
        for place, holder, scope in held:
            yield from self._object(holder, place, scope)
        for place, holder, scope in held:
            yield from self._references(holder, place, scope)

    def _parts(self, node: Part, key: str) -> Iterator[tuple[int, dict[str, Any]]]:
        listed = node.get(key)
        found = list(parts(node, key))
        if isinstance(listed, list) and len(listed) > len(found):
            self._left["deleted parts"] += sum(isinstance(each, dict) and true(each.get("deleted")) for each in listed)
        return iter(found)

    def _called(self, part: Part, within: str = "") -> Part:
        """A part with a UUID of its own. One that has none, or that of another part, gets one that is the same for what it says."""
        uuid = uuid_of(part)
        if uuid and uuid not in self._uuids:
            self._uuids.add(uuid)
            return part
        if part.get("uuid") and not uuid and "type" in part:
            return part  # malformed, and refused as that
        self._left["UUIDs that another part has (they got new ones)"] += bool(uuid)
        words = [text_of(each, key) for each in (part, *(each for _, each in parts(part, "Attribute"))) for key in _SAID]
        return {**part, "uuid": derived_id("x-misp-part", self._sheet.uuid, within, *words).partition("--")[2]}

    def _attribute(self, attribute: Part, at: str, scope: Scope, within: str = "") -> Iterator[Draft | Refused]:
        """An attribute by itself; `within` is the UUID of the object that it belongs to."""
        why = malformed(attribute)
        if why:
            yield Refused(position=at, why=why)
            return
        if self._sheet.uuid and not within and _reading(attribute) and scope.as_open(self._scope):
            self._links.append(attribute)
            self._made[uuid_of(attribute)] = self._report
            return
        made = one(attribute, self._sheet, scope.tags, within)
        yield from self._taken(made, at, scope, held_back(attribute))
        yield from self._around(attribute, at, scope, made[0]["id"])

    def _taken(self, made: list[dict[str, Any]], at: str, scope: Scope, note: str = "") -> Iterator[Draft]:
        # What has a narrower reach than the event is not named: the report would go no further than that.
        if scope.as_open(self._scope):
            for obj in made:
                (self._kept if obj["type"] in (KEPT_ATTRIBUTE, KEPT_OBJECT) else self._named).append(obj["id"])
        for obj in made:
            yield scope.draft(obj, at, "" if obj["type"] in SCO_TYPES else note)

    def _around(self, attribute: Part, at: str, scope: Scope, made: str) -> Iterator[Draft]:
        """What hangs on an attribute that became `made`, alone or in its object: clusters, sightings, analysts' words."""
        uuid = uuid_of(attribute)
        if uuid:
            self._made[uuid] = made
        if attribute.get("data"):
            self._left["attached files (their names and hashes are kept)"] += 1
        self._left["proposals"] += len(list(parts(attribute, "ShadowAttribute")))
        if attribute.get("Galaxy"):
            yield from self._clusters(attribute, at, scope, made)
        yield from self._judged(attribute, at, scope, made, uuid)

    def _judged(self, part: Part, at: str, scope: Scope, made: str, uuid: str) -> Iterator[Draft]:
        for index, each in parts(part, "Sighting") if part.get("Sighting") else ():
            about = uuid_of(each, "attribute_uuid") or uuid
            inner = scope.within(each)
            yield from self._organisation(each, f"{at}.Sighting[{index}]", inner)
            target = self._made.get(about, made)
            yield inner.draft(misp_links.sighting(each, target, self._sheet, about), f"{at}.Sighting[{index}]")
        if part.get("Note") or part.get("Opinion"):
            for said, obj in misp_links.analysts(part, made, self._sheet, uuid):
                yield scope.within(said).draft(obj, f"{at}.{obj['type'].capitalize()}")

    def _organisation(self, part: Part, at: str, scope: Scope) -> Iterator[Draft]:
        org = misp_links.organisation(part)
        id_ = f"identity--{uuid_of(org)}" if org else None
        if org and id_ not in self._identities:
            self._identities.add(id_)
            moment = timestamp(self._sheet.moment)
            said = {"type": "identity", "spec_version": "2.1", "id": id_, "created": moment, "modified": moment}
            yield scope.draft(said | {"name": text_of(org, "name"), "identity_class": "organization"}, f"{at}.Organisation")

    def _clusters(self, part: Part, at: str, scope: Scope, made: str | None) -> Iterator[Draft]:
        """The clusters of the event (`made` None: its report names them) or of an attribute (a relationship joins them)."""
        moment = timestamp(self._sheet.moment)
        for galaxy, cluster in misp_galaxy.clusters(part):
            inner = scope.within(cluster)
            # One that may go less far than what it is about is told by itself alone where it belongs.
            home = {} if inner.as_open(scope) else {"event_uuid": self._sheet.uuid, "attribute_uuid": "" if made is None else uuid_of(part)}
            obj = misp_galaxy.read(galaxy, cluster, inner, {"spec_version": "2.1", "created": moment, "modified": moment}, home)
            if obj is None:
                continue
            yield inner.draft(obj, f"{at}.Galaxy", dated=False)
            if inner.as_open(self._scope):
                self._named.append(obj["id"])
            if made is not None:
                joined = self._joined(made, obj, uuid_of(part), seconds(part.get("timestamp")))
                yield from self._taken([joined], f"{at}.Galaxy", inner)
            elif not home:
                self._about.append(obj["id"])

    def _joined(self, made: str, cluster: Part, uuid: str, when: datetime | None) -> dict[str, Any]:
        said = "indicates" if made.startswith("indicator--") and cluster["type"] in misp_galaxy.INDICATED else "related-to"
        obj = self._sheet.head("relationship", ("", self._sheet.uuid, uuid, made, cluster["id"]), when)
        obj |= {"relationship_type": said, "source_ref": made, "target_ref": cluster["id"]}
        return self._sheet.filled(obj, {"attribute_uuid": uuid})

    def _object(self, holder: Part, at: str, scope: Scope) -> Iterator[Draft | Refused]:
        """An object: as one thing where its template is known, else its attributes one by one and a record of the rest."""
        uuid = uuid_of(holder)
        rows = [
            (f"{at}.Attribute[{index}]", self._called(each, uuid), scope.within(each)) for index, each in self._parts(holder, "Attribute")
        ]
        chosen = misp_objects.members(holder, [each for _, each, inner in rows if inner.as_open(scope) and not malformed(each)])
        made = misp_objects.made(holder, chosen, self._sheet, scope.tags)
        main: str = made[0]["id"]
        self._made[uuid] = main
        yield from self._taken(made, at, scope, "; ".join(filter(None, map(held_back, chosen))))
        told = {id(each) for each in chosen}
        for place, attribute, inner in rows:
            if id(attribute) in told:
                yield from self._around(attribute, place, inner, main)
            else:
                yield from self._attribute(attribute, place, inner, uuid)
        yield from self._judged(holder, at, scope, main, uuid)

    def _references(self, holder: Part, at: str, scope: Scope) -> Iterator[Draft]:
        uuid = uuid_of(holder)
        for index, reference in self._parts(holder, "ObjectReference"):
            source, target = self._made.get(uuid), self._made.get(uuid_of(reference, "referenced_uuid"))
            if source is None or target is None:
                self._left["references to what is not in the event"] += 1
                continue
            obj = misp_links.relationship(reference, source, target, self._sheet, uuid)
            inner = scope.within(reference)
            ends_open = source in self._named and target in self._named
            if ends_open and inner.as_open(self._scope):
                self._named.append(obj["id"])
            yield inner.draft(obj, f"{at}.ObjectReference[{index}]")

    def _reported(self) -> Iterator[Draft | Refused]:
        """The report, which must name something (STIX 2.1 section 4.16): its author, if there is nothing that it should name."""
        author = [self._sheet.author] if self._sheet.author else []
        named = sorted(set(self._named)) or author or self._kept
        if not named:
            yield Refused(position=self._position, why="the event has no attribute and no author, and a report must name something")
            return
        if len(named) > MOST_REFS:
            groups = [self._grouping(named[start : start + MOST_REFS]) for start in range(0, len(named), MOST_REFS)]
            named = [obj["id"] for obj in groups]
            for obj in groups:
                yield self._scope.draft(obj, self._position)
        left = ", ".join(f"{count} {what}" for what, count in self._left.items() if count)
        yield self._scope.draft(self._as_report(named), self._position, f"left out: {left}" if left else "")

    def _grouping(self, named: list[str]) -> dict[str, Any]:
        obj = self._sheet.head("grouping", ("", self._sheet.uuid, named[0]), None, self._scope.tags)
        return self._sheet.filled(obj | {"context": "unspecified", "object_refs": named}, {"part": True})

    def _as_report(self, named: list[str]) -> dict[str, Any]:
        event, sheet = self._event, self._sheet
        obj = sheet.head("report", (sheet.uuid,), None, self._scope.tags)
        links = dict.fromkeys(text_of(each, "value") for each in self._links)
        obj |= {
            "name": text_of(event, "info") or "MISP event",
            "published": timestamp(seconds(event.get("publish_timestamp")) or sheet.moment),
            "external_references": [{"source_name": "misp", "url": link} for link in links],
            "object_refs": named,
        }
        keys = ("date", "timestamp", "threat_level_id", "analysis", "publish_timestamp", "extends_uuid", "distribution")
        record: dict[str, Any] = {key: text_of(event, key) for key in keys}
        record["distribution"] = record["distribution"] if record["distribution"] in ("0", "1", "2", "3") else ""
        record |= {key: True for key in ("published", "disable_correlation") if true(event.get(key))}
        record |= {"clusters": sorted(self._about), "tags": own_tags(event), "attributes": [essentials(each) for each in self._links]}
        if day(event.get("date")) is None:
            del record["date"]
        return sheet.filled(obj, record)


def _reading(attribute: Part) -> bool:
    """A link that is no detection points to reading: it belongs to the report."""
    return attribute.get("type") == "link" and not true(attribute.get("to_ids")) and not attribute.get("Sighting")
