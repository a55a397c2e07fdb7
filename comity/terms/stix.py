"""STIX 2.0 and 2.1 objects as the rest of Comity needs them: ids, versions, references, indicators (pure, no I/O).

Objects are plain parsed JSON mappings; nothing here rewrites one. The checks are in `stix_check`, the type vocabulary in
`stix_types`, the reading of patterns in `simple_pattern`; all of it is offered from here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from hashlib import sha1
from typing import Any

import msgspec

from comity.clock import parse
from comity.terms.simple_pattern import pattern_for, pattern_value
from comity.terms.stix_check import check
from comity.terms.stix_ids import sco_id
from comity.terms.stix_types import (
    ACCESSION_STEP_TYPE,
    ACCESSION_TYPE,
    ACT_TYPE,
    AGREEMENT_TYPE,
    BODY_TYPE,
    COMITY_EXTENSION,
    CONTACT_TYPE,
    DISPUTE_TYPE,
    GROUPS,
    KEY_TYPE,
    META_TYPES,
    MISP_EXTENSION,
    ONLY_21,
    OWN_NAMESPACE,
    OWN_TYPES,
    PARTY_TYPE,
    PUBLIC_TYPES,
    SCO_NAMESPACE,
    SCO_TYPES,
    SEALED_TYPE,
    SOURCE_TYPE,
    SRO_TYPES,
    STANDING_TYPE,
    THREAT_TYPES,
)

__all__ = [
    "ACCESSION_STEP_TYPE",
    "ACCESSION_TYPE",
    "ACT_TYPE",
    "AGREEMENT_TYPE",
    "BODY_TYPE",
    "COMITY_EXTENSION",
    "CONTACT_TYPE",
    "DISPUTE_TYPE",
    "GROUPS",
    "KEY_TYPE",
    "META_TYPES",
    "MISP_EXTENSION",
    "ONLY_21",
    "OWN_NAMESPACE",
    "OWN_TYPES",
    "PARTY_TYPE",
    "PUBLIC_TYPES",
    "SCO_NAMESPACE",
    "SCO_TYPES",
    "SEALED_TYPE",
    "SOURCE_TYPE",
    "SRO_TYPES",
    "STANDING_TYPE",
    "THREAT_TYPES",
    "check",
    "derived_id",
    "indicator",
    "pattern_for",
    "pattern_value",
    "references",
    "sco",
    "sco_id",
    "spec_version",
    "timestamp",
    "version",
    "version_moment",
]

_SCO_OF = {
    "domain": "domain-name",
    "ipv4": "ipv4-addr",
    "ipv6": "ipv6-addr",
    "url": "url",
    "email": "email-addr",
    "cidr": "ipv4-addr",
}
_HASH_NAMES = {"md5": "MD5", "sha1": "SHA-1", "sha256": "SHA-256", "sha512": "SHA-512"}
#: References that say who wrote or marked an object, not what it is about.
_NOT_ABOUT = frozenset({"created_by_ref", "object_marking_refs", "marking_ref"})
#: Of the digit of a UUID whose two highest bits say its variant (RFC 9562 section 4.1), what it becomes.
_VARIANT = {f"{digit:x}": f"{digit & 3 | 8:x}" for digit in range(16)}
_NAMESPACE = OWN_NAMESPACE.bytes

_ID = re.compile(r"[a-z0-9-]{1,250}--[0-9a-fA-F-]{36}")


def is_id(text: str) -> bool:
    """Whether a text has the form of an object's id (STIX 2.1 section 2.9), and is no words, nor a name in Punycode (`xn--...`)."""
    return _ID.fullmatch(text) is not None


def derived_id(type_: str, *parts: str) -> str:
    """The id of an object that Comity makes from `parts`: always the same for the same parts.

    The name hashed is the JSON array [type, part, ...] without white space, which for texts is their RFC 8785 form.
    Raises ValueError for an SCO type, whose ids STIX fixes (`sco_id`).
    """
    if type_ in SCO_TYPES:
        raise ValueError(f"{type_} ids come from sco_id")
    # What uuid.uuid5 gives (RFC 9562 section 5.5), in a fifth of its time: matching makes one for each hit.
    text = sha1(_NAMESPACE + msgspec.json.encode([type_, *parts]), usedforsecurity=False).hexdigest()
    return f"{type_}--{text[:8]}-{text[8:12]}-5{text[13:16]}-{_VARIANT[text[16]]}{text[17:20]}-{text[20:32]}"


