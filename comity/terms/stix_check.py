"""Is this an acceptable STIX 2.0 or 2.1 object? The first reason why not, naming the property (STIX 2.1 sections 2 to 7).

Strict where a wrong value would break someone else (ids, versions, references, times, the shape of every property the
standard defines, what a type cannot do without); tolerant of unknown properties, custom types, `x_` properties, a `modified`
on marking definitions (OASIS ships one) and versions written to the second. All findings: `stix_strict`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from comity.terms.stix_domain import CUSTOM_20, CUSTOM_21, DOMAIN_20, DOMAIN_21
from comity.terms.stix_kinds import Kind
from comity.terms.stix_observables import OBSERVABLES_21
from comity.terms.stix_shapes import TYPE_NAME, UUID, moment
from comity.terms.stix_types import ONLY_21, SCO_TYPES

_KINDS_21: dict[str, Kind] = {**DOMAIN_21, **OBSERVABLES_21}
_KINDS_20: dict[str, Kind] = DOMAIN_20


def check(obj: Mapping[str, Any]) -> str | None:
    """The first reason why an object is not acceptable STIX, None if it is."""
    type_ = obj.get("type")
    if not isinstance(type_, str):
        return "type: missing"
    newer = _newer(obj)
    kind = (_KINDS_21 if newer else _KINDS_20).get(type_)
    if kind is None:
        if not TYPE_NAME.match(type_) or type_ == "action":
            return f"type: {type_[:80]!r} is not a STIX type name"
        if type_ == "bundle":
            return "type: a bundle is not an object of its own here"
        kind = CUSTOM_21 if newer else CUSTOM_20
    why = _check_id(obj, type_) or _check_versioning(obj, type_, kind)
    return why or _check_properties(obj, type_, kind)


def required(obj: Mapping[str, Any]) -> tuple[str, ...]:
    """What an object must have, or one of which it must have, besides what all have; of custom types nothing is known."""
    kind = (_KINDS_21 if _newer(obj) else _KINDS_20).get(obj["type"])
    return () if kind is None else (*kind.required, *kind.one)


def _newer(obj: Mapping[str, Any]) -> bool:
    return obj.get("spec_version") == "2.1" or obj["type"] in ONLY_21


def _check_id(obj: Mapping[str, Any], type_: str) -> str | None:
    id_ = obj.get("id")
    if not isinstance(id_, str):
        return "id: missing"
    if not id_.startswith(type_ + "--") or not UUID.match(id_, len(type_) + 2):
        return f"id: {id_[:80]!r} is not {type_}-- and an RFC 4122 UUID"
    said = obj.get("spec_version", "2.1")
    if said not in ("2.0", "2.1"):
        return f"spec_version: {str(said)[:20]!r} is not 2.0 or 2.1"
    return None


def _check_versioning(obj: Mapping[str, Any], type_: str, kind: Kind) -> str | None:
    if type_ in SCO_TYPES or ((kind is CUSTOM_21 or kind is CUSTOM_20) and "created" not in obj and "modified" not in obj):
        return None
    if "created" not in obj:
        return "created: missing"
    created = moment(obj["created"])
    if created is None:
        return f"created: {str(obj['created'])[:40]!r} is not a STIX timestamp (RFC 3339, UTC, Z)"
    if type_ == "marking-definition":
        return None
    if "modified" not in obj:
        return "modified: missing"
    modified = created if obj["modified"] == obj["created"] else moment(obj["modified"])
    if modified is None:
        return f"modified: {str(obj['modified'])[:40]!r} is not a STIX timestamp (RFC 3339, UTC, Z)"
    return "modified: earlier than created" if modified < created else None


def _check_properties(obj: Mapping[str, Any], type_: str, kind: Kind) -> str | None:
    for key in kind.required:
        if key not in obj:
            return f"{key}: missing, {type_} must have it"
    if kind.one and not any(key in obj for key in kind.one):
        return f"{kind.one[0]}: missing, {type_} must have {' or '.join(kind.one)}"
    shapes = kind.shapes
    for key, value in obj.items():
        shape = shapes.get(key)
        if shape is not None:
            faults = shape(value)
            if faults:
                return f"{key}{faults[0][0]}: {faults[0][1]}"
    for rule in kind.rules:
        faults = rule(obj)
        if faults:
            return f"{faults[0][0]}: {faults[0][1]}"
    return None
