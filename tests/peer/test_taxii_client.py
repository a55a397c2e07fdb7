"""The client's resources and posts against servers that are wrong, hostile or only different; no network."""

from __future__ import annotations

import base64
from typing import Any

import httpx2
import pytest

from comity.errors import PeerFault
from comity.peer.taxii_client import MEDIA, place
from tests.peer.stub import COLLECTION, HOST, ID, ROOT, Stub, answer, page

OBJECTS = [{"type": "campaign", "id": f"campaign--{n}"} for n in range(100)]


def test_c2_c3_every_request_says_who_asks_and_in_which_language() -> None:
    stub = Stub([page(), answer({"status": "complete"})])
    list(stub.client().pages(COLLECTION, None, 10))
    stub.client().post(COLLECTION, b"{}")
    for asked in stub.asked:
        assert asked.headers["Accept"] == MEDIA
        assert asked.headers["User-Agent"] == "comity"
        assert asked.headers["Authorization"] == "Basic " + base64.b64encode(b"KZ:secret").decode()
        assert asked.url.path.endswith("/")
    assert "Content-Type" not in stub.asked[0].headers
    assert stub.asked[1].headers["Content-Type"] == MEDIA


# Answers that cannot be read


@pytest.mark.parametrize(
    "kind",
    [
        "application/taxii+json",
        "application/taxii+json; version=2.1",
        "Application/TAXII+json;charset=utf-8;version=2.1",
        "application/json",
    ],
)
def test_a_media_type_may_have_any_parameter(kind: str) -> None:
    assert len(list(Stub([answer({}, headers={"Content-Type": kind})]).client().pages(COLLECTION, None, 10))) == 1


@pytest.mark.parametrize("kind", ["text/html", "application/stix+json", "", "application/taxii+xml"])
def test_what_calls_itself_something_else_is_no_taxii(kind: str) -> None:
    for ask in (lambda c: list(c.pages(COLLECTION, None, 1)), lambda c: c.collections(ROOT), lambda c: c.post(COLLECTION, b"{}")):
        with pytest.raises(PeerFault, match="no TAXII"):
            ask(Stub([answer({}, headers={"Content-Type": kind})]).client())


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"null", b"<html>", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 50_000])
def test_what_is_no_json_object_is_the_peers_fault(raw: bytes) -> None:
    for ask in (lambda c: list(c.pages(COLLECTION, None, 1)), lambda c: c.collections(ROOT), lambda c: c.post(COLLECTION, b"{}")):
        with pytest.raises(PeerFault, match="did not answer with a TAXII"):
            ask(Stub([answer(raw)]).client())


def test_objects_that_are_unsound_reach_intake_as_they_are() -> None:
    raw = b'{"more":false,"objects":[{"type":"a","type":"b"},7]}'
    (only,) = Stub([answer(raw)]).client().pages(COLLECTION, None, 10)
    assert (only.raw, only.count) == (raw, 2)


# Discovery

API = {"title": "root", "versions": [MEDIA], "max_content_length": 1000}
LISTED = {"collections": [{"id": ID, "title": "x", "alias": "shared", "can_read": True, "can_write": False}]}


@pytest.mark.parametrize("default", ["/api/", "/api", ROOT, ROOT[:-1], "../api/", f"{HOST}:443/api/", "HTTPS://PEER.example/api/"])
def test_c5_an_api_root_is_found_below_a_discovery(default: str) -> None:
    stub = Stub([answer({"title": "d", "default": default}), answer(API), answer(LISTED)])
    (found,) = stub.client().collections(f"{HOST}/taxii2")
    assert [request.url.path for request in stub.asked] == ["/taxii2/", "/api/", "/api/collections/"]
    assert httpx2.URL(found.objects) == httpx2.URL(f"{ROOT}collections/{ID}/objects/")
    assert (found.alias, found.can_read, found.can_write, found.understands, found.most) == ("shared", True, False, False, 1000)


def test_a_first_api_root_stands_in_for_the_default_and_a_root_for_both() -> None:
    stub = Stub([answer({"title": "d", "api_roots": ["/api/", "/other/"]}), answer(API), answer(LISTED)])
    assert len(stub.client().collections(f"{HOST}/taxii2/")) == 1
    assert len(Stub([answer(API), answer(LISTED)]).client().collections(ROOT)) == 1


@pytest.mark.parametrize(
    "elsewhere",
    ["https://other.example/api/", "//other.example/api/", "http://peer.example/api/", "https://peer.example:8443/", "https://[::1/", "file:///x"],
)  # fmt: skip
def test_an_api_root_elsewhere_never_sees_the_token(elsewhere: str) -> None:
    stub = Stub([answer({"title": "d", "default": elsewhere}), answer(API), answer(LISTED)])
    with pytest.raises(PeerFault, match="an API root elsewhere"):
        stub.client().collections(f"{HOST}/taxii2/")
    assert len(stub.asked) == 1


@pytest.mark.parametrize("discovery", [{"api_roots": []}, {"default": 7}, {"api_roots": {}}, {"default": None}, {"title": "d"}, {}])
def test_a_discovery_without_a_root_is_said(discovery: dict[str, Any]) -> None:
    with pytest.raises(PeerFault):
        Stub([answer(discovery)]).client().collections(f"{HOST}/taxii2/")


