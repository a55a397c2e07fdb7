"""Cursors go both ways, and order as their keys do."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from comity.doors.api.app import OPERATIONS
from comity.doors.api.declare import CSV, NDJSON, PATH_PARTS, read_key, read_number, write_cursor


@given(st.integers(0, (1 << 63) - 1))
def test_a_number_comes_back(number):
    assert read_number(write_cursor(number)) == number


@given(st.text())
def test_a_key_comes_back(key):
    assert read_key(write_cursor(key.encode("utf-8", "replace").decode())) == key.encode("utf-8", "replace")


def test_without_a_cursor_everything_follows():
    assert (read_number(UNSET), read_key(UNSET)) == (0, b"")


@given(st.from_regex(r"([0-9a-f]{2}){1,256}", fullmatch=True))
def test_whatever_has_the_form_of_a_cursor_is_one(text):
    assert 0 <= read_number(text) < 1 << 63
    assert read_key(text) == bytes.fromhex(text)


def test_every_operation_says_what_it_must():
    names = [operation.name for operation in OPERATIONS]
    assert len(set(names)) == len(names)
    assert len({(operation.method, operation.path) for operation in OPERATIONS}) == len(names)
    for operation in OPERATIONS:
        assert operation.does.endswith(".")
        assert operation.scope in (None, "api:read", "api:write", "log:read", "approve")
        acts = operation.scope == "approve"
        assert acts or (operation.method in ("GET", "DELETE")) == (not operation.takes)
        assert {part.strip("{}") for part in operation.path.split("/") if part.startswith("{")} <= set(PATH_PARTS)
        # What changes something needs more than a reader's scope; a table needs rows.
        assert (
            operation.scope == "api:write"
            if operation.name in ("addItems", "withdrawItem", "askApproval", "addToConstituency", "removeFromConstituency", "sendPing")
            else operation.scope != "api:write"
        )
        assert operation.rows is not None or not {CSV, NDJSON} & set(operation.media) or operation.name == "copyLog"
