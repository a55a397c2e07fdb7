from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


OTHERS = [
    b'{"a":"\\\\\\"]},{","b":[[{"c":"{"}],[]]}',
    b'{ "d" :\t{"e" : "\xd0\xb6[" } }',
    b"{}",
    b'{"deep":' + b"[" * 20 + b"]" * 20 + b"}",
]
SHAPES = [
    (b'{"type": "bundle", "id": "bundle--1", "x":[{"objects":[1]}], "objects" : [', b"]}"),
    (b'{"objects":[', b'], "spec_version":"2.0","type" :"bundle", "id":"bundle--1"} \n'),
    (b'\xef\xbb\xbf{"more":false,"objects":[', b"\n]\n}"),
    (b" [ ", b" ]\r\n"),
]


@pytest.mark.parametrize(("head", "tail"), SHAPES)
@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
def test_chunks_of_any_size_give_the_same_bytes(head: bytes, tail: bytes, size: int) -> None:
    raw = head + b" ,\n".join([A, B, *OTHERS]) + tail
    found = list(read(raw[at : at + size] for at in range(0, len(raw), size)))
    assert [item.raw for item in found if isinstance(item, Draft)] == [A, B, *OTHERS]
    assert len(found) == len([A, B, *OTHERS])
    assert found == list(read(raw))


@given(st.lists(st.sampled_from([A, B, *OTHERS, b'{"n":[}', b'{"n":"\n"}', b"7", b'"x"', b"{", b'"']), max_size=5), st.data())
def test_no_text_is_read_differently_in_chunks(pieces: list[bytes], data: st.DataObject) -> None:
    head, tail = data.draw(st.sampled_from([*SHAPES, (b"", b""), (b"{", b"}"), (b'{"objects":[', b"")]))
    raw = head + data.draw(st.sampled_from([b",", b"\n", b" , "])).join(pieces) + tail
    at = data.draw(st.integers(0, len(raw)))
    assert list(read([raw[:at], raw[at:]])) == list(read(raw))


def test_broken_ones_in_chunks_leave_their_neighbours() -> None:
    raw = b"[" + b",".join([A, b'{"n":[}', B, b'{"n":"\n}', A]) + b"]"
    for size in (1, 5, 50):
        found = list(read(raw[at : at + size] for at in range(0, len(raw), size)))
        assert [item.raw for item in found if isinstance(item, Draft)] == [A, B, A]
        assert [item.position for item in found if isinstance(item, Refused)] == ["[1]", "[3]"]


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"[" + A + b",", "ends inside its list"),
        (b'{"objects":[' + A, "ends inside its list"),
        (b'{"objects":[' + A + b"]", "not JSON behind its list of objects"),
        (b"[" + A + b"][" + B + b"]", "goes on after its end"),
        (b'{"objects":[\n' + A + b']}\n{"objects":[' + B + b"]}", "goes on after its end"),
        (b'{"objects":[' + A + b'],"objects":[' + B + b"]}", "stands twice"),
        (b'{"objects":[' + A + b'],"type":"x-list"}', "no bundle, as its"),
    ],
)
def test_what_is_wrong_with_the_text_itself_is_said_after_its_objects(raw: bytes, why: str) -> None:
    first, last = read(raw)
    assert isinstance(first, Draft)
    assert first.raw == A
    assert isinstance(last, Refused)
    assert last.position == "document"
    assert why in last.why


def test_an_object_that_is_no_bundle_keeps_its_list_of_objects() -> None:
    for raw in (b'{"type":"x-list","objects":[{}]}', b'{"id":"x-list--1","objects":[{}],"type":"x-list"}'):
        assert [item.raw for item in drafts(raw)] == [raw]


def test_one_object_of_a_hundred_megabytes_costs_neither_memory_nor_what_stands_before_it() -> None:
    def chunks() -> Iterator[bytes]:
        yield b"[" + A + b',{"x":"'
        for _ in range(100):
            yield b"x" * (1 << 20)
        yield b'"},' + B + b"]"

    tracemalloc.start()
    found = list(read(chunks()))
    assert tracemalloc.get_traced_memory()[1] < 12 << 20
    tracemalloc.stop()
    assert isinstance(found[0], Draft)
    assert [item.position for item in found if isinstance(item, Refused)] == ["document"]
    assert "goes on for" in str(found[-1])


def test_an_object_that_is_too_long_but_ends_leaves_its_neighbours() -> None:
    for filling in (b'"' + b"x" * 3_000_000 + b'"', b"[" + b"{}," * 600_000 + b"{}]"):
        raw = b"[" + A + b',{"x":' + filling + b"}," + B + b"]"
        found = list(read(raw[at : at + 65_536] for at in range(0, len(raw), 65_536)))
        assert [item.position for item in found] == ["[0]", "[1]", "[2]"]
        assert [item.raw for item in found if isinstance(item, Draft)] == [A, B]


def test_lines_stream_and_one_that_is_too_long_is_one_refused() -> None:
    raw = b"\n".join([A, b"", b'{"x":"' + b"x" * 2_000_000 + b'"}', B, b"nope"])
    found = list(read(raw[at : at + 10_000] for at in range(0, len(raw), 10_000)))
    assert [item.position for item in found] == ["line 1", "line 3", "line 4", "line 5"]
    assert [item.raw for item in found if isinstance(item, Draft)] == [A, B]


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
        (b'{"a":' * 1_000_000, "more than 1048576 bytes"),
    ],
)
def test_hopeless_input_is_one_refused(raw: bytes, why: str) -> None:
    found = list(read(raw))
    assert len(found) == 1
    assert isinstance(found[0], Refused)
    assert why in found[0].why


def test_limits() -> None:
    long = list(read(b"[" + A + b",{}]", Limits(object_bytes=10)))
    assert [item.why for item in long if isinstance(item, Refused)] == ["an object of more than 10 bytes"]
    assert [item.raw for item in long if isinstance(item, Draft)] == [b"{}"]
    many = list(read(b"[" + A + b"," + B + b"," + A + b"]", Limits(objects=2)))
    assert [item.raw for item in many if isinstance(item, Draft)] == [A, B]
    assert isinstance(many[2], Refused)
    assert many[2].position == "document"


def test_markings_defined_before_their_use_count_and_others_are_said() -> None:
    own = {
        "type": "marking-definition",
        "id": "marking-definition--12345678-1234-4234-8234-123456789012",
        "created": "2024-01-01T00:00:00Z",
        "definition_type": "tlp",
        "definition": {"tlp": "red"},
    }
    marked = {"type": "x-test", "object_marking_refs": [TLP2_IDS["green"]], "granular_markings": [{"marking_ref": own["id"]}]}
    raw = json.dumps({"type": "bundle", "objects": [marked, own, marked, {"type": "x-test"}]}).encode()
    found = drafts(raw)
    assert [item.tlp for item in found] == ["green", None, "red", None]
    assert [item.undefined for item in found] == [(own["id"],), (), (), ()]


def test_of_a_fixed_marking_and_another_level_the_stricter_counts() -> None:
    false = {"type": "marking-definition", "id": TLP1_IDS["clear"], "definition_type": "tlp", "definition": {"tlp": "amber"}}
    found = drafts(json.dumps([false, {"type": "x-test", "object_marking_refs": [TLP1_IDS["clear"]]}]).encode())
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
        assert list(read(raw[at : at + 4096] for at in range(0, len(raw), 4096))) == found
    assert stix_json.DEFAULT.depth == 64
