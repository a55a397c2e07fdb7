"""One MISP event being written: each part as the attribute, object, cluster, reference, sighting or report that it is in MISP."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import uuid5

import msgspec

from comity.forms import misp_galaxy, misp_links, misp_plain
from comity.forms.markings import strictest_pap
from comity.forms.misp_fields import epoch, texts
from comity.forms.misp_reached import INHERIT, Reach, reach, with_tags
from comity.forms.misp_record import KEPT_OBJECT, attribute_of, record_of
from comity.terms import tlp
from comity.terms.item import Envelope
from comity.terms.stix import OWN_NAMESPACE, SCO_TYPES

Obj = Mapping[str, Any]


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """An object as it is held, and its envelope."""

    obj: Obj
    envelope: Envelope

    @property
    def id(self) -> str:
        """The object's id."""
        return str(self.obj["id"])

    @property
    def record(self) -> dict[str, Any]:
        """What it says of its life in MISP; empty if it had none."""
        return record_of(self.obj)


def rank(held: Held) -> tuple[int, str, str]:
    """The order of writing: objects before what belongs to them, everything before what joins or judges it; then by date and id."""
    return _KINDS.index(_kind(held)), str(held.obj.get("created") or ""), held.id


class Basis(msgspec.Struct, frozen=True, kw_only=True):
    """What an event is written by: its own envelope, tags and distribution in MISP ("" unknown), the id of its report ("" none), the ids
    of the clusters that it is about itself (None: all), and the links and texts that its report has."""

    envelope: Envelope
    tags: tuple[str, ...] = ()
    distribution: str = ""
    report: str = ""
    about: tuple[str, ...] | None = None
    links: tuple[dict[str, Any], ...] = ()
    reports: tuple[dict[str, Any], ...] = ()


_KINDS = ("object", "attribute", "cluster", "plain", "link")


def _kind(held: Held) -> str:
    type_, record = str(held.obj["type"]), held.record
    if type_ in ("relationship", "sighting", "note", "opinion") or type_.startswith("x-misp-event"):
        return "link"
    if type_ == KEPT_OBJECT or ("name" in record and "attributes" in record):
        return "object"
    if "type" in record and "value" in record:
        return "attribute"
    named = misp_galaxy.CLUSTERS - {"vulnerability", "identity"}
    return "cluster" if "cluster_type" in record or type_ in named else "plain"


def is_cluster(held: Held) -> bool:
    """Whether an object is a galaxy cluster to MISP, and not an attribute or object."""
    return _kind(held) == "cluster"


