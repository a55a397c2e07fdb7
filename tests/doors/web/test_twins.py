"""The twins of a page."""

from __future__ import annotations

import csv
import io
import json

from comity.doors.web.twins import twin
from tests.doors.web.visitor import Visitor


def test_a_table_flattens_and_guards_against_formulas():
    data = {"items": [{"id": "a", "parts": {"x": 1, "y": None}, "all": ["p", "q"], "ok": True}, {"id": "=1+1", "more": [{"a": 1}]}]}
    answer = twin(data, "csv", "items")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.body.decode())))
    assert rows == [
        {"id": "a", "parts.x": "1", "parts.y": "", "all": "p; q", "ok": "true", "more": ""},
        {"id": "'=1+1", "parts.x": "", "parts.y": "", "all": "", "ok": "", "more": '[{"a":1}]'},
    ]


def test_lines_are_the_rows():
    data = {"items": [{"id": "a"}, {"id": "b"}], "other": 1}
    assert [json.loads(line) for line in twin(data, "ndjson", "items").body.splitlines()] == data["items"]


def test_every_page_gives_the_same_rows_in_every_form(busy_visitor):
    from comity.doors.web.screens import PAGES

    administrator = Visitor(busy_visitor.body, role="administrator")
    for page in PAGES:
        if page.rows and "{" not in page.path:
            visitor = busy_visitor if "analyst" in page.roles else administrator
            path = "/index" if page.path == "/" else page.path
            rows = visitor.data(path + ".json")[page.rows]
            assert len(visitor.get(path + ".ndjson").text.splitlines()) == len(rows)
            assert len(list(csv.reader(io.StringIO(visitor.get(path + ".csv").text)))) == len(rows) + 1
