"""Sign-in of the node's own people: a one-time link becomes a session. Only SHA-256 digests of either are kept (model.md, Tokens)."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

import msgspec

from comity.errors import NotAuthenticated
from comity.ledger.journal import Entry
from comity.store.protocol import Tx
from comity.world import World

#: How long a link waits to be used, and how long a session lasts.
LINK_LASTS = timedelta(minutes=15)
SESSION_LASTS = timedelta(hours=12)
_LINKS, _SESSIONS = "sign-in links", "sessions"


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept under the digest of a secret: until when it is good."""

    expires: datetime


def create_link(world: World) -> str:
    """A new secret for one sign-in, good for `LINK_LASTS`: 256 random bits, URL-safe text. It is kept nowhere but in the answer."""
    secret = secrets.token_urlsafe(32)
    with world.store.write() as tx:
        _sweep(world, tx)
        _keep(tx, _LINKS, secret, world.clock() + LINK_LASTS)
    return secret


def enter(world: World, secret: str) -> str:
    """Use a link up and open a session; the session's id, for the cookie. Raises NotAuthenticated for a used, expired or unknown link.

    Crash story: the link goes and the session comes in one commit, so a link never opens two sessions.
    """
    session = secrets.token_urlsafe(32)
    with world.store.write() as tx:
        _sweep(world, tx)
        if not _good(world, _LINKS, secret):
            raise NotAuthenticated("this sign-in link has been used, has expired, or never was", next="comity user link prints a new one")
        tx.put_private(_LINKS, _digest(secret), None)
        at = world.clock()
        _keep(tx, _SESSIONS, session, at + SESSION_LASTS)
        detail = {"session": _digest(session)[:12]}
        world.journal.append(tx, Entry(kind="sign-in", at=at, party=world.settings.party, detail=detail))
    return session


def check(world: World, cookie: str | None) -> bool:
    """Whether a cookie's value is a session that has not expired."""
    return bool(cookie) and _good(world, _SESSIONS, cookie or "")


def _good(world: World, space: str, secret: str) -> bool:
    """Whether this is kept and has not expired."""
    stored = world.store.private(space, _digest(secret))
    return stored is not None and msgspec.json.decode(stored, type=Kept).expires > world.clock()


def _keep(tx: Tx, space: str, secret: str, expires: datetime) -> None:
    tx.put_private(space, _digest(secret), msgspec.json.encode(Kept(expires=expires)))


def _sweep(world: World, tx: Tx) -> None:
    """Remove what has expired."""
    now = world.clock()
    for space in (_LINKS, _SESSIONS):
        for key, value in list(world.store.privates(space)):
            if msgspec.json.decode(value, type=Kept).expires <= now:
                tx.put_private(space, key, None)


def _digest(secret: str) -> str:
    # The secrets carry 256 random bits: a plain digest cannot be guessed back, and looking it up by digest leaks no timing.
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
