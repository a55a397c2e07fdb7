"""Requests are read strictly: parameters, the answer's form, the body."""

from __future__ import annotations

import asyncio

import pytest
from msgspec import UNSET
from starlette.applications import Starlette
from starlette.datastructures import QueryParams

from comity.doors.api import app
from comity.doors.api.app import OPERATIONS
from comity.doors.api.asked import Unacceptable, content_of, read_query, wanted
from comity.doors.api.declare import CSV, JSON, NDJSON
from comity.doors.api.items import Asking, Listing
from comity.doors.received import UnknownContent
from comity.errors import SenderFault
from tests.doors.api.meeting import problem

LIST = next(operation for operation in OPERATIONS if operation.name == "listItems")
ONE = next(operation for operation in OPERATIONS if operation.name == "getWhy")
SEND = next(operation for operation in OPERATIONS if operation.name == "addItems")


def test_parameters_become_values():
    query = read_query(QueryParams("type=indicator,malware&limit=7&after=2021-11-01T00:00:00Z&whose=own"), Listing)
    assert (query.type, query.limit, query.whose, query.next) == (("indicator", "malware"), 7, "own", UNSET)
    assert query.after.isoformat() == "2021-11-01T00:00:00+00:00"
    assert read_query(QueryParams("after=2021-11-01"), Listing).after == query.after
    assert read_query(QueryParams(""), Asking).purpose == ("network-defence",)


@pytest.mark.parametrize(
    "text",
    [
        "typ=indicator", "limit=0", "limit=-1", "limit=1.0", "limit=1e2", "limit=", "limit=٣", "limit=99999999999999999999", "limit=1&limit=2",
        "after=2021-13-01", "after=0.5", "after=yesterday", "after=2021-11-01T00:00:00", "next=0", "next=zz", "next=", "whose=theirs", "type=",
        "type=a,,b", "type=A", "version=latest", "modified=last", "id=", "value=", "body=SCO", "id=" + "a," * 100 + "a",
    ],
)  # fmt: skip
def test_parameters_that_are_refused(text):
    with pytest.raises(SenderFault) as fault:
        read_query(QueryParams(text), Listing)
    assert fault.value.next


@pytest.mark.parametrize("purpose", ["", "fun", "network-defence,", "network-defence statistics"])
def test_purposes_are_of_the_closed_list(purpose):
    with pytest.raises(SenderFault):
        read_query(QueryParams({"purpose": purpose}), Asking)


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        (None, JSON), ("", JSON), ("*/*", JSON), ("application/*", JSON), ("text/*", CSV), (NDJSON, NDJSON), ("Text/CSV; charset=utf-8", CSV),
        ("application/json;q=0.5, text/csv", CSV), ("text/csv;q=0, */*;q=0.1", JSON), ("text/html, */*;q=0.1", JSON),
        (f"{NDJSON};q=0.9, {CSV};q=0.8", NDJSON),
    ],
)  # fmt: skip
def test_the_form_that_is_liked_best(accept, media):
    assert wanted(accept, LIST) == media


@pytest.mark.parametrize("accept", ["text/html", "application/json;q=0", "text/csv", "*/*;q=nan", ",", "application/json;q=1e9999"])
def test_no_form_that_is_liked(accept):
    with pytest.raises(Unacceptable):
        wanted(accept, ONE)


@pytest.mark.parametrize("media", [None, "", "application/xml", "application/json5", "text/csv2"])
def test_bodies_that_are_not_taken(media):
    with pytest.raises(UnknownContent):
        content_of(media, SEND)
    assert content_of("Application/JSON ; charset=utf-8", SEND).media == JSON


def test_a_body_that_is_too_large_or_packed(meeting, kz):
    limit = meeting.body.world.settings.limits.content_bytes
    headers = {"Content-Type": "text/plain"}
    assert kz("POST", "/items", headers=headers, content=b"#" * limit).status_code == 200
    problem(kz("POST", "/items", headers=headers, content=b"#" * (limit + 1)), 413)
    problem(kz("POST", "/items", headers={**headers, "Content-Encoding": "gzip"}, content=b""), 415)


def test_a_body_that_the_token_is_not_for(meeting):
    bound = meeting.caller("KZ", body="sco")
    assert bound("GET", "/items", body="sco").status_code == 200
    problem(bound("GET", "/items", body="other"), 404)
    problem(meeting.caller("KZ")("GET", "/items", body="other"), 404)


def test_a_body_that_drips_in(meeting):
    """Whoever has a good token cannot hold a request open for ever either."""
    application = Starlette(routes=app.routes(meeting.body.desk, upload=0.05))
    sent: list[dict] = []

    async def receive():
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b"#", "more_body": True}

    async def send(message):
        sent.append(message)

    headers = [(b"authorization", f"Bearer {meeting.secret('KZ')}".encode()), (b"content-type", b"text/plain"), (b"host", b"x")]
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/v1/items",
        "raw_path": b"/api/v1/items",
        "query_string": b"",
        "headers": headers,
        "http_version": "1.1",
    }
    asyncio.run(application({**scope, "scheme": "http", "server": ("x", 80), "client": ("x", 1), "root_path": ""}, receive, send))
    assert sent[0]["status"] == 408
