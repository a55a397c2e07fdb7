"""What an origin signs, and that nobody says more."""

from __future__ import annotations

import msgspec
import pytest

from comity.errors import IntegrityFault
from comity.forms.parcel import Given
from comity.ledger.keys import LogKey
from comity.peer.stating import check, given
from comity.terms.item import read_envelope
from tests.consortium import indicator
from tests.linked import Node

KEY = LogKey.generate("kz")


def entry(**options: object) -> tuple[Given, dict[str, object]]:
    kz, obj = Node("KZ"), indicator()
    kz.adds(obj, to=("UZ", "RU"))
    (row,) = kz.world.store.by_id([obj["id"]])
    envelope = read_envelope(kz.world.store.envelopes([row.item])[row.item])
    made = given(row, kz.world.store.bodies([row.item])[row.item], envelope, to=("RU", "UZ"), grounds=(), body="sco", key=KEY, **options)  # type: ignore[arg-type]
    return made, obj


def test_a_centre_checks_the_addressed_parties_against_the_commitment() -> None:
    made, obj = entry(custody=True)
    check(made, obj, (KEY.verifier,))
    wider = msgspec.structs.replace(made, said=msgspec.structs.replace(made.said, to=("CN", "RU", "UZ")))
    with pytest.raises(IntegrityFault, match="other parties"):
        check(wider, obj, (KEY.verifier,))


def test_a_recipient_is_told_nobody_else_and_an_addressed_object_stays_addressed() -> None:
    made, obj = entry()
    assert made.vouch and made.vouch.salt == b""
    check(msgspec.structs.replace(made, said=msgspec.structs.replace(made.said, to=("UZ",))), obj, (KEY.verifier,))
    with pytest.raises(IntegrityFault, match="wider"):
        check(msgspec.structs.replace(made, said=msgspec.structs.replace(made.said, to=None)), obj, (KEY.verifier,))


def test_a_signature_is_checked_where_the_key_is_known() -> None:
    made, obj = entry()
    check(made, {**obj, "id": "indicator--x"}, ())
    with pytest.raises(IntegrityFault, match="altered"):
        check(made, {**obj, "id": "indicator--x"}, (KEY.verifier,))
