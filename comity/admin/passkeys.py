"""Passkeys: Web Authentication level 3, by way of `webauthn`. A passkey verifies its owner (a PIN, a finger), so it counts as both factors.

What is asked is sealed into the page (`admin.sealed`), so that asking keeps nothing; each question is answered once at most.

Crash story: that a question was answered, and how far a passkey has counted, are one commit with the session that was opened by it.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import msgspec
import webauthn
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from comity.admin import credentials, users
from comity.admin.credentials import Credential, Passkey
from comity.admin.links import secret_digest
from comity.admin.sealed import seal, unseal
from comity.errors import NotAuthenticated
from comity.store.protocol import Tx
from comity.world import World

#: How long somebody has to touch their passkey.
LASTS = timedelta(minutes=5)
#: Characters of what somebody calls a passkey.
LABEL = 60
_ANSWERED = "questions answered"


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """Where the pages are: a passkey is of one host name (`rp`), and used from one origin."""

    rp: str
    origin: str


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A question to a browser: what `navigator.credentials` takes, as JSON text, and what comes back with the answer."""

    options: str
    sealed: str


def ask_new(world: World, site: Site, name: str, held: Sequence[Passkey] = ()) -> Asked:
    """Ask for a new passkey of a person, other than those they have."""
    challenge = secrets.token_bytes(32)
    options = webauthn.generate_registration_options(
        rp_id=site.rp,
        rp_name=f"Comity {world.settings.party}",
        user_name=name,
        user_id=secrets.token_bytes(32),
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=key.id) for key in held],
    )
    return Asked(options=webauthn.options_to_json(options), sealed=seal(world, "new passkey", [bytes_to_base64url(challenge), name]))


def made(world: World, site: Site, name: str, sealed: str, answer: str, label: str) -> Passkey:
    """The passkey that a browser made. Raises NotAuthenticated for an answer to another question, of another site, or not verified."""
    challenge, asked = unseal(world, "new passkey", sealed, LASTS)
    if asked != name:
        raise _refused()
    with _verifying():
        found = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site.rp,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    called = " ".join(label.split())[:LABEL] or "passkey"
    return Passkey(id=found.credential_id, key=found.credential_public_key, label=called, created=world.clock())


def ask(world: World, site: Site) -> Asked:
    """Ask for any passkey of this site. The question is the same whoever is there: nothing tells which people have one."""
    challenge = secrets.token_bytes(32)
    options = webauthn.generate_authentication_options(
        rp_id=site.rp, challenge=challenge, user_verification=UserVerificationRequirement.REQUIRED
    )
    return Asked(options=webauthn.options_to_json(options), sealed=seal(world, "passkey", bytes_to_base64url(challenge)))


def answered(world: World, tx: Tx, site: Site, sealed: str, answer: str) -> Credential:
    """Whose passkey answered, within the critical section of what it opens. Raises NotAuthenticated."""
    challenge = unseal(world, "passkey", sealed, LASTS)
    found = credentials.by_passkey(world, _id(answer))
    _answer_once(world, tx, challenge)
    if found is None:
        raise _refused()
    credential, key = found
    with _verifying():
        verified = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site.rp,
            expected_origin=site.origin,
            credential_public_key=key.key,
            credential_current_sign_count=_count(world, key),
            require_user_verification=True,
        )
    tx.put_private(users.COUNTS, key.id.hex(), msgspec.json.encode({"user": credential.user, "count": verified.new_sign_count}))
    return credential


def _count(world: World, key: Passkey) -> int:
    """How far a passkey had counted: one that counts less is a copy."""
    stored = world.store.private(users.COUNTS, key.id.hex())
    return int(msgspec.json.decode(stored)["count"]) if stored else 0


def _id(answer: str) -> bytes:
    with _verifying():
        given: Any = msgspec.json.decode(answer)
        return base64url_to_bytes(given["id"])


def _answer_once(world: World, tx: Tx, challenge: str) -> None:
    """Refuse a question that was answered before. What is too old to be answered is forgotten."""
    now, key = world.clock(), secret_digest(challenge)
    for each, value in list(world.store.privates(_ANSWERED)):
        if now.timestamp() - float(value) > LASTS.total_seconds():
            tx.put_private(_ANSWERED, each, None)
    if world.store.private(_ANSWERED, key) is not None:
        raise _refused()
    tx.put_private(_ANSWERED, key, str(now.timestamp()).encode())


@contextmanager
def _verifying() -> Iterator[None]:
    """What cannot be read or does not verify is refused, whatever it is."""
    try:
        yield
    except (WebAuthnException, msgspec.DecodeError, ValueError, TypeError, KeyError, RecursionError):
        raise _refused() from None


def _refused() -> NotAuthenticated:
    return NotAuthenticated("this passkey was not taken", next="try again, or use another way to sign in")
