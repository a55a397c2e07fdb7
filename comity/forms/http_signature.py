"""Signatures of HTTP requests (RFC 9421) in the one shape that nodes use, both directions, strict.

A request is signed by Ed25519 (RFC 9421 section 3.3.6) over its method, path and query, the digest of its body (RFC 9530), and the node it
is meant for, so that it is good for that node and that request alone. A signature with other components, parameters or spelling is refused:
a general reader of these fields would accept more than nodes ever write.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence

import msgspec

from comity.errors import SenderFault

#: What a signature covers, in order (RFC 9421 section 2); `comity-to` is a field that names the receiving node.
COVERED = ("@method", "@path", "@query", "content-digest", "comity-to")
#: The signature's name within the two fields, and its tag: what the signature is for.
LABEL = "comity"
_INPUT = re.compile(
    r"comity=\((?P<covered>[^()]*)\);created=(?P<created>[1-9][0-9]{0,11});expires=(?P<expires>[1-9][0-9]{0,11})"
    r';nonce="(?P<nonce>[A-Za-z0-9_-]{22,64})";alg="ed25519";keyid="(?P<keyid>[0-9a-f]{64})";tag="comity"\Z',
    re.ASCII,
)
_LIST = " ".join(f'"{name}"' for name in COVERED)
_SIGNATURE = re.compile(rf"{LABEL}=:(?P<value>[A-Za-z0-9+/]{{86}}==):\Z", re.ASCII)


class Stamp(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters of a signature (RFC 9421 section 2.3): Unix seconds, a nonce of 22 to 64 URL-safe characters, `key_id` of the key."""

    created: int
    expires: int
    nonce: str
    keyid: str


class Signed(msgspec.Struct, frozen=True, kw_only=True):
    """What the two fields of a signed request say: the parameters, and the 64 bytes of the signature."""

    stamp: Stamp
    value: bytes


def key_id(public: bytes) -> str:
    """How a signature names the key that made it: SHA-256 of its 32 bytes, hex."""
    return hashlib.sha256(public).hexdigest()


def digest(body: bytes) -> str:
    """The Content-Digest field of a body (RFC 9530 section 2)."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def signature_base(components: Sequence[tuple[str, str]], parameters: str) -> bytes:
    """What is signed (RFC 9421 section 2.5): a line per (component, value), and the parameters. Raises SenderFault for a value of lines."""
    if any("\n" in value or "\r" in value or not value.isascii() for _, value in components):
        raise SenderFault("a signed part of a request is no line of ASCII")
    lines = [f'"{name}": {value}' for name, value in components]
    return "\n".join([*lines, f'"@signature-params": {parameters}']).encode("ascii")


def parameters(stamp: Stamp) -> str:
    """The parameters of a signature in this shape, as `Signature-Input` carries them after its label."""
    return (
        f'({_LIST});created={stamp.created};expires={stamp.expires};nonce="{stamp.nonce}";alg="ed25519";keyid="{stamp.keyid}";tag="comity"'
    )


def message(stamp: Stamp, *, method: str, path: str, query: str, body: bytes, to: str) -> bytes:
    """The signature base of a request. `path` and `query` (without `?`) are as they were sent, `to` names the receiving node."""
    values = (method.upper(), path or "/", f"?{query}", digest(body), to)
    return signature_base(tuple(zip(COVERED, values)), parameters(stamp))


def write(signed: Signed) -> dict[str, str]:
    """The two fields of a signed request (RFC 9421 section 4)."""
    value = base64.b64encode(signed.value).decode()
    return {"Signature-Input": f"{LABEL}={parameters(signed.stamp)}", "Signature": f"{LABEL}=:{value}:"}


def read(signature_input: str, signature: str) -> Signed:
    """The inverse of `write`. Raises SenderFault for anything that `write` would not have written."""
    found, value = _INPUT.match(signature_input), _SIGNATURE.match(signature)
    if not found or found["covered"] != _LIST or not value:
        raise SenderFault("the request is not signed as nodes sign theirs (RFC 9421)", next="see docs/peering.md")
    raw = base64.b64decode(value["value"])
    stamp = Stamp(created=int(found["created"]), expires=int(found["expires"]), nonce=found["nonce"], keyid=found["keyid"])
    signed = Signed(stamp=stamp, value=raw)
    if write(signed) != {"Signature-Input": signature_input, "Signature": signature}:
        raise SenderFault("the request's signature is not in its canonical spelling")
    return signed
