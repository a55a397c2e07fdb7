"""Signing in: a password with a code, a passkey, or what an identity provider said becomes a session.

Whoever is refused learns nothing from it: a name that is not there, a wrong password, a wrong code and one that was used before are one
answer, and take the same work.

Crash story: a code, or the answer of a passkey, is used up in the commit that opens the session.
"""

from __future__ import annotations

import secrets
from datetime import timedelta

import msgspec

from comity.admin import credentials, passkeys, passwords, sessions, totp, users
from comity.admin.credentials import Credential, Subject
from comity.admin.passkeys import Site
from comity.admin.sealed import seal, unseal
from comity.admin.throttle import Throttle
from comity.errors import NotAuthenticated
from comity.world import World

#: How long a browser is known to be somebody's after they signed in from it.
KNOWN = timedelta(days=90)
#: The generator of people who are not there, or have none.
_NO_SECRET = bytes(20)


class Browser(msgspec.Struct, frozen=True, kw_only=True):
    """Where somebody signs in from: its address, what it says of itself, the session it held, and its mark as a known one ("" for none)."""

    address: str = ""
    agent: str = ""
    old: str | None = None
    mark: str = ""


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """A session's secret for the cookie, whose it is, and the mark by which the browser is known from now on."""

    cookie: str
    name: str
    mark: str


class Wait(msgspec.Struct, frozen=True):
    """Too many wrong guesses: so many seconds until the next one is listened to."""

    seconds: float


class SigningIn:
    """The ways in, and how often each was tried."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._throttle = Throttle()

    def password(self, name: str, password: str, code: str, browser: Browser) -> Opened | Wait:
        """Sign in with a password and a code. Raises NotAuthenticated, always with the same words.

        1. too many guesses?  2. password  3. code, both whatever came before  4. the code is not used again
        """
        world, name = self._world, name.strip().casefold()
        device = _device(world, browser.mark, name)
        # 1.
        if wait := self._throttle.begin(name, browser.address, device, world.clock()):
            return Wait(wait)
        credential = credentials.held(world, name)
        # 2.
        right = passwords.same(credential.password if credential else "", password)
        # 3.
        step = totp.step_of(credential.totp if credential and credential.totp else _NO_SECRET, code, world.clock())
        if credential is None or not credential.totp or not right or step is None:
            raise _refused()
        # 4.
        with world.store.write() as tx:
            if credentials.held(world, name) != credential or step <= credentials.last_step(world, name):
                raise _refused()
            credentials.note_step(tx, name, step)
            cookie = sessions.start(world, tx, users.find(world, name), "password", agent=browser.agent, old=browser.old)
        self._throttle.right(name, browser.address, device)
        return self._opened(cookie, name)

    def passkey(self, site: Site, sealed: str, answer: str, browser: Browser) -> Opened | Wait:
        """Sign in with a passkey. There is nothing to guess, but each answer takes the critical section: so many from one address within a
        while. Raises NotAuthenticated.
        """
        if wait := self._throttle.begin("", browser.address, "", self._world.clock()):
            return Wait(wait)
        with self._world.store.write() as tx:
            name = passkeys.answered(self._world, tx, site, sealed, answer).user
            user = users.find(self._world, name)
            cookie = sessions.start(self._world, tx, user, "passkey", agent=browser.agent, old=browser.old)
        self._throttle.right("", browser.address, "")
        return self._opened(cookie, name)

    def subject(self, subject: Subject, browser: Browser) -> Opened:
        """Sign in as whom an identity provider vouched for. Raises NotAuthenticated for somebody who is nobody here."""
        with self._world.store.write() as tx:
            credential: Credential | None = credentials.by_subject(self._world, subject)
            if credential is None:
                raise NotAuthenticated(
                    "nobody here is known by that identity", next="ask your administrator for an enrolment link, and sign in by it there"
                )
            user = users.find(self._world, credential.user)
            cookie = sessions.start(self._world, tx, user, "oidc", agent=browser.agent, old=browser.old)
        return self._opened(cookie, user.name)

    def _opened(self, cookie: str, name: str) -> Opened:
        return Opened(cookie=cookie, name=name, mark=mark(self._world, name))


def mark(world: World, name: str) -> str:
    """What tells a browser later as one that a person has signed in with."""
    return seal(world, "known browser", [name, secrets.token_hex(8)])


def _device(world: World, mark: str, name: str) -> str:
    """Which of a person's known browsers this is; "" for one that is not."""
    try:
        known, device = unseal(world, "known browser", mark, KNOWN)
    except NotAuthenticated:
        return ""
    return str(device) if known == name else ""


def _refused() -> NotAuthenticated:
    return NotAuthenticated("the name, the password or the code is wrong", next="a code is good once: wait for the next one")
