"""Ed25519 keys of logs and of their witnesses, and the public halves, in the text forms of the Go note package (C2SP signed-note).

A verifier reads `name+hhhhhhhh+base64(type || public key)`; a private key the same after `PRIVATE+KEY+`, with the 32-byte seed. The type
is 0x01 for a key that signs notes, and 0x04 for one that cosigns checkpoints at a moment (C2SP tlog-cosignature).
"""

from __future__ import annotations

import base64
from hashlib import sha256

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from comity.errors import IntegrityFault, OperatorFault
from comity.terms.key_text import decode_base64, valid_name

#: Signature types.
NOTE, COSIGNATURE = 0x01, 0x04
#: Bytes of the moment that stands before a cosignature.
_STAMP = 8
_PRIVATE = "PRIVATE+KEY+"


def cosigned_at(signature: bytes) -> int:
    """The moment of a cosignature, in seconds since 1970 (UTC)."""
    return int.from_bytes(signature[:_STAMP], "big")


def _cosigned(message: bytes, at: int) -> bytes:
    """What a cosignature signs (tlog-cosignature, Ed25519 signed message)."""
    return b"cosignature/v1\ntime %d\n" % at + message


class Verifier(msgspec.Struct, frozen=True, kw_only=True):
    """A named Ed25519 public key (32 bytes), which can check signatures of its type."""

    name: str
    public: bytes
    type: int = NOTE

    @property
    def key_id(self) -> bytes:
        """The 4 bytes that stand before each signature: SHA-256(name, newline, type, public key)[:4]."""
        return sha256(self.name.encode() + b"\n" + bytes([self.type]) + self.public).digest()[:4]

    def valid(self, message: bytes, signature: bytes) -> bool:
        """Whether a signature over the message is this key's (RFC 8032): 64 bytes, after the 8 of its moment for a cosignature."""
        if self.type == COSIGNATURE:
            at = cosigned_at(signature)
            if at >= 1 << 63:
                return False
            message, signature = _cosigned(message, at), signature[_STAMP:]
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


def write_verifier(verifier: Verifier) -> str:
    """The one-line text form, without a newline."""
    key = base64.b64encode(bytes([verifier.type]) + verifier.public).decode()
    return f"{verifier.name}+{verifier.key_id.hex()}+{key}"


def read_verifier(text: str, type_: int = NOTE) -> Verifier:
    """The inverse of `write_verifier`, for keys of one type. Raises IntegrityFault unless it is exactly what that writes."""
    name, _, rest = text.partition("+")
    try:
        key = decode_base64(rest[9:])
    except ValueError as fault:
        raise IntegrityFault(f"not a verifier key: {fault}", next="it reads name+8 hex digits+base64") from fault
    verifier = Verifier(name=name, public=key[1:], type=type_)
    if not valid_name(name) or len(key) != 33 or key[0] != type_ or write_verifier(verifier) != text:
        kind = "a log's, type 1" if type_ == NOTE else "a witness's, type 4"
        raise IntegrityFault(f"not a verifier key: {text[:120]!r}", next=f"it reads name+8 hex digits+base64, for Ed25519 ({kind})")
    return verifier


class LogKey:
    """A log's private signing key. Not a plain value on purpose: printing it must not show the seed."""

    __slots__ = ("_key", "_seed", "verifier")

    def __init__(self, name: str, seed: bytes, type_: int = NOTE) -> None:
        """`seed` is the 32-byte Ed25519 private key (RFC 8032). Raises OperatorFault for a bad name or length."""
        if not valid_name(name) or len(seed) != 32:
            raise OperatorFault(f"{name!r} with {len(seed)} bytes is not a log key", next="a name without spaces or '+', 32 bytes")
        self._seed = seed
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.verifier = Verifier(name=name, public=self._key.public_key().public_bytes_raw(), type=type_)

    @classmethod
    def generate(cls, name: str, type_: int = NOTE) -> LogKey:
        """A new random key."""
        return cls(name, Ed25519PrivateKey.generate().private_bytes_raw(), type_)

    @property
    def name(self) -> str:
        """The key's name, which stands in every signature line."""
        return self.verifier.name

    def sign(self, message: bytes) -> bytes:
        """The 64-byte Ed25519 signature (deterministic, RFC 8032)."""
        return self._key.sign(message)

    def cosign(self, message: bytes, at: int) -> bytes:
        """A cosignature: the moment (seconds since 1970) in 8 bytes, and the signature over it and the message."""
        return at.to_bytes(_STAMP, "big") + self._key.sign(_cosigned(message, at))

    def to_bytes(self) -> bytes:
        """The secret text form, one line; it goes into a 0600 file and nowhere else."""
        key = base64.b64encode(bytes([self.verifier.type]) + self._seed).decode()
        return f"{_PRIVATE}{self.name}+{self.verifier.key_id.hex()}+{key}\n".encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> LogKey:
        """The inverse of `to_bytes`. Raises OperatorFault, which never quotes the file."""
        try:
            name, _, rest = data.decode().removeprefix(_PRIVATE).partition("+")
            key = decode_base64(rest[9:].removesuffix("\n"))
            log_key = cls(name, key[1:], key[0] if key[:1] == bytes([COSIGNATURE]) else NOTE)
        except ValueError as fault:
            raise OperatorFault("the log key file cannot be read", next="restore the file from a backup of the keys") from fault
        if log_key.to_bytes() != data:
            raise OperatorFault("the log key file is damaged", next="restore the file from a backup of the keys")
        return log_key

    def __repr__(self) -> str:
        return f"LogKey({self.name!r})"
