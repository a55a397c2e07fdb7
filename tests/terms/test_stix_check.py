from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.terms.stix_check import check

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
        {"type": "marking-definition", "id": f"marking-definition--{UUID}", "created": T, "modified": "odd", "definition": {}},
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
        ({**INDICATOR, "object_marking_refs": [f"identity--{UUID}"]}, "object_marking_refs: identity is not marking-definition"),
        ({**INDICATOR, "created_by_ref": "me"}, "created_by_ref: 'me' is not an id"),
        ({**INDICATOR, "external_references": [{}]}, "external_references: [0] source_name"),
        ({**INDICATOR, "granular_markings": [{"selectors": ["a"]}]}, "granular_markings: [0] must have either"),
        ({**INDICATOR, "granular_markings": [{"lang": "en", "selectors": []}]}, "granular_markings: [0] selectors"),
        ({k: v for k, v in RELATION.items() if k != "target_ref"}, "target_ref: missing"),
        ({**RELATION, "target_ref": f"relationship--{UUID}"}, "target_ref: a relationship joins"),
        ({**RELATION, "start_time": T, "stop_time": T}, "stop_time: not later"),
        ({**SIGHTING, "sighting_of_ref": f"url--{UUID}"}, "sighting_of_ref: a sighting is of a domain object"),
        ({**SIGHTING, "count": 1_000_000_000}, "count:"),
        ({**SIGHTING, "first_seen": LATER, "last_seen": T}, "last_seen: earlier than first_seen"),
        ({**SIGHTING, "where_sighted_refs": [f"malware--{UUID}"]}, "where_sighted_refs: malware"),
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
        ({"type": "tool", "id": f"tool--{UUID}", "created": T, "modified": T, "name": "t"}, "labels: missing"),
    ],
)
def test_refused_with_the_property_named(obj: dict[str, Any], why: str) -> None:
    said = check(obj)
    assert said is not None
    assert why in said


def test_the_oasis_suite_holds_no_valid_object_that_we_refuse(shared_data: Path) -> None:
    cases = [json.loads(line) for line in (shared_data / "vectors/stix/stix-validate-half.jsonl").read_text().splitlines()]
    objects = [
        obj
        for case in cases
        if case["valid"]
        for obj in (case["instance"].get("objects", []) if case["instance"].get("type") == "bundle" else [case["instance"]])
        if isinstance(obj, dict)
    ]
    assert len(objects) > 150
    assert [(why, obj) for obj in objects if (why := check(obj))] == []


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda x: st.lists(x, max_size=3) | st.dictionaries(st.text(max_size=5), x),
)


@given(
    st.sampled_from([INDICATOR, RELATION, SIGHTING]),
    st.sampled_from(sorted({*INDICATOR, *RELATION, *SIGHTING, "count", "labels"})),
    _VALUES,
)
def test_any_value_anywhere_is_judged_without_an_error(obj: dict[str, Any], key: str, value: object) -> None:
    said = check({**obj, key: value})
    assert said is None or ": " in said
