"""One-time codes of a generator: RFC 6238 with the parameters that every generator knows (SHA-1, 30 seconds, six digits)."""

from __future__ import annotations

import base64
import hmac
import secrets
import struct
from datetime import datetime
from urllib.parse import quote, urlencode

#: Seconds for which a code stands, and how many codes before and after the present one are taken: clocks differ, typing takes time.
STEP, DRIFT = 30, 1
_DIGITS = 6


def new_secret() -> bytes:
    """A secret for a generator: 160 bits, as RFC 4226 section 4 recommends."""
    return secrets.token_bytes(20)


def code(secret: bytes, step: int) -> str:
    """The code of a time step (RFC 4226 section 5.3)."""
    digest = hmac.digest(secret, struct.pack(">Q", step), "sha1")
    at = digest[-1] & 15
    number = struct.unpack(">I", digest[at : at + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**_DIGITS:0{_DIGITS}d}"


def step_of(secret: bytes, typed: str, at: datetime) -> int | None:
    """The time step whose code somebody typed (spaces are nothing), None for a wrong one. Each step is compared, in constant time.

    Whoever takes a code keeps its step, and takes no code of that step or an earlier one again (RFC 6238 section 5.2).
    """
    given = "".join(typed.split()).encode("utf-8", "surrogateescape")
    now, found = int(at.timestamp()) // STEP, None
    for step in range(now - DRIFT, now + DRIFT + 1):
        if hmac.compare_digest(code(secret, step).encode(), given):
            found = step
    return found


def text(secret: bytes) -> str:
    """A secret as people type it: base32 in groups of four."""
    plain = base64.b32encode(secret).decode().rstrip("=")
    return " ".join(plain[at : at + 4] for at in range(0, len(plain), 4))


def uri(secret: bytes, name: str, node: str) -> str:
    """What a generator reads from a picture: the `otpauth` key URI of a person at a node."""
    query = {"secret": base64.b32encode(secret).decode().rstrip("="), "issuer": f"Comity {node}"}
    return f"otpauth://totp/{quote(f'Comity {node}')}:{quote(name)}?{urlencode(query, quote_via=quote)}"
