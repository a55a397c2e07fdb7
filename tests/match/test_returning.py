"""Telling producers: once, whatever is cut off, and beside a server."""

from __future__ import annotations

import msgspec
import pytest

from comity.admin.fsck import fsck
from comity.match.returning import Telling, tell_producers
from comity.terms.item import Envelope
from tests.release.test_tallies import DAY, SIGHTERS, World


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


def test_a_server_looks_again_only_when_a_period_has_ended(world, monkeypatch):
    telling, asked = Telling(world.body.desk), []
    monkeypatch.setattr("comity.match.returning.tell_producers", lambda desk: asked.append(1))
    telling.look()
    telling.look()
    world.body.clock.at += DAY
    telling.look()
    assert len(asked) == 2
