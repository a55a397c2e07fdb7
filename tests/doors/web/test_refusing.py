"""What is answered instead of a page: each fault has its status, in the form that was asked for."""

from __future__ import annotations

import asyncio
import re

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from comity.doors.received import TooLarge, TooSlow, UnknownContent
from comity.doors.web.refusing import guarded, is_twin, status_of
from comity.errors import Conflict, Denied, IntegrityFault, NotAuthenticated, NotFound, OurFault, SenderFault
from tests.doors.web.visitor import Visitor, body_that_reads


def request(path="/x") -> Request:
    return Request(
        {"type": "http", "method": "GET", "scheme": "http", "path": path, "query_string": b"", "headers": [(b"host", b"localhost")]}
    )


def answer(fault: Exception, path="/x"):
    async def raises(_: Request):
        raise fault

    async def ask(_: Request):
        return PlainTextResponse("sign in", 401)

    return asyncio.run(guarded(raises, ask)(request(path)))


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (NotFound("x"), 404), (NotAuthenticated("x"), 401), (Denied("x"), 403), (Conflict("x"), 409), (SenderFault("x"), 422),
        (TooLarge("x"), 413), (TooSlow("x"), 408), (UnknownContent("x"), 415), (IntegrityFault("x"), 500), (OurFault("x"), 500),
    ],
)  # fmt: skip
def test_each_fault_has_its_status(fault, status):
    assert answer(fault).status_code == status
    if status not in (401, 404):
        assert status_of(fault) == status


def test_a_fault_says_what_to_do_next_and_absent_says_nothing():
    said = answer(Denied("not you", next="ask <b>somebody</b>")).body.decode()
    assert "not you" in said and "&lt;b&gt;" in said
    assert answer(NotFound("a secret name")).body == answer(NotFound("another")).body


def test_the_heading_says_whose_fault_it_is():
    headings = {kind: re.search("<h1>(.*)</h1>", answer(kind("x")).body.decode())[1] for kind in (Conflict, SenderFault, OurFault)}
    assert headings[OurFault] == "The node has a problem"
    assert len(set(headings.values())) == 3


def test_programs_are_answered_in_json():
    response = answer(Conflict("too late", next="read it again"), "/x.ndjson")
    assert response.headers["content-type"] == "application/json"
    assert b"too late" in response.body and b"read it again" in response.body
    assert [is_twin(request(path)) for path in ("/x.json", "/x.csv", "/x", "/x.html")] == [True, True, False, False]


def test_around_a_refusal_stands_what_stands_around_every_page_for_whoever_is_signed_in():
    body, _ = body_that_reads()
    ann, nobody = Visitor(body), Visitor(body, signed_in=False)
    for path in ("/nonsense", "/o/indicator--00000000-0000-4000-8000-000000000000", "/log/999999"):
        page = ann.get(path)
        assert page.status_code == 404
        assert 'class="realm' in page.text and "Acting for SCO-CENTRE" in page.text and 'id="menu"' in page.text
        assert 'class="realm' not in nobody.get(path).text
    wrong = ann.client.post("/people/add", data={})
    assert wrong.status_code == 404 and 'id="menu"' in wrong.text