def references(obj: Mapping[str, Any]) -> tuple[str, ...]:
    """Ids of the objects this one is about: every `*_ref` and `*_refs`, nested ones too, sorted and without repeats.

    Leaves out who created and marked it, marking and extension definitions, and the local keys of STIX 2.0 containers.
    """
    found: set[str] = set()
    _gather(obj, found)
    return tuple(sorted(found)) if found else ()


def _gather(node: Mapping[str, Any], found: set[str]) -> None:
    for key, value in node.items():
        kind = type(value)
        if kind is str:
            if key[-4:] == "_ref" and key not in _NOT_ABOUT:
                _keep(value, found)
        elif kind is list:
            if key[-5:] == "_refs":
                if key not in _NOT_ABOUT:
                    for item in value:
                        if type(item) is str:
                            _keep(item, found)
            else:
                _gather_list(value, found)
        elif kind is dict:
            _gather(value, found)


def _gather_list(items: list[Any], found: set[str]) -> None:
    for item in items:
        if type(item) is dict:
            _gather(item, found)
        elif type(item) is list:
            _gather_list(item, found)


def _keep(value: str, found: set[str]) -> None:
    type_, dashes, _ = value.partition("--")
    if dashes and type_ not in PUBLIC_TYPES:
        found.add(value)


def version(obj: Mapping[str, Any]) -> str:
    """What distinguishes versions of one id: `modified`, else `created`, else "" (an SCO has no versions)."""
    return str(obj.get("modified") or obj.get("created") or "")


def version_moment(text: str) -> datetime:
    """A version as a moment, the same whatever precision it is written in; the earliest of all for none."""
    try:
        return parse(text)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)


def spec_version(obj: Mapping[str, Any]) -> str:
    """`2.1` if the object says so or has a shape that 2.0 does not know, else `2.0`."""
    if obj.get("spec_version") == "2.1" or obj.get("type") in ONLY_21:
        return "2.1"
    if obj.get("spec_version") is None and "created" not in obj and obj.get("type") not in META_TYPES:
        return "2.1"
    return "2.0"


def timestamp(moment: datetime | str) -> str:
    """A STIX timestamp (section 2.16): UTC, `Z`, milliseconds, or microseconds where they matter. Text is passed on.

    Raises TypeError for a naive datetime.
    """
    if isinstance(moment, str):
        return moment
    if moment.tzinfo is None:
        raise TypeError("a moment must be timezone-aware")
    moment = moment.astimezone(UTC)
    digits = f"{moment.microsecond:06d}"
    return f"{moment.year:04d}-{moment:%m-%dT%H:%M:%S}.{digits[:3] if digits.endswith('000') else digits}Z"


def indicator(
    kind: str,
    value: str,
    *,
    created: datetime | str,
    modified: datetime | str | None = None,
    valid_from: datetime | str | None = None,
    id: str | None = None,
    name: str | None = None,
    description: str = "",
    labels: Iterable[str] = (),
    indicator_types: Iterable[str] = (),
    confidence: int | None = None,
) -> dict[str, Any]:
    """A STIX 2.1 indicator for one observable in its normal form; its id is `derived_id("indicator", kind, value)` by default.

    Raises ValueError for an unknown kind. Empty properties are left out (STIX 2.1 section 2.1 forbids empty lists).
    """
    obj: dict[str, Any] = {
        "type": "indicator",
        "spec_version": "2.1",
        "id": id or derived_id("indicator", kind, value),
        "created": timestamp(created),
        "modified": timestamp(modified if modified is not None else created),
        "name": name or value,
        "description": description,
        "indicator_types": list(indicator_types),
        "pattern": pattern_for(kind, value),
        "pattern_type": "stix",
        "valid_from": timestamp(valid_from if valid_from is not None else created),
        "labels": list(labels),
        "confidence": confidence,
    }
    return {key: item for key, item in obj.items() if item not in ("", [], None)}


def sco(kind: str, value: str) -> dict[str, Any]:
    """The STIX 2.1 cyber-observable for one observable in its normal form, under its deterministic id. Raises ValueError."""
    obj: dict[str, Any] = {"type": _SCO_OF.get(kind, "file"), "spec_version": "2.1", "id": ""}
    if kind in _HASH_NAMES:
        obj["hashes"] = {_HASH_NAMES[kind]: value}
    elif kind in _SCO_OF:
        obj["type"] = "ipv6-addr" if kind == "cidr" and ":" in value else _SCO_OF[kind]
        obj["value"] = value
    else:
        raise ValueError(f"there is no observable of kind {kind!r}")
    obj["id"] = sco_id(obj)
    return obj
