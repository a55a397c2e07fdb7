"""Links refused below a guardrail profile (G17): nothing goes and nothing comes, either way, and the log says why."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from comity.config import Gate, Peering
from comity.errors import PeerFault
from comity.ledger.journal import read_entry
from comity.peer import partner as partners
from comity.peer.incoming import incoming, position
from comity.peer.outgoing import outgoing, settled
from comity.release.desk import Desk
from comity.terms.guardrails import profile_hash
from tests.consortium import indicator
from tests.linked import Node, give, link, parcel


def asking(node: Node, *accepted: str) -> None:
    node.world = replace(node.world, settings=msgspec.structs.replace(node.world.settings, peering=Peering(guardrails=accepted)))
    node.desk = Desk(node.world)


def lax(node: Node) -> str:
    """A node that lets what is in quarantine lie for years; the hash of what it says of itself."""
    node.world = replace(node.world, settings=msgspec.structs.replace(node.world.settings, gate=Gate(quarantine_days=9_000)))
    node.desk = Desk(node.world)
    return profile_hash(node.world.settings)


@pytest.fixture
def pair() -> tuple[Node, Node]:
    kz, uz = Node("KZ"), Node("UZ")
    for node in (kz, uz):
        node.member("KZ")
        node.member("UZ")
    link(kz, uz)
    return kz, uz


def test_g17_with_a_profile_that_is_accepted_all_goes_on(pair: tuple[Node, Node]) -> None:
    kz, uz = pair
    asking(kz, profile_hash(uz.world.settings))
    kz.adds(obj := indicator())
    assert all(answer.applied for answer in give(kz, uz)) and uz.holds() == {obj["id"]}
    assert all(answer.applied for answer in give(uz, kz))


def test_g17_with_another_nothing_goes_and_nothing_comes(pair: tuple[Node, Node]) -> None:
    kz, uz = pair
    asking(kz, profile_hash(kz.world.settings))
    loose = lax(uz)
    kz.adds(indicator())
    uz.adds(indicator())
    for _ in range(2):
        with pytest.raises(PeerFault, match=f"guardrail profile {loose[:16]}.* not accepted"):
            give(kz, uz)
    with pytest.raises(PeerFault, match="not accepted"):  # nor without asking where it stands
        outgoing(kz.desk, kz.partners["UZ"], kz.key)
    answer = settled(uz.world, uz.partners["KZ"], incoming(kz.world, kz.partners["UZ"], kz.key, parcel(uz, kz)))
    assert not answer.applied and "not accepted here" in answer.why
    assert not kz.holds() and not uz.holds()
    said = [entry.detail for leaf in kz.world.store.leaves() if (entry := read_entry(leaf.entry)).kind == "parcel"]
    assert [detail.get("guardrails") for detail in said] == [loose, None] and all("not accepted" in detail["refused"] for detail in said)
    assert partners.state(kz.world, "uz").problem.startswith("UZ/")


def test_g17_when_the_other_node_says_better_the_link_goes_on(pair: tuple[Node, Node]) -> None:
    kz, uz = pair
    good = profile_hash(uz.world.settings)
    asking(kz, good)
    before = uz.world
    lax(uz)
    kz.adds(obj := indicator())
    with pytest.raises(PeerFault):
        settled(kz.world, kz.partners["UZ"], position(uz.world, uz.partners["KZ"], uz.key))
    uz.world = before
    uz.desk = Desk(before)
    assert all(answer.applied for answer in give(kz, uz)) and uz.holds() == {obj["id"]}
    assert partners.state(kz.world, "uz").problem == ""
