from __future__ import annotations

from typing import Any

import pytest

from comity.terms.stix_containers import container_20, container_21

MAIL = {
    "0": {"type": "email-message", "is_multipart": True, "from_ref": "1", "to_refs": ["1"], "body_multipart": [{"body_raw_ref": "2"}]},
    "1": {"type": "email-addr", "value": "x@a.example"},
    "2": {"type": "artifact", "payload_bin": "aGVsbG8="},
    "3": {"type": "x-own", "anything": {"some_ref": "nowhere"}},
}


def test_what_refers_to_each_other_by_local_keys_is_fine() -> None:
    assert container_20({"objects": MAIL}) is container_21({"objects": MAIL}) is container_20({}) is None


@pytest.mark.parametrize(
    ("change", "path", "why"),
    [
        ({"0": {**MAIL["0"], "from_ref": "9"}}, "objects.0.from_ref", "'9' names nothing in this container"),
        ({"0": {**MAIL["0"], "to_refs": ["2"]}}, "objects.0.to_refs[0]", "artifact is not email-addr"),
        ({"0": {**MAIL["0"], "body_multipart": [{"body_raw_ref": "1"}]}}, "objects.0.body_multipart[0].body_raw_ref", "email-addr is not"),
        ({"4": "x"}, "objects.4", "must be an object with a type"),
        ({"4": {"type": "FOO"}}, "objects.4.type", "is not the name of an observable's type"),
        ({"4": {"type": "action"}}, "objects.4.type", "is not the name"),
        ({"4": {"type": "url"}}, "objects.4.value", "missing"),
    ],
)
def test_what_is_wrong_inside(change: dict[str, Any], path: str, why: str) -> None:
    found = container_20({"objects": {**MAIL, **change}}) or []
    assert [where for where, _ in found] == [path]
    assert found[0][1].startswith(why)


def test_a_container_is_a_non_empty_object() -> None:
    for wrong in ({}, [MAIL["1"]], None, "x"):
        assert container_21({"objects": wrong}) == [("objects", "must be a non-empty object")]
