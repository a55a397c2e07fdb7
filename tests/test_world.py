"""What a story may touch: five things, and nothing to decide in it."""

from __future__ import annotations

import dataclasses

import pytest

from comity.world import World
from tests.consortium import Body


def test_at_most_five_fields_and_no_logic():
    assert [field.name for field in dataclasses.fields(World)] == ["store", "journal", "rulebook", "clock", "settings"]
    assert [name for name in vars(World) if not name.startswith("_")] == []


def test_a_world_does_not_change():
    world = Body().world
    with pytest.raises(dataclasses.FrozenInstanceError):
        world.clock = None


def test_a_world_is_made_by_name_and_whole():
    world = Body().world
    with pytest.raises(TypeError):
        World(world.store, world.journal, world.rulebook, world.clock, world.settings)
    with pytest.raises(TypeError):
        World(store=world.store, journal=world.journal)
