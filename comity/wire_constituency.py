"""What the JSON API says of constituencies: owners, and the inbox. As `wire`, of which it is a part."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from comity.terms.constituency import LONGEST_KEY, LONGEST_NAME
from comity.wire import Moment


class InboxTouch(msgspec.Struct, frozen=True, kw_only=True):
    """A value that an object names and an owner answers for: what of the owner's holds it, and why; `also` has it in something else."""

    kind: str
    value: str
    holding: str
    why: str
    also: tuple[str, ...] = ()


class InboxItem(msgspec.Struct, frozen=True, kw_only=True):
    """An object that is about something of an owner's. `added` is when it came into the party's view."""

    owner: str
    id: str
    type: str
    version: str
    origin: str
    tlp: str
    added: Moment
    touches: tuple[InboxTouch, ...]


class InboxPage(msgspec.Struct, frozen=True, kw_only=True):
    """A part of an inbox, the newest first."""

    items: tuple[InboxItem, ...]
    more: bool
    next: str | None = None


class Owner(msgspec.Struct, frozen=True, kw_only=True):
    """An owner in a party's constituency: what it answers for, how it is told; `key` is `openpgp`, `x509` or empty."""

    owner: str
    netblocks: tuple[str, ...]
    asns: tuple[str, ...]
    domains: tuple[str, ...]
    mail: str
    webhook: str
    key: str


class OwnerPage(msgspec.Struct, frozen=True, kw_only=True):
    """Owners by name."""

    items: tuple[Owner, ...]
    more: bool
    next: str | None = None


def _written(form: str, most: int) -> Meta:
    """How a text is to be written, by the name of its form."""
    return Meta(max_length=most, extra_json_schema={"format": f"comity-{form}"})


Netblock = Annotated[str, _written("netblock", 300)]
Asn = Annotated[str, _written("asn", 300)]
Domain = Annotated[str, _written("domain", 300)]


class AddOwner(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be added to an owner; without a name it is the party itself. `key` is an armored OpenPGP key, or a certificate as PEM."""

    owner: Annotated[str, _written("owner", LONGEST_NAME)] = ""
    netblocks: Annotated[tuple[Netblock, ...], Meta(max_length=10_000)] = ()
    asns: Annotated[tuple[Asn, ...], Meta(max_length=10_000)] = ()
    domains: Annotated[tuple[Domain, ...], Meta(max_length=10_000)] = ()
    mail: Annotated[str, _written("mail", 320)] = ""
    webhook: Annotated[str, _written("webhook", 2_048)] = ""
    key: Annotated[str, _written("key", LONGEST_KEY)] = ""
