"""Galaxy clusters as STIX domain objects and back: attack patterns, malware, actors, tools, countermeasures, sectors, places.

A cluster's id here is derived from its UUID: for MITRE's galaxies that UUID is ATT&CK's own, and an object of that id with other
content would be a false version of it. ATT&CK is named as an external reference. How far it may go is part of the id too: one
event being strict does not hide what another, open one is about. A galaxy that STIX has no type for stays a tag.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from comity.forms.misp_fields import parts, text_of, texts, true, uuid_of
from comity.forms.misp_record import properties, record_of
from comity.forms.misp_scope import Scope
from comity.terms.stix import derived_id

Part = Mapping[str, Any]

#: What a galaxy's type contains -> the STIX type of its clusters. The first that fits; the order matters.
_TYPES = (
    ("attack-pattern", "attack-pattern"),
    ("course-of-action", "course-of-action"),
    ("intrusion-set", "intrusion-set"),
    ("threat-actor", "threat-actor"),
    ("activity-group", "intrusion-set"),
    ("malware", "malware"),
    ("campaign", "campaign"),
    ("vulnerability", "vulnerability"),
    ("sector", "identity"),
    ("country", "location"),
    ("region", "location"),
    ("exploit-kit", "tool"),
    ("tool", "tool"),
)
_MALWARE = frozenset({"android", "backdoor", "banker", "botnet", "cryptominers", "malpedia", "ransomware", "rat", "stealer"})
#: What an indicator may be said to indicate (STIX 2.1 section 4.7, relationships).
INDICATED = frozenset({"attack-pattern", "campaign", "infrastructure", "intrusion-set", "malware", "threat-actor", "tool"})
#: The types that a cluster can be: what an event is said to be about.
CLUSTERS = INDICATED | {"course-of-action", "identity", "location", "vulnerability"}
#: Galaxies of these names are what STIX objects become that did not come from a galaxy (misp-stix names them so).
_OURS = "stix-2.1-"
#: Ids that say themselves whose they are.
_LISTS = {"CAPEC": "capec", "CVE": "cve"}
_WORDS = re.compile(r"[a-z]+")


def stix_type(galaxy: str) -> str:
    """The STIX type of a galaxy's clusters, "" if there is none."""
    if galaxy in _MALWARE:
        return "malware"
    name = galaxy.removeprefix(_OURS)
    return name if name in CLUSTERS else next((type_ for word, type_ in _TYPES if word in galaxy), "")


def clusters(part: Part) -> Iterator[tuple[Part, Part]]:
    """(galaxy, cluster) of each cluster of an event or attribute that may travel with it."""
    for _, galaxy in parts(part, "Galaxy"):
        for _, cluster in parts(galaxy, "GalaxyCluster"):
            if not true(cluster.get("local")):
                yield galaxy, cluster


def read(galaxy: Part, cluster: Part, scope: Scope, head: Part, home: Part) -> dict[str, Any] | None:
    """The domain object of a cluster in its scope. None if STIX has no type for it or it has no name.

    `head` has its dates; `home` is the record of the event and attribute that it belongs to, if it may go less far than these.
    """
    kind = text_of(cluster, "type") or text_of(galaxy, "type")
    type_, value = stix_type(kind), text_of(cluster, "value")
    if not type_ or not value:
        return None
    meta = cluster.get("meta")
    meta = meta if isinstance(meta, dict) else {}
    reach = ",".join(("*",) if scope.to is None else scope.to)
    names_it = ("misp-galaxy", uuid_of(cluster), f"{kind}={value}", scope.tlp or "", scope.pap or "", reach, *home.values())
    own = {"type": type_, "id": derived_id(type_, *names_it)}
    obj = own | dict(head) | {"name": value, "description": text_of(cluster, "description")}
    names = [name for name in texts(meta.get("synonyms")) if name != value]
    obj |= _particular(type_, value, names, meta)
    obj["external_references"] = _references(kind, meta)
    obj |= properties(_record(galaxy, cluster, kind, meta) | dict(home))
    return {key: item for key, item in obj.items() if item not in ("", [], None)}


