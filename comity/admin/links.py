"""One-time links: one signs a named person in, another lets that person say what they sign in with. Only their digests are kept.

A link for nobody in particular lets the node's first administrator enter themselves: there are no default accounts.

Crash story: a link and its log entry are one commit, and so are its use and what follows from it (`take` joins the caller's).
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

import msgspec

from comity.admin import users
from comity.admin.totp import new_secret
from comity.errors import Conflict, NotAuthenticated
from comity.ledger.journal import Entry
from comity.store.protocol import Tx
from comity.terms.party import ADMINISTRATOR
from comity.world import World

#: How long a link waits to be used: one to sign in with, one to enrol with.
LINK_LASTS = timedelta(minutes=15)
ENROL_LASTS = timedelta(hours=24)
SPACE = users.LINKS


class Link(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whose link it is ("": the first administrator's), what for, and until when it is good. `since` is when that person was entered.

    `seed` is the secret that an enrolment's code generator gets; `renew`: the person made the link and keeps their other ways to sign in.
    """

    user: str = ""
    since: datetime | None = None
    enrol: bool = False
    seed: bytes = b""
    renew: bool = False
    expires: datetime


def create(world: World, name: str, *, enrol: bool = False, by: str = ADMINISTRATOR) -> str:
    """A new secret for one use by a person: 256 random bits, URL-safe text, kept nowhere but in the answer. Raises NotFound."""
    with world.store.write() as tx:
        person = users.find(world, name)
        link = Link(user=name, since=person.created, enrol=enrol, renew=by == name, expires=_until(world, enrol))
        return _made(world, tx, link, by, person.party)


def first(world: World) -> str:
    """A secret by which the node's first administrator enters themselves. Raises Conflict when there is one."""
    with world.store.write() as tx:
        if has_administrator(world):
            raise Conflict("this node has its administrator", next="comity user link NAME prints a link for a person")
        return _made(world, tx, Link(enrol=True, expires=_until(world, True)), ADMINISTRATOR, world.settings.party)


def has_administrator(world: World) -> bool:
    """Whether somebody of the node's own party is to look after its people."""
    return any(each.role == ADMINISTRATOR and each.party == world.settings.party for each in users.users(world))


def look(world: World, secret: str) -> Link:
    """What a link is for; it stays good. Raises NotAuthenticated for a used, expired or unknown one."""
    stored = world.store.private(SPACE, secret_digest(secret))
    link = msgspec.json.decode(stored, type=Link) if stored is not None else None
    if link is None or link.expires <= world.clock() or not _fits(world, link):
        raise NotAuthenticated("this link has been used, has expired, or never was", next="comity user link prints a new one")
    return link


def take(world: World, tx: Tx, secret: str, *, enrol: bool) -> Link:
    """Use a link up, within the critical section of what it is used for. Raises NotAuthenticated."""
    sweep(world, tx)
    link = look(world, secret)
    if link.enrol != enrol:
        raise NotAuthenticated("this link is for something else", next="open it as it was given")
    tx.put_private(SPACE, secret_digest(secret), None)
    return link


def sweep(world: World, tx: Tx) -> None:
    """Remove the links that have expired."""
    now = world.clock()
    for key, value in list(world.store.privates(SPACE)):
        if msgspec.json.decode(value, type=Link).expires <= now:
            tx.put_private(SPACE, key, None)


def secret_digest(secret: str) -> str:
    """What is kept of a secret of 256 random bits: it cannot be guessed back, and looking it up by digest leaks no timing."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def _fits(world: World, link: Link) -> bool:
    """Whether the person is still the one that the link was made for."""
    if not link.user:
        return not has_administrator(world)
    stored = world.store.private(users.SPACE, link.user)
    return stored is not None and msgspec.json.decode(stored, type=users.User).created == link.since


def _made(world: World, tx: Tx, link: Link, by: str, party: str) -> str:
    sweep(world, tx)
    secret = secrets.token_urlsafe(32)
    link = msgspec.structs.replace(link, seed=new_secret() if link.enrol else b"")
    tx.put_private(SPACE, secret_digest(secret), msgspec.json.encode(link))
    detail = {"user": link.user, "for": "enrolment" if link.enrol else "sign-in"}
    world.journal.append(tx, Entry(kind="link", at=world.clock(), actor=by, party=party, detail=detail))
    return secret


def _until(world: World, enrol: bool) -> datetime:
    return world.clock() + (ENROL_LASTS if enrol else LINK_LASTS)
