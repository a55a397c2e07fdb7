"""Bytes of a named type under signatures: DSSE 1.0 (Dead Simple Signing Envelope), its JSON form, strict: `write(read(b)) == b`.

What is signed is `pae(type, payload)`, so a signature over bytes of one type is none over the same bytes as another. Who may sign is for
the caller to know: nothing is verified here (`peer.signing` does).
"""

from __future__ import annotations

import msgspec

from comity.errors import SenderFault

#: The most signatures that are read.
SIGNATURES = 8


class Signature(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One signature (Ed25519, 64 bytes) and the id of its key, which is a hint (DSSE 1.0, envelope)."""

    keyid: str
    sig: bytes


class Signed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A payload, its type, and who signed it."""

    payload: bytes
    type: str = msgspec.field(name="payloadType")
    signatures: tuple[Signature, ...]


_write = msgspec.json.Encoder(order="sorted").encode
_read = msgspec.json.Decoder(Signed).decode


def pae(type_: str, payload: bytes) -> bytes:
    """What a signature is over: the pre-authentication encoding (DSSE 1.0, protocol)."""
    name = type_.encode()
    return b"DSSEv1 %d %b %d %b" % (len(name), name, len(payload), payload)


def write(signed: Signed) -> bytes:
    """The envelope's canonical JSON (RFC 8785)."""
    return _write(signed)


def read(raw: bytes, most: int) -> Signed:
    """The inverse of `write`, of at most so many bytes. Raises SenderFault for anything that it would not write."""
    if len(raw) > most:
        raise SenderFault(f"the signed envelope has {len(raw)} bytes, more than {most}")
    try:
        signed = _read(raw)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise SenderFault(f"not a signed envelope (DSSE): {error}") from None
    if write(signed) != raw:
        raise SenderFault("not a signed envelope (DSSE): it is not in canonical form")
    if not 1 <= len(signed.signatures) <= SIGNATURES or len({each.keyid for each in signed.signatures}) != len(signed.signatures):
        raise SenderFault(f"a signed envelope has 1 to {SIGNATURES} signatures, of a key each")
    return signed
