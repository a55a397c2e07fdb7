"""The client against servers that are busy, wrong, hostile or only slow; no network."""

from __future__ import annotations

import base64
import contextlib
import gzip
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.clock import now, stamp
from comity.errors import Fault, NotAuthenticated, PeerFault, SenderFault
from comity.peer import taxii_client
from comity.peer.taxii_client import MEDIA, TaxiiClient, check_url
from tests.peer.stub import COLLECTION, HOST, ID, ROOT, Answer, Stub, answer, page

T = [stamp(1_600_000_000_000_000 + n * 1_000_000) for n in range(100)]
OBJECTS = [{"type": "campaign", "id": f"campaign--{n}"} for n in range(100)]


def pages(stub: Stub, after: str | None = None) -> list[taxii_client.Fetched]:
    return list(stub.client().pages(COLLECTION, after, 10))


def pages_then_fault(stub: Stub, after: str | None = None) -> tuple[list[taxii_client.Fetched], str]:
    got = []
    try:
        for each in stub.client().pages(COLLECTION, after, 10):
            got.append(each)
            assert len(got) < 200
    except PeerFault as fault:
        return got, str(fault)
    raise AssertionError("it ends without a word")


# Pages


def test_every_request_says_who_asks_and_in_which_language() -> None:
    stub = Stub([page()])
    pages(stub)
    (asked,) = stub.asked
    assert asked.headers["Accept"] == MEDIA
    assert asked.headers["Authorization"] == "Basic " + base64.b64encode(b"KZ:secret").decode()
    assert dict(asked.url.params) == {"limit": "10", "match[version]": "all"}


def test_one_page_without_more_is_the_end() -> None:
    stub = Stub([page(OBJECTS[0], last=T[0], more=False)])
    (only,) = pages(stub, T[0])
    assert (only.last, only.going_on, only.empty) == (T[0], None, False)
    assert only.raw == stub.answers[0].content  # type: ignore[union-attr]
    assert stub.queries() == [{"added_after": T[0]}]


def test_next_is_followed_beside_the_query_it_was_given_for() -> None:
    stub = Stub(
        [page(OBJECTS[0], last=T[1], more=True, next="a"), page(OBJECTS[1], last=T[2], more=True, next="b"), page(OBJECTS[2], last=T[3])]
    )
    assert [each.last for each in pages(stub, T[0])] == T[1:4]
    assert stub.queries() == [{"added_after": T[0]}, {"added_after": T[0], "next": "a"}, {"added_after": T[0], "next": "b"}]


def test_without_next_the_last_date_is_the_way_on() -> None:
    stub = Stub([page(OBJECTS[0], last=T[1], more=True), page(OBJECTS[1], last=T[2], more=True), page(OBJECTS[2], last=T[3])])
    assert len(pages(stub, T[0])) == 3
    assert stub.queries() == [{"added_after": moment} for moment in T[:3]]


def test_a_next_after_a_date_stands_beside_that_date_and_not_the_first_one() -> None:
    stub = Stub([page(OBJECTS[0], last=T[5], more=True), page(OBJECTS[1], last=T[6], more=True, next="n"), page(OBJECTS[2])])
    assert len(pages(stub, T[0])) == 3
    assert stub.queries() == [{"added_after": T[0]}, {"added_after": T[5]}, {"added_after": T[5], "next": "n"}]


def test_an_empty_page_with_more_and_next_is_gone_through() -> None:
    stub = Stub([page(more=True, next="a"), page(more=True, next="b"), page(OBJECTS[0], last=T[1])])
    assert [each.empty for each in pages(stub)] == [True, True, False]


@pytest.mark.parametrize("objects", [{}, {"objects": []}, {"objects": None}])
def test_an_empty_page_with_more_and_no_way_on_is_the_end(objects: dict[str, Any]) -> None:
    stub = Stub([answer({"more": True, **objects})])
    (only,) = pages(stub)
    assert only.empty
    assert len(stub.asked) == 1


