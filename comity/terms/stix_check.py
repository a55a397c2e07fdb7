"""Is this an acceptable STIX 2.0 or 2.1 object? The first reason why not, naming the property (STIX 2.1 sections 2 to 7).

Strict where a wrong value would break someone else (ids, versions, references, times, what a type cannot do without);
tolerant of unknown properties, custom types, `x_` properties and a `modified` on marking definitions (OASIS ships one).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from comity.terms.stix_types import META_TYPES, ONLY_21, SCO_TYPES, SRO_TYPES, THREAT_TYPES

_TYPE = re.compile(r"[a-z0-9][a-z0-9-]{0,248}[a-z0-9]\Z")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z", re.IGNORECASE)
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?Z\Z", re.ASCII)
_KNOWN = THREAT_TYPES | SRO_TYPES | META_TYPES | SCO_TYPES

#: What each type must have, in both versions of the standard.
_REQUIRED: dict[str, tuple[str, ...]] = {
    "attack-pattern": ("name",),
    "campaign": ("name",),
    "course-of-action": ("name",),
    "identity": ("name",),
    "indicator": ("pattern", "valid_from"),
    "intrusion-set": ("name",),
    "malware": (),
    "observed-data": ("first_observed", "last_observed", "number_observed"),
    "report": ("name", "published", "object_refs"),
    "threat-actor": ("name",),
    "tool": ("name",),
    "vulnerability": ("name",),
    "grouping": ("context", "object_refs"),
    "infrastructure": ("name",),
    "malware-analysis": ("product",),
    "note": ("content", "object_refs"),
    "opinion": ("opinion", "object_refs"),
    "relationship": ("relationship_type", "source_ref", "target_ref"),
    "sighting": ("sighting_of_ref",),
    "language-content": ("object_ref", "contents"),
    "extension-definition": ("created_by_ref", "name", "schema", "version", "extension_types"),
    "autonomous-system": ("number",),
    "directory": ("path",),
    "domain-name": ("value",),
    "email-addr": ("value",),
    "email-message": ("is_multipart",),
    "ipv4-addr": ("value",),
    "ipv6-addr": ("value",),
    "mac-addr": ("value",),
    "mutex": ("name",),
    "network-traffic": ("protocols",),
    "software": ("name",),
    "url": ("value",),
}
#: What 2.1 adds, and what 2.0 alone asks for.
_REQUIRED_21 = {"indicator": ("pattern_type",), "malware": ("is_family",)}
_REQUIRED_20 = {
    "identity": ("identity_class",),
    "indicator": ("labels",),
    "malware": ("name", "labels"),
    "observed-data": ("objects",),
    "report": ("labels",),
    "threat-actor": ("labels",),
    "tool": ("labels",),
}
#: Of each of these sets a type must have at least one.
_ONE_OF: dict[str, tuple[str, ...]] = {
    "artifact": ("payload_bin", "url"),
    "file": ("hashes", "name"),
    "network-traffic": ("src_ref", "dst_ref"),
    "location": ("region", "country", "latitude"),
    "malware-analysis": ("result", "analysis_sco_refs"),
    "marking-definition": ("definition", "extensions"),
    "observed-data": ("objects", "object_refs"),
}
#: (earlier, later, may they be equal) wherever both stand.
_ORDER = (
    ("valid_from", "valid_until", False),
    ("first_seen", "last_seen", True),
    ("first_observed", "last_observed", True),
    ("start_time", "stop_time", False),
)
_OPINIONS = ("strongly-disagree", "disagree", "neutral", "agree", "strongly-agree")
_NOT_AN_END = META_TYPES | SRO_TYPES


def check(obj: Mapping[str, Any]) -> str | None:
    """The first reason why an object is not acceptable STIX, None if it is."""
    type_ = obj.get("type")
    if not isinstance(type_, str) or not _TYPE.match(type_):
        return "type: missing, or not a STIX type name"
    if type_ == "bundle":
        return "type: a bundle is not an object of its own here"
    why = _check_id(obj, type_) or _check_versioning(obj, type_) or _check_present(obj, type_)
    if why:
        return why
    tables = (_SHAPES, _SHAPES_KNOWN) if type_ in _KNOWN else (_SHAPES,)
    for key, value in obj.items():
        for table in tables:
            shape = table.get(key)
            if shape is not None:
                why = shape(value)
                if why:
                    return f"{key}: {why}"
    return _check_order(obj) or _check_ends(obj, type_)


def _check_id(obj: Mapping[str, Any], type_: str) -> str | None:
    id_ = obj.get("id")
    if not isinstance(id_, str):
        return "id: missing"
    if not id_.startswith(type_ + "--") or not _UUID.match(id_, len(type_) + 2):
        return f"id: {id_[:80]!r} is not {type_}-- and an RFC 4122 UUID"
    said = obj.get("spec_version")
    if said is not None and said not in ("2.0", "2.1"):
        return f"spec_version: {str(said)[:20]!r} is not 2.0 or 2.1"
    return None


def _check_versioning(obj: Mapping[str, Any], type_: str) -> str | None:
    if type_ in SCO_TYPES or (type_ not in _KNOWN and "created" not in obj and "modified" not in obj):
        return None
    if "created" not in obj:
        return "created: missing"
    created = _moment(obj["created"])
    if created is None:
        return f"created: {str(obj['created'])[:40]!r} is not a STIX timestamp (RFC 3339, UTC, Z)"
    if type_ == "marking-definition":
        return None
    if "modified" not in obj:
        return "modified: missing"
    modified = _moment(obj["modified"])
    if modified is None:
        return f"modified: {str(obj['modified'])[:40]!r} is not a STIX timestamp (RFC 3339, UTC, Z)"
    return "modified: earlier than created" if modified < created else None


def _check_present(obj: Mapping[str, Any], type_: str) -> str | None:
    newer = obj.get("spec_version") == "2.1" or type_ in ONLY_21
    extra = _REQUIRED_21 if newer else _REQUIRED_20
    for key in (*_REQUIRED.get(type_, ()), *extra.get(type_, ())):
        if key not in obj:
            return f"{key}: missing, {type_} must have it"
    one_of = _ONE_OF.get(type_)
    if one_of and not any(key in obj for key in one_of):
        return f"{one_of[0]}: missing, {type_} must have {' or '.join(one_of)}"
    if "latitude" in obj and "longitude" not in obj:
        return "longitude: missing, latitude needs it"
    return None


def _check_order(obj: Mapping[str, Any]) -> str | None:
    for first, last, equal in _ORDER:
        if first in obj and last in obj:
            start, end = _moment(obj[first]), _moment(obj[last])
            if start is not None and end is not None and (end < start or (end == start and not equal)):
                return f"{last}: {'earlier than' if equal else 'not later than'} {first}"
    return None


def _check_ends(obj: Mapping[str, Any], type_: str) -> str | None:
    """Relationships join SDOs and SCOs (section 5.1.2); a sighting is of an SDO, by identities (section 5.2.1)."""
    if type_ == "relationship":
        for key in ("source_ref", "target_ref"):
            if _type_of(obj[key]) in _NOT_AN_END:
                return f"{key}: a relationship joins domain objects and observables, not {_type_of(obj[key])}"
    elif type_ == "sighting":
        seen = _type_of(obj["sighting_of_ref"])
        if seen in _NOT_AN_END or seen in SCO_TYPES:
            return f"sighting_of_ref: a sighting is of a domain object, not {seen}"
        for key, allowed in (("where_sighted_refs", ("identity", "location")), ("observed_data_refs", ("observed-data",))):
            for ref in obj.get(key, ()):
                if _type_of(ref) not in allowed:
                    return f"{key}: {_type_of(ref)} is not {' or '.join(allowed)}"
    return None


def _type_of(ref: str) -> str:
    return ref.partition("--")[0]


def _moment(value: object) -> tuple[str, str] | None:
    """A timestamp as something that sorts, exact at any precision; None if it is not one."""
    found = _TIME.match(value) if isinstance(value, str) else None
    if not found:
        return None
    seconds, fraction = found.groups()
    try:
        datetime.fromisoformat(seconds)
    except ValueError:
        return None
    return seconds, (fraction or "").rstrip("0")


def _text(value: object) -> str | None:
    return None if isinstance(value, str) and value else "must be a non-empty string"


def _any_text(value: object) -> str | None:
    return None if isinstance(value, str) else "must be a string"


def _flag(value: object) -> str | None:
    return None if isinstance(value, bool) else "must be true or false"


def _time(value: object) -> str | None:
    return None if _moment(value) else "is not a STIX timestamp (RFC 3339, UTC, Z)"


def _mapping(value: object) -> str | None:
    return None if isinstance(value, dict) and value else "must be a non-empty object"


def _texts(value: object) -> str | None:
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return None
    return "must be a non-empty list of strings"


def _mappings(value: object) -> str | None:
    if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        return None
    return "must be a non-empty list of objects"


def _number(low: int, high: int) -> Callable[[object], str | None]:
    def shape(value: object) -> str | None:
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return None
        return f"must be a whole number from {low} to {high}"

    return shape


def _degrees(limit: float) -> Callable[[object], str | None]:
    def shape(value: object) -> str | None:
        if isinstance(value, int | float) and not isinstance(value, bool) and -limit <= value <= limit:
            return None
        return f"must be a number from -{limit:g} to {limit:g}"

    return shape


def _ref(*types: str) -> Callable[[object], str | None]:
    def shape(value: object) -> str | None:
        if not isinstance(value, str):
            return "must be an id"
        type_, dashes, uuid = value.partition("--")
        if not dashes or not _TYPE.match(type_) or not _UUID.match(uuid):
            return f"{value[:80]!r} is not an id"
        return f"{type_} is not {' or '.join(types)}" if types and type_ not in types else None

    return shape


def _refs(*types: str) -> Callable[[object], str | None]:
    one = _ref(*types)

    def shape(value: object) -> str | None:
        if not isinstance(value, list) or not value:
            return "must be a non-empty list of ids"
        return next((why for why in map(one, value) if why), None)

    return shape


def _external(value: object) -> str | None:
    why = _mappings(value)
    if why or not isinstance(value, list):
        return why
    for index, item in enumerate(value):
        if not isinstance(item.get("source_name"), str):
            return f"[{index}] source_name: missing"
    return None


def _opinion(value: object) -> str | None:
    return None if value in _OPINIONS else f"must be one of {', '.join(_OPINIONS)}"


def _granular(value: object) -> str | None:
    why = _mappings(value)
    if why or not isinstance(value, list):
        return why
    for index, item in enumerate(value):
        if ("marking_ref" in item) == ("lang" in item):
            return f"[{index}] must have either marking_ref or lang"
        if _texts(item.get("selectors")):
            return f"[{index}] selectors: must be a non-empty list of strings"
    return None


#: Property name -> its shape, in every type (STIX 2.1 section 3.1).
_SHAPES: dict[str, Callable[[object], str | None]] = {
    "created_by_ref": _ref(),
    "revoked": _flag,
    "labels": _texts,
    "confidence": _number(0, 100),
    "external_references": _external,
    "object_marking_refs": _refs("marking-definition"),
    "granular_markings": _granular,
}
#: The same for the standard's own types; a custom type may use these names its own way.
_SHAPES_KNOWN: dict[str, Callable[[object], str | None]] = {
    **dict.fromkeys(("name", "pattern", "pattern_type", "relationship_type", "context", "content", "product", "path"), _text),
    **dict.fromkeys(("description", "identity_class", "schema"), _any_text),
    **dict.fromkeys(("valid_from", "valid_until", "published", "first_seen", "last_seen"), _time),
    **dict.fromkeys(("first_observed", "last_observed", "start_time", "stop_time"), _time),
    **dict.fromkeys(("is_family", "is_multipart"), _flag),
    **dict.fromkeys(("indicator_types", "malware_types", "report_types", "threat_actor_types", "tool_types"), _texts),
    **dict.fromkeys(("infrastructure_types", "aliases", "roles", "sectors", "goals", "protocols", "authors"), _texts),
    **dict.fromkeys(("source_ref", "target_ref", "sighting_of_ref", "object_ref"), _ref()),
    **dict.fromkeys(("where_sighted_refs", "observed_data_refs"), _refs()),
    **dict.fromkeys(("extensions", "hashes", "contents"), _mapping),
    "value": _text,
    "count": _number(0, 999_999_999),
    "number_observed": _number(1, 999_999_999),
    "number": _number(0, 4_294_967_295),
    "src_port": _number(0, 65535),
    "dst_port": _number(0, 65535),
    "latitude": _degrees(90),
    "longitude": _degrees(180),
    "kill_chain_phases": _mappings,
    "opinion": _opinion,
    "object_refs": _refs(),
}
