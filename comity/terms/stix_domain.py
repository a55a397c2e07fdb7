"""STIX's domain, relationship and meta objects as tables (STIX 2.1 sections 3.2, 4, 5, 7; STIX 2.0 parts 1 and 2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from comity.terms.stix_containers import container_20, container_21
from comity.terms.stix_kinds import (
    EXTERNAL_REFERENCES,
    GRANULAR_MARKINGS,
    KILL_CHAIN_PHASES,
    Kind,
    extensions,
    in_order,
    needs,
    properties,
    selectors_resolve,
)
from comity.terms.stix_shapes import (
    Faults,
    Rule,
    Shape,
    degrees,
    fault,
    keyed,
    language,
    like,
    many,
    one_of,
    record,
    ref,
    text,
    time,
    whole_from,
)
from comity.terms.stix_types import META_TYPES, ONLY_21, SCO_TYPES, SRO_TYPES, THREAT_TYPES

_COUNT = 999_999_999
_LABEL = r"[a-z0-9-]+"
#: Neither end of a relationship, nor sighted (sections 5.1.2, 5.2.1).
_NOT_AN_END = META_TYPES | SRO_TYPES
_RESERVED = fault("is reserved by STIX (section 3.8) and must not be used")
#: Every object may have these (section 3.2), a custom one too. `type`, `id`, `spec_version` and the versions are looked at first.
_FIRST = frozenset({"type", "id", "spec_version", "created", "modified"})


def reserved(value: object) -> Faults | None:
    """The shape of what must not be there at all."""
    return _RESERVED


_COMMON: dict[str, Shape] = {
    "created_by_ref": ref(),
    "external_references": EXTERNAL_REFERENCES,
    "object_marking_refs": many(ref("marking-definition")),
    "granular_markings": GRANULAR_MARKINGS,
    "confidence": whole_from(0, 100),
    "lang": language,
    **properties(flag="revoked", texts="labels"),
}
#: Reserved names in 2.1 (section 3.8) and 2.0 (part 1); in 2.0 objects they are a finding of the strict check only,
#: for 2.0 feeds use `confidence` widely.
RESERVED_21 = frozenset({"severity", "action", "username", "phone_number", "phone_numbers"})
RESERVED_20 = frozenset(
    {"confidence", "severity", "action", "usernames", "phone_numbers", "addresses"}
    | {f"{name}_precision" for name in ("first_seen", "last_seen", "valid_from", "valid_until")}
)
_SEEN = in_order("first_seen", "last_seen")


def _described(**more: str) -> dict[str, Shape]:
    return properties(text="name", string="description " + more.pop("string", ""), **more)


def _family(obj: Mapping[str, Any]) -> Faults | None:
    return [("name", "missing, a malware family must have it")] if obj["is_family"] and "name" not in obj else None


def _place(obj: Mapping[str, Any]) -> Faults | None:
    if "latitude" in obj and "longitude" not in obj:
        return [("longitude", "missing, latitude needs it")]
    return [("latitude", "missing, longitude needs it")] if "longitude" in obj and "latitude" not in obj else None


def _observed(obj: Mapping[str, Any]) -> Faults | None:
    if "objects" in obj and "object_refs" in obj:
        return [("objects", "must not be given together with object_refs")]
    for index, each in enumerate(obj.get("object_refs", ())):
        type_ = each.partition("--")[0]
        if type_ in _STANDARD_DOMAIN or type_ in META_TYPES:
            return [(f"object_refs[{index}]", f"observed are observables and what joins them, not {type_}")]
    return None


def _ends(obj: Mapping[str, Any]) -> Faults | None:
    """Relationships join SDOs and SCOs (section 5.1.2)."""
    for key in ("source_ref", "target_ref"):
        type_ = obj[key].partition("--")[0]
        if type_ in _NOT_AN_END:
            return [(key, f"a relationship joins domain objects and observables, not {type_}")]
    return None


def _sighted(obj: Mapping[str, Any]) -> Faults | None:
    """A sighting is of an SDO (section 5.2.1)."""
    type_ = obj["sighting_of_ref"].partition("--")[0]
    if type_ in _NOT_AN_END or type_ in SCO_TYPES:
        return [("sighting_of_ref", f"a sighting is of a domain object, not {type_}")]
    return None


def _marking(obj: Mapping[str, Any]) -> Faults | None:
    """Section 7.2.1: a definition, unless an extension holds it; and no marking that is its own."""
    kind, definition = obj.get("definition_type"), obj.get("definition")
    if definition is not None and kind in ("statement", "tlp") and not isinstance(definition.get(kind), str):
        return [(f"definition.{kind}", f"missing, a {kind} marking must have it")]
    if obj["id"] in obj.get("object_marking_refs", ()):
        return [("object_marking_refs", "a marking must not mark itself")]
    for index, marking in enumerate(obj.get("granular_markings", ())):
        if marking.get("marking_ref") == obj["id"]:
            return [(f"granular_markings[{index}].marking_ref", "a marking must not mark itself")]
    return None


def _toplevel(obj: Mapping[str, Any]) -> Faults | None:
    """Section 7.3.1."""
    if "extension_properties" in obj and "toplevel-property-extension" not in obj["extension_types"]:
        return [("extension_properties", "must not be given unless extension_types has toplevel-property-extension")]
    return None


def _translated(value: object) -> Faults | None:
    """Language code -> property -> translation (section 7.1.1)."""
    faults = keyed(keyed(_translation))(value) or []
    if isinstance(value, dict):
        faults += [(f".{key[:80]}", "is not a language code (RFC 5646)") for key in value if language(key)]
    return faults or None


def _translation(value: object) -> Faults | None:
    return None if isinstance(value, str | list | dict) and value != {} and value != [] else fault("must be a text, a list or an object")


_STANDARD_DOMAIN = frozenset(type_ for type_ in THREAT_TYPES if not type_.startswith("x-"))
_EXTENSION_TYPES = ("new-sdo", "new-sco", "new-sro", "property-extension", "toplevel-property-extension")
_SIGHTED = {
    "sighting_of_ref": ref(),
    "observed_data_refs": many(ref("observed-data")),
    "where_sighted_refs": many(ref("identity", "location")),
    "count": whole_from(0, _COUNT),
    **properties(flag="summary", time="first_seen last_seen", string="description"),
}

#: Type -> (its own properties, the required ones in both versions, one of these, rules).
_OWN: dict[str, tuple[dict[str, Shape], str, str, tuple[Rule, ...]]] = {
    "attack-pattern": ({**_described(texts="aliases"), "kill_chain_phases": KILL_CHAIN_PHASES}, "name", "", ()),
    "campaign": (_described(string="objective", texts="aliases", time="first_seen last_seen"), "name", "", (_SEEN,)),
    "course-of-action": (_described(), "name", "", ()),
    "grouping": ({**_described(), "context": text, "object_refs": many(ref())}, "context object_refs", "", ()),
    "identity": (_described(string="identity_class contact_information", texts="roles sectors"), "name", "", ()),
    "incident": (_described(), "name", "", ()),
    "indicator": (
        {
            **_described(string="pattern_version", texts="indicator_types", time="valid_from valid_until"),
            **properties(text="pattern pattern_type"),
            "kill_chain_phases": KILL_CHAIN_PHASES,
        },
        "pattern valid_from",
        "",
        # What a pattern says is the strict check's to tell (`stix_musts`); a rule on it would stand here.
        (in_order("valid_from", "valid_until", equal=False),),
    ),
    "infrastructure": (
        {**_described(texts="infrastructure_types aliases", time="first_seen last_seen"), "kill_chain_phases": KILL_CHAIN_PHASES},
        "name",
        "",
        (_SEEN,),
    ),
    "intrusion-set": (
        _described(texts="aliases goals secondary_motivations", string="resource_level primary_motivation", time="first_seen last_seen"),
        "name",
        "",
        (_SEEN,),
    ),
    "location": (
        {
            **_described(string="region country administrative_area city street_address postal_code", number="precision"),
            "latitude": degrees(90),
            "longitude": degrees(180),
        },
        "",
        "region country latitude",
        (_place, needs("precision", "latitude", "longitude")),
    ),
    "malware": (
        {
            **_described(
                texts="malware_types aliases architecture_execution_envs implementation_languages capabilities",
                flag="is_family",
                time="first_seen last_seen",
            ),
            "kill_chain_phases": KILL_CHAIN_PHASES,
            "operating_system_refs": many(ref("software")),
            "sample_refs": many(ref("artifact", "file")),
        },
        "",
        "",
        (_SEEN,),
    ),
    "malware-analysis": (
        {
            **properties(
                text="product",
                string="version configuration_version analysis_engine_version analysis_definition_version result_name result",
                texts="modules",
                time="submitted analysis_started analysis_ended",
            ),
            "host_vm_ref": ref("software"),
            "operating_system_ref": ref("software"),
            "installed_software_refs": many(ref("software")),
            "analysis_sco_refs": many(ref()),
            "sample_ref": ref("artifact", "file", "network-traffic"),
        },
        "product",
        "result analysis_sco_refs",
        (),
    ),
    "note": ({**properties(string="abstract", text="content", texts="authors"), "object_refs": many(ref())}, "content object_refs", "", ()),
    "observed-data": (
        {
            **properties(time="first_observed last_observed"),
            "number_observed": whole_from(1, _COUNT),
            "object_refs": many(ref()),
        },
        "first_observed last_observed number_observed",
        "objects object_refs",
        (in_order("first_observed", "last_observed"), _observed),
    ),
    "opinion": (
        {
            **properties(string="explanation", texts="authors"),
            "opinion": one_of("strongly-disagree", "disagree", "neutral", "agree", "strongly-agree"),
            "object_refs": many(ref()),
        },
        "opinion object_refs",
        "",
        (),
    ),
    "report": ({**_described(texts="report_types", time="published"), "object_refs": many(ref())}, "name published object_refs", "", ()),
    "threat-actor": (
        _described(
            texts="threat_actor_types aliases roles goals secondary_motivations personal_motivations",
            string="sophistication resource_level primary_motivation",
            time="first_seen last_seen",
        ),
        "name",
        "",
        (_SEEN,),
    ),
    "tool": (
        {**_described(texts="tool_types aliases", string="tool_version"), "kill_chain_phases": KILL_CHAIN_PHASES},
        "name",
        "",
        (),
    ),
    "vulnerability": (_described(), "name", "", ()),
    "relationship": (
        {
            **properties(string="description", time="start_time stop_time"),
            "relationship_type": like(_LABEL, "of a-z, 0-9 and '-'"),
            "source_ref": ref(),
            "target_ref": ref(),
        },
        "relationship_type source_ref target_ref",
        "",
        (in_order("start_time", "stop_time", equal=False), _ends),
    ),
    "sighting": (_SIGHTED, "sighting_of_ref", "", (_SEEN, _sighted)),
    "language-content": ({"object_ref": ref(), "object_modified": time, "contents": _translated}, "object_ref contents", "", ()),
    "marking-definition": (
        {**properties(string="name definition_type"), "definition": record({})},
        "",
        "definition extensions",
        (needs("definition", "definition_type"), _marking),
    ),
    "extension-definition": (
        {
            **properties(text="name version", string="description schema"),
            "created_by_ref": ref("identity"),
            "extension_types": many(one_of(*_EXTENSION_TYPES)),
            "extension_properties": many(like(r"[a-z][a-z0-9_]{2,249}", "a property name")),
        },
        "created_by_ref name schema version extension_types",
        "",
        (_toplevel,),
    ),
}

_SINCE_21 = {
    "attack-pattern": "aliases",
    "identity": "roles",
    "indicator": "indicator_types pattern_type pattern_version",
    "malware": "malware_types is_family aliases first_seen last_seen operating_system_refs architecture_execution_envs "
    "implementation_languages capabilities sample_refs",
    "marking-definition": "name extensions",
    "observed-data": "object_refs",
    "relationship": "start_time stop_time",
    "report": "report_types",
    "sighting": "description",
    "threat-actor": "threat_actor_types first_seen last_seen",
    "tool": "tool_types aliases",
}
#: What 2.1 adds to what must be there, and what 2.0 alone asks for.
_REQUIRED_21 = {"indicator": "pattern_type", "malware": "is_family"}
_REQUIRED_20 = {
    "identity": "identity_class",
    "indicator": "labels",
    "malware": "name labels",
    "marking-definition": "definition definition_type",
    "observed-data": "objects",
    "report": "labels",
    "threat-actor": "labels",
    "tool": "labels",
}
#: Common properties that these do not have (section 3.2).
_WITHOUT = {"language-content": {"lang"}, "extension-definition": {"confidence", "lang", "extensions"}}
_COMMON_MARKING = frozenset(
    {"type", "id", "spec_version", "created", "created_by_ref", "external_references", "object_marking_refs", "granular_markings"}
)


def _kind_21(type_: str) -> Kind:
    own, required, one, rules = _OWN[type_]
    more: tuple[Rule, ...] = (_family,) if type_ == "malware" else (container_21,) if type_ == "observed-data" else ()
    shapes = {**_COMMON, "extensions": extensions(), **own, **dict.fromkeys(RESERVED_21, reserved)}
    common = _COMMON_MARKING if type_ == "marking-definition" else _FIRST | frozenset(_COMMON)
    return Kind(
        shapes=shapes,
        required=tuple(f"{required} {_REQUIRED_21.get(type_, '')}".split()),
        one=tuple(one.split()),
        rules=(selectors_resolve, *rules, *more),
        names=(common | frozenset(own) | {"extensions"} | ({"objects"} if type_ == "observed-data" else set()))
        - _WITHOUT.get(type_, set()),
    )


def _kind_20(type_: str) -> Kind:
    own, required, one, rules = _OWN[type_]
    gone = frozenset(_SINCE_21.get(type_, "").split()) | {"confidence", "lang", "spec_version"}
    shapes = {**_COMMON, **own}
    if type_ == "sighting":
        shapes["where_sighted_refs"] = many(ref("identity"))
    common = _COMMON_MARKING if type_ == "marking-definition" else _FIRST | frozenset(_COMMON)
    more: tuple[Rule, ...] = (container_20,) if type_ == "observed-data" else ()
    return Kind(
        shapes=shapes,
        required=tuple(f"{required} {_REQUIRED_20.get(type_, '')}".split()),
        one=() if type_ == "marking-definition" else tuple(one.split()),
        rules=(selectors_resolve, *rules, *more),
        names=(common | frozenset(own) | ({"objects"} if type_ == "observed-data" else set())) - gone,
    )


#: Type -> what each version of the standard says of it.
DOMAIN_21: dict[str, Kind] = {type_: _kind_21(type_) for type_ in _OWN}
DOMAIN_20: dict[str, Kind] = {type_: _kind_20(type_) for type_ in _OWN if type_ not in ONLY_21}
#: What holds for an object of any other type; what else it has is its maker's business.
CUSTOM_21 = Kind(
    shapes={**_COMMON, "extensions": extensions(), **dict.fromkeys(RESERVED_21, reserved)},
    rules=(selectors_resolve,),
    names=_FIRST | frozenset(_COMMON) | {"extensions"},
)
CUSTOM_20 = Kind(shapes=_COMMON, rules=(selectors_resolve,), names=(_FIRST | frozenset(_COMMON)) - {"confidence", "lang", "spec_version"})
