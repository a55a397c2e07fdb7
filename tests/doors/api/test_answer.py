"""Answers as pages, lines and tables say the same; each page is on record before it leaves."""

from __future__ import annotations

import csv
import hashlib
import io
import json

import msgspec
import pytest

from comity.ledger.journal import read_entry
from tests.consortium import Member, drafts, indicator

NDJSON = {"Accept": "application/x-ndjson"}


@pytest.fixture
def many(meeting):
    objects = [indicator(name=f"number {n}") for n in range(25)]
    Member(meeting.body, "KZ").submits(*objects)
    return objects


def disclosed(meeting) -> list[int]:
    entries = (read_entry(leaf.entry) for leaf in meeting.body.world.store.leaves())
    return [entry.count for entry in entries if entry.kind == "disclose"]


def test_lines_go_on_to_the_end(meeting, uz, many):
    response = uz("GET", "/items", headers=NDJSON)
    assert response.headers["content-type"] == "application/x-ndjson"
    lines = [json.loads(line) for line in response.text.splitlines()]
    assert [line["object"] for line in lines] == many
    assert disclosed(meeting) == [25]


@pytest.mark.parametrize(("limit", "count"), [(1, 1), (24, 24), (25, 25), (26, 25)])
def test_lines_end_at_the_limit(meeting, uz, many, limit, count):
    assert len(uz("GET", "/items", headers=NDJSON, limit=limit).text.splitlines()) == count
    assert sum(disclosed(meeting)) == count


def test_lines_go_over_pages_each_on_record(meeting, uz, many):
    settings = meeting.body.world.settings
    object.__setattr__(
        meeting.body.world, "settings", msgspec.structs.replace(settings, limits=msgspec.structs.replace(settings.limits, page=10))
    )
    assert [json.loads(line)["object"] for line in uz("GET", "/items", headers=NDJSON).text.splitlines()] == many
    assert disclosed(meeting) == [10, 10, 5]
    assert len(uz("GET", "/items", headers=NDJSON, limit=12).text.splitlines()) == 12


def test_a_table_is_safe_in_a_spreadsheet(meeting, uz, many):
    response = uz("GET", "/items", headers={"Accept": "text/csv"})
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    head, *rows = csv.reader(io.StringIO(response.text))
    assert "object" not in head
    assert [row[head.index("id")] for row in rows] == [each["id"] for each in many]
    _, made = meeting, uz("GET", "/parties", headers={"Accept": "text/csv"}).text
    assert made.splitlines()[0] == "party,body,standing,status,name"


def test_objects_leave_byte_for_byte(meeting, kz, uz):
    text = """{ "type":"indicator",\n "spec_version": "2.1", "id": "indicator--a932fcc6-e032-476c-826f-cb970a5a1ade", "x_n": 1.10,
      "created": "2021-10-01T00:00:00Z",\r\n "modified":"2021-10-01T00:00:00Z","pattern":"[domain-name:value = 'a.example']", "pattern_type":"stix",
      "valid_from":"2021-10-01T00:00:00Z", "name": "\\u00e9\\u2028\u2028é" }"""
    raw = text.encode()
    assert kz("POST", "/items", content=raw, headers={"Content-Type": "application/stix+json"}).json()["accepted"] == 1
    response = uz("GET", "/items")
    assert raw in response.content
    assert response.json()["items"][0]["sha256"] == hashlib.sha256(raw).hexdigest()
    # A line is a line, whatever is in it.
    (line,) = uz("GET", "/items", headers=NDJSON).content.strip(b"\n").split(b"\n")
    assert raw.replace(b"\n", b" ").replace(b"\r", b" ") in line


def test_head_gives_the_head_and_goes_no_further(meeting, uz, many):
    settings = meeting.body.world.settings
    object.__setattr__(
        meeting.body.world, "settings", msgspec.structs.replace(settings, limits=msgspec.structs.replace(settings.limits, page=10))
    )
    response = uz("HEAD", "/items", headers=NDJSON)
    assert (response.status_code, response.content) == (200, b"")
    assert disclosed(meeting) == [10]


def test_a_page_of_1000_is_one_disclosure(meeting, uz):
    from comity.intake.submit import Submitter, submit

    list(submit(meeting.body.world, drafts(indicator() for _ in range(1_001)), Submitter(party="KZ")))
    page = uz.get("/items", limit=1_000)
    assert (len(page["items"]), page["more"]) == (1_000, True)
    rest = uz.get("/items", limit=1_000, next=page["next"])
    assert (len(rest["items"]), rest["more"], rest["next"]) == (1, False, None)
    assert disclosed(meeting) == [1_000, 1]