@pytest.mark.parametrize("more", ["true", 1, None, False])
def test_more_is_true_or_it_is_not(more: Any) -> None:
    stub = Stub([page(OBJECTS[0], last=T[0], more=more, next="a")])
    assert len(pages(stub)) == 1


@pytest.mark.parametrize("cursor", [None, 7, ""])
def test_a_next_that_is_no_text_is_none(cursor: Any) -> None:
    stub = Stub([page(OBJECTS[0], last=T[0], more=True, next=cursor), page(OBJECTS[1], last=T[1])])
    assert len(pages(stub)) == 2
    assert stub.queries()[1] == {"added_after": T[0]}


# Servers that lie


def test_a_cursor_that_comes_again_ends_it_and_every_page_is_given() -> None:
    stub = Stub([page(OBJECTS[0], last=T[0], more=True, next="a"), page(OBJECTS[1], last=T[1], more=True, next="a")])
    got, said = pages_then_fault(stub)
    assert [each.last for each in got] == T[:2]
    assert got[-1].going_on is None
    assert "again and again" in said


def test_the_same_objects_under_ever_new_cursors_end_it() -> None:
    numbers = iter(range(10_000))
    stub = Stub([lambda request: page(OBJECTS[0], last=T[0], more=True, next=f"n{next(numbers)}")])
    got, said = pages_then_fault(stub)
    assert len(got) == 2
    assert "again and again" in said


def test_empty_pages_without_end_end_it() -> None:
    numbers = iter(range(10_000))
    stub = Stub([lambda request: page(more=True, next=f"n{next(numbers)}")])
    got, _ = pages_then_fault(stub)
    assert len(got) < 50


@pytest.mark.parametrize("last", [T[5], T[4], None, "yesterday", "0001-01-01T00:00:00+23:00"])
def test_more_without_next_or_a_later_date_is_said(last: str | None) -> None:
    stub = Stub([page(OBJECTS[0], last=last, more=True)])
    got, said = pages_then_fault(stub, T[5])
    if last is None:
        assert len(got) == 1
    assert got[0].last == (last if last in T else None)
    assert "not how to get it" in said
    assert len(stub.asked) == 1


@given(
    answers=st.lists(
        st.builds(
            lambda objects, last, more, cursor: page(*objects, last=last, more=more, **({"next": cursor} if cursor else {})),
            st.lists(st.sampled_from(OBJECTS), max_size=2),
            st.one_of(st.none(), st.sampled_from(T[:5])),
            st.booleans(),
            st.one_of(st.none(), st.sampled_from("abc")),
        ),
        min_size=1,
        max_size=6,
    )
)
@settings(max_examples=150, deadline=None)
def test_whatever_a_server_says_it_comes_to_an_end(answers: list[Answer]) -> None:
    stub = Stub(answers)
    with contextlib.suppress(PeerFault):
        pages(stub)
    assert len(stub.asked) < 60


# Answers that cannot be read


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"null", b"<html>", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 50_000])
def test_what_is_no_json_object_is_the_peers_fault(raw: bytes) -> None:
    for ask in (lambda c: list(c.pages(COLLECTION, None, 1)), lambda c: c.collections(ROOT), lambda c: c.post(COLLECTION, b"{}")):
        with pytest.raises(PeerFault, match="did not answer with a TAXII"):
            ask(Stub([answer(raw)]).client())


def test_objects_that_are_unsound_reach_intake_as_they_are() -> None:
    raw = b'{"more":false,"objects":[{"type":"a","type":"b"},7]}'
    (only,) = pages(Stub([answer(raw)]))
    assert (only.raw, only.empty) == (raw, False)


@pytest.mark.parametrize("packed", [False, True])
def test_a_huge_answer_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch, packed: bool) -> None:
    monkeypatch.setattr(taxii_client, "_MOST", 100_000)
    read = 0

    class Endless(httpx2.SyncByteStream):
        def __iter__(self):  # type: ignore[no-untyped-def]
            nonlocal read
            piece = gzip.compress(b" " * 1_000_000) if packed else b" " * 65_536
            for _ in range(10_000):
                read += len(piece)
                yield piece

    headers = {"Content-Encoding": "gzip"} if packed else {}
    with pytest.raises(PeerFault, match="more than 100000 bytes"):
        pages(Stub([lambda request: httpx2.Response(200, headers=headers, stream=Endless())]))
    assert read < 1_000_000


