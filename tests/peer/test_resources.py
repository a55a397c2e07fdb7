"""TAXII resources as they come, whole and broken (C4)."""

from __future__ import annotations

import json
import tracemalloc
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import PeerFault
from comity.peer import resources
from comity.peer.resources import ApiRoot, Collections, Details, Discovery, Error, Listed, Manifest, Page, Record, Status, read, said

#: Every property of a resource of sections 3-5 that we ask for, and how we hold it.
WHOLE: list[tuple[type[Any], dict[str, Any]]] = [
    (Discovery, {"title": "t", "description": "d", "contact": "c", "default": "/a/", "api_roots": ["/a/", "/b/"]}),
    (ApiRoot, {"title": "t", "description": "d", "versions": ["application/taxii+json;version=2.1"], "max_content_length": 5}),
    (Listed, {"id": "i", "title": "t", "description": "d", "alias": "a", "can_read": True, "can_write": True, "media_types": ["m"]}),
    (
        Status,
        {
            "id": "i", "status": "complete", "request_timestamp": "2021-10-01T00:00:00.000000Z", "total_count": 4,
            "success_count": 1, "successes": [{"id": "a", "version": "v", "message": "m"}],
            "failure_count": 1, "failures": [{"id": "b", "version": "v", "message": "m"}],
            "pending_count": 2, "pendings": [{"id": "c", "version": "v", "message": "m"}],
        },
    ),
    (Record, {"id": "i", "date_added": "d", "version": "v", "media_type": "m"}),
    (Manifest, {"more": True, "objects": [{"id": "i", "date_added": "d", "version": "v", "media_type": "m"}]}),
    (
        Error,
        {
            "title": "t", "description": "d", "error_id": "1", "error_code": "2", "http_status": "400",
            "external_details": "https://peer.example/", "details": {"a": 1},
        },
    ),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "whole"), WHOLE, ids=[kind.__name__ for kind, _ in WHOLE])
def test_c4_every_property_is_read_and_unknown_ones_are_ignored(kind: type[Any], whole: dict[str, Any]) -> None:
    found = read(kind, json.dumps({**whole, "x_unknown": {"a": [1]}}).encode())
    assert json.loads(msgspec.json.encode(found)) == {**json.loads(msgspec.json.encode(kind())), **whole}


def test_c4_an_envelope_keeps_the_very_bytes_of_its_objects() -> None:
    found = read(Page, b'{"more":true,"next":"n","objects":[{"type":"a",  "type":"b"},7]}')
    assert found is not None
    assert (found.more, found.next, [bytes(each) for each in found.objects]) == (True, "n", [b'{"type":"a",  "type":"b"}', b"7"])


def test_one_unfit_part_does_not_spoil_the_others() -> None:
    found = read(Collections, json.dumps({"collections": [7, {"id": "a", "can_read": "yes"}, {"id": 5}, None]}).encode())
    assert found == Collections(collections=(Listed(id="a"), Listed()))
    status = read(
        Status, json.dumps({"status": "complete", "success_count": "2", "failure_count": True, "failures": [{"id": "x"}, 7]}).encode()
    )
    assert status == Status(status="complete", failures=(Details(id="x"),))
    assert read(Page, b'{"more":"true","next":7,"objects":{}}') == Page()


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"null", b"<html>", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 50_000, b'{"a":1}x'])
def test_what_is_no_json_object_is_none(raw: bytes) -> None:
    assert read(ApiRoot, raw) is None
    assert said(raw) == ""


@given(st.binary(max_size=200) | st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda x: st.lists(x) | st.dictionaries(st.sampled_from(["more", "objects", "next", "status", "failures", "id"]), x)).map(lambda x: json.dumps(x).encode()))  # fmt: skip
def test_reading_never_raises(raw: bytes) -> None:
    for kind in (Page, Status, Collections, Manifest, Error):
        assert isinstance(read(kind, raw), (kind, type(None)))


def test_what_an_error_says_is_short() -> None:
    assert said(b'{"title":"t"}') == "t"
    assert said(b'{"title":"t","description":"d"}') == "d"
    assert len(said(json.dumps({"title": "x" * 1000}).encode())) == 200
    assert resources.read(Error, b'{"http_status":404}') == Error()


@pytest.mark.parametrize("element", ["1", '{"a":"],["}'])
def test_a_list_has_a_most_of_elements(element: str) -> None:
    def listed(count: int) -> bytes:
        return f'{{"more":true, "objects": [{",".join([element] * count)}] }}'.encode()

    page = read(Page, listed(resources.MOST_LISTED))
    assert page is not None
    assert len(page.objects) == resources.MOST_LISTED
    with pytest.raises(PeerFault, match="more than 100000"):
        read(Page, listed(resources.MOST_LISTED + 1))


def test_commas_inside_of_elements_do_not_count() -> None:
    page = read(Page, json.dumps({"objects": [{"a": list(range(1000)), "b": "x,],[" * 1000}] * 100}).encode())
    assert page is not None
    assert len(page.objects) == 100


def test_a_list_of_too_many_elements_is_not_held() -> None:
    raw = b'{"objects":[' + b"1," * 5_000_000 + b"1]}"
    tracemalloc.start()
    try:
        with pytest.raises(PeerFault):
            read(Page, raw)
        assert tracemalloc.get_traced_memory()[1] < 5 * len(raw)
    finally:
        tracemalloc.stop()
