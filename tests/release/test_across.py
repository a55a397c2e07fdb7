"""What a hub may be sent for the parties of its body, seen from the node that sends."""

from __future__ import annotations

import pytest

from comity.release.across import Across
from comity.release.sight import Reader
from comity.terms.item import Envelope
from tests.consortium import Member, indicator, sdo
from tests.whole.test_two_hubs import CICA, PROTOCOL, node


@pytest.fixture
def hub():
    return node("SCO-CENTRE", "sco")


def sight(hub, party=CICA, across="cica"):
    found = hub.desk.sight(Reader(party=party, body="sco", purposes=("network-defence",), across=across))
    assert isinstance(found, Across)
    return found


def row_of(hub, obj):
    (row,) = hub.world.store.by_id([obj["id"]])
    return row


def test_for_whom_an_item_goes_and_by_which_clauses(hub):
    green, amber, named = indicator(), indicator(), sdo("malware")
    Member(hub, "KZ").submits(green, tlp="green")
    Member(hub, "KZ").submits(amber, named, tlp="amber")
    seen = sight(hub)
    row = row_of(hub, green)
    assert seen.to(row.traits) == ("AF", "KR", "TH", "UZ")
    assert seen.grounds(row.base) == tuple(f"hub-protocol-sample@1/{clause}" for clause in ("art-1", "art-2"))
    assert seen.sees(row.traits)
    assert seen.copy(row.traits) is None
    assert [seen.to(row_of(hub, each).traits) for each in (amber, named)] == [(), ()]


def test_nothing_goes_to_who_is_no_hub_there(hub):
    green = indicator()
    Member(hub, "KZ").submits(green, tlp="green")
    assert sight(hub, "KR").to(row_of(hub, green).traits) == ()
    assert sight(hub, across="asean").to(row_of(hub, green).traits) == ()


def test_an_item_without_a_purpose_there_does_not_go():
    hub = node(
        "SCO-CENTRE",
        "sco",
        PROTOCOL.replace('{ network-defence = "network-defence", training = "training" }', '{ training = "training" }', 1),
    )
    green = indicator()
    Member(hub, "KZ").submits(green, tlp="green")
    row = row_of(hub, green)
    assert sight(hub).words(Envelope(origin="KZ", tlp="green")).purposes == ()
    said = sight(hub).envelope(row.traits, Envelope(origin="KZ", tlp="green", purposes=("training", "network-defence")))
    assert (said.purposes, said.to) == (("training",), ("AF", "KR", "TH", "UZ"))
