from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.terms.stix_check import check
from comity.terms.stix_strict import strict
from tests.terms.stix_examples import EVERY, EXTENSION, TLP_AMBER

UUID = "12345678-1234-4234-8234-123456789012"
T = "2024-03-01T12:00:00.000Z"
LATER = "2024-03-01T12:00:00.001Z"


def sdo(type_: str, **more: Any) -> dict[str, Any]:
    return {"type": type_, "spec_version": "2.1", "id": f"{type_}--{UUID}", "created": T, "modified": T, **more}


INDICATOR = sdo("indicator", pattern="[url:value = 'http://a.example/']", pattern_type="stix", valid_from=T)
RELATION = sdo("relationship", relationship_type="indicates", source_ref=f"indicator--{UUID}", target_ref=f"malware--{UUID}")
SIGHTING = sdo("sighting", sighting_of_ref=f"indicator--{UUID}")


@pytest.mark.parametrize(
    "obj",
    [
        INDICATOR,
        RELATION,
        SIGHTING,
        sdo("malware", is_family=False),
        sdo("report", name="r", published=T, object_refs=[f"indicator--{UUID}"]),
        sdo("x-own-thing", name={"custom": "shape"}, confidence=50),
        {**INDICATOR, "x_own": [None], "unknown": 1},
        {"type": "domain-name", "spec_version": "2.1", "id": f"domain-name--{UUID}", "value": "a.example"},
        {"type": "x-own-sco", "id": f"x-own-sco--{UUID}", "value": 3},
        {
            "type": "marking-definition",
            "id": f"marking-definition--{UUID}",
            "created": T,
            "modified": "odd",
            "definition_type": "statement",
            "definition": {"statement": "s"},
        },
        {"type": "indicator", "id": f"indicator--{UUID}", "created": T, "modified": T, "labels": ["x"], "pattern": "p", "valid_from": T},
        sdo("location", latitude=48.0, longitude=11.5),
        {**SIGHTING, "count": 0, "first_seen": T, "last_seen": T, "where_sighted_refs": [f"identity--{UUID}"]},
    ],
)
def test_acceptable(obj: dict[str, Any]) -> None:
    assert check(obj) is None


