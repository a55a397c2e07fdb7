"""Why an object did not arrive, or that it did."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from comity.ledger.keys import LogKey
from comity.peer.arrival import arrival
from comity.peer.incoming import incoming
from comity.release import explain
from comity.release.sight import Reader
from comity.wire_links import Arrival
from tests.consortium import indicator
from tests.linked import Node, give, parcel
from tests.peer.test_outgoing import body
from tests.peer.test_recalled import linked

OBJ = indicator()


def asked(node: Node, party: str = "UZ") -> Arrival:
    reader = Reader(party=party, body="sco", purposes=("network-defence",))
    return arrival(node.desk, explain.why(node.desk, OBJ["id"], reader))


@pytest.fixture
def nodes() -> tuple[Node, Node, Node]:
    hub, kz, uz = body()
    linked(hub, "KZ")
    linked(hub, "UZ")
    linked(kz, "SCO-CENTRE")
    kz.adds(OBJ)
    return hub, kz, uz


def test_step_by_step_on_its_way(nodes: tuple[Node, Node, Node]) -> None:
    hub, kz, uz = nodes
    assert (asked(kz).state, asked(kz).over) == ("waiting", "SCO-CENTRE")
    parcel(kz, hub)
    assert asked(kz).state == "link down" and "never heard from" in asked(kz).why
    give(kz, hub)
    assert (asked(kz).state, asked(kz).over) == ("unconfirmed", "SCO-CENTRE")
    assert asked(hub).state == "waiting" and asked(hub).over is None
    raw = parcel(hub, uz)
    assert asked(hub).state == "link down"
    incoming(uz.world, uz.partners["SCO-CENTRE"], uz.key, raw)
    give(hub, uz)
    give(hub, kz)
    assert asked(hub).state == asked(kz).state == "arrived"
    assert asked(hub).proven and not asked(kz).proven


def test_decided_no_and_nobody_to_give_it_to(nodes: tuple[Node, Node, Node]) -> None:
    hub, kz, _ = nodes
    give(kz, hub)
    assert asked(hub, "RU").state == "denied" and asked(hub, "RU").why
    tj = hub.member("TJ")
    assert asked(hub, "TJ").state == "not fetched"
    tj.polls()
    assert asked(hub, "TJ").state == "fetched" and asked(hub, "TJ").at


def test_a_centre_that_leaves_it_out_and_gives_what_came_later(nodes: tuple[Node, Node, Node]) -> None:
    hub, kz, uz = nodes
    give(kz, hub)
    give(hub, kz)
    assert asked(kz).why.endswith("has not confirmed that it arrived")
    with hub.world.store.write() as tx:  # what a centre does that drops it and says nothing
        tx.delete([row.item for row in hub.world.store.recent(100) if row.origin == "KZ"])
    kz.adds(indicator())
    give(kz, hub)
    give(hub, uz)
    give(hub, kz)
    assert asked(kz).state == "unconfirmed" and "though it has confirmed others since" in asked(kz).why


def test_of_a_party_that_only_our_centre_knows_our_own_decision_says_nothing(nodes: tuple[Node, Node, Node]) -> None:
    hub, kz, _ = nodes
    assert asked(kz, "TR").state == "waiting"
    give(kz, hub)
    give(hub, kz)
    assert (asked(kz, "TR").state, asked(kz, "TR").over) == ("unconfirmed", "SCO-CENTRE")
    assert asked(hub, "TR").state == "denied"


def test_a_node_that_takes_no_parcels_says_why(nodes: tuple[Node, Node, Node]) -> None:
    hub, kz, uz = nodes
    give(kz, hub)
    uz.partners["SCO-CENTRE"] = replace(uz.partners["SCO-CENTRE"], keys=(LogKey.generate("x").verifier,))
    assert [answer.applied for answer in give(hub, uz)] == [False, False]
    assert asked(hub).state == "link down" and "none of the keys" in asked(hub).why
