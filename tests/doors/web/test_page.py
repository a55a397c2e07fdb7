"""What screens declare, and what they are handed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from comity.admin.users import User
from comity.doors.web.page import EVERYBODY, Form, Page, index, may
from comity.errors import NotFound, SenderFault


def test_a_form_gives_texts():
    form = Form([("a", " one \r\n two "), ("b", ""), ("b", "x"), ("b", "y"), ("c", " ")])
    assert form.text("a") == "one \n two"
    assert (form.text("b"), form.texts("b"), form.text("missing")) == ("y", ["x", "y"], "")
    assert form.needed("a")
    for name in ("c", "missing"):
        with pytest.raises(SenderFault, match=f"nothing for {name}"):
            form.needed(name)


@pytest.mark.parametrize("text", ["", "-1", "1.0", "x", "\u0661", "9" * 19])
def test_what_is_no_number_is_no_page(text):
    with pytest.raises(NotFound):
        index(text)


def test_roles_and_party_open_pages():
    def person(party: str, role: str) -> User:
        return User(name="a", party=party, role=role, created=datetime(2021, 11, 1, tzinfo=UTC))

    page = Page(path="/", template="", build=lambda visit: {})
    assert all(may(person("UZ", role), "KZ", page) for role in EVERYBODY)
    own = Page(path="/", template="", build=lambda visit: {}, own=True, roles=frozenset({"auditor"}))
    assert may(person("KZ", "auditor"), "KZ", own)
    assert not may(person("UZ", "auditor"), "KZ", own)
    assert not may(person("KZ", "analyst"), "KZ", own)
