"""Who a node is to other nodes: a text of its party, its body, its name and its public keys, signed by them (C2SP signed note).

There is no authority above nodes: whoever is given an identity by a way that it trusts (an invitation) pins the keys in it. A newer one
takes its place when a key of the older one signed it too.
"""

from __future__ import annotations

import base64
import re
from functools import lru_cache
from pathlib import Path

import msgspec

from comity.errors import IntegrityFault, SenderFault
from comity.forms.http_signature import key_id
from comity.ledger.keys import LogKey, Verifier, read_verifier, write_verifier
from comity.ledger.note import Note, cosign, read_note, verified
from comity.peer.certificate import pin
from comity.terms.key_text import decode_base64
from comity.terms.party import body_slug, party_code

_HEAD = "comity node"
_FIELDS = ("party", "body", "name", "turn", "requests", "parcels", "tls")
_NAME = re.compile(r"[A-Za-z0-9._-]{1,80}\Z", re.ASCII)
_TURN = re.compile(r"(?:0|[1-9][0-9]{0,8})\Z", re.ASCII)


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """One node. `turn` counts its rotations. `requests` signs its requests and this text, `parcels` what it sends.

    `tls` is its certificate (DER).
    """

    party: str
    body: str
    name: str
    turn: int
    requests: Verifier
    parcels: Verifier
    tls: bytes

    @property
    def address(self) -> str:
        """How requests name the node that they are meant for."""
        return f"{self.body}/{self.party}/{self.name}"

    @property
    def key_id(self) -> str:
        """By which its requests are known (RFC 9421 `keyid`)."""
        return key_id(self.requests.public)

    @property
    def pin(self) -> str:
        """SHA-256 of its TLS key, hex (RFC 7469 section 2.4, in another spelling)."""
        return pin(self.tls)


class Own(msgspec.Struct, frozen=True, kw_only=True):
    """A node's own identity, with its secret keys. `note` is the identity as others are given it, `tls` the file of its TLS key."""

    identity: Identity
    note: bytes
    requests: LogKey
    parcels: LogKey
    tls: Path


def write(identity: Identity) -> str:
    """The text that is signed."""
    values = (
        identity.party, identity.body, identity.name, str(identity.turn), write_verifier(identity.requests),
        write_verifier(identity.parcels), base64.b64encode(identity.tls).decode(),
    )  # fmt: skip
    return "".join(f"{line}\n" for line in (_HEAD, *(f"{key} {value}" for key, value in zip(_FIELDS, values))))


def read(text: str) -> Identity:
    """The inverse of `write`. Raises SenderFault for anything that it would not have written."""
    lines = text.split("\n")
    said = dict(line.partition(" ")[::2] for line in lines[1:-1])
    if lines[0] != _HEAD or lines[-1] or tuple(said) != _FIELDS or not _NAME.match(said["name"]) or not _TURN.match(said["turn"]):
        raise SenderFault("this is not the identity of a node")
    try:
        found = Identity(
            party=party_code(said["party"]), body=body_slug(said["body"]), name=said["name"], turn=int(said["turn"]),
            requests=read_verifier(said["requests"]), parcels=read_verifier(said["parcels"]), tls=decode_base64(said["tls"]),
        )  # fmt: skip
        pin(found.tls)
    except (IntegrityFault, ValueError) as fault:
        raise SenderFault(f"this is not the identity of a node: {fault}") from None
    if write(found) != text:
        raise SenderFault("the identity of a node is not in its canonical spelling")
    return found


@lru_cache(maxsize=1_000)
def read_again(text: str) -> Identity:
    """As `read`, for a text that is kept and read at each request."""
    return read(text)


def sign(identity: Identity, key: LogKey, *more: LogKey) -> bytes:
    """The identity as a note that these keys sign."""
    data = cosign(Note(text=write(identity), signatures=()), key)
    for other in more:
        data = cosign(read_note(data), other)
    return data


def open_identity(data: bytes, *, before: Identity | None = None) -> Identity:
    """The identity in a note that its own keys signed, and, as the next after one that is pinned, a key of that one: so nobody has another
    node's keys in its name. That for TLS is proven by each handshake.

    Raises SenderFault for what is none, IntegrityFault for a signature that is missing or wrong, or a step back.
    """
    found = read(_text(data))
    for own in (found.requests, found.parcels):
        verified(data, (own,), "identity")
    if before is not None:
        verified(data, (before.requests,), "identity")
        if (found.party, found.body, found.name) != (before.party, before.body, before.name) or found.turn < before.turn:
            raise IntegrityFault("this identity is not a later one of the same node", next="ask for a new invitation")
        if found.turn == before.turn and found != before:
            raise IntegrityFault("two identities of one node have the same turn", next="one of them is forged: revoke the link")
    return found


def _text(data: bytes) -> str:
    try:
        return read_note(data).text
    except IntegrityFault as fault:
        raise SenderFault(f"this is not the identity of a node: {fault}") from None
