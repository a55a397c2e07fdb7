"""A passkey in software, as a browser would use one: what it makes and how it answers (WebAuthn level 3, sections 6.5 and 7)."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Passkey:
    """One key of one site. `verifies` says whether it checks its owner, `count` how often it was used (0: it does not count)."""

    def __init__(self, *, verifies: bool = True, counts: bool = True) -> None:
        self.id = secrets.token_bytes(16)
        self.count = 0
        self._counts = counts
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._flags = PRESENT | (VERIFIED if verifies else 0)

    def makes(self, options: str, origin: str = "http://localhost") -> str:
        """`navigator.credentials.create`, as JSON."""
        asked = json.loads(options)
        numbers = self._key.public_key().public_numbers()
        cose = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")})
        data = self._data(asked["rp"]["id"], self._flags | ATTESTED) + bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cose
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer(self._client("webauthn.create", asked["challenge"], origin), attestationObject=b64(attestation))

    def answers(self, options: str, origin: str = "http://localhost") -> str:
        """`navigator.credentials.get`, as JSON."""
        asked = json.loads(options)
        self.count += self._counts
        data, client = self._data(asked["rpId"], self._flags), self._client("webauthn.get", asked["challenge"], origin)
        signature = self._key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer(client, authenticatorData=b64(data), signature=b64(signature))

    def _data(self, rp: str, flags: int) -> bytes:
        return hashlib.sha256(rp.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _client(self, type_: str, challenge: str, origin: str) -> bytes:
        return json.dumps({"type": type_, "challenge": challenge, "origin": origin, "crossOrigin": False}).encode()

    def _answer(self, client: bytes, **response: Any) -> str:
        said = {"clientDataJSON": b64(client), **response}
        return json.dumps({"id": b64(self.id), "rawId": b64(self.id), "type": "public-key", "response": said})