@pytest.mark.parametrize("listed", [{}, {"collections": None}, {"collections": [7, {}, {"id": 5}, {"id": "../.."}, {"id": ""}]}])
def test_collections_that_are_none_are_left_out(listed: dict[str, Any]) -> None:
    assert Stub([answer(API | {"max_content_length": "big"}), answer(listed)]).client().collections(ROOT) == []


def test_a_collection_id_cannot_lead_elsewhere() -> None:
    listed = {"collections": [{"id": "../../x?y#z", "can_read": True}]}
    (found,) = Stub([answer(API), answer(listed)]).client().collections(ROOT)
    assert found.objects == f"{ROOT}collections/..%2F..%2Fx%3Fy%23z/objects/"


@pytest.mark.parametrize("url", [f"{ROOT}collections/{ID}/", f"{ROOT}collections/{ID}", f"{ROOT}collections/{ID}/objects/"])
def test_the_url_of_a_collection_leads_to_its_api_root(url: str) -> None:
    stub = Stub([answer(API), answer(LISTED)])
    assert [each.id for each in stub.client().collections(url)] == [ID]
    assert [request.url.path for request in stub.asked] == ["/api/", "/api/collections/"]
    assert place(url) == (ROOT, ID)
    assert place(f"{ROOT}collections/a%2Fb/")[1] == "a/b"
    assert place(f"{HOST}/taxii2")[1] == ""


def test_a_root_that_speaks_another_taxii_is_said() -> None:
    with pytest.raises(PeerFault, match=r"not TAXII 2\.1"):
        Stub([answer(API | {"versions": ["application/taxii+json;version=2.0"]})]).client().collections(ROOT)
    with pytest.raises(PeerFault) as fault:
        Stub([answer({}, 406)]).client().collections(ROOT)
    assert "may not speak TAXII 2.1" in fault.value.next


def test_one_look_at_the_manifest_tells_whether_there_is_more() -> None:
    record = {"id": "campaign--1", "date_added": "2021-10-01T00:00:00.000000Z", "version": "2021-10-01T00:00:00.000000Z"}
    stub = Stub([answer({"objects": [record]}), answer({})])
    assert [stub.client().more(COLLECTION, after) for after in (None, "2021-10-01T00:00:00.000000Z")] == [True, False]
    assert [request.url.path for request in stub.asked] == [f"/api/collections/{ID}/manifest/"] * 2
    assert stub.queries() == [{}, {"added_after": "2021-10-01T00:00:00.000000Z"}]


# Posts


def status(state: str, **more: Any) -> httpx2.Response:
    return answer({"id": "s/1", "status": state, "success_count": 2, "failure_count": 1, **more}, 202)


def test_c8_a_post_waits_until_the_server_has_finished() -> None:
    failures = [{"id": "campaign--1", "message": "no"}, {"id": "campaign--2"}, 7]
    stub = Stub([status("pending"), status("pending"), status("complete", failures=failures)])
    posted = stub.client().post(COLLECTION, b'{"objects":[]}')
    assert (posted.taken, posted.refused) == (2, 1)
    assert posted.problems == ("campaign--1: no", "campaign--2: refused")
    assert [(r.method, r.url.raw_path.decode()) for r in stub.asked][1:] == [("GET", "/api/status/s%2F1/")] * 2
    assert stub.asked[0].headers["Content-Type"] == MEDIA
    assert len(stub.waits) == 2


def test_c8_a_slow_server_is_looked_at_ever_more_rarely() -> None:
    stub = Stub([*[status("pending")] * 12, status("complete")])
    posted = stub.client().post(COLLECTION, b"{}")
    assert posted is not None
    assert posted.taken == 2
    assert len(stub.asked) == 13
    assert stub.waits == sorted(stub.waits)


@pytest.mark.parametrize("given_", [status("pending"), answer({"status": "pending"}), answer({}), answer({"id": 7})])
def test_a_post_that_is_never_finished_is_said(given_: httpx2.Response) -> None:
    with pytest.raises(PeerFault, match="has not finished"):
        Stub([given_]).client().post(COLLECTION, b"{}")


def test_c8_a_complete_status_is_not_asked_for_again() -> None:
    stub = Stub([status("complete")])
    stub.client().post(COLLECTION, b"{}")
    assert len(stub.asked) == 1


def test_a_post_that_is_too_large_is_told_apart() -> None:
    assert Stub([answer({"title": "Too large"}, 413)]).client().post(COLLECTION, b"{}") is None


def test_a_post_that_broke_is_made_again() -> None:
    stub = Stub([httpx2.ReadError("cut"), status("complete")])
    assert stub.client().post(COLLECTION, b"{}") is not None
    assert [(request.method, request.content) for request in stub.asked] == [("POST", b"{}")] * 2


def test_counts_that_are_none_are_nothing() -> None:
    stub = Stub([answer({"status": "complete", "success_count": "2", "failures": "x"})])
    posted = stub.client().post(COLLECTION, b"{}")
    assert (posted.taken, posted.refused, posted.problems) == (0, 0, ())
