"""Tokens for people's tools and other nodes (model.md, Tokens): `cmt_<id>_<256 random bits>`, kept as SHA-256 only."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterator
from datetime import datetime

import msgspec

from comity.errors import IntegrityFault, NotAuthenticated, SenderFault
from comity.ledger.journal import Entry, read_entry
from comity.terms.item import PURPOSES
from comity.terms.party import body_slug, party_code
from comity.terms.tlp import RANK
from comity.world import World

#: What a token may be for. Robots never approve (G10): there is no such scope.
SCOPES = ("api:read", "api:write", "log:read", "taxii:read", "taxii:write")
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
    record = msgspec.json.encode(token)
    with world.store.write() as tx:
        tx.put_private(_SPACE, id_, record)
        detail = {"token": id_, "scopes": list(token.scopes), "purposes": list(token.purposes), "record": _digest(record)}
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


class Told:
    """What the log says of tokens. Records are heard in the log's order; what is stored must be the same to the byte."""

    def __init__(self) -> None:
        self._records: dict[str, object] = {}

    def hear(self, entry: Entry) -> bool:
        """Take note of an entry; whether it is about a token."""
        if entry.kind != "token":
            return False
        id_ = str(entry.detail.get("token"))
        if entry.detail.get("revoked"):
            self._records.pop(id_, None)
        else:
            self._records[id_] = entry.detail.get("record")
        return True

    def problems(self, world: World, heard: int) -> Iterator[str]:
        """Tokens that are not what the log says, one line each; `heard` of its entries have been heard. The node may go on meanwhile."""
        news = True
        while news:
            stored = dict(world.store.privates(_SPACE))
            # Whatever changes a token is in the log with it, so with no news since these are of one moment.
            news = False
            for leaf in world.store.leaves(heard):
                heard = leaf.index + 1
                try:
                    news |= self.hear(read_entry(leaf.entry))
                except IntegrityFault:
                    continue  # for the log's own check
        for id_ in sorted(self._records.keys() | stored.keys()):
            if id_ not in stored:
                yield f"token {id_}: the log says it was made, and it is not there"
            elif id_ not in self._records:
                yield f"token {id_}: the log does not say that it was made, or says that it was revoked"
            elif self._records[id_] != _digest(stored[id_]):
                yield f"token {id_}: it is not as it was made"


def _digest(record: bytes) -> str:
    return hashlib.sha256(record).hexdigest()


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
