"""The published cases for STIX objects and bundles, each with the options it was made for (docs/stix.md, Conformance)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from comity.terms.stix_check import check
from comity.terms.stix_strict import Options, objects_of, strict

#: Test that a case comes from -> why we decide it otherwise. The same list is in docs/stix.md.
EXCEPTIONS = {
    "test_additional_schema_extension": "labelled by a JSON schema given beside it for one extension; STIX 2.1 section 7.3 leaves that to its maker",
}


@pytest.fixture(scope="module")
def cases(shared_data: Path) -> list[dict[str, Any]]:
    lines = (shared_data / "vectors/stix/stix-validate-half.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def _options(given: dict[str, Any]) -> Options:
    flags = {name: given[name] for name in ("version", "strict_types", "strict_properties", "enforce_refs", "interop")}
    names = {name: frozenset(filter(None, given[name])) for name in ("disabled", "enabled")}
    return Options(should=given["strict"], **flags, **names)


def _ours(case: dict[str, Any]) -> list[dict[str, Any]]:
    return list(objects_of(case["instance"])) if case["instance"]["type"] == "bundle" else [case["instance"]]  # type: ignore[arg-type]


def test_the_strict_check_decides_every_case_as_labelled(cases: list[dict[str, Any]]) -> None:
    assert len(cases) >= 475
    wrong = []
    for case in cases:
        said = strict(case["instance"], _options(case["options"]))
        if (not said) != case["valid"]:
            wrong.append((case["test"].rpartition("::")[2], case["valid"], said, case["errors"][:1]))
    assert [each for each in wrong if each[0] not in EXCEPTIONS] == []
    assert {each[0] for each in wrong} == set(EXCEPTIONS)
    assert len(wrong) <= 4


def test_the_mild_check_refuses_nothing_that_is_valid_and_much_that_is_not(cases: list[dict[str, Any]]) -> None:
    assert [(why, obj) for case in cases if case["valid"] for obj in _ours(case) if (why := check(obj))] == []
    broken = [
        case for case in cases if not case["valid"] and strict(case["instance"], Options(version=case["options"]["version"], should=False))
    ]
    caught = [case for case in broken if any(map(check, _ours(case)))]
    assert len(broken) >= 160
    assert len(caught) / len(broken) > 0.8
