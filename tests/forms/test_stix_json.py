from __future__ import annotations

import json
from pathlib import Path

import pytest

from comity.forms import stix_json
from comity.forms.stix_json import Limits, envelope, read
from comity.terms.item import Draft, Refused
from comity.terms.tlp import TLP1_IDS, TLP2_IDS

A = b'{"type": "indicator" ,"id":"indicator--12345678-1234-4234-8234-123456789012", "x":1.50}'
B = '{"type":"malware","id":"malware--12345678-1234-4234-8234-123456789012","name":"é\\u00e9"}'.encode()


def drafts(raw: bytes) -> list[Draft]:
    found = list(read(raw))
    assert all(isinstance(item, Draft) for item in found), found
    return [item for item in found if isinstance(item, Draft)]


@pytest.mark.parametrize(
    ("raw", "positions"),
    [
        (b'{"type":"bundle","id":"bundle--1","objects":[' + A + b" ,\n " + B + b"]}", ["objects[0]", "objects[1]"]),
        (b'{"spec_version":"2.0","objects":[' + A + b"," + B + b'],"type":"bundle"}', ["objects[0]", "objects[1]"]),
        (b'{"more":false,"objects":[' + A + b"," + B + b"]}", ["objects[0]", "objects[1]"]),
        (b"\xef\xbb\xbf [" + A + b"," + B + b"]\n", ["[0]", "[1]"]),
        (A + b"\r\n\n" + B + b"\n", ["line 1", "line 3"]),
    ],
)
def test_every_shape_keeps_the_exact_bytes(raw: bytes, positions: list[str]) -> None:
    found = drafts(raw)
    assert [item.raw for item in found] == [A, B]
    assert [item.position for item in found] == positions
    assert [dict(item.obj) for item in found] == [json.loads(A), json.loads(B)]


def test_a_single_object_and_an_observed_data_container_are_one_object() -> None:
    assert [item.position for item in drafts(A)] == ["object"]
    observed = b'{"type":"observed-data","id":"observed-data--1","objects":{"0":{"type":"file"}}}'
    assert [item.raw for item in drafts(observed)] == [observed]


def test_one_bad_object_in_a_thousand_is_one_refused() -> None:
    good = [json.dumps({"type": "x-test", "n": n, "text": "[{,"}).encode() for n in range(999)]
    for bad in (b'{"type":"x-test","n":,}', b'{"n":1,"n":2}', b'{"n":[}', b'{"n":NaN}', b'"text"', b'{"n":"\x01"}'):
        found = list(read(b'{"type":"bundle","objects":[' + b",".join([*good[:500], bad, *good[500:]]) + b"]}"))
        refused = [item for item in found if isinstance(item, Refused)]
        assert [item.position for item in refused] == ["objects[500]"], bad
        assert [item.raw for item in found if isinstance(item, Draft)] == good


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "empty"),
        (b"nope", "neither"),
        (b"{", "not JSON"),
        (b'{"type":"bundle","objects":[],"objects":[{}]}', "stands twice"),
        (b"[" * 1_000_000, "deeper than"),
        (b'{"type":"bundle","objects":' + b"[" * 1_000_000, "deeper than"),
        (b'{"a":' * 200_000, "deeper than"),
        (b'{"a":' * 1_000_000, "at most 1048576"),
    ],
)
def test_hopeless_input_is_one_refused(raw: bytes, why: str) -> None:
    found = list(read(raw))
    assert len(found) == 1
    assert isinstance(found[0], Refused)
    assert why in found[0].why


def test_limits() -> None:
    long = list(read(b"[" + A + b"]", Limits(object_bytes=10)))
    assert [item.why for item in long if isinstance(item, Refused)] == [f"an object of {len(A)} bytes: at most 10"]
    many = list(read(b"[" + A + b"," + B + b"]", Limits(objects=1)))
    assert len(many) == 1
    assert isinstance(many[0], Refused)


def test_markings_defined_after_their_use_count() -> None:
    own = {
        "type": "marking-definition",
        "id": "marking-definition--12345678-1234-4234-8234-123456789012",
        "created": "2024-01-01T00:00:00Z",
        "definition_type": "tlp",
        "definition": {"tlp": "red"},
    }
    marked = {"type": "x-test", "object_marking_refs": [TLP2_IDS["green"]], "granular_markings": [{"marking_ref": own["id"]}]}
    raw = json.dumps({"type": "bundle", "objects": [marked, own, {"type": "x-test"}]}).encode()
    assert [item.tlp for item in drafts(raw)] == ["red", None, None]


def test_a_fixed_marking_with_another_level_is_held_and_the_stricter_counts() -> None:
    false = {"type": "marking-definition", "id": TLP1_IDS["clear"], "definition_type": "tlp", "definition": {"tlp": "amber"}}
    found = drafts(json.dumps([false, {"type": "x-test", "object_marking_refs": [TLP1_IDS["clear"]]}]).encode())
    assert "TLP:AMBER under the fixed id of TLP:CLEAR" in found[0].why_held
    assert found[1].tlp == "amber"


def test_a_taxii_envelope_is_a_concatenation() -> None:
    raw = envelope([A, B], more=True, next='c"1')
    assert A in raw
    assert B in raw
    assert json.loads(raw) == {"more": True, "next": 'c"1', "objects": [json.loads(A), json.loads(B)]}
    assert json.loads(envelope([])) == {"more": False}
    assert [item.raw for item in drafts(raw)] == [A, B]


def test_real_files_are_read_whole(shared_data: Path) -> None:
    files = sorted((shared_data / "public/stix-ingest/stix/amnesty").rglob("*.stix2"))
    assert files
    for file in files:
        raw = file.read_bytes()
        found = drafts(raw)
        assert [dict(item.obj) for item in found] == json.loads(raw)["objects"]
        assert all(item.raw in raw for item in found)
    assert stix_json.DEFAULT.depth == 64