@pytest.mark.parametrize(
    ("obj", "why"),
    [
        ({}, "type: missing"),
        ({"type": "Bad Type"}, "type:"),
        ({"type": "bundle", "id": f"bundle--{UUID}"}, "type: a bundle"),
        ({"type": "indicator"}, "id: missing"),
        ({**INDICATOR, "id": f"malware--{UUID}"}, "id: 'malware--"),
        ({**INDICATOR, "id": "indicator--12345678-1234-4234-c234-123456789012"}, "RFC 4122"),
        ({**INDICATOR, "id": f"indicator--{UUID} "}, "id:"),
        ({**INDICATOR, "spec_version": "3.0"}, "spec_version:"),
        ({k: v for k, v in INDICATOR.items() if k != "created"}, "created: missing"),
        ({k: v for k, v in INDICATOR.items() if k != "modified"}, "modified: missing"),
        ({**INDICATOR, "created": "2024-03-01"}, "created: '2024-03-01' is not"),
        ({**INDICATOR, "created": "2024-02-30T00:00:00Z"}, "created:"),
        ({**INDICATOR, "modified": "2024-03-01T12:00:00+01:00"}, "modified:"),
        ({**INDICATOR, "created": LATER}, "modified: earlier than created"),
        ({**INDICATOR, "valid_until": T}, "valid_until: not later than valid_from"),
        ({**INDICATOR, "pattern": ""}, "pattern: must be a non-empty"),
        ({k: v for k, v in INDICATOR.items() if k != "pattern_type"}, "pattern_type: missing"),
        ({**INDICATOR, "confidence": 101}, "confidence: must be a whole number from 0 to 100"),
        ({**INDICATOR, "confidence": True}, "confidence:"),
        ({**INDICATOR, "revoked": "yes"}, "revoked:"),
        ({**INDICATOR, "labels": []}, "labels:"),
        ({**INDICATOR, "object_marking_refs": [f"identity--{UUID}"]}, "object_marking_refs[0]: identity is not marking-definition"),
        ({**INDICATOR, "created_by_ref": "me"}, "created_by_ref: 'me' is not an id"),
        ({**INDICATOR, "external_references": [{"url": "http://a.example/"}]}, "external_references[0].source_name: missing"),
        ({**INDICATOR, "granular_markings": [{"selectors": ["a"]}]}, "granular_markings[0].marking_ref: must be given, or else lang"),
        ({**INDICATOR, "granular_markings": [{"lang": "en", "selectors": []}]}, "granular_markings[0].selectors: must be a non-empty list"),
        ({k: v for k, v in RELATION.items() if k != "target_ref"}, "target_ref: missing"),
        ({**RELATION, "target_ref": f"relationship--{UUID}"}, "target_ref: a relationship joins"),
        ({**RELATION, "start_time": T, "stop_time": T}, "stop_time: not later"),
        ({**SIGHTING, "sighting_of_ref": f"url--{UUID}"}, "sighting_of_ref: a sighting is of a domain object"),
        ({**SIGHTING, "count": 1_000_000_000}, "count:"),
        ({**SIGHTING, "first_seen": LATER, "last_seen": T}, "last_seen: earlier than first_seen"),
        ({**SIGHTING, "where_sighted_refs": [f"malware--{UUID}"]}, "where_sighted_refs[0]: malware is not identity or location"),
        (sdo("malware", name="m"), "is_family: missing"),
        (sdo("report", name="r", published=T), "object_refs: missing"),
        (sdo("report", name="r", published=T, object_refs=[]), "object_refs: must be a non-empty list"),
        (sdo("report", name="r", published="x", object_refs=[f"url--{UUID}"]), "published:"),
        (sdo("threat-actor"), "name: missing"),
        (sdo("opinion", opinion="maybe", object_refs=[f"url--{UUID}"]), "opinion: must be one of"),
        (sdo("location"), "region: missing, location must have region or"),
        (sdo("location", latitude=1), "longitude: missing"),
        (sdo("location", latitude=91, longitude=0), "latitude:"),
        (sdo("observed-data", first_observed=T, last_observed=T, number_observed=0, object_refs=[f"url--{UUID}"]), "number_observed:"),
        ({"type": "file", "id": f"file--{UUID}"}, "hashes: missing, file must have hashes or name"),
        ({"type": "url", "id": f"url--{UUID}", "value": ""}, "value:"),
        ({"type": "marking-definition", "id": f"marking-definition--{UUID}", "created": T}, "definition: missing"),
        ({**INDICATOR, "severity": "high"}, "severity: is reserved by STIX"),
        ({"type": "action", "id": f"action--{UUID}"}, "type: 'action' is not a STIX type name"),
        ({"type": "x--own", "id": f"x--own--{UUID}"}, "type: 'x--own' is not"),
        ({"type": "tool", "id": f"tool--{UUID}", "created": T, "modified": T, "name": "t"}, "labels: missing"),
    ],
)
def test_refused_with_the_property_named(obj: dict[str, Any], why: str) -> None:
    said = check(obj)
    assert said is not None
    assert why in said


