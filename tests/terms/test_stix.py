from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID, uuid5

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from comity.terms import stix
from tests.terms.stix_examples import EVERY

WHEN = datetime(2024, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)


def test_derived_ids_are_stable_and_never_in_the_sco_namespace() -> None:
    assert stix.derived_id("indicator", "domain", "a.example") == "indicator--2923d28f-1d7c-5be6-8db7-89a41912a547"
    assert stix.derived_id("indicator", "a", "b") != stix.derived_id("indicator", "ab")
    with pytest.raises(ValueError, match="sco_id"):
        stix.derived_id("domain-name", "a.example")


def test_ids_are_told_from_words_and_names() -> None:
    id_ = stix.derived_id("indicator", "domain", "a.example")
    assert stix.is_id(id_)
    for text in ("", "--", "xn--e1afmkfd.example", "an address -- see the mail", f"about {id_}", f"{id_} ", f"{id_}@2021", "indicator--1"):
        assert not stix.is_id(text), text


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=4))
def test_derived_ids_hash_the_canonical_json(parts: list[str]) -> None:
    name = rfc8785.dumps(["report", *parts]).decode()
    assert stix.derived_id("report", *parts) == f"report--{uuid5(UUID('0d1f66dd-ace7-44d3-bc95-bce89525aac6'), name)}"


def test_references_are_what_an_object_is_about() -> None:
    a, b, c = (f"indicator--{n}2345678-1234-4234-8234-123456789012" for n in "123")
    obj = {
        "type": "report",
        "created_by_ref": "identity--12345678-1234-4234-8234-123456789012",
        "object_marking_refs": ["marking-definition--12345678-1234-4234-8234-123456789012"],
        "granular_markings": [{"marking_ref": "marking-definition--12345678-1234-4234-8234-123456789012", "selectors": ["name"]}],
        "object_refs": [b, a, b, "extension-definition--12345678-1234-4234-8234-123456789012"],
        "extensions": {"x": {"deep": [[{"some_ref": c}]]}},
        "objects": {"0": {"type": "file", "parent_directory_ref": "1", "contains_refs": ["2"]}},
        "not_a_reference": a,
    }
    assert stix.references(obj) == (a, b, c)
    assert stix.references({"type": "domain-name", "value": "a.example"}) == ()


@pytest.mark.parametrize("type_", EVERY)
def test_references_leave_out_no_property_that_refers_to_anything(type_: str) -> None:
    """By the examples, which have every property that the standard gives a type: whatever looks like an id and is not who made or marked it."""
    found: set[str] = set()

    def look(key: str, value: object) -> None:
        if isinstance(value, dict):
            for name, inner in value.items():
                look(name, inner)
        elif isinstance(value, list):
            for inner in value:
                look(key, inner)
        elif isinstance(value, str) and re.fullmatch(r"[a-z0-9-]+--[0-9a-f-]{36}", value) and key not in ("id", "created_by_ref"):
            found.add(value)

    look("", EVERY[type_])
    assert set(stix.references(EVERY[type_])) == {each for each in found if not each.startswith("marking-definition")}


def test_version_and_spec_version() -> None:
    assert stix.version({"modified": "b", "created": "a"}) == "b"
    assert stix.version({"created": "a"}) == "a"
    assert stix.version({"type": "url"}) == ""
    assert stix.spec_version({"type": "indicator", "created": "a"}) == "2.0"
    assert stix.spec_version({"type": "indicator", "created": "a", "spec_version": "2.1"}) == "2.1"
    assert stix.spec_version({"type": "url"}) == "2.1"
    assert stix.spec_version({"type": "x-own-thing", "value": 1}) == "2.1"
    assert stix.spec_version({"type": "grouping", "created": "a"}) == "2.1"


def test_timestamps_are_utc_and_exact() -> None:
    assert stix.timestamp(WHEN) == "2024-03-01T12:00:00.250Z"
    assert stix.timestamp(WHEN + timedelta(microseconds=1)) == "2024-03-01T12:00:00.250001Z"
    assert stix.timestamp(WHEN.astimezone(timezone(timedelta(hours=5)))) == "2024-03-01T12:00:00.250Z"
    assert stix.timestamp("2024-03-01T12:00:00Z") == "2024-03-01T12:00:00Z"
    with pytest.raises(TypeError):
        stix.timestamp(datetime(2024, 3, 1))  # noqa: DTZ001


@pytest.mark.parametrize("kind", ["domain", "cidr", "url", "sha256", "email", "ipv6"])
def test_indicators_and_observables_are_acceptable_stix(kind: str) -> None:
    value = {"cidr": "2001:db8::/32", "url": "http://a.example/'", "sha256": "a" * 64, "email": "x@a.example", "ipv6": "2001:db8::1"}.get(
        kind, "a.example"
    )
    made = stix.indicator(kind, value, created=WHEN, description="d", labels=("l",), confidence=70)
    assert stix.check(made) is None
    assert stix.pattern_value(made["pattern"]) == [(kind, value)]
    assert made["id"] == stix.derived_id("indicator", kind, value)
    assert made["valid_from"] == made["created"] == made["modified"]
    plain = stix.indicator(kind, value, created=WHEN)
    assert not {"description", "labels", "confidence", "indicator_types"} & set(plain)
    seen = stix.sco(kind, value)
    assert stix.check(seen) is None
    assert seen["id"] == stix.sco_id(seen)


def test_no_indicator_or_observable_of_an_unknown_kind() -> None:
    with pytest.raises(ValueError, match="phone"):
        stix.indicator("phone", "1", created=WHEN)
    with pytest.raises(ValueError, match="phone"):
        stix.sco("phone", "1")
