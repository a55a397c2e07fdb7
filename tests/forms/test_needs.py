"""What a text of a later release needs of its reader."""

from __future__ import annotations

import pytest

from comity.errors import SenderFault
from comity.forms.needs import check, contains


def test_what_is_not_known_is_named_with_what_to_do() -> None:
    check("the parcel", 1, ())
    for version, needs, said in ((2, (), "version 2"), (1, ("tiles", "a"), "'a', 'tiles'")):
        with pytest.raises(SenderFault, match=f"the parcel was made by a later release, and needs its reader to know {said}") as caught:
            check("the parcel", version, needs)
        assert "update this node" in caught.value.next


def test_json_may_say_more_and_nothing_else() -> None:
    known = {"a": [{"b": 1}], "c": None}
    assert contains({"a": [{"b": 1, "x": 2}], "c": None, "d": 3}, known)
    for said in (
        {"a": [{"b": 1}]},
        {"a": [{"b": 2}], "c": None},
        {"a": [{"b": 1}, {}], "c": None},
        {"a": [[]], "c": None},
        {"a": {}, "c": None},
        [],
    ):
        assert not contains(said, known)
