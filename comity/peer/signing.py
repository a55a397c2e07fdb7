"""Signing and opening what nodes send each other: DSSE under a node's Ed25519 key, checked against the keys pinned for the other node."""

from __future__ import annotations

from collections.abc import Sequence

from comity.errors import IntegrityFault
from comity.forms import dsse
from comity.ledger.keys import LogKey, Verifier


def seal(type_: str, payload: bytes, key: LogKey) -> bytes:
    """A payload under this key's signature."""
    signature = dsse.Signature(keyid=key.verifier.key_id.hex(), sig=key.sign(dsse.pae(type_, payload)))
    return dsse.write(dsse.Signed(payload=payload, type=type_, signatures=(signature,)))


def opened(raw: bytes, type_: str, keys: Sequence[Verifier], most: int) -> bytes:
    """The payload of this type that one of the keys signed. Raises SenderFault for what is no envelope, IntegrityFault for any other."""
    signed = dsse.read(raw, most)
    if signed.type != type_:
        raise IntegrityFault(f"the signed envelope holds {signed.type[:80]!r}, not {type_!r}")
    for signature in signed.signatures:
        if valid(type_, signed.payload, signature.keyid, signature.sig, keys):
            return signed.payload
    signers = ", ".join(signature.keyid[:16] for signature in signed.signatures)
    raise IntegrityFault(
        f"none of the keys known for the other node signed it (signed by {signers})", next="it was altered, or its key changed"
    )


def valid(type_: str, payload: bytes, keyid: str, signature: bytes, keys: Sequence[Verifier]) -> bool:
    """Whether this is a signature over a payload of this type by one of the keys that goes by this id."""
    message = dsse.pae(type_, payload)
    return any(key.key_id.hex() == keyid and key.valid(message, signature) for key in keys)
