"""What people sign in with, sealed within the store under a key that is not in it: whoever reads the file alone reads none of it.

ChaCha20-Poly1305 (RFC 8439) with a random nonce; a value is bound to its space and key. The other values of a store are as they are.

Crash story: what a store of an older Comity has is sealed in one commit when it is opened; secure_delete overwrites what was there.
"""

from __future__ import annotations

import base64
import secrets
import sqlite3
from collections.abc import Collection

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from comity.errors import OperatorFault

#: What a sealed value begins with, and no other.
_MARK = b"\x00sealed\x01"
_NONCE = 12


class Vault:
    """Seals and opens the values of some private spaces. Not a plain value on purpose: printing it must not show the key."""

    __slots__ = ("_cipher", "spaces")

    def __init__(self, key: bytes, spaces: Collection[str]) -> None:
        """`key` has 32 bytes."""
        self._cipher = ChaCha20Poly1305(key)
        self.spaces = frozenset(spaces)

    @staticmethod
    def new_key() -> bytes:
        """A new random key, as its file has it: base64, one line."""
        return base64.b64encode(secrets.token_bytes(32)) + b"\n"

    @classmethod
    def from_file(cls, data: bytes, spaces: Collection[str]) -> Vault:
        """With the key of a file. Raises OperatorFault, which never quotes the file."""
        try:
            key = base64.b64decode(data.removesuffix(b"\n"), validate=True)
            return cls(key, spaces)
        except ValueError:
            raise OperatorFault("the node's key for people is damaged", next="restore keys/ from a backup") from None

    def sealed(self, space: str, key: str, value: bytes) -> bytes:
        """A value as the store keeps it."""
        if space not in self.spaces:
            return value
        nonce = secrets.token_bytes(_NONCE)
        return _MARK + nonce + self._cipher.encrypt(nonce, value, _place(space, key))

    def opened(self, space: str, key: str, kept: bytes) -> bytes | None:
        """What `sealed` was given; None for what another key sealed. What was kept before there was a key is as it is."""
        if space not in self.spaces or not kept.startswith(_MARK):
            return kept
        nonce, text = kept[len(_MARK) : len(_MARK) + _NONCE], kept[len(_MARK) + _NONCE :]
        try:
            return self._cipher.decrypt(nonce, text, _place(space, key))
        except InvalidTag:
            return None

    def seal_all(self, db: sqlite3.Connection) -> None:
        """Seal what was kept before there was a key, in one commit, and let nothing of it stay in the file or the log of writes."""
        marks = ",".join("?" * len(self.spaces))
        query = f"SELECT space,key,value FROM private WHERE space IN ({marks}) AND substr(value,1,{len(_MARK)})<>?"
        if db.execute(query, (*self.spaces, _MARK)).fetchone() is None:
            return
        db.execute("BEGIN IMMEDIATE")
        rows = db.execute(query, (*self.spaces, _MARK)).fetchall()
        sealed = [(self.sealed(space, key, value), space, key) for space, key, value in rows]
        db.executemany("UPDATE private SET value=? WHERE space=? AND key=?", sealed)
        db.execute("COMMIT")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def __repr__(self) -> str:
        return f"Vault({', '.join(sorted(self.spaces))})"


def _place(space: str, key: str) -> bytes:
    return f"{space}\0{key}".encode()
