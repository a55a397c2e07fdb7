"""The log's Ed25519 key and its public half, in the text forms of the Go note package (C2SP signed-note, signature type 0x01).

A verifier reads `name+hhhhhhhh+base64(0x01 || public key)`; a private key the same after `PRIVATE+KEY+`, with the 32-byte seed.
"""

from __future__ import annotations

import base64
from hashlib import sha256

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from comity.errors import IntegrityFault, OperatorFault
from comity.terms.key_text import decode_base64, valid_name

_ED25519 = b"\x01"
_PRIVATE = "PRIVATE+KEY+"


def _key_id(name: str, public: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + _ED25519 + public).digest()[:4]


class Verifier(msgspec.Struct, frozen=True, kw_only=True):
    """A named Ed25519 public key (32 bytes), which can check signatures."""

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        """The 4 bytes that stand before each signature: SHA-256(name, newline, type, public key)[:4]."""
        return _key_id(self.name, self.public)

    def valid(self, message: bytes, signature: bytes) -> bool:
        """Whether a 64-byte signature over the message is this key's (RFC 8032)."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


def write_verifier(verifier: Verifier) -> str:
    """The one-line text form, without a newline."""
    key = base64.b64encode(_ED25519 + verifier.public).decode()
    return f"{verifier.name}+{verifier.key_id.hex()}+{key}"


def read_verifier(text: str) -> Verifier:
    """The inverse of `write_verifier`. Raises IntegrityFault unless it is exactly what that writes."""
    name, _, rest = text.partition("+")
    try:
        key = decode_base64(rest[9:])
    except ValueError as fault:
        raise IntegrityFault(f"not a verifier key: {fault}", next="it reads name+8 hex digits+base64") from fault
    verifier = Verifier(name=name, public=key[1:])
    if not valid_name(name) or len(key) != 33 or key[:1] != _ED25519 or write_verifier(verifier) != text:
        raise IntegrityFault(f"not a verifier key: {text[:120]!r}", next="it reads name+8 hex digits+base64, for Ed25519")
    return verifier


class LogKey:
    """A log's private signing key. Not a plain value on purpose: printing it must not show the seed."""

    __slots__ = ("_key", "_seed", "verifier")

    def __init__(self, name: str, seed: bytes) -> None:
        """`seed` is the 32-byte Ed25519 private key (RFC 8032). Raises OperatorFault for a bad name or length."""
        if not valid_name(name) or len(seed) != 32:
            raise OperatorFault(f"{name!r} with {len(seed)} bytes is not a log key", next="a name without spaces or '+', 32 bytes")
        self._seed = seed
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.verifier = Verifier(name=name, public=self._key.public_key().public_bytes_raw())

    @classmethod
    def generate(cls, name: str) -> LogKey:
        """A new random key."""
        return cls(name, Ed25519PrivateKey.generate().private_bytes_raw())

    @property
    def name(self) -> str:
        """The key's name, which stands in every signature line."""
        return self.verifier.name

    def sign(self, message: bytes) -> bytes:
        """The 64-byte Ed25519 signature (deterministic, RFC 8032)."""
        return self._key.sign(message)

    def to_bytes(self) -> bytes:
        """The secret text form, one line; it goes into a 0600 file and nowhere else."""
        key = base64.b64encode(_ED25519 + self._seed).decode()
        return f"{_PRIVATE}{self.name}+{self.verifier.key_id.hex()}+{key}\n".encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> LogKey:
        """The inverse of `to_bytes`. Raises OperatorFault, which never quotes the file."""
        try:
            name, _, rest = data.decode().removeprefix(_PRIVATE).partition("+")
            log_key = cls(name, decode_base64(rest[9:].removesuffix("\n"))[1:])
        except ValueError as fault:
            raise OperatorFault("the log key file cannot be read", next="restore the file from a backup of the keys") from fault
        if log_key.to_bytes() != data:
            raise OperatorFault("the log key file is damaged", next="restore the file from a backup of the keys")
        return log_key

    def __repr__(self) -> str:
        return f"LogKey({self.name!r})"
