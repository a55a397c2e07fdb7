"""The collections of each body: their ids stay."""

from __future__ import annotations

import threading
import uuid

import pytest

from comity.admin.collections import ALIASES, bodies, collection_ids
from comity.intake.govern import add_standing
from comity.terms.party import Standing
from tests.consortium import START, Body


@pytest.fixture(params=["memory", "sqlite"])
def body(request, tmp_path):
    body = Body(store="memory:" if request.param == "memory" else f"sqlite:{tmp_path / 'store.db'}")
    yield body
    body.world.store.close()


def test_two_collections_with_ids_of_their_own(body):
    found = collection_ids(body.world, "sco")
    assert tuple(found) == ALIASES == ("exchange", "shared")
    assert len(set(found.values())) == 2
    for id_ in found.values():
        assert str(uuid.UUID(id_)) == id_
        assert uuid.UUID(id_).version == 4


def test_ids_stay(body):
    assert collection_ids(body.world, "sco") == collection_ids(body.world, "sco")


def test_each_body_has_its_own(body):
    assert not set(collection_ids(body.world, "sco").values()) & set(collection_ids(body.world, "cica").values())


def test_ids_stay_when_the_store_is_opened_again(tmp_path):
    url = f"sqlite:{tmp_path / 'store.db'}"
    first = Body(store=url)
    found = collection_ids(first.world, "sco")
    first.world.store.close()
    again = Body(agreement=None, store=url)
    assert collection_ids(again.world, "sco") == found
    again.world.store.close()


def test_two_that_ask_first_at_once_get_the_same(body):
    found: list[dict[str, str]] = []
    together = threading.Barrier(4)

    def ask() -> None:
        together.wait(10)
        found.append(collection_ids(body.world, "sco"))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(found) == 4
    assert all(ids == found[0] for ids in found)


def test_bodies_are_the_nodes_own_and_those_its_rules_name(body):
    assert bodies(body.world) == ["sco"]
    add_standing(body.world, Standing(party="KZ", body="cica", standing="member", since=START), by="test")
    assert bodies(body.world) == ["cica", "sco"]


def test_a_node_without_rules_serves_its_own_body():
    assert bodies(Body(agreement=None).world) == ["sco"]
