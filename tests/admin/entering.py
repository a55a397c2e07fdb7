"""People who enrol and sign in, told in a few words."""

from __future__ import annotations

from comity.admin import credentials, links, passwords, totp, users
from comity.admin.credentials import Credential, New
from tests.consortium import Body

PASSWORD = "lamp orbit walnut seven"
#: As kept: made once, since making one is slow on purpose.
KEPT = passwords.hashed(PASSWORD)


def person(body: Body, name: str = "ann", party: str = "KZ", role: str = "analyst") -> users.User:
    if all(each.name != name for each in users.users(body.world)):
        users.add(body.world, name, party, role)
    return users.find(body.world, name)


def enrolled(body: Body, name: str = "ann", party: str = "KZ", role: str = "analyst") -> Credential:
    """A person with `PASSWORD` and a code generator."""
    person(body, name, party, role)
    secret = links.create(body.world, name, enrol=True)
    credentials.enrol(body.world, secret, New(password=KEPT, totp=links.look(body.world, secret).seed))
    found = credentials.held(body.world, name)
    assert found is not None
    return found


def code(body: Body, name: str = "ann") -> str:
    """What that person's generator shows now."""
    held = credentials.held(body.world, name)
    assert held is not None
    return totp.code(held.totp, int(body.world.clock().timestamp()) // totp.STEP)
