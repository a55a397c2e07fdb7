"""Tokens for people's tools and other nodes (model.md, Tokens): `cmt_<id>_<256 random bits>`, kept as SHA-256 only."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime

import msgspec

from comity.errors import NotAuthenticated, SenderFault
from comity.ledger.journal import Entry
from comity.terms.item import PURPOSES
from comity.terms.party import body_slug, party_code
from comity.terms.tlp import RANK
from comity.world import World

#: What a token may be for. Robots never approve (G10): there is no such scope.
SCOPES = ("taxii:read", "taxii:write")
_SPACE = "tokens"
#: Compared against when no such token exists, so that an unknown id takes as long as a wrong secret.
_NOBODY = hashlib.sha256(b"").hexdigest()


class Token(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A token without its secret. `tlp` is what objects submitted with it take when they carry no marking."""

    id: str
    party: str
    body: str | None = None
    name: str = ""
    scopes: tuple[str, ...]
    purposes: tuple[str, ...] = ("network-defence",)
    role: str = "robot"
    tlp: str = "amber"
    digest: str
    created: datetime
    expires: datetime


def create(
    world: World,
    *,
    party: str,
    scopes: tuple[str, ...],
    expires: datetime,
    body: str | None = None,
    name: str = "",
    purposes: tuple[str, ...] = ("network-defence",),
    tlp: str = "amber",
    by: str = "administrator",
) -> tuple[Token, str]:
    """Make a token; the token and its text, which is shown once and kept nowhere. Raises SenderFault for unknown words."""
    for scope in scopes:
        if scope not in SCOPES:
            raise SenderFault(f"{scope!r} is not a scope", next="one of " + ", ".join(SCOPES))
    for purpose in purposes:
        if purpose not in PURPOSES:
            raise SenderFault(f"{purpose!r} is not a purpose", next="one of " + ", ".join(PURPOSES))
    if tlp not in RANK:
        raise SenderFault(f"{tlp!r} is not a TLP level", next="one of " + ", ".join(RANK))
    id_ = secrets.token_hex(4)
    text = f"cmt_{id_}_{secrets.token_hex(32)}"
    token = Token(
        id=id_,
        party=party_code(party),
        body=body_slug(body) if body else None,
        name=name,
        scopes=tuple(sorted(set(scopes))),
        purposes=tuple(sorted(set(purposes))),
        tlp=tlp,
        digest=hashlib.sha256(text.encode()).hexdigest(),
        created=world.clock(),
        expires=expires,
    )
    with world.store.write() as tx:
        tx.put_private(_SPACE, id_, msgspec.json.encode(token))
        detail = {"token": id_, "scopes": list(token.scopes), "purposes": list(token.purposes)}
        world.journal.append(tx, Entry(kind="token", at=token.created, actor=by, party=token.party, detail=detail))
    return token, text


def tokens(world: World) -> list[Token]:
    """All tokens, expired ones too, by id."""
    return [msgspec.json.decode(value, type=Token) for _, value in world.store.privates(_SPACE)]


def revoke(world: World, id_: str, by: str = "administrator") -> bool:
    """Remove a token; False if there is none of this id."""
    with world.store.write() as tx:
        if world.store.private(_SPACE, id_) is None:
            return False
        tx.put_private(_SPACE, id_, None)
        world.journal.append(tx, Entry(kind="token", at=world.clock(), actor=by, detail={"token": id_, "revoked": True}))
    return True


def authenticate(world: World, text: str, user: str | None = None) -> Token:
    """The token that `text` is. With `user` (HTTP Basic) it must be the token's party, name or id.

    Raises NotAuthenticated, always with the same words.
    """
    parts = text.split("_")
    id_ = parts[1] if len(parts) == 3 and parts[0] == "cmt" else ""
    stored = world.store.private(_SPACE, id_)
    token = msgspec.json.decode(stored, type=Token) if stored else None
    digest = hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
    same = hmac.compare_digest(digest, token.digest if token else _NOBODY)
    if token is None or not same or token.expires <= world.clock():
        raise NotAuthenticated("the user name or token is wrong, or the token has expired")
    if user is not None and user.upper() != token.party and user not in (token.name or token.id, token.id):
        raise NotAuthenticated("the user name or token is wrong, or the token has expired")
    return token
