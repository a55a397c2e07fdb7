"""Whose signature opens what."""

from __future__ import annotations

import pytest

from comity.errors import IntegrityFault, SenderFault
from comity.ledger.keys import LogKey
from comity.peer.signing import opened, seal, valid

KEY, OTHER = LogKey.generate("one"), LogKey.generate("other")


def test_a_payload_opens_under_its_own_key_and_type_alone() -> None:
    raw = seal("type/a", b"payload", KEY)
    assert opened(raw, "type/a", (OTHER.verifier, KEY.verifier), 1_000) == b"payload"
    with pytest.raises(IntegrityFault, match="none of the keys"):
        opened(raw, "type/a", (OTHER.verifier,), 1_000)
    with pytest.raises(IntegrityFault, match="holds"):
        opened(raw, "type/b", (KEY.verifier,), 1_000)
    with pytest.raises(SenderFault):
        opened(raw, "type/a", (KEY.verifier,), 10)


def test_a_signature_over_one_type_is_none_over_another() -> None:
    raw = seal("type/a", b"payload", KEY).replace(b"type/a", b"type/b")
    with pytest.raises(IntegrityFault, match="none of the keys"):
        opened(raw, "type/b", (KEY.verifier,), 1_000)
    assert not valid("type/a", b"payload", KEY.verifier.key_id.hex(), b"s" * 64, (KEY.verifier,))
