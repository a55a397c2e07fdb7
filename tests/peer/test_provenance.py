"""Who stands for what is said of an object that came over links."""

from __future__ import annotations

import hashlib

import msgspec

from comity.intake.erase import came_by
from comity.peer.provenance import Provenance, provenance
from tests.consortium import indicator
from tests.linked import Node, sync
from tests.peer.test_outgoing import body
from tests.peer.test_taking import known


def of(node: Node, id_: str) -> Provenance:
    (row,) = node.world.store.by_id([id_])
    return provenance(node.desk, row)


def test_signed_by_its_origin_where_the_key_is_known_else_vouched_for_by_who_gave_it() -> None:
    hub, kz, uz = body()
    obj, plain, early = indicator(), indicator(), indicator()
    kz.adds(early)
    hub.member("KZ").submits(plain)
    sync(kz, hub)
    sync(hub, uz)
    assert of(kz, early["id"]).sentences() == []
    assert of(hub, early["id"]).vouched_by == "KZ" and of(hub, early["id"]).known
    assert of(uz, early["id"]).vouched_by == "SCO-CENTRE"
    known(uz, kz)
    kz.adds(obj)
    sync(kz, hub)
    sync(hub, uz)
    assert of(uz, early["id"]).vouched_by == "SCO-CENTRE"  # nobody checked it when it came
    signed = f"signed by KZ (key {kz.key.verifier.key_id.hex()})."
    assert of(uz, obj["id"]).sentences() == [
        f"Received from SCO-CENTRE over KZ/KZ-sco and SCO-CENTRE/SCO-CENTRE-sco by test@1/members; {signed}"
    ]
    assert of(uz, plain["id"]).sentences()[0].endswith("vouched for by SCO-CENTRE.")
    with uz.world.store.write() as tx:
        came_by(uz.world, tx, "KZ", hashlib.sha256(msgspec.json.encode(obj)).digest(), "CICA", ("protocol@1/a",))
    assert of(uz, obj["id"]).sentences()[1:] == ["Also from CICA by protocol@1/a."]
