"""An origin's node that was restored from a backup, and what it has forgotten: what it gave since, and what it took back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from comity.clock import now
from comity.intake.withdraw import recalls, withdraw
from comity.peer.recalled import status
from comity.peer.returning import as_signed, forget, since
from comity.terms.stix import timestamp
from tests.consortium import Body, indicator
from tests.linked import Node, link, restored, sync

Nodes = tuple[Node, Node, Node]


@pytest.fixture
def nodes() -> Nodes:
    hub = Node("SCO-CENTRE")
    kz, uz = Node("KZ"), Node("UZ")
    for node in (hub, kz, uz):
        for party in ("KZ", "UZ"):
            Body.member(node, party)
    link(kz, hub, centre="SCO-CENTRE")
    link(uz, hub, centre="SCO-CENTRE")
    return hub, kz, uz


def around(*nodes: Node) -> None:
    hub, *members = nodes
    for _ in range(2):
        for member in members:
            sync(member, hub)


def here(node: Node, obj: dict) -> bool:
    return any(id_ == obj["id"] for _, id_, _ in node.stored())


def states(node: Node) -> dict[str, str]:
    return {each.party: each.state for each in status(node.world, recalls(node.world)[-1])}


def test_what_it_took_back_it_takes_back_again_by_its_own_word(nodes: Nodes) -> None:
    hub, kz, uz = nodes
    gone, kept = indicator(), indicator()
    kz.adds(gone, kept)
    around(hub, kz, uz)
    old = restored(kz)
    withdraw(kz.world, "KZ", gone["id"], reason="wrong", cause="recalled")
    around(hub, kz, uz)
    assert here(old, gone)
    around(hub, old, uz)
    assert [here(node, gone) for node in (hub, old, uz)] == [False] * 3
    assert all(here(node, kept) for node in (hub, old, uz))
    assert states(old) == {"SCO-CENTRE": "deleted", "UZ": "deleted"}
    sizes = [node.world.store.head().size for node in (hub, old, uz)]
    around(hub, old, uz)
    assert [node.world.store.head().size for node in (hub, old, uz)] == sizes
    (outcome,) = old.adds(gone)
    assert outcome.outcome == "accepted"
    around(hub, old, uz)
    assert all(here(node, gone) for node in (hub, old, uz)), "shared anew it is a new arrival"


def test_nobody_elses_word_takes_back_an_own_object(nodes: Nodes) -> None:
    hub, kz, uz = nodes
    kz.adds(obj := indicator())
    around(hub, kz, uz)
    withdraw(hub.world, "KZ", obj["id"], by="token", cause="recalled")
    assert not list(since(hub.world, "kz", 0))
    around(hub, kz, uz)
    assert here(kz, obj) and not here(hub, obj)


def test_what_it_has_forgotten_that_it_gave_is_taken_back_all_the_same(nodes: Nodes) -> None:
    hub, kz, uz = nodes
    kz.adds(indicator())
    around(hub, kz, uz)
    old = restored(kz)
    kz.adds(obj := indicator())
    around(hub, kz, uz)
    around(hub, old, uz)
    for _ in range(2):
        old.adds(obj)
        withdraw(old.world, "KZ", obj["id"], reason="wrong", cause="recalled")
    around(hub, old, uz)
    assert not here(hub, obj) and not here(uz, obj)
    assert states(old) == {"SCO-CENTRE": "deleted", "UZ": "deleted"}
    assert {each.state for each in status(old.world, recalls(old.world)[0])} == {"deleted"}


@pytest.mark.parametrize("later", [False, True])
def test_what_it_never_gave_or_is_newer_than_that_is_told_to_nobody(nodes: Nodes, later: bool) -> None:
    hub, kz, uz = nodes
    kz.adds(indicator())
    around(hub, kz, uz)
    old = restored(kz)
    kz.adds(indicator())
    around(hub, kz, uz)
    around(hub, old, uz)
    at = timestamp(old.clock()) if later else indicator()["created"]
    old.adds(obj := indicator(created=at, modified=at), to=None if later else ())
    size = hub.world.store.head().size
    withdraw(old.world, "KZ", obj["id"], reason="wrong", cause="recalled")
    around(hub, old, uz)
    assert hub.world.store.head().size == size


def test_a_version_it_has_forgotten_goes_with_the_object(nodes: Nodes) -> None:
    hub, kz, uz = nodes
    kz.adds(indicator())
    around(hub, kz, uz)
    old = restored(kz)
    kz.adds(first := indicator(name="first"))
    around(hub, kz, uz)
    around(hub, old, uz)
    old.adds(first | {"modified": timestamp(now()), "name": "second"})
    around(hub, old, uz)
    withdraw(old.world, "KZ", first["id"], reason="wrong", cause="recalled")
    around(hub, old, uz)
    assert not here(hub, first) and not here(uz, first)


def test_it_is_kept_as_long_as_items_are(nodes: Nodes) -> None:
    hub, kz, uz = nodes
    kz.adds(gone := indicator())
    around(hub, kz, uz)
    old = restored(kz)
    withdraw(kz.world, "KZ", gone["id"], reason="wrong", cause="recalled")
    around(hub, kz, uz)
    around(hub, old, uz)
    ((_, paper),) = since(hub.world, "kz", 0)
    at = as_signed(paper).at
    assert forget(hub.world, at) == 0 and forget(hub.world, at + timedelta(days=1)) == 1
    assert not list(since(hub.world, "kz", 0))
