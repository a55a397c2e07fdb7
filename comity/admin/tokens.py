"""Tokens of people, their tools and other nodes (model.md, Tokens): `cmt_<id>_<256 random bits>`, kept as SHA-256 only.

Crash story: a token's record and its log entry are one commit.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime

import msgspec

from comity.admin import users
from comity.admin.told import SPACES, digest, forget
from comity.errors import NotAuthenticated, SenderFault
from comity.ledger.journal import Entry
from comity.terms.item import PURPOSES
from comity.terms.party import ADMINISTRATOR, TOOL, body_slug, party_code
from comity.terms.tlp import RANK
from comity.world import World

#: What any token may be for.
SCOPES = ("api:read", "api:write", "log:read", "taxii:read", "taxii:write")
#: What only a person's token may be for besides: robots never approve (G10).
APPROVE = "approve"
_SPACE = SPACES["token"]
#: Compared against when no such token exists, so that an unknown id takes as long as a wrong secret.
_NOBODY = hashlib.sha256(b"").hexdigest()


class Token(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A token without its secret. `tlp` is what objects submitted with it take when they carry no marking.

    `user` is the person whose it is ("": a tool's), `role` that person's.
    """

    id: str
    party: str
    body: str | None = None
    name: str = ""
    scopes: tuple[str, ...]
    purposes: tuple[str, ...] = ("network-defence",)
    role: str = TOOL
    user: str = ""
    tlp: str = "amber"
    digest: str
    created: datetime
    expires: datetime


def create(
    world: World,
    *,
    party: str | None = None,
    user: str | None = None,
    scopes: tuple[str, ...],
    expires: datetime,
    body: str | None = None,
    name: str = "",
    purposes: tuple[str, ...] = ("network-defence",),
    tlp: str = "amber",
    by: str = ADMINISTRATOR,
) -> tuple[Token, str]:
    """Make a token; the token and its text, which is shown once and kept nowhere. With `user` it is a person's, of their party and role.

    Raises SenderFault for unknown words, for neither party nor person, for a tool that is to approve (G10), NotFound for an unknown person.
    """
    _check_scopes(scopes, user)
    for purpose in purposes:
        if purpose not in PURPOSES:
            raise SenderFault(f"{purpose!r} is not a purpose", next="one of " + ", ".join(PURPOSES))
    if tlp not in RANK:
        raise SenderFault(f"{tlp!r} is not a TLP level", next="one of " + ", ".join(RANK))
    id_ = secrets.token_hex(4)
    text = f"cmt_{id_}_{secrets.token_hex(32)}"
    with world.store.write() as tx:
        person = users.find(world, user) if user is not None else None
        if person is not None and party is not None and party_code(party) != person.party:
            raise SenderFault(f"{person.name} acts for {person.party}", next="leave out the party")
        token = Token(
            id=id_,
            party=person.party if person else party_code(party or ""),
            body=body_slug(body) if body else None,
            name=name,
            scopes=tuple(sorted(set(scopes))),
            purposes=tuple(sorted(set(purposes))),
            role=person.role if person else TOOL,
            user=person.name if person else "",
            tlp=tlp,
            digest=hashlib.sha256(text.encode()).hexdigest(),
            created=world.clock(),
            expires=expires,
        )
        record = msgspec.json.encode(token)
        tx.put_private(_SPACE, id_, record)
        detail = {"token": id_, "scopes": list(token.scopes), "purposes": list(token.purposes), "record": digest(record)}
        world.journal.append(tx, Entry(kind="token", at=token.created, actor=by, party=token.party, detail=detail))
    return token, text


def _check_scopes(scopes: tuple[str, ...], user: str | None) -> None:
    for scope in scopes:
        if scope not in (*SCOPES, APPROVE):
            raise SenderFault(f"{scope!r} is not a scope", next=f"one of {', '.join(SCOPES)}; for a person also {APPROVE}")
    if APPROVE in scopes and user is None:
        raise SenderFault("a tool may not approve (guardrail G10)", next="name the person whose token it is with --user")


def tokens(world: World) -> list[Token]:
    """All tokens, expired ones too, by id."""
    return [msgspec.json.decode(value, type=Token) for _, value in world.store.privates(_SPACE)]


def revoke(world: World, id_: str, by: str = ADMINISTRATOR) -> bool:
    """Remove a token; False if there is none of this id."""
    with world.store.write() as tx:
        if world.store.private(_SPACE, id_) is None:
            return False
        forget(world, tx, "token", id_, by)
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
