"""Sealed objects over links: from KZ's node over a centre that cannot read them to those they are for."""

from __future__ import annotations

import msgspec

from comity.forms.parcel import Given
from comity.forms.sealing_key import OpeningKey, write
from comity.intake.erase import hold
from comity.intake.govern import add_key
from comity.intake.opening import open_arrived
from comity.intake.withdraw import recalls, withdraw
from comity.peer.arrival import arrival
from comity.release.explain import why
from comity.release.sight import Reader
from comity.store import Store
from comity.terms.item import read_envelope
from tests.consortium import MEMBERS, indicator
from tests.linked import Node, entries, forged, give, link, offer, parcel

RED = MEMBERS.replace('tlp_max = "amber"', 'tlp_max = "red"')
KEYS = {code: OpeningKey(f"comity.example/sco/{code}/{code}-sco/sealing", code.encode() * 16) for code in ("UZ", "KG")}


def consortium() -> dict[str, Node]:
    nodes = {code: Node(code, RED) for code in ("SCO-CENTRE", "KZ", "UZ", "KG", "TJ")}
    for node in nodes.values():
        for code in ("KZ", "UZ", "KG", "TJ"):
            node.member(code)
        if node.code != "SCO-CENTRE":
            link(node, nodes["SCO-CENTRE"], centre="SCO-CENTRE")
    for code, key in KEYS.items():
        add_key(nodes["KZ"].world, code, write(key.public), by="test")
    return nodes


def everything(store: Store) -> bytes:
    return b"".join(store.bodies([row.item for row in store.recent(1_000)]).values())


def test_only_those_it_is_for_can_read_it_at_the_end_of_two_links() -> None:
    nodes = consortium()
    secret = indicator(pattern="[domain-name:value = 'secret.example']")
    nodes["KZ"].adds(secret, tlp="red", to=("UZ", "KG"))
    assert all(answer.applied and not answer.refused for answer in give(nodes["KZ"], nodes["SCO-CENTRE"]))
    for code in ("UZ", "KG", "TJ"):
        give(nodes["SCO-CENTRE"], nodes[code])
    for code in ("SCO-CENTRE", "TJ"):
        assert b"secret.example" not in everything(nodes[code].world.store)
    for code, key in KEYS.items():
        (opened,) = open_arrived(nodes[code].world, lambda key=key: (key,))
        assert (opened.outcome, opened.id) == ("accepted", secret["id"])
        assert secret["id"] in nodes[code].holds()
        (row,) = nodes[code].world.store.by_id([secret["id"]])
        envelope = read_envelope(nodes[code].world.store.envelopes([row.item])[row.item])
        assert (envelope.origin, envelope.received_from, envelope.to) == ("KZ", "SCO-CENTRE", (code,))
    assert nodes["TJ"].holds() == set()
    give(nodes["SCO-CENTRE"], nodes["KZ"])  # the receipts
    uz = Reader(party="UZ", body="sco", purposes=("network-defence",))
    assert arrival(nodes["KZ"].desk, why(nodes["KZ"].desk, secret["id"], uz)).state == "arrived"


def test_a_recall_takes_back_what_was_opened_unless_it_is_held() -> None:
    nodes = consortium()
    secret = indicator()
    nodes["KZ"].adds(secret, tlp="red", to=("UZ", "KG"))
    give(nodes["KZ"], nodes["SCO-CENTRE"])
    for code, key in KEYS.items():
        give(nodes["SCO-CENTRE"], nodes[code])
        open_arrived(nodes[code].world, lambda key=key: (key,))
    hold(nodes["KG"].world, secret["id"], "evidence in a case", "test")
    withdraw(nodes["KZ"].world, "KZ", secret["id"])
    give(nodes["KZ"], nodes["SCO-CENTRE"])
    for code in KEYS:
        give(nodes["SCO-CENTRE"], nodes[code])
    assert [row.type for row in nodes["SCO-CENTRE"].world.store.recent(100) if row.type == "comity-sealed"] == []
    assert nodes["UZ"].holds() == set() and not nodes["UZ"].world.store.by_id([secret["id"]])
    assert secret["id"] in nodes["KG"].holds()
    sealed = [each for each in recalls(nodes["SCO-CENTRE"].world) if each.id.startswith("comity-sealed")]
    assert len(sealed) == 1 and sealed[0].of == ""
    assert {each.id.partition("--")[0] for each in recalls(nodes["KZ"].world, secret["id"])} == {"indicator", "comity-sealed"}


def test_a_member_that_meets_another_gives_it_the_sealed_object_alone() -> None:
    nodes = consortium()
    link(nodes["KZ"], nodes["UZ"])
    nodes["KZ"].adds(indicator(), tlp="red", to=("UZ",))
    (entry,) = entries(nodes["KZ"], parcel(nodes["KZ"], nodes["UZ"]))
    assert isinstance(entry, Given) and msgspec.json.decode(entry.object)["type"] == "comity-sealed"


def test_a_centre_cannot_widen_what_it_forwards() -> None:
    nodes = consortium()
    nodes["KZ"].adds(indicator(), tlp="red", to=("UZ", "KG"))
    give(nodes["KZ"], nodes["SCO-CENTRE"])
    raw = parcel(nodes["SCO-CENTRE"], nodes["UZ"])
    (entry,) = entries(nodes["SCO-CENTRE"], raw)
    assert isinstance(entry, Given)
    said = msgspec.structs.replace(entry.said, tlp="green")
    # What the sealed object says itself holds, also where nobody's signature is looked at.
    offer(nodes["SCO-CENTRE"], nodes["UZ"], forged(nodes["SCO-CENTRE"], raw, said=said, vouch=None))
    (row,) = [row for row in nodes["UZ"].world.store.recent(10) if row.type == "comity-sealed"]
    assert read_envelope(nodes["UZ"].world.store.envelopes([row.item])[row.item]).tlp == "red"
