"""Sealed text: for one purpose, in time, of this node; nothing else opens."""

from __future__ import annotations

from datetime import timedelta

import pytest

from comity.admin.sealed import seal, unseal
from comity.errors import NotAuthenticated
from tests.consortium import Body

HOUR = timedelta(hours=1)


def test_what_was_sealed_is_read_again():
    body = Body()
    data = {"a": [1, "ж"], "b": None}
    assert unseal(body.world, "x", seal(body.world, "x", data), HOUR) == data


def test_only_for_its_purpose_in_time_and_here():
    body, other = Body(), Body()
    text = seal(body.world, "x", "secret words")
    assert "secret" not in text
    seal(other.world, "x", "")
    for world, purpose in ((body.world, "y"), (other.world, "x"), (Body().world, "x")):
        with pytest.raises(NotAuthenticated):
            unseal(world, purpose, text, HOUR)
    body.clock.at += HOUR - timedelta(seconds=2)
    unseal(body.world, "x", text, HOUR)
    body.clock.at += timedelta(seconds=3)
    with pytest.raises(NotAuthenticated):
        unseal(body.world, "x", text, HOUR)


@pytest.mark.parametrize("text", ["", "x", "\udcff", "gAAAAA" + "A" * 100, "\x00"])
def test_anything_else_is_refused(text):
    body = Body()
    seal(body.world, "x", "")
    with pytest.raises(NotAuthenticated):
        unseal(body.world, "x", text, HOUR)


def test_a_changed_letter_is_refused():
    body = Body()
    text = seal(body.world, "x", "data")
    for at in (12, 40, len(text) - 5):
        changed = text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]
        with pytest.raises(NotAuthenticated):
            unseal(body.world, "x", changed, HOUR)


def test_it_is_the_same_key_after_a_restart(tmp_path):
    from comity.store import open_store

    body = Body(store=f"sqlite:{tmp_path / 's.db'}")
    text = seal(body.world, "x", 1)
    object.__setattr__(body.world, "store", open_store(f"sqlite:{tmp_path / 's.db'}"))
    assert unseal(body.world, "x", text, HOUR) == 1
