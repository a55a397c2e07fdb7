"""Who stands for what is said of an object that came over links."""

from __future__ import annotations

import hashlib

import msgspec

from comity.intake.erase import came_by
from comity.intake.submit import Submitter, submit
from comity.peer.provenance import Provenance, provenance
from comity.terms.item import Came, Vouch
from tests.consortium import Body, drafts, indicator
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


def test_what_was_opened_came_as_the_sealed_object_did() -> None:
    body, by = Body(party="UZ"), Submitter(party="KZ", received_from="SCO-CENTRE", hops=("KZ/KZ-sco", "SCO-CENTRE/SCO-CENTRE-sco"))
    around, inside = indicator(), indicator()
    vouch = Vouch(body="sco", key="00ff", signature=b"", addressed="")
    came = Came(entered=5, grounds=("test@1/members",), vouch=vouch, proven=True)
    list(submit(body.world, [msgspec.structs.replace(drafts([around])[0], tlp="red", came=came)], by))
    (row,) = body.world.store.by_id([around["id"]])
    list(submit(body.world, [msgspec.structs.replace(drafts([inside])[0], tlp="red", made_of=row.item)], by))
    (row,) = body.world.store.by_id([inside["id"]])
    assert provenance(body.desk, row).sentences() == [
        "Received from SCO-CENTRE over KZ/KZ-sco and SCO-CENTRE/SCO-CENTRE-sco by test@1/members; signed by KZ (key 00ff)."
    ]