#: Requirement of the checklist -> an object that breaks it, and what is said.
O_BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "O1": ({**INDICATOR, "id": f"malware--{UUID}"}, f"id: 'malware--{UUID}' is not indicator-- and an RFC 4122 UUID"),
    "O2": (
        {**INDICATOR, "created": "2024-03-01T12:00:00.Z"},
        "created: '2024-03-01T12:00:00.Z' is not a STIX timestamp (RFC 3339, UTC, Z)",
    ),
    "O3": ({**INDICATOR, "created": LATER}, "modified: earlier than created"),
    "O9": ({**INDICATOR, "confidence": 101}, "confidence: must be a whole number from 0 to 100"),
    "O10": (
        sdo("language-content", object_ref=f"campaign--{UUID}", contents={"d_e": {"name": "n"}}),
        "contents.d_e: is not a language code (RFC 5646)",
    ),
    "O11": (
        {"type": "marking-definition", "spec_version": "2.1", "id": f"marking-definition--{UUID}", "created": T, "definition": {"a": 1}},
        "definition_type: missing, definition needs it",
    ),
    "O13": (
        {**INDICATOR, "granular_markings": [{"lang": "en", "selectors": ["labels"]}]},
        "granular_markings[0].selectors[0]: 'labels' selects nothing in this object",
    ),
    "O15": (
        {**TLP_AMBER, "object_marking_refs": [TLP_AMBER["id"]]},
        "object_marking_refs: a marking must not mark itself",
    ),
    "O16": (
        {**INDICATOR, "extensions": {EXTENSION: {"extension_type": "new"}}},
        f"extensions.{EXTENSION}.extension_type: must be one of the extension types of section 7.3",
    ),
    "O17": ({**INDICATOR, "username": "u"}, "username: is reserved by STIX (section 3.8) and must not be used"),
    "O18": ({**SIGHTING, "count": 1_000_000_000}, "count: must be a whole number from 0 to 999999999"),
    "O19": (
        {**RELATION, "source_ref": f"marking-definition--{UUID}"},
        "source_ref: a relationship joins domain objects and observables, not marking-definition",
    ),
    "O20": ({**INDICATOR, "valid_until": T}, "valid_until: not later than valid_from"),
    "O23": (
        {
            "type": "observed-data",
            "id": f"observed-data--{UUID}",
            "created": T,
            "modified": T,
            "first_observed": T,
            "last_observed": T,
            "number_observed": 1,
            "objects": {"0": {"type": "file", "name": "a", "content_ref": "1"}},
        },
        "objects.0.content_ref: '1' names nothing in this container",
    ),
}


@pytest.mark.parametrize("requirement", O_BROKEN)
def test_requirement(requirement: str) -> None:
    obj, said = O_BROKEN[requirement]
    assert check(obj) == said


def test_o21_a_reference_that_leads_nowhere_is_legal() -> None:
    assert check({**RELATION, "target_ref": "x-unheard-of--00000000-0000-4000-8000-000000000000"}) is None


@pytest.mark.parametrize("type_", EVERY)
def test_everything_a_type_may_have_is_accepted(type_: str) -> None:
    assert check(EVERY[type_]) is None


@pytest.mark.parametrize("type_", EVERY)
def test_no_property_of_any_type_takes_a_value_of_another_kind(type_: str) -> None:
    """Every property that the standard defines has a shape: an object in a list in a list is none of them."""
    untyped = {"startup_info"}
    taken = [name for name in EVERY[type_] if name not in untyped and check({**EVERY[type_], name: [[{"a": 1}]]}) is None]
    assert taken == []


@pytest.mark.parametrize("type_", EVERY)
def test_the_first_fault_is_also_among_all_of_them(type_: str) -> None:
    for name in EVERY[type_]:
        broken = {**EVERY[type_], name: None}
        first = check(broken)
        assert first is not None
        assert any(said.startswith(name) for said in strict(broken)), (name, first, strict(broken))


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda x: st.lists(x, max_size=3) | st.dictionaries(st.text(max_size=5), x),
)


@given(
    st.sampled_from([INDICATOR, RELATION, SIGHTING, *EVERY.values()]),
    st.sampled_from(sorted({name for obj in EVERY.values() for name in obj} | {"objects"})),
    _VALUES,
)
def test_any_value_anywhere_is_judged_without_an_error(obj: dict[str, Any], key: str, value: object) -> None:
    said = check({**obj, key: value})
    assert said is None or ": " in said
    assert all(": " in each for each in strict({**obj, key: value}))
    if said is not None:
        assert strict({**obj, key: value}) != []
