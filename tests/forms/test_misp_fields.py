from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from comity.forms.misp_fields import day, epoch, moment, parts, seconds, text_of, texts, true, uuid_of

UUID = "00000001-1234-4234-8234-123456789012"


@pytest.mark.parametrize("value", [True, 1, "1", "true", "True"])
def test_set(value: Any) -> None:
    assert true(value)


@pytest.mark.parametrize("value", [False, None, "", 0, "0", "false", "yes", [], {}])
def test_not_set(value: Any) -> None:
    assert not true(value)


@pytest.mark.parametrize(("value", "want"), [("x", "x"), (5, "5"), (0.5, "0.5"), (True, "True"), (None, ""), ([1], ""), ({}, "")])
def test_text(value: Any, want: str) -> None:
    assert text_of({"a": value}, "a") == want


def test_uuids() -> None:
    assert uuid_of({"uuid": UUID.upper()}) == UUID
    assert [uuid_of({"uuid": bad}) for bad in (None, 5, "", "12-34", UUID + "0")] == [""] * 5


@pytest.mark.parametrize("value", [1700000000, "1700000000"])
def test_seconds(value: Any) -> None:
    assert seconds(value) == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert epoch("2023-11-14T22:13:20.123Z") == "1700000000"


@pytest.mark.parametrize("value", [0, "0", "", None, "-1", "1e3", "1" * 12, "\u0661"])
def test_never(value: Any) -> None:
    assert seconds(value) is None


@pytest.mark.parametrize("value", ["0001-01-01T00:00:00", "soon", None, 5.5, "9999-12-31T23:59:59-12:00"])
def test_no_moment(value: Any) -> None:
    assert moment(value) is None


def test_moments() -> None:
    want = datetime(2023, 11, 14, tzinfo=UTC)
    assert moment("2023-11-14T01:00:00+01:00") == want == day("2023-11-14")
    assert moment("1700000000") == seconds("1700000000")
    assert day("2023-11-14T00:00:00Z") is None
    assert (epoch("soon"), epoch(None), epoch("1960-01-01T00:00:00Z")) == ("", "", "0")


def test_parts_keep_their_places() -> None:
    node = {"A": [{"n": 0}, {"n": 1, "deleted": "1"}, "x", {"n": 3, "deleted": False}], "B": {"n": 0}}
    assert [(index, part["n"]) for index, part in parts(node, "A")] == [(0, 0), (3, 3)]
    assert list(parts(node, "B")) == list(parts(node, "C")) == []
    assert (texts(["a", "", 1, "b"]), texts("a"), texts(None)) == (["a", "b"], ["a"], [])
