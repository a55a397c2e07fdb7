"""The values of constituencies go over the wire and come back the same; what is too much is refused."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from comity.wire_constituency import AddOwner, InboxItem, InboxPage, InboxTouch, Owner, OwnerPage

AT = datetime(2021, 11, 1, 9, tzinfo=UTC)
ITEM = InboxItem(
    owner="Bank", id="indicator--1", type="indicator", version="1", origin="UZ", tlp="amber", added=AT,
    touches=(InboxTouch(kind="ipv4", value="192.0.2.1", holding="192.0.2.0/24", why="it is", also=("Carrier",)),),
)  # fmt: skip
OWNER = Owner(owner="Bank", netblocks=("192.0.2.0/24",), asns=(), domains=(), mail="", webhook="", key="openpgp")


@pytest.mark.parametrize(
    "value", [InboxPage(items=(ITEM,), more=True, next="00"), OwnerPage(items=(OWNER,), more=False), AddOwner(owner="Bank", asns=("1",))]
)
def test_what_is_written_is_read_back(value):
    assert msgspec.json.decode(msgspec.json.encode(value), type=type(value)) == value


@pytest.mark.parametrize("body", [b'{"party":"UZ"}', b'{"owner":"%s"}' % (b"x" * 201), b'{"asns":"1"}'])
def test_what_nobody_needs_is_not_taken(body):
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(body, type=AddOwner)