def _particular(type_: str, value: str, names: list[str], meta: Part) -> dict[str, Any]:
    """What one type has and another has not."""
    said: dict[str, Any] = {}
    if type_ in ("attack-pattern", "campaign", "intrusion-set", "malware", "threat-actor", "tool"):
        said["aliases"] = names
    if type_ in ("attack-pattern", "malware", "tool"):
        phases = [text.rpartition(":") for text in texts(meta.get("kill_chain"))]
        said["kill_chain_phases"] = [{"kill_chain_name": a.lower(), "phase_name": b.lower()} for a, _, b in phases if a and b]
    if type_ == "malware":
        said["is_family"] = True
    elif type_ == "identity":
        said["identity_class"] = "class"
    elif type_ == "location":
        codes = [code for code in texts(meta.get("ISO")) if len(code) == 2]
        said |= {"country": codes[0].upper()} if codes else {"region": "-".join(_WORDS.findall(value.lower())) or value}
    return said


def _references(kind: str, meta: Part) -> list[dict[str, str]]:
    source = "mitre-attack" if kind.startswith("mitre-") else "misp-galaxy"
    named = [(_LISTS.get(id_.partition("-")[0].upper(), source), id_) for id_ in dict.fromkeys(texts(meta.get("external_id")))]
    ids = [{"source_name": source_name, "external_id": id_} for source_name, id_ in named]
    return ids + [{"source_name": "misp-galaxy", "url": url} for url in dict.fromkeys(texts(meta.get("refs"))) if "://" in url]


def _record(galaxy: Part, cluster: Part, kind: str, meta: Part) -> dict[str, Any]:
    return {
        "galaxy": {key: text_of(galaxy, key) for key in ("uuid", "name", "type", "description") if text_of(galaxy, key)},
        "cluster_uuid": uuid_of(cluster),
        "cluster_type": kind,
        "tag_name": text_of(cluster, "tag_name") or f'misp-galaxy:{kind}="{text_of(cluster, "value")}"',
        "source": text_of(cluster, "source"),
        "authors": texts(cluster.get("authors")),
        "meta": dict(meta),
    }


def write(obj: Part) -> dict[str, Any]:
    """The galaxy, with one cluster, that a domain object is to MISP: the inverse of `read`, or a galaxy named after its STIX type."""
    record = record_of(obj)
    kind = str(record.get("cluster_type") or _OURS + str(obj["type"]))
    name = str(obj.get("name") or obj["id"])
    listed = record.get("galaxy")
    galaxy = dict(listed) if isinstance(listed, dict) else {"name": kind, "type": kind}
    uuid = record.get("cluster_uuid") or ("" if record else str(obj["id"]).partition("--")[2])
    cluster = {
        "uuid": uuid,
        "type": kind,
        "value": name,
        "tag_name": str(record.get("tag_name") or tag_name(obj)),
        "description": str(obj.get("description") or ""),
        "source": str(record.get("source") or ""),
        "authors": texts(record.get("authors")),
        "meta": record["meta"] if isinstance(record.get("meta"), dict) else _meta(obj),
    }
    return galaxy | {"GalaxyCluster": [{key: item for key, item in cluster.items() if item not in ("", [], {})}]}


def _meta(obj: Part) -> dict[str, Any]:
    """The metadata of an object that did not come from MISP."""
    listed = obj.get("external_references")
    references = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    phases = obj.get("kill_chain_phases")
    meta = {
        "synonyms": texts(obj.get("aliases")),
        "external_id": [each["external_id"] for each in references if isinstance(each.get("external_id"), str)],
        "refs": [each["url"] for each in references if isinstance(each.get("url"), str)],
        "kill_chain": [f"{each.get('kill_chain_name')}:{each.get('phase_name')}" for each in phases] if isinstance(phases, list) else [],
    }
    return {key: value for key, value in meta.items() if value}


def tag_name(obj: Part) -> str:
    """The tag that says a domain object in MISP: of MITRE's galaxies where ATT&CK names it, else of one named after its STIX type."""
    record = record_of(obj)
    if record.get("tag_name"):
        return str(record["tag_name"])
    type_, name = str(obj["type"]), str(obj.get("name") or obj["id"]).replace('"', "'")
    listed = obj.get("external_references")
    for each in listed if isinstance(listed, list) else ():
        if isinstance(each, dict) and each.get("source_name") == "mitre-attack" and isinstance(each.get("external_id"), str):
            return f'misp-galaxy:mitre-{type_}="{name} - {each["external_id"]}"'
    return f'misp-galaxy:{_OURS}{type_}="{name}"'
