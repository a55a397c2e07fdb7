"""Columns: shown and sorted as the address says, and every other part of the address kept."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from comity.doors.web.columns import Column, of, sorting
from comity.errors import SenderFault

COLUMNS = (
    Column(key="what", label="inbox.what", lone=True),
    Column(key="when", label="home.when", sorts=True),
    Column(key="count", label="log.count", sorts=True, number=True),
    Column(key="raw", label="object.raw", extra=True),
)


def asked(query: str) -> Request:
    return Request({"type": "http", "method": "GET", "path": "/", "query_string": query.encode(), "headers": []})


def shown(query: str) -> list[str]:
    return [column["key"] for column in of(asked(query), COLUMNS) if column["shown"]]


def test_extra_columns_are_shown_when_asked_for():
    assert shown("") == ["what", "when", "count"]
    assert shown("columns=raw") == ["what", "raw"]
    assert shown("columns=nothing") == ["what"]


def test_only_what_can_be_sorted_is():
    assert sorting(asked("sort=-when"), COLUMNS) == "-when"
    assert sorting(asked(""), COLUMNS, "-count") == "-count"
    assert sorting(asked(""), COLUMNS) == ""
    with pytest.raises(SenderFault, match="sort"):
        sorting(asked("sort=what"), COLUMNS, "-count")


def test_a_heading_turns_the_order_and_keeps_the_rest():
    found = {column["key"]: column for column in of(asked("type=a&sort=when&before=9"), COLUMNS)}
    assert found["when"]["sorted"] == "ascending"
    assert found["when"]["href"] == "?type=a&sort=-when"
    assert found["count"]["href"] == "?type=a&sort=count"
    assert found["what"]["href"] == ""
    turned = {column["key"]: column for column in of(asked("sort=-when"), COLUMNS)}
    assert (turned["when"]["sorted"], turned["when"]["href"]) == ("descending", "?sort=when")
