"""Receipts are kept, given on to the origin's node, and found by object."""

from __future__ import annotations

import hashlib

import msgspec

from comity.forms.parcel import Confirmed
from comity.peer import receipts
from tests.consortium import indicator
from tests.linked import Node, altered, entries, forged, give, offer, parcel
from tests.peer.test_outgoing import body


def delivered() -> tuple[Node, Node, Node, bytes]:
    hub, kz, uz = body()
    obj = indicator()
    kz.adds(obj, indicator())
    give(kz, hub)
    give(hub, uz)
    return hub, kz, uz, hashlib.sha256(msgspec.json.encode(obj)).digest()


def test_the_origin_hears_from_each_node_that_has_its_object() -> None:
    hub, kz, _, sha = delivered()
    assert set(receipts.about(kz.world, "KZ", sha)) == {"SCO-CENTRE"}
    give(hub, kz)
    found = receipts.about(kz.world, "KZ", sha)
    assert {party: (kept.confirmed.receipt.outcome, kept.proven) for party, kept in found.items()} == {
        "SCO-CENTRE": ("arrived", True),
        "UZ": ("arrived", False),  # its key is not known here
    }
    assert receipts.about(kz.world, "KZ", b"x" * 32) == {} and receipts.about(kz.world, "UZ", sha) == {}


def test_a_receipt_under_a_known_key_is_proven_and_a_forged_one_is_not() -> None:
    hub, kz, uz, sha = delivered()
    kz.world.rulebook.keys = lambda party: (uz.key.verifier,) if party == "UZ" else ()  # type: ignore[method-assign,assignment,return-value]
    raw = parcel(hub, kz)
    (confirmed,) = entries(hub, raw)
    assert isinstance(confirmed, Confirmed)
    late = msgspec.structs.replace(confirmed.receipt, outcome="deleted")
    answer = offer(hub, kz, forged(hub, raw, receipt=late))
    assert "signature is not UZ's" in answer.refused[0][1]
    assert "UZ" not in receipts.about(kz.world, "KZ", sha)
    give(hub, kz)
    assert receipts.about(kz.world, "KZ", sha)["UZ"].proven is True


def test_a_member_gives_on_no_receipts_of_others() -> None:
    hub, kz, _, _ = delivered()
    kz.adds(indicator())
    raw = parcel(hub, kz)
    (confirmed,) = entries(hub, raw)
    answer = offer(kz, hub, altered(kz, parcel(kz, hub), entries=(confirmed,)))
    assert "speaks for KZ alone" in answer.refused[0][1]
