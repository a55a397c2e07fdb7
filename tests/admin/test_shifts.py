"""Shifts and handovers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from comity.admin import shifts, users
from comity.errors import NotFound, SenderFault
from tests.consortium import Body


def left(body: Body, user: users.User, note: str = "") -> str:
    found = shifts.Handover(
        user=user.name, since=shifts.begun(body.world, user), until=body.world.clock(), note=note, arrived=3, more=True, settled={"filed": 2},
        objects=("indicator--1",), requests=("apr_1",),
    )  # fmt: skip
    return shifts.hand_over(body.world, user, found)


def test_a_shift_begins_where_the_last_one_ended():
    body = Body()
    one, two = users.add(body.world, "one", "KZ", "analyst"), users.add(body.world, "two", "KZ", "analyst")
    before = body.world.clock()
    assert timedelta() < before - shifts.begun(body.world, one) <= shifts.FIRST
    left(body, one)
    assert shifts.begun(body.world, one) > before
    assert shifts.begun(body.world, two) < before
    body.clock.at += timedelta(days=400)
    assert body.world.clock() - shifts.begun(body.world, one) <= shifts.FURTHEST + timedelta(seconds=1)


def test_handovers_are_told_to_the_partys_people_alone():
    body = Body()
    one, other = users.add(body.world, "one", "KZ", "analyst"), users.add(body.world, "other", "UZ", "analyst")
    first, second = left(body, one, "first"), left(body, one, "second")
    assert [name for name, _ in shifts.handovers(body.world, "KZ")] == [second, first]
    assert shifts.handover(body.world, "KZ", first).note == "first"
    assert shifts.handovers(body.world, other.party) == []
    with pytest.raises(NotFound):
        shifts.handover(body.world, "UZ", first)


def test_the_oldest_handovers_go(monkeypatch):
    monkeypatch.setattr(shifts, "KEPT", 2)
    body = Body()
    one = users.add(body.world, "one", "KZ", "analyst")
    names = [left(body, one, str(number)) for number in range(4)]
    assert [name for name, _ in shifts.handovers(body.world, "KZ")] == names[:1:-1]


def test_a_word_that_is_too_long_changes_nothing():
    body = Body()
    one = users.add(body.world, "one", "KZ", "analyst")
    with pytest.raises(SenderFault, match="4000"):
        left(body, one, "x" * 4001)
    assert shifts.handovers(body.world, "KZ") == []


def test_with_a_person_goes_their_shift():
    body = Body()
    one = users.add(body.world, "one", "KZ", "analyst")
    left(body, one)
    users.remove(body.world, "one")
    assert list(body.world.store.privates(users.SHIFTS)) == []
    assert len(shifts.handovers(body.world, "KZ")) == 1
