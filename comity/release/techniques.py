"""How many of the objects that a reader sees stand around each ATT&CK technique that it sees.

    1. patterns  the attack patterns in view that name a technique of ATT&CK by its id; several may name one
    2. around    what is tied to any of them (`release.around`), counted once for a technique, by type

Other techniques, mitigations and authors are not counted: they say nothing of what was met.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import islice
from typing import Any

import msgspec

from comity.release.around import around
from comity.release.desk import Desk
from comity.release.holdings import every
from comity.release.sight import Reader

#: Attack patterns that are read, and ties of one of them that are looked at.
PATTERNS, TIES = 5_000, 1_000
#: Sources of external references that are ATT&CK's -> the domain of the matrix they are of.
DOMAINS = {"mitre-attack": "enterprise-attack", "mitre-mobile-attack": "mobile-attack", "mitre-ics-attack": "ics-attack"}
_TECHNIQUE = re.compile(r"T[0-9]{4}(?:\.[0-9]{3})?\Z")
_UNCOUNTED = frozenset({"attack-pattern", "course-of-action", "identity", "opinion"})


class Technique(msgspec.Struct, frozen=True, kw_only=True):
    """One technique: its name, the matrix it is of, the tactics it serves, the objects that describe it, and what stands around them.

    `count` is that of different objects, `by_type` the same by STIX type; `more`: there are more than were looked at.
    """

    id: str
    name: str
    domain: str
    tactics: tuple[str, ...]
    patterns: tuple[str, ...]
    by_type: dict[str, int]
    more: bool

    @property
    def count(self) -> int:
        """All types together."""
        return sum(self.by_type.values())


class Atlas(msgspec.Struct, frozen=True, kw_only=True):
    """The techniques in view, by id; the release of ATT&CK that is held ("" where none says so); `more`: not all patterns were read."""

    techniques: list[Technique]
    version: str
    more: bool


def atlas(desk: Desk, reader: Reader) -> Atlas:
    """Look, as of now."""
    # 1.
    read = list(islice(every(desk, reader, frozenset({"attack-pattern"})), PATTERNS + 1))
    named: dict[str, list[dict[str, Any]]] = {}
    for _, _, body in read[:PATTERNS]:
        obj = msgspec.json.decode(body)
        found = technique_of(obj)
        if found is not None and obj.get("revoked") is not True and obj.get("x_mitre_deprecated") is not True:
            named.setdefault(found[1], []).append(obj)
    # 2.
    ids = [obj["id"] for objects in named.values() for obj in objects]
    beside = around(desk, reader, ids, TIES)
    techniques = [
        _technique(id_, objects, {obj["id"]: beside[obj["id"]] for obj in objects if obj["id"] in beside}) for id_, objects in named.items()
    ]
    return Atlas(techniques=sorted(techniques, key=lambda each: each.id), version=_version(desk, reader), more=len(read) > PATTERNS)


def technique_of(obj: Mapping[str, Any]) -> tuple[str, str] | None:
    """The matrix and id of the technique that an object describes; None for one that names none."""
    references = obj.get("external_references")
    for reference in references if isinstance(references, list) else ():
        if isinstance(reference, dict) and reference.get("source_name") in DOMAINS:
            id_ = reference.get("external_id")
            if isinstance(id_, str) and _TECHNIQUE.match(id_):
                return DOMAINS[reference["source_name"]], id_
    return None


def _technique(id_: str, objects: list[dict[str, Any]], beside: Mapping[str, Any]) -> Technique:
    first = objects[0]
    domain, _ = technique_of(first) or ("", "")
    others = dict.fromkeys(other for what in beside.values() for other in what.others)
    by_type: dict[str, int] = {}
    for other in others:
        type_ = other.partition("--")[0]
        if type_ not in _UNCOUNTED and not type_.startswith("x-mitre-"):
            by_type[type_] = by_type.get(type_, 0) + 1
    return Technique(
        id=id_,
        name=str(first.get("name", "")),
        domain=domain,
        tactics=tuple(dict.fromkeys(phase for obj in objects for phase in _tactics(obj))),
        patterns=tuple(dict.fromkeys(obj["id"] for obj in objects)),
        by_type=dict(sorted(by_type.items(), key=lambda pair: (-pair[1], pair[0]))),
        more=any(what.more for what in beside.values()),
    )


def _tactics(obj: Mapping[str, Any]) -> list[str]:
    phases = obj.get("kill_chain_phases")
    return [
        str(phase.get("phase_name"))
        for phase in (phases if isinstance(phases, list) else ())
        if isinstance(phase, dict) and phase.get("kill_chain_name") in DOMAINS
    ]


def _version(desk: Desk, reader: Reader) -> str:
    """What the collections of ATT&CK that are held say of themselves."""
    said = [msgspec.json.decode(body) for _, _, body in islice(every(desk, reader, frozenset({"x-mitre-collection"})), 20)]
    return ", ".join(dict.fromkeys(f"{obj.get('name', '')} {obj.get('x_mitre_version', '')}".strip() for obj in said))
