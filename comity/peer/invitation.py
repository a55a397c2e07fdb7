"""Invitations: a text that one node's administrator gives another's, by a way that both trust. It brings the two nodes together, once.

It holds the inviting node's identity, where it is, and a secret that shows there who was invited. Whoever has the text can use it, so it is
as secret as a password until it is used, and worth nothing after that.
"""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import datetime

import msgspec

from comity.clock import micros, parse, stamp
from comity.errors import IntegrityFault, SenderFault
from comity.ledger.keys import read_verifier
from comity.peer.channel import check_url
from comity.peer.identity import Identity, open_identity
from comity.terms.key_text import decode_base64
from comity.terms.party import party_code

_HEAD = "comity invitation"
_FIELDS = ("for", "url", "front", "until", "secret", "rules", "node")
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}\Z", re.ASCII)
#: The longest text that is looked at, characters.
LONGEST = 16_384


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """An invitation of a party. `front`: a proxy stands there, whose certificate the system's authorities vouch for.

    `rules` is the key by which the inviting node signs the rules of its body, "" if it makes none. `note` is its identity, signed.
    """

    party: str
    url: str
    front: bool
    until: datetime
    secret: str
    rules: str
    note: bytes

    @property
    def inviter(self) -> Identity:
        """The node that invites."""
        return open_identity(self.note)


def write(made: Invitation) -> str:
    """Its text."""
    values = (
        made.party, made.url, "proxy" if made.front else "node", stamp(micros(made.until)), made.secret, made.rules or "none",
        base64.b64encode(made.note).decode(),
    )  # fmt: skip
    return "".join(f"{line}\n" for line in (_HEAD, *(f"{key} {value}" for key, value in zip(_FIELDS, values))))


def read(text: str) -> Invitation:
    """The inverse of `write`; empty lines around it are let pass. Raises SenderFault, IntegrityFault."""
    if len(text) > LONGEST:
        raise SenderFault("this is too long for an invitation")
    text = text.strip() + "\n"
    lines = text.split("\n")
    said = dict(line.partition(" ")[::2] for line in lines[1:-1])
    if lines[0] != _HEAD or tuple(said) != _FIELDS or not _SECRET.match(said["secret"]):
        raise SenderFault("this is not an invitation", next="give the file as `comity peer invite` wrote it, unchanged")
    try:
        found = Invitation(
            party=party_code(said["for"]), url=said["url"], front=said["front"] == "proxy", until=parse(said["until"]),
            secret=said["secret"], rules="" if said["rules"] == "none" else said["rules"], note=decode_base64(said["node"]),
        )  # fmt: skip
        if found.rules:
            read_verifier(found.rules)
    except (ValueError, IntegrityFault) as fault:
        raise SenderFault(f"this is not an invitation: {fault}") from None
    check_url(found.url, example="https://host:8444/")
    if not found.front and not found.url.startswith("https:"):
        raise SenderFault("an invitation to a node that speaks for itself has an https URL")
    if write(found) != text:
        raise SenderFault("the invitation was changed", next="give the file as `comity peer invite` wrote it, unchanged")
    found.inviter  # noqa: B018  (its signature is checked)
    return found


def digest(secret: str) -> str:
    """What the inviting node keeps of a secret of 256 random bits: looked up by digest it leaks no timing."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
