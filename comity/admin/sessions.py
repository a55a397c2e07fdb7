"""Sessions of the node's people. A browser holds a secret; only its SHA-256 digest is kept (model.md, Tokens).

A session ends after `IDLE` without a request, at the latest after `SESSION_LASTS`, when its person signs out, ends it from another
browser, or is removed. Each sign-in begins a new one and ends the one that the browser held before, so that nobody can be given a session
to sign in to.

Crash story: a session comes in one commit with its log entry and with whatever opened it, so a link never opens two.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

import msgspec

from comity.admin import links, users
from comity.admin.links import secret_digest
from comity.ledger.journal import Entry
from comity.store.protocol import Tx
from comity.world import World

#: How long a session lasts without a request, and at most.
IDLE = timedelta(hours=1)
SESSION_LASTS = timedelta(hours=12)
#: How often it is noted that a session is in use: each note is a write.
_NOTED = timedelta(minutes=1)
#: Characters of what a browser says of itself that are kept, for its person to tell sessions apart.
_AGENT = 200


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A session of a person who was entered at `since`: opened by `how`, last used at about `seen`, good until `expires` at most."""

    user: str
    since: datetime
    how: str
    agent: str
    opened: datetime
    seen: datetime
    expires: datetime


class Signed(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who is signed in: their session's id (a digest: it opens nothing), the session, and the person."""

    id: str
    session: Session
    user: users.User


def enter(world: World, secret: str, *, agent: str = "", old: str | None = None) -> str:
    """Use a one-time link up and open a session; the secret for the cookie. `old` is what the browser held before.

    Raises NotAuthenticated for a link that is used, expired, unknown, or for enrolment.
    """
    with world.store.write() as tx:
        link = links.take(world, tx, secret, enrol=False)
        return start(world, tx, users.find(world, link.user), "link", agent=agent, old=old)


def start(world: World, tx: Tx, user: users.User, how: str, *, agent: str = "", old: str | None = None) -> str:
    """Open a session within the critical section of what it is opened by; the secret for the cookie."""
    _sweep(world, tx)
    if old:
        tx.put_private(users.SESSIONS, secret_digest(old), None)
    secret, at = secrets.token_urlsafe(32), world.clock()
    session = Session(
        user=user.name, since=user.created, how=how, agent=agent[:_AGENT], opened=at, seen=at, expires=at + SESSION_LASTS
    )  # fmt: skip
    tx.put_private(users.SESSIONS, secret_digest(secret), msgspec.json.encode(session))
    detail = {"session": secret_digest(secret)[:12], "how": how}
    world.journal.append(tx, Entry(kind="sign-in", at=at, actor=user.name, party=user.party, detail=detail))
    return secret


def find(world: World, cookie: str | None) -> Signed | None:
    """Who is signed in by a cookie's value, noting that the session is in use; None for anything that is no session, or no more."""
    if not cookie:
        return None
    id_ = secret_digest(cookie)
    session, now = _held(world, id_), world.clock()
    user = _person(world, session) if session else None
    if session is None or user is None or _ended(session, now):
        return None
    if now - session.seen >= _NOTED:
        with world.store.write() as tx:
            session = _held(world, id_)  # it may have been ended meanwhile
            if session is None:
                return None
            session = msgspec.structs.replace(session, seen=now)
            tx.put_private(users.SESSIONS, id_, msgspec.json.encode(session))
    return Signed(id=id_, session=session, user=user)


def of(world: World, name: str) -> dict[str, Session]:
    """Id -> session of those of a person that are good, the one used last first."""
    now = world.clock()
    held = [(id_, msgspec.json.decode(value, type=Session)) for id_, value in world.store.privates(users.SESSIONS)]
    theirs = [(id_, each) for id_, each in held if each.user == name and not _ended(each, now)]
    return dict(sorted(theirs, key=lambda pair: pair[1].seen, reverse=True))


def end(world: World, name: str, ids: list[str] | None = None, *, but: str = "") -> int:
    """End sessions of a person: those of some ids, or all `but` one; how many there were."""
    with world.store.write() as tx:
        ended = [id_ for id_ in of(world, name) if (ids is None or id_ in ids) and id_ != but]
        for id_ in ended:
            tx.put_private(users.SESSIONS, id_, None)
        if ended:
            detail = {"sessions": sorted(id_[:12] for id_ in ended)}
            party = users.find(world, name).party
            world.journal.append(tx, Entry(kind="sign-out", at=world.clock(), actor=name, party=party, detail=detail))
    return len(ended)


def _held(world: World, id_: str) -> Session | None:
    stored = world.store.private(users.SESSIONS, id_)
    return msgspec.json.decode(stored, type=Session) if stored is not None else None


def _person(world: World, session: Session) -> users.User | None:
    """The person of a session, unless they were removed, or entered anew as somebody else."""
    stored = world.store.private(users.SPACE, session.user)
    user = msgspec.json.decode(stored, type=users.User) if stored is not None else None
    return user if user is not None and user.created == session.since else None


def _ended(session: Session, now: datetime) -> bool:
    return now >= session.expires or now - session.seen >= IDLE


def _sweep(world: World, tx: Tx) -> None:
    """Remove what has ended."""
    now = world.clock()
    for key, value in list(world.store.privates(users.SESSIONS)):
        if _ended(msgspec.json.decode(value, type=Session), now):
            tx.put_private(users.SESSIONS, key, None)
