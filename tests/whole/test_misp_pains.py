"""What hurts most between MISP instances, by the numbers of its issues, over three nodes: KZ's, the centre's, UZ's."""

from __future__ import annotations

import pytest

from comity.intake.withdraw import recalls, withdraw
from comity.peer import receipts
from comity.peer.outgoing import outgoing
from comity.peer.recalled import status
from comity.release.select import Query
from comity.release.sight import Reader
from comity.terms.item import read_envelope
from tests.consortium import indicator
from tests.linked import Node, give, link, restored, sync
from tests.peer.test_outgoing import body

Nodes = tuple[Node, Node, Node]


@pytest.fixture
def nodes() -> Nodes:
    return body()


def around(nodes: Nodes) -> None:
    """Everybody exchanges until nothing is new."""
    hub, kz, uz = nodes
    for _ in range(3):
        for node in (kz, uz):
            sync(node, hub)


def read_by(node: Node, party: str, id_: str) -> bool:
    """Whether a party may read an object at a node."""
    reader = Reader(party=party, body="sco", purposes=("network-defence",))
    return bool(node.desk.object(reader, Query(ids=(id_,))).found)


def test_10899_a_revoked_member_pulls_nothing_from_anywhere_and_gives_up_what_it_had(nodes: Nodes) -> None:
    """MISP: an organisation removed from a sharing group goes on pulling over a third instance."""
    hub, kz, uz = nodes
    ru = Node("RU")
    for node in (*nodes, ru):
        node.member("RU")
    link(hub, ru, centre="SCO-CENTRE")
    ru.knows(uz)
    uz.knows(ru)
    had = indicator()
    kz.adds(had)
    around(nodes)
    sync(ru, hub)
    assert uz.holds() == ru.holds() == {had["id"]}
    for node in (hub, ru):
        node.party("UZ", "suspended", since=node.clock())
    kz.adds(indicator())
    sync(kz, hub)
    sync(ru, hub)
    assert outgoing(ru.desk, ru.partners["UZ"], ru.key) is None
    give(hub, uz)
    assert uz.holds() == set() and uz.stored() == set()
    assert outgoing(hub.desk, hub.partners["UZ"], hub.key) is None


@pytest.mark.parametrize("number", [4681, 7409])
def test_4681_7409_a_deletion_goes_wherever_the_object_went_and_everybody_answers(nodes: Nodes, number: int) -> None:
    """MISP: deleting an event, or an attribute of one, is not synchronised."""
    _, kz, uz = nodes
    event = [indicator() for _ in range(3)]
    kz.adds(*event)
    around(nodes)
    gone = event if number == 4681 else event[:1]
    for obj in gone:
        withdraw(kz.world, "KZ", obj["id"])
    around(nodes)
    left = {obj["id"] for obj in event} - {obj["id"] for obj in gone}
    assert uz.holds() == left
    for node in nodes:
        assert {id_ for _, id_, _ in node.stored()} == left
    for recall in recalls(kz.world):
        assert {each.party: each.state for each in status(kz.world, recall)} == {"SCO-CENTRE": "deleted", "UZ": "deleted"}


def test_4784_narrowing_the_audience_takes_the_object_back_from_the_others(nodes: Nodes) -> None:
    """MISP: a distribution made narrower changes nothing where the event is already."""
    hub, kz, uz = nodes
    ru = Node("RU")
    for node in (*nodes, ru):
        node.member("RU")
    link(hub, ru, centre="SCO-CENTRE")
    obj = indicator()
    kz.adds(obj)
    around(nodes)
    sync(ru, hub)
    assert uz.holds() == ru.holds() == {obj["id"]}
    kz.adds(obj, to=("RU",))
    around(nodes)
    sync(ru, hub)
    assert ru.holds() == {obj["id"]} and uz.stored() == set()


def test_4200_an_empty_group_is_nobody(nodes: Nodes) -> None:
    """MISP: an event shared with an empty sharing group goes to everybody."""
    hub, kz, uz = nodes
    kz.adds(indicator(), to=())
    hub.member("RU").submits(indicator(), to=())
    around(nodes)
    assert uz.stored() == set() and len(hub.stored()) == 1


def test_3468_a_newcomer_gets_the_backlog_that_its_agreement_grants_and_no_more(nodes: Nodes) -> None:
    """MISP: an organisation added to a sharing group does not get what was shared before."""
    hub, kz, _ = nodes
    backlog = [indicator() for _ in range(4)]
    kz.adds(*backlog)
    kz.adds(indicator(), to=("UZ",))
    around(nodes)
    ir = Node("IR")
    link(hub, ir, centre="SCO-CENTRE")
    assert give(hub, ir) == []
    hub.member("IR")
    give(hub, ir)
    assert {id_ for _, id_, _ in ir.stored()} == {obj["id"] for obj in backlog}


def test_2223_there_are_never_two_tlp_levels_on_one_object(nodes: Nodes) -> None:
    """MISP: a tag that is removed stays elsewhere, so that an event has two TLP tags there."""
    hub, kz, _ = nodes
    obj = indicator()
    kz.adds(obj, tlp="green")
    around(nodes)
    kz.adds(obj, tlp="amber")
    around(nodes)
    for node in nodes:
        rows = node.world.store.by_id([obj["id"]])
        levels = [read_envelope(said).tlp for said in node.world.store.envelopes([row.item for row in rows]).values()]
        assert levels == ["amber"], node.code
    assert read_by(hub, "UZ", obj["id"]) and not read_by(hub, "IR", obj["id"])


def test_a_recall_while_offline_then_last_weeks_backup_brings_nothing_back(nodes: Nodes) -> None:
    hub, kz, uz = nodes
    recalled, kept, later = indicator(), indicator(), indicator()
    kz.adds(recalled, kept)
    around(nodes)
    backup = restored(uz)
    withdraw(kz.world, "KZ", recalled["id"], reason="wrong", cause="recalled")
    kz.adds(later)
    around(nodes)
    assert uz.holds() == {kept["id"], later["id"]}
    offline = restored(backup)
    for old in (backup, offline):  # before it heard of the recall; and once more, after it has answered it
        assert recalled["id"] in old.holds()
        sync(old, hub)
        sync(old, hub)
        assert old.holds() == {kept["id"], later["id"]}
    (recall,) = recalls(kz.world)
    give(hub, kz)
    assert {each.party: each.state for each in status(kz.world, recall)}["UZ"] == "deleted"


def test_a_centre_that_leaves_out_an_object_for_one_member_is_caught_by_receipts(nodes: Nodes) -> None:
    hub, kz, _ = nodes
    told, left_out = indicator(), indicator()
    kz.adds(told, left_out)
    give(kz, hub)
    permitted = hub.world.store.by_id([left_out["id"]])
    with hub.world.store.write() as tx:  # what a centre does that drops it and says nothing
        tx.delete([row.item for row in permitted])
    around(nodes)
    at = {row.id: row.sha for row in kz.world.store.recent(10) if row.type == "indicator"}
    assert "UZ" in receipts.about(kz.world, "KZ", at[told["id"]])
    assert set(receipts.about(kz.world, "KZ", at[left_out["id"]])) == {"SCO-CENTRE"}
