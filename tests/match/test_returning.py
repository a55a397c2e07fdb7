"""Telling producers: once, whatever is cut off, and beside a server."""

from __future__ import annotations

import time

import msgspec
import pytest

from comity.admin.fsck import fsck
from comity.match.returning import Returning, tell_producers
from comity.terms.item import Envelope
from tests.release.test_tallies import DAY, ITEM, SIGHTERS, World


@pytest.fixture
def world() -> World:
    world = World()
    for code in SIGHTERS[:3]:
        world.sights(code)
    world.body.clock.at += 2 * DAY
    return world


def test_it_is_an_item_of_the_centres_own_and_the_store_stays_sound(world):
    (outcome,) = tell_producers(world.body.desk)
    (row,) = world.body.world.store.by_id([outcome.id or ""])
    envelope = msgspec.json.decode(world.body.world.store.envelopes([row.item])[row.item], type=Envelope)
    assert (row.origin, envelope.tlp, envelope.gate, envelope.named) == ("SCO-CENTRE", "amber", "open", True)
    assert list(fsck(world.body.world)) == []


def test_it_is_told_once(world):
    assert [outcome.outcome for outcome in tell_producers(world.body.desk)] == ["accepted"]
    assert tell_producers(world.body.desk) == []
    world.body.clock.at += 5 * DAY
    assert tell_producers(world.body.desk) == []
    assert len(world.view()) == 1


@pytest.mark.loop
def test_beside_a_server(world):
    with Returning(world.body.desk, look=0.01):
        for _ in range(500):
            if world.view():
                break
            time.sleep(0.01)
    assert [seen["sighting_of_ref"] for seen in world.view()] == [ITEM["id"]]


@pytest.mark.loop
def test_a_failure_is_said_and_tried_again(world, capsys, monkeypatch):
    failed: list[int] = []

    def failing(desk):
        failed.append(1)
        if len(failed) == 1:
            raise OSError("no space")
        return tell_producers(desk)

    monkeypatch.setattr("comity.match.returning.tell_producers", failing)
    with Returning(world.body.desk, look=0.01):
        for _ in range(500):
            if world.view():
                break
            time.sleep(0.01)
    assert len(world.view()) == 1
    assert "no space" in capsys.readouterr().err
