"""Bad input to `comity add`: an outcome per object, the right exit code, the good ones kept, the process alive."""

from __future__ import annotations

import json

import pytest

from tests.consortium import indicator


@pytest.fixture
def node(comity):
    comity("init", "--party", "KZ")
    return comity


def outcomes(done) -> list[dict]:
    return [json.loads(line) for line in done.stdout.splitlines()]


BROKEN = {
    "broken": b'{"type": "bundle", "objects": [{"type": ',
    "empty": b"",
    "nesting": b'{"type":"bundle","objects":[' + b"[" * 1_000_000 + b"]" * 1_000_000 + b"]}",
    "nesting-open": b"[" * 1_000_000,
    "objects-open": b'{"a":' * 1_000_000,
    "no-id": b'{"type":"bundle","objects":[{"type":"indicator"}]}',
    "number": b"17",
    "binary": bytes(range(256)) * 64,
    "bom-utf16": '{"type":"bundle"}'.encode("utf-16"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_holds_nothing_good_exits_1(node, tmp_path, name):
    (tmp_path / "in.json").write_bytes(BROKEN[name])
    done = node("add", "in.json", "--kind", "stix", code=1)
    assert all(o["outcome"] == "rejected" and o["why"] for o in outcomes(done))
    assert outcomes(done)
    node("fsck")


DEFECTS = {
    "duplicate key": lambda raw: raw.replace('"type"', '"type": "indicator", "type"', 1),
    "NaN": lambda raw: raw.replace('"stix"', "NaN", 1),
    "infinity": lambda raw: raw[:-1] + ', "x_n": 1e999}',
    "lone surrogate": lambda raw: raw[:-1] + ', "name": "\\ud800"}',
    "NUL": lambda raw: raw[:-1] + ', "name": "a\\u0000b"}',
    "deep": lambda raw: raw[:-1] + ', "x_deep": ' + "[" * 5000 + "]" * 5000 + "}",
    "no id": lambda raw: raw.replace('"id"', '"x_id"', 1),
    "wrong id": lambda raw: raw.replace("indicator--", "malware--", 1),
    "long number": lambda raw: raw[:-1] + ', "x_n": ' + "9" * 100_000 + "}",
}


@pytest.mark.parametrize("name", DEFECTS)
def test_one_bad_object_among_1000_exits_9_and_the_999_are_kept(node, tmp_path, name):
    pieces = [json.dumps(indicator()) for _ in range(1000)]
    pieces[500] = DEFECTS[name](pieces[500])
    (tmp_path / "in.json").write_text('{"type": "bundle", "id": "bundle--1", "objects": [' + ",\n".join(pieces) + "]}")
    found = outcomes(node("add", "in.json", code=9))
    assert sum(o["outcome"] == "accepted" for o in found) == 999
    (bad,) = (o for o in found if o["outcome"] == "rejected")
    assert bad["position"] == "objects[500]"
    assert bad["why"]


def test_a_missing_file_is_said_and_nothing_else_happens(node):
    assert b"no such file" in node("add", "nowhere.json", code=3).stderr


def test_governance_in_a_bundle_is_refused(node, tmp_path):
    fake = {**indicator(), "type": "comity-agreement", "id": "comity-agreement--11111111-1111-4111-8111-111111111111"}
    (tmp_path / "in.json").write_text(json.dumps({"type": "bundle", "id": "bundle--1", "objects": [fake]}))
    assert outcomes(node("add", "in.json", code=1))[0]["outcome"] == "rejected"
