"""Guesses: so many, then none are listened to; and nobody keeps anybody else out."""

from __future__ import annotations

from datetime import timedelta

import pytest

from comity.admin import throttle
from comity.admin.throttle import BY_ADDRESS, BY_NAME, WHILE, Throttle
from tests.consortium import START


def misses(doors: Throttle, count: int, name="ann", address="192.0.2.1", device="", at=START) -> list[float]:
    return [doors.begin(name if isinstance(name, str) else name(n), address, device, at) for n in range(count)]


def test_so_many_wrong_guesses_at_a_name_then_a_wait():
    doors = Throttle()
    assert misses(doors, BY_NAME) == [0.0] * BY_NAME
    assert doors.begin("ann", "198.51.100.7", "", START + timedelta(seconds=60)) == WHILE.total_seconds() - 60
    assert doors.begin("ann", "198.51.100.7", "", START + WHILE) == 0.0


def test_what_is_not_listened_to_counts_for_nothing():
    doors = Throttle()
    misses(doors, BY_NAME)
    for second in range(1, 800):
        assert doors.begin("ann", "192.0.2.1", "", START + timedelta(seconds=second)) > 0
    assert doors.begin("ann", "192.0.2.1", "", START + WHILE) == 0.0


def test_nobody_else_waits():
    doors = Throttle()
    misses(doors, 100)
    assert doors.begin("bob", "198.51.100.7", "", START) == 0.0
    assert doors.begin("bob", "192.0.2.1", "", START) == 0.0


def test_who_is_tried_from_elsewhere_gets_in_from_a_browser_of_theirs():
    doors = Throttle()
    misses(doors, 100)
    assert doors.begin("ann", "192.0.2.1", "her browser", START) == 0.0
    doors.right("ann", "192.0.2.1", "her browser")
    assert doors.begin("ann", "192.0.2.1", "", START) > 0


def test_a_known_browser_may_not_guess_for_ever():
    doors = Throttle()
    assert any(misses(doors, BY_NAME + 1, device="stolen"))
    assert doors.begin("ann", "192.0.2.1", "another of hers", START) == 0.0


def test_one_address_may_not_try_everybody():
    doors = Throttle()
    assert not any(misses(doors, BY_ADDRESS, name=lambda n: f"name{n}"))
    assert doors.begin("someone new", "192.0.2.1", "", START) > 0
    assert doors.begin("someone new", "192.0.2.2", "", START) == 0.0


def test_the_addresses_of_one_ipv6_client_are_one():
    doors = Throttle()
    for n in range(BY_ADDRESS):
        assert doors.begin(f"name{n}", f"2001:db8::{n:x}", "", START) == 0.0
    assert doors.begin("new", "2001:db8::ffff", "", START) > 0
    assert doors.begin("new", "2001:db8:0:1::1", "", START) == 0.0


@pytest.mark.parametrize("device", ["", "hers"])
def test_whoever_gets_in_each_time_never_waits(device):
    doors = Throttle()
    for _ in range(100):
        assert doors.begin("ann", "192.0.2.1", device, START) == 0.0
        doors.right("ann", "192.0.2.1", device)


def test_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(throttle, "_KEPT", 50)
    doors = Throttle()
    misses(doors, 500, name=lambda n: f"name{n}" * 1000)
    assert len(doors._missed) <= 50
    assert max(map(len, doors._missed)) < 200
