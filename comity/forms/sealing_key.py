"""Sealing keys: X25519 keys for HPKE (RFC 9180), in text like that of the log's keys (C2SP signed-note, type 0xff with a name of its own).

A public one reads `name+hhhhhhhh+base64(type || key)`, a private one the same after `PRIVATE+KEY+`. A node's file holds one private key a
line, the newest last: what was sealed to an older one still opens.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from hashlib import sha256

import msgspec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from comity.errors import IntegrityFault, OperatorFault
from comity.terms.key_text import decode_base64, valid_name

_TYPE = b"\xffHPKE-X25519"
_PRIVATE = "PRIVATE+KEY+"
_NEXT = "ask for the line that `comity party key show --sealing` prints"


class SealingKey(msgspec.Struct, frozen=True, kw_only=True):
    """A named public key (32 bytes) that bodies are sealed to."""

    name: str
    public: bytes

    @property
    def key_id(self) -> str:
        """The 8 hex digits that it goes by."""
        return _key_id(self.name, self.public)

    @property
    def x25519(self) -> X25519PublicKey:
        """The key itself."""
        return X25519PublicKey.from_public_bytes(self.public)


def write(key: SealingKey) -> str:
    """The one-line text form, without a newline."""
    return _text(key.name, key.public, key.public)


def read(text: str) -> SealingKey:
    """The inverse of `write`. Raises IntegrityFault unless it is exactly what that writes."""
    name, _, rest = text.partition("+")
    try:
        data = decode_base64(rest[9:])
    except ValueError as fault:
        raise IntegrityFault(f"not a sealing key: {fault}", next=_NEXT) from fault
    key = SealingKey(name=name, public=data[len(_TYPE) :])
    if not valid_name(name) or not data.startswith(_TYPE) or len(key.public) != 32 or write(key) != text:
        raise IntegrityFault(f"not a sealing key: {text[:120]!r}", next=_NEXT)
    return key


def is_sealing(text: str) -> bool:
    """Whether a key's text says that it is for sealing, sound or not."""
    return text.partition("+")[2][9:].startswith(base64.b64encode(_TYPE).decode())


class OpeningKey:
    """The private half. Not a plain value on purpose: printing it must not show the secret."""

    __slots__ = ("public", "secret")

    def __init__(self, name: str, secret: bytes) -> None:
        """`secret` are the 32 bytes of an X25519 private key (RFC 7748). Raises OperatorFault for a bad name or length."""
        if not valid_name(name) or len(secret) != 32:
            raise OperatorFault(f"{name!r} with {len(secret)} bytes is not a sealing key", next="a name without spaces or '+', 32 bytes")
        self.secret = X25519PrivateKey.from_private_bytes(secret)
        self.public = SealingKey(name=name, public=self.secret.public_key().public_bytes_raw())

    @classmethod
    def generate(cls, name: str) -> OpeningKey:
        """A new random key."""
        return cls(name, X25519PrivateKey.generate().private_bytes_raw())

    def __repr__(self) -> str:
        return f"OpeningKey({self.public.name!r}, {self.public.key_id})"


def write_opening(keys: Sequence[OpeningKey]) -> bytes:
    """The secret text form, one line each; it goes into a 0600 file and nowhere else."""
    return "".join(
        f"{_PRIVATE}{_text(key.public.name, key.public.public, key.secret.private_bytes_raw())}\n" for key in keys
    ).encode()  # fmt: skip


def read_opening(data: bytes) -> tuple[OpeningKey, ...]:
    """The inverse of `write_opening`, at least one key. Raises OperatorFault, which never quotes the file."""
    keys: list[OpeningKey] = []
    try:
        for line in data.decode().removesuffix("\n").split("\n"):
            name, _, rest = line.removeprefix(_PRIVATE).partition("+")
            keys.append(OpeningKey(name, decode_base64(rest[9:])[len(_TYPE) :]))
    except (ValueError, OperatorFault) as fault:
        raise OperatorFault("the sealing key file cannot be read", next="restore the file from a backup of the keys") from fault
    if write_opening(keys) != data:
        raise OperatorFault("the sealing key file is damaged", next="restore the file from a backup of the keys")
    return tuple(keys)


def _key_id(name: str, public: bytes) -> str:
    return sha256(name.encode() + b"\n" + _TYPE + public).digest()[:4].hex()


def _text(name: str, public: bytes, key: bytes) -> str:
    return f"{name}+{_key_id(name, public)}+{base64.b64encode(_TYPE + key).decode()}"
