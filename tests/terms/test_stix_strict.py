from __future__ import annotations

from typing import Any

import pytest

from comity.terms.stix_strict import GROUPS, NAMES, Finding, Options, findings, objects_of, strict
from tests.terms.stix_examples import CUSTOM, DOMAIN, EVERY, IDENTITY, OBSERVABLES, TLP_AMBER, U4, T

INDICATOR, URL = DOMAIN["indicator"], OBSERVABLES["url"]


def bundle(*objects: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "bundle", "id": f"bundle--{U4}", "objects": list(objects), **more}


@pytest.mark.parametrize("type_", EVERY)
def test_nothing_is_said_against_the_examples(type_: str) -> None:
    assert findings(EVERY[type_]) == []


def test_findings_say_level_path_rule_and_whose() -> None:
    obj = {**INDICATOR, "confidence": 101, "indicator_types": ["Bad"]}
    assert findings(obj) == [
        Finding(level="must", path="confidence", why="must be a whole number from 0 to 100", id=obj["id"]),
        Finding(level="should", path="indicator_types", why="'Bad' is not in the vocabulary of STIX", rule="indicator-types", id=obj["id"]),
        Finding(
            level="should",
            path="indicator_types",
            why="'Bad' should be lower-case words with '-' between",
            rule="open-vocab-format",
            id=obj["id"],
        ),
    ]
    assert strict(obj)[0] == "confidence: must be a whole number from 0 to 100"
    assert strict(obj)[1] == "indicator_types: 'Bad' is not in the vocabulary of STIX [indicator-types]"
    assert strict(obj, Options(should=False)) == ["confidence: must be a whole number from 0 to 100"]


def test_o7_an_observable_should_have_the_id_that_its_properties_make() -> None:
    other = {**URL, "id": "url--12345678-1234-5234-8234-123456789012"}
    noted = findings(other)
    assert [(each.level, each.path) for each in noted] == [("note", "id")]
    assert URL["id"] in noted[0].why
    assert strict(other) == []
    assert strict({**URL, "id": f"url--{U4}"}) == ["id: should be a UUIDv5 [uuid-check]"]


def test_o12_only_four_tlp_markings_are_the_standards() -> None:
    assert strict(TLP_AMBER) == []
    assert len(strict({**TLP_AMBER, "id": f"marking-definition--{U4}"})) == 1


def test_a_reference_whose_uuid_is_broken_is_noted() -> None:
    noted = findings({**OBSERVABLES["directory"], "contains_refs": ["file--x"]})
    assert [(each.level, each.path, each.why) for each in noted if each.level == "note"] == [
        ("note", "contains_refs", "'file--x' is not an id")
    ]


@pytest.mark.parametrize(
    ("options", "rules"),
    [
        (Options(), {"extref-hashes", "indicator-properties"}),
        (Options(disabled=frozenset({"extref-hashes"})), {"indicator-properties"}),
        (Options(disabled=frozenset({"all"})), set()),
        (Options(enabled=frozenset({"extref-hashes"})), {"extref-hashes"}),
        (Options(disabled=frozenset({"all"}), enabled=frozenset({"extref-hashes"})), {"extref-hashes"}),
        (Options(should=False), {"extref-hashes", "indicator-properties"}),
    ],
)
def test_recommendations_are_asked_for_by_name(options: Options, rules: set[str]) -> None:
    obj = {**INDICATOR, "external_references": [{"source_name": "s", "url": "u:u"}]}
    del obj["description"]
    assert {each.rule for each in findings(obj, options)} == rules
    assert (strict(obj, options) == []) == (not rules or not options.should)


def test_names_of_custom_things_are_held_to_one_rule_at_a_time() -> None:
    tool = {**DOMAIN["tool"], "x_own": 1}

    def rules(*disabled: str) -> set[str]:
        return {each.rule for each in findings(tool, Options(disabled=frozenset(disabled)))}

    assert rules() == {"extensions-use"}
    assert rules("extensions-use") == {"custom-prefix"}
    assert rules("extensions-use", "custom-prefix") == rules("extensions-use", "format-checks") == set()


def test_groups_hold_names_that_there_are() -> None:
    assert {name for names in GROUPS.values() for name in names} <= NAMES


def test_more_than_the_standard_may_be_demanded() -> None:
    assert strict({**CUSTOM, "id": f"x-example-thing--{U4}"}, Options(strict_types=True)) == [
        "type: type 'x-example-thing' is not one that the standard defines [strict-types]"
    ]
    tool = {**DOMAIN["tool"], "x_own": 1}
    assert [each.rule for each in findings(tool, Options(disabled=frozenset({"all"}), strict_properties=True))] == ["strict-properties"]


def test_bundles_are_judged_with_all_that_is_in_them() -> None:
    relation = DOMAIN["relationship"]
    whole = bundle(relation, INDICATOR)
    assert strict(whole) == []
    assert strict(whole, Options(enforce_refs=True)) == [f"target_ref: malware--{U4} is not in the bundle [enforce-refs]"]
    assert strict(bundle(relation, relation)) == [f"objects[1]: a second {relation['id']} of {T} [duplicate-ids]"]
    assert [each.path for each in findings(bundle(INDICATOR), Options(interop=True))] == ["created_by_ref"]
    assert strict(bundle({**DOMAIN["identity"], "id": IDENTITY}, INDICATOR), Options(interop=True)) == []
    assert strict(bundle()) == ["objects: must be a non-empty list of objects", "objects: must not be an empty list"]
    assert strict(bundle({"id": "x"})) == ["type: missing"]
    assert strict({"type": "bundle"}) == ["id: missing"]
    assert objects_of({"type": "bundle", "objects": [1, INDICATOR]}) == [INDICATOR]
    assert strict({}) == ["type: missing"]


def test_o23_what_is_2_0_is_judged_as_2_0() -> None:
    old = {"type": "tool", "id": f"tool--{U4}", "created": T, "modified": T, "name": "n", "labels": ["exploitation"]}
    assert strict(old, Options(version="2.0")) == []
    assert strict(old) == ["spec_version: missing"]
    assert strict(bundle(old, spec_version="2.0")) == []
    assert strict(bundle(old)) == []
    assert strict(bundle(old, spec_version="2.1"), Options(version="2.0")) == ["spec_version: must be 2.0"]
    assert strict({**old, "type": "incident", "id": f"incident--{U4}"}, Options(version="2.0")) != []
