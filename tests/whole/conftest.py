"""A node that serves in a process of its own, and strangers who ask it."""

from __future__ import annotations

import pytest

from comity import node, samples
from comity.clock import parse
from comity.config import Settings
from comity.intake.govern import add_agreement, add_standing
from comity.terms.party import Standing
from tests.whole.taxii_stranger import Place
from tests.whole.test_live_node import serving


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("probe") / "node"
    world = node.create_node(folder, Settings(party="SCO-CENTRE", name="SCO-CENTRE-sco", body="sco"), "partner")
    add_agreement(world, samples.read("sco-ict-sample.toml").decode(), "a.toml", by="test")
    for party, standing in (("KZ", "member"), ("UZ", "member"), ("IR", "observer")):
        add_standing(world, Standing(party=party, body="sco", standing=standing, since=parse("2001-06-15")), by="test")
    with serving(folder) as (url, _, _):
        yield Place(world, int(url.rpartition(":")[2]))
    world.store.close()


@pytest.fixture(scope="module")
def kz(place):
    return place.client("KZ")


@pytest.fixture(scope="module")
def uz(place):
    return place.client("UZ")


@pytest.fixture
def alone(place):
    return place.alone()