class Whole:
    """An event, and what its parts become. `known` finds objects that parts name; `used` are the UUIDs that are taken already.

    `event` has its own fields, `Basis` how far it goes and what it is about.
    """

    def __init__(self, event: dict[str, Any], basis: Basis, known: Mapping[str, Held], used: set[str]) -> None:
        self._known, self._used, self._basis = known, used, basis
        self._reach = reach(basis.envelope, basis.distribution)
        self._event = with_tags(event | self._reach.fields(), basis.tags, basis.envelope)
        self._tags = [tag["name"] for tag in self._event.get("Tag", ())]
        self._attributes: dict[str, dict[str, Any]] = {}  # by UUID, those of objects too
        self._objects: dict[str, dict[str, Any]] = {}
        self._reaches: dict[str, Reach] = {}
        self._made = {basis.report: str(event["uuid"])} if basis.report else {}  # STIX id -> UUID of the first thing it became
        self._clusters: dict[str, dict[str, Any]] = {}
        self.hung: set[str] = set()  # ids of clusters that hang somewhere
        own = {"timestamp": event["timestamp"], "disable_correlation": False, "distribution": INHERIT}
        self._top = [own | each for each in basis.links]
        self._reports = list(basis.reports)

    def event(self) -> dict[str, Any]:
        """The event with all that was taken."""
        for part in (self._event, *self._attributes.values()):
            for galaxy in part.get("Galaxy", ()):
                galaxy["GalaxyCluster"].sort(key=lambda cluster: str(cluster["value"]))
            part.get("Galaxy", []).sort(key=lambda galaxy: (str(galaxy.get("type")), str(galaxy["GalaxyCluster"][0]["value"])))
        lists = {"Attribute": self._top, "Object": list(self._objects.values()), "EventReport": self._reports}
        return self._event | {key: found for key, found in lists.items() if found or key == "Attribute"}

    def take(self, held: Held) -> bool:
        """Write one part; False if MISP has no place for it here. Parts come in the order of `rank`."""
        return {
            "object": self._object, "attribute": self._attribute, "cluster": self._cluster, "plain": self._plain, "link": self._link,
        }[_kind(held)](held)  # fmt: skip

    def _uuid(self, held: Held, number: int) -> str:
        """An object's own UUID for the first thing that it becomes; one that is derived from it for others, in other events too."""
        own = held.id.partition("--")[2]
        if number == 0 and held.obj["type"] not in SCO_TYPES and own not in self._used:
            self._used.add(own)
            return own
        return str(uuid5(OWN_NAMESPACE, msgspec.json.encode(["misp", self._event["uuid"], held.id, number]).decode()))

    def _part(self, part: dict[str, Any], held: Held, said: str = "") -> dict[str, Any]:
        own = reach(held.envelope, said)
        self._reaches[str(part["uuid"])] = own
        return part | own.inside(self._reach).fields()

    def _fits(self, held: Held, uuid: str) -> bool:
        """Whether something may hang on a part of the event, or on the event: MISP gives it no reach of its own there."""
        whole = self._reaches.get(uuid, self._reach)
        return reach(held.envelope).inside(whole.or_narrower(self._reach)).level == INHERIT

    def _enter(self, attribute: dict[str, Any], names: Iterable[str], held: Held, said: str = "") -> dict[str, Any]:
        """An attribute with its reach and tags, findable by its UUID."""
        whole = with_tags(self._part(attribute, held, said), names, held.envelope, self._tags)
        self._attributes[whole["uuid"]] = whole
        self._made.setdefault(held.id, whole["uuid"])
        return whole

    def _attribute(self, held: Held) -> bool:
        record = held.record
        attribute = attribute_of(record) | {"uuid": self._uuid(held, 0)}
        whole = self._enter(attribute, texts(record.get("tags")), held, str(record.get("distribution", "")))
        holder = self._objects.get(str(record.get("object_uuid")))
        if holder is None:
            whole.pop("object_relation", None)
        (self._top if holder is None else holder["Attribute"]).append(whole)
        return True

    def _object(self, held: Held) -> bool:
        record = held.record
        holder: dict[str, Any] = {key: str(record.get(key, "")) for key in ("name", "description", "comment")}
        kept = ("timestamp", "template_uuid", "template_version", "first_seen", "last_seen")
        holder |= {key: str(record[key]) for key in kept if key in record}
        holder |= {"uuid": self._uuid(held, 0), "meta-category": str(record.get("meta_category") or "misc"), "Attribute": []}
        self._objects[holder["uuid"]] = holder
        self._made[held.id] = holder["uuid"]
        listed = record.get("attributes")
        for number, each in enumerate(listed if isinstance(listed, list) else ()):
            if not isinstance(each, dict) or "type" not in each or "value" not in each:
                continue
            attribute = attribute_of(each)
            attribute.setdefault("uuid", self._uuid(held, number + 1))
            whole = with_tags(attribute | {"distribution": INHERIT}, texts(each.get("tags")), held.envelope, self._tags)
            self._attributes[whole["uuid"]] = whole
            self._reaches[whole["uuid"]] = reach(held.envelope, str(record.get("distribution", "")))
            holder["Attribute"].append(whole)
        holder.update(self._part(holder, held, str(record.get("distribution", ""))))
        return True

    def _cluster(self, held: Held) -> bool:
        written = self._clusters[held.id] = misp_galaxy.write(held.obj)
        own = reach(held.envelope).inside(self._reach)
        if "cluster_type" in held.record and own.level != INHERIT:
            written["GalaxyCluster"][0] |= own.fields()
        about, record = self._basis.about, held.record
        if about is None or held.id in about or (record.get("event_uuid") and not record.get("attribute_uuid")):
            return self._hang(self._event, held, "")
        return False

    def _hang(self, part: dict[str, Any], held: Held, uuid: str) -> bool:
        """Hang a cluster on the event or an attribute, if that goes no further than the cluster, or it says itself how far it goes."""
        recorded = "cluster_type" in held.record
        if not recorded and not self._fits(held, uuid):
            return False
        self.hung.add(held.id)
        written = self._clusters[held.id]
        listed = part.setdefault("Galaxy", [])
        same = next((each for each in listed if {**each, "GalaxyCluster": 0} == {**written, "GalaxyCluster": 0}), None)
        if same is None:
            listed.append({**written, "GalaxyCluster": list(written["GalaxyCluster"])})
        else:
            same["GalaxyCluster"] += written["GalaxyCluster"]
        name = written["GalaxyCluster"][0]["tag_name"]
        # A cluster from MISP has its tag among those of the part, if it had one.
        if not recorded and all(tag["name"] != name for tag in part.get("Tag", ())):
            part.setdefault("Tag", []).append({"name": name})
        return True

    def _plain(self, held: Held) -> bool:
        """What did not come from MISP: an observation says its observables, with its own UUID if it is of one value."""
        obj = held.obj
        if obj["type"] == "observed-data":
            inner = [self._known[ref] for ref in texts(obj.get("object_refs")) if ref in self._known]
            taken = [self._plain(Held(obj=each.obj, envelope=strictest(held.envelope, each.envelope))) for each in inner]
            first = next((self._made[each.id] for each in inner if each.id in self._made), "")
            if first:
                self._made[held.id] = first
            return any(taken)
        holder = misp_plain.holder(obj, self._object_of)
        if holder is not None:
            self._said_by(holder, held)
            return True
        found = misp_plain.attributes(obj, self._object_of)
        names = [] if obj["type"] in SCO_TYPES else texts(obj.get("labels"))
        stamp = epoch(obj.get("modified")) or str(self._event["timestamp"])
        for number, attribute in enumerate(found):
            whole = attribute | {"uuid": self._uuid(held, number), "timestamp": stamp, "disable_correlation": False}
            self._top.append(self._enter(whole, names, held))
        return bool(found)

    def _object_of(self, id_: str) -> Obj:
        return self._known[id_].obj if id_ in self._known else {}

    def _said_by(self, holder: dict[str, Any], held: Held) -> None:
        stamp = str(self._event["timestamp"])
        holder |= {"uuid": self._uuid(held, 0), "timestamp": stamp}
        self._made[held.id] = holder["uuid"]
        self._objects[holder["uuid"]] = self._part(holder, held)
        for number, attribute in enumerate(holder["Attribute"]):
            attribute |= {"uuid": self._uuid(held, number + 1), "timestamp": stamp, "disable_correlation": False, "distribution": INHERIT}
            attribute |= with_tags({}, (), held.envelope, self._tags)
            self._attributes[attribute["uuid"]] = attribute

    def _link(self, held: Held) -> bool:
        obj, type_ = held.obj, str(held.obj["type"])
        if type_ == "relationship":
            return self._relationship(held)
        analyst = misp_links.written_analyst(obj)
        if analyst is not None:
            part = self._find(analyst[0])
            if part is None or not self._fits(held, analyst[0]):
                return False
            part.setdefault(analyst[1], []).append(analyst[2])
            return True
        if type_ in ("sighting", "opinion") or "sighting" in held.record:
            return self._sighting(held)
        self._reports.append(self._part(misp_links.written_report(obj), held))
        return True

    def _find(self, uuid: str) -> dict[str, Any] | None:
        return self._event if uuid == self._event["uuid"] else self._attributes.get(uuid) or self._objects.get(uuid)

    def _sighting(self, held: Held) -> bool:
        """A sighting is of an attribute in MISP: of an object, its first that is flagged."""
        obj = held.obj
        seen = next(iter(texts(obj.get("sighting_of_ref")) or texts(obj.get("object_refs"))), "")
        where = next(iter(texts(obj.get("where_sighted_refs"))), "")
        by = self._known[where].obj if where in self._known else None
        made = misp_links.written_sighting(obj, by, held.envelope.origin)
        uuid = str(held.record.get("attribute_uuid") or self._made.get(seen, ""))
        holder = self._objects.get(uuid)
        part = max(holder["Attribute"], key=lambda each: each["to_ids"], default=None) if holder else self._attributes.get(uuid)
        if made is None or part is None or not self._fits(held, uuid):
            return False
        part.setdefault("Sighting", []).append({"attribute_uuid": part["uuid"]} | made)
        return True

    def _relationship(self, held: Held) -> bool:
        obj = held.obj
        source, target = str(obj.get("source_ref")), str(obj.get("target_ref"))
        uuid = str(held.record.get("object_uuid") or held.record.get("attribute_uuid") or self._made.get(source, ""))
        cluster = self._known[target] if target in self._clusters and uuid in self._attributes else None
        if cluster is not None and (self._fits(held, uuid) or "cluster_type" in cluster.record):
            return self._hang(self._attributes[uuid], cluster, uuid)
        if not self._fits(held, uuid):
            return False
        if uuid not in self._objects or (target not in self._made and "reference" not in held.record):
            return False
        reference = misp_links.written_reference(obj, self._made.get(target, ""))
        self._objects[uuid].setdefault("ObjectReference", []).append(reference | {"object_uuid": uuid})
        return True


def strictest(one: Envelope, other: Envelope) -> Envelope:
    """One envelope as strict as both in what MISP is told: TLP, PAP, audience, handling."""
    to = one.to if other.to is None else other.to if one.to is None else tuple(sorted(set(one.to) & set(other.to)))
    return msgspec.structs.replace(
        one,
        tlp=tlp.strictest((one.tlp, other.tlp)) or one.tlp,
        pap=strictest_pap(level for level in (one.pap, other.pap) if level),
        to=to,
        handling=tuple(sorted({*one.handling, *other.handling})),
    )
