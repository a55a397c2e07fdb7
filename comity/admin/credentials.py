"""What the node's people sign in with: a password with a code generator, passkeys, or who they are at an identity provider.

Two factors, always: a password alone opens nothing, and a passkey is taken only when it has verified its owner (WebAuthn section 6.1, UV).
Whatever is changed here ends the person's other sessions.

Crash story: a record and its log entry are one commit, with the link that was used, the person whom a first link enters, and the session.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from comity.admin import links, sessions, users
from comity.admin.told import SPACES, digest
from comity.errors import Conflict, NotAuthenticated, NotFound
from comity.ledger.journal import Entry
from comity.store.protocol import Tx
from comity.terms.party import ADMINISTRATOR
from comity.world import World

SPACE = SPACES["credential"]


class Passkey(msgspec.Struct, frozen=True, kw_only=True):
    """A passkey's public part: the credential's id, its COSE key, what its person calls it, and since when."""

    id: bytes
    key: bytes
    label: str
    created: datetime


class Subject(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """Who somebody is at an identity provider (OpenID Connect Core section 2): `subject` is unique at its `issuer` only."""

    issuer: str
    subject: str


class Credential(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a person who was entered at `since` signs in with: `password` as `passwords.hashed` gives it, `totp` the generator's secret."""

    user: str
    since: datetime
    password: str = ""
    totp: bytes = b""
    passkeys: tuple[Passkey, ...] = ()
    subjects: tuple[Subject, ...] = ()

    @property
    def ways(self) -> int:
        """In how many ways this person can sign in."""
        return bool(self.password and self.totp) + len(self.passkeys) + len(self.subjects)


def held(world: World, name: str) -> Credential | None:
    """What a person signs in with; None for nobody, and for whoever has not enrolled."""
    stored, user = world.store.private(SPACE, name), world.store.private(users.SPACE, name)
    if stored is None or user is None:
        return None
    credential = msgspec.json.decode(stored, type=Credential)
    return credential if credential.since == msgspec.json.decode(user, type=users.User).created else None


def by_passkey(world: World, id_: bytes) -> tuple[Credential, Passkey] | None:
    """Whose passkey this is."""
    return next(((each, key) for each in _all(world) for key in each.passkeys if key.id == id_), None)


def by_subject(world: World, subject: Subject) -> Credential | None:
    """Who this is at their identity provider."""
    return next((each for each in _all(world) if subject in each.subjects), None)


def _all(world: World) -> list[Credential]:
    kept = (msgspec.json.decode(value, type=Credential) for _, value in world.store.privates(SPACE))
    return [each for each in kept if held(world, each.user) == each]


class New(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody is to sign in with from now on: one of the three."""

    password: str = ""
    totp: bytes = b""
    step: int = 0
    passkey: Passkey | None = None
    subject: Subject | None = None


def enrol(world: World, secret: str, new: New, *, name: str = "", agent: str = "", old: str | None = None) -> str:
    """Use an enrolment link up, and sign its person in; the secret for the cookie. `name` is what a first administrator wants to be called.

    What was there before is good no more, unless the person made the link themselves to choose another password. Raises NotAuthenticated
    for a link that is none, Conflict for what is somebody's already, SenderFault for a name that cannot be one.
    """
    with world.store.write() as tx:
        link = links.take(world, tx, secret, enrol=True)
        if link.user:
            user = users.find(world, link.user)
        else:
            user = users.enter(world, tx, name, world.settings.party, ADMINISTRATOR, name)
        before = held(world, user.name) if link.renew else None
        keep(world, tx, _with(world, before or Credential(user=user.name, since=user.created), new), user.name)
        if new.step:
            note_step(tx, user.name, new.step)
        _end_others(world, tx, user.name)
        return sessions.start(world, tx, user, "enrolment", agent=agent, old=old)


def add(world: World, signed: sessions.Signed, new: New) -> None:
    """One more way to sign in for somebody who is signed in. Raises Conflict for what is somebody's already."""
    with world.store.write() as tx:
        name = signed.user.name
        before = held(world, name) or Credential(user=name, since=signed.user.created)
        keep(world, tx, _with(world, before, new), name)
        _end_others(world, tx, name, but=signed.id)


def drop(world: World, signed: sessions.Signed, way: bytes | Subject) -> None:
    """Take away a passkey (by its id) or a subject. Raises NotFound, Conflict for the only way that is left."""
    with world.store.write() as tx:
        before = held(world, signed.user.name)
        if before is None or (way not in before.subjects and all(key.id != way for key in before.passkeys)):
            raise NotFound("you have no such way to sign in")
        if before.ways < 2:
            raise Conflict("this is the only way in which you can sign in", next="add another first")
        after = msgspec.structs.replace(
            before,
            passkeys=tuple(key for key in before.passkeys if key.id != way),
            subjects=tuple(each for each in before.subjects if each != way),
        )
        keep(world, tx, after, signed.user.name)
        _end_others(world, tx, signed.user.name, but=signed.id)


def keep(world: World, tx: Tx, credential: Credential, by: str) -> None:
    """Put a record in its place, with its entry, within the critical section."""
    record = msgspec.json.encode(credential)
    tx.put_private(SPACE, credential.user, record)
    party = users.find(world, credential.user).party
    kinds = {"password": bool(credential.password), "passkeys": len(credential.passkeys), "subjects": len(credential.subjects)}
    detail = {"credential": credential.user, **kinds, "record": digest(record)}
    world.journal.append(tx, Entry(kind="credential", at=world.clock(), actor=by, party=party, detail=detail))


def note_step(tx: Tx, name: str, step: int) -> None:
    """Remember the time step of the last code that somebody used."""
    tx.put_private(users.STEPS, name, msgspec.json.encode({"user": name, "step": step}))


def last_step(world: World, name: str) -> int:
    """The time step of the last code that somebody used."""
    stored = world.store.private(users.STEPS, name)
    return int(msgspec.json.decode(stored)["step"]) if stored else 0


def _with(world: World, before: Credential, new: New) -> Credential:
    """A record with one more way. A password takes the place of the one before."""
    if new.passkey is not None:
        if by_passkey(world, new.passkey.id):
            raise Conflict("this passkey is in use already", next="choose another one")
        return msgspec.structs.replace(before, passkeys=(*before.passkeys, new.passkey))
    if new.subject is not None:
        if by_subject(world, new.subject):
            raise Conflict("this identity is somebody's already", next="sign in with it, or choose another one")
        return msgspec.structs.replace(before, subjects=(*before.subjects, new.subject))
    if not (new.password and new.totp):
        raise NotAuthenticated("a password without a code generator opens nothing", next="set up both")
    return msgspec.structs.replace(before, password=new.password, totp=new.totp)


def _end_others(world: World, tx: Tx, name: str, but: str = "") -> None:
    for id_ in sessions.of(world, name):
        if id_ != but:
            tx.put_private(users.SESSIONS, id_, None)
