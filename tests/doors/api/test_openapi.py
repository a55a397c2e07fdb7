"""The document is made from the operations and their types, and is what the standard calls one."""

from __future__ import annotations

import msgspec
import pytest

from comity.doors.api.app import OPERATIONS, PREFIX, paths
from comity.doors.api.openapi import document


@pytest.fixture(scope="module")
def made():
    return msgspec.json.decode(msgspec.json.encode(document(OPERATIONS, PREFIX)))


def test_it_is_valid_openapi(made):
    validator = pytest.importorskip("openapi_spec_validator", reason="pip install openapi-spec-validator")
    validator.validate(made)


def test_every_operation_is_in_it(made):
    told = {(method.upper(), path) for path, methods in made["paths"].items() for method in methods}
    assert told == set(paths())


def test_every_operation_says_its_scope_answers_and_refusals(made):
    for operation in OPERATIONS:
        said = made["paths"][PREFIX + operation.path][operation.method.lower()]
        assert operation.does == said["summary"]
        assert {"200", "400", "401", "406", "500"} <= set(said["responses"])
        assert list(said["responses"]["200"]["content"]) == list(operation.media)
        for status, response in said["responses"].items():
            if status != "200":
                assert list(response["content"]) == ["application/problem+json"]
        if operation.scope:
            assert said["security"] == [{"bearer": [operation.scope]}, {"basic": [operation.scope]}]
        for parameter in said["parameters"]:
            assert parameter["name"] in operation.query.__struct_fields__ or "{" + parameter["name"] + "}" in operation.path


def test_every_reference_leads_somewhere(made):
    text = msgspec.json.encode(made).decode()
    for name in {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}:
        assert name in made["components"]["schemas"]


def test_an_object_is_an_object(made):
    assert made["components"]["schemas"]["Item"]["properties"]["object"]["type"] == "object"