# Busy and absent servers


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_busy_server_is_left_alone_for_as_long_as_it_says(status: int) -> None:
    stub = Stub([answer({}, status, {"Retry-After": "7"}), answer({}, status), page(OBJECTS[0])])
    assert len(pages(stub)) == 1
    assert len(stub.asked) == 3
    assert stub.waits[0] == 7
    assert 0 < stub.waits[1] <= 30
    assert len(stub.waits) == 2


def test_retry_after_may_be_a_date() -> None:
    when = format_datetime(now() + timedelta(seconds=20), usegmt=True)
    stub = Stub([answer({}, 503, {"Retry-After": when}), page(OBJECTS[0])])
    pages(stub)
    assert 15 < stub.waits[0] <= 20


@pytest.mark.parametrize("said", ["soon", "-5", "Mon, 99 Foo 2021", "Mon, 01 Nov 2021 00:00:00 GMT", "²"])
def test_a_retry_after_that_says_nothing_useful_is_a_short_pause(said: str) -> None:
    stub = Stub([lambda r: httpx2.Response(503, headers=[(b"Retry-After", said.encode())], content=b""), page(OBJECTS[0])])
    pages(stub)
    assert 0 < stub.waits[0] < 5


def test_a_server_that_asks_for_a_long_rest_gets_it() -> None:
    stub = Stub([answer({}, 429, {"Retry-After": "3600"}), page(OBJECTS[0])])
    with pytest.raises(PeerFault, match="3600 s of rest"):
        pages(stub)
    assert (len(stub.asked), stub.waits) == (1, [])


def test_a_server_that_stays_busy_or_absent_is_given_up_without_a_last_wait() -> None:
    for given_ in (answer({}, 503), httpx2.ReadError("cut")):
        stub = Stub([given_])
        with pytest.raises(PeerFault) as fault:
            pages(stub)
        assert "nothing is lost" in fault.value.next
        assert len(stub.asked) == len(stub.waits) + 1 == 4
        assert stub.waits == sorted(stub.waits)


@pytest.mark.parametrize("fault", [httpx2.ConnectError("refused"), httpx2.ConnectTimeout("silent")])
def test_a_server_that_cannot_be_connected_to_is_given_up_soon(fault: httpx2.HTTPError) -> None:
    stub = Stub([fault])
    with pytest.raises(PeerFault, match="cannot reach") as said:
        pages(stub)
    assert "nothing is lost" in said.value.next
    assert len(stub.asked) == 2
    assert sum(stub.waits) <= 1
    stub = Stub([fault, answer({}, 503), fault, page(OBJECTS[0])])
    assert len(pages(stub)) == 1


def test_a_connection_that_breaks_once_is_tried_again() -> None:
    assert len(pages(Stub([httpx2.ReadTimeout("slow"), page(OBJECTS[0])]))) == 1


# Refusals


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_is_said_at_once(status: int) -> None:
    stub = Stub([answer({"title": "no"}, status)])
    with pytest.raises(NotAuthenticated, match=str(status)):
        pages(stub)
    assert len(stub.asked) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("where", ["https://other.example/", f"{ROOT}elsewhere/"])
def test_a_redirect_is_not_followed(status: int, where: str) -> None:
    stub = Stub([answer({}, status, {"Location": where}), page(OBJECTS[0])])
    with pytest.raises(PeerFault, match="redirects to"):
        pages(stub)
    assert len(stub.asked) == 1


@pytest.mark.parametrize("body", [{"title": "made up", "description": "why not"}, b"<html>", b"[]"])
@pytest.mark.parametrize("status", [400, 404, 406, 422, 500])
def test_any_other_answer_is_told_with_the_servers_words(status: int, body: Any) -> None:
    with pytest.raises(PeerFault, match=f"answered {status}: {'why not' if isinstance(body, dict) else ''}"):
        pages(Stub([answer(body, status)]))


