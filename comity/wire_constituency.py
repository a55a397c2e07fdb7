"""What the JSON API says of constituencies: owners, and the inbox. As `wire`, of which it is a part."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from comity.terms.constituency import LONGEST_NAME
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


_Held = Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=300)], ...], Meta(max_length=10_000)]


class AddOwner(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be added to an owner; without a name it is the party itself. `key` is an armored OpenPGP key, or a certificate as PEM."""

    owner: Annotated[str, Meta(max_length=LONGEST_NAME)] = ""
    netblocks: _Held = ()
    asns: _Held = ()
    domains: _Held = ()
    mail: Annotated[str, Meta(max_length=320)] = ""
    webhook: Annotated[str, Meta(max_length=2_048)] = ""
    key: Annotated[str, Meta(max_length=65_536)] = ""
