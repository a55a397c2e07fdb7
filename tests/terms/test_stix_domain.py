from __future__ import annotations

from typing import Any

import pytest

from comity.terms.stix_domain import CUSTOM_21, DOMAIN_20, DOMAIN_21, RESERVED_21
from comity.terms.stix_kinds import all_faults
from comity.terms.stix_types import META_TYPES, SRO_TYPES, THREAT_TYPES
from tests.terms.stix_examples import DOMAIN, STATEMENT, U4, T

EXAMPLES = {**DOMAIN, "marking-definition": STATEMENT}


def test_there_is_a_table_for_every_type_of_the_standard_and_an_example() -> None:
    types = {type_ for type_ in THREAT_TYPES if not type_.startswith("x-")} | SRO_TYPES | META_TYPES - {"bundle"}
    assert set(DOMAIN_21) == types == set(EXAMPLES)
    assert set(DOMAIN_20) < set(DOMAIN_21)
    assert not {"grouping", "location", "incident", "language-content"} & set(DOMAIN_20)


@pytest.mark.parametrize("type_", EXAMPLES)
def test_an_example_has_every_property_and_no_fault(type_: str) -> None:
    obj, kind = EXAMPLES[type_], DOMAIN_21[type_]
    assert all_faults(kind, obj) == []
    optional = {"objects", "created_by_ref", "granular_markings", "extensions"}
    assert set(obj) <= kind.names
    assert kind.names - set(obj) <= optional


@pytest.mark.parametrize("type_", EXAMPLES)
def test_what_is_required_is_missed(type_: str) -> None:
    obj, kind = EXAMPLES[type_], DOMAIN_21[type_]
    for name in kind.required:
        found = all_faults(kind, {key: value for key, value in obj.items() if key != name})
        assert (name, "missing") in found
    if kind.one:
        without = {key: value for key, value in obj.items() if key not in kind.one}
        assert [path for path, _ in all_faults(kind, without)] == [kind.one[0]]


@pytest.mark.parametrize("name", sorted(RESERVED_21))
def test_reserved_names_are_refused_in_every_object(name: str) -> None:
    for kind in (DOMAIN_21["campaign"], CUSTOM_21):
        assert [path for path, _ in all_faults(kind, {**DOMAIN["campaign"], name: "x"})] == [name]


BETWEEN: list[tuple[str, dict[str, Any], tuple[str, ...], str]] = [
    ("campaign", {"last_seen": "2024-02-01T00:00:00Z"}, (), "last_seen: earlier than first_seen"),
    ("location", {}, ("longitude", "precision"), "longitude: missing, latitude needs it"),
    ("location", {}, ("latitude", "precision"), "latitude: missing, longitude needs it"),
    ("malware", {}, ("name",), "name: missing, a malware family must have it"),
    ("observed-data", {"objects": {"0": {"type": "url", "value": "u:u"}}}, (), "objects: must not be given together with object_refs"),
    (
        "observed-data",
        {"object_refs": [f"campaign--{U4}"]},
        (),
        "object_refs[0]: observed are observables and what joins them, not campaign",
    ),
    ("relationship", {"stop_time": T}, (), "stop_time: not later than start_time"),
    ("sighting", {"sighting_of_ref": f"file--{U4}"}, (), "sighting_of_ref: a sighting is of a domain object, not file"),
    (
        "marking-definition",
        {"definition": {"other": "x"}},
        (),
        "definition.statement: missing, a statement marking must have it",
    ),
    (
        "marking-definition",
        {"granular_markings": [{"marking_ref": STATEMENT["id"], "selectors": ["name"]}]},
        (),
        "granular_markings[0].marking_ref: a marking must not mark itself",
    ),
    (
        "extension-definition",
        {"extension_types": ["new-sdo"]},
        (),
        "extension_properties: must not be given unless extension_types has toplevel-property-extension",
    ),
]


@pytest.mark.parametrize(("type_", "change", "without", "said"), BETWEEN)
def test_what_must_hold_between_properties(type_: str, change: dict[str, Any], without: tuple[str, ...], said: str) -> None:
    obj = {name: value for name, value in {**EXAMPLES[type_], **change}.items() if name not in without}
    assert [f"{path}: {why}" for path, why in all_faults(DOMAIN_21[type_], obj)] == [said]


def test_a_malware_that_is_no_family_may_be_nameless() -> None:
    obj = {**DOMAIN["malware"], "is_family": False}
    del obj["name"]
    assert all_faults(DOMAIN_21["malware"], obj) == []


def test_the_older_version_asks_for_labels_and_knows_less() -> None:
    obj = {name: value for name, value in DOMAIN["indicator"].items() if name not in ("labels", "pattern_type")}
    assert all_faults(DOMAIN_20["indicator"], obj) == [("labels", "missing")]
    assert not {"confidence", "lang", "spec_version", "pattern_type", "extensions"} & DOMAIN_20["indicator"].names
    at_place = {**DOMAIN["sighting"], "where_sighted_refs": [f"location--{U4}"]}
    assert all_faults(DOMAIN_20["sighting"], at_place) == [("where_sighted_refs[0]", "location is not identity")]