# Discovery

API = {"title": "root", "versions": [MEDIA], "max_content_length": 1000}
LISTED = {"collections": [{"id": ID, "title": "x", "alias": "shared", "can_read": True, "can_write": False}]}


@pytest.mark.parametrize("default", ["/api/", "/api", ROOT, ROOT[:-1], "../api/", f"{HOST}:443/api/", "HTTPS://PEER.example/api/"])
def test_an_api_root_is_found_below_a_discovery(default: str) -> None:
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


@pytest.mark.parametrize(
    "url",
    [
        "http://peer.example/taxii2/",
        "http://192.0.2.1/taxii2/",
        "http://localhost.example/",
        "ftp://peer.example/",
        "https://",
        "https:///taxii2/",
        "https://user:word@peer.example/",
        "https://[::1",
        "https://peer.example:99999/",
        "https://peer.example/?a=b",
        "peer.example",
        "",
    ],
)
def test_a_url_that_would_leak_the_token_or_is_none_is_refused(url: str) -> None:
    stub = Stub([answer(API)])
    with pytest.raises(SenderFault):
        stub.client().collections(url)
    assert stub.asked == []


@pytest.mark.parametrize("url", ["https://peer.example/", "http://localhost:8000/", "http://127.0.0.1/", "http://[::1]:80/taxii2/"])
def test_loopback_may_be_plain_http(url: str) -> None:
    check_url(url)


# Posts


def status(state: str, **more: Any) -> httpx2.Response:
    return answer({"id": "s/1", "status": state, "success_count": 2, "failure_count": 1, **more}, 202)


def test_a_post_waits_until_the_server_has_finished() -> None:
    failures = [{"id": "campaign--1", "message": "no"}, {"id": "campaign--2"}, 7]
    stub = Stub([status("pending"), status("pending"), status("complete", failures=failures)])
    posted = stub.client().post(COLLECTION, b'{"objects":[]}')
    assert (posted.taken, posted.refused) == (2, 1)
    assert posted.problems == ("campaign--1: no", "campaign--2: refused")
    assert [(r.method, r.url.raw_path.decode()) for r in stub.asked][1:] == [("GET", "/api/status/s%2F1/")] * 2
    assert stub.asked[0].headers["Content-Type"] == MEDIA
    assert len(stub.waits) == 2


def test_the_last_look_counts() -> None:
    """Six looks after the post: what the sixth one shows is not thrown away."""
    stub = Stub([*[status("pending")] * 6, status("complete")])
    assert stub.client().post(COLLECTION, b"{}").taken == 2
    assert len(stub.asked) == 7


@pytest.mark.parametrize("given_", [status("pending"), answer({"status": "pending"}), answer({}), answer({"id": 7})])
def test_a_post_that_is_never_finished_is_said(given_: httpx2.Response) -> None:
    with pytest.raises(PeerFault, match="has not finished"):
        Stub([given_]).client().post(COLLECTION, b"{}")


def test_counts_that_are_none_are_nothing() -> None:
    stub = Stub([answer({"status": "complete", "success_count": "2", "failures": "x"})])
    posted = stub.client().post(COLLECTION, b"{}")
    assert (posted.taken, posted.refused, posted.problems) == (0, 0, ())


def test_faults_never_name_the_token() -> None:
    for given_ in (answer({}, 401), answer({}, 500), httpx2.ConnectError("x"), answer(b"{")):
        with pytest.raises(Fault) as fault:
            pages(Stub([given_]))
        assert "secret" not in f"{fault.value} {fault.value.next}"


def test_a_client_closes() -> None:
    client = TaxiiClient("KZ", "secret", transport=httpx2.MockTransport(Stub([page()])))
    client.close()
    with pytest.raises(RuntimeError):
        list(client.pages(COLLECTION, None, 1))
