"""Objects whose hits a party does not want to see."""

from __future__ import annotations

from comity.admin import mutes, users
from tests.consortium import Body


def test_muted_for_the_persons_party_alone_until_taken_back():
    body = Body()
    one, two = users.add(body.world, "one", "KZ", "analyst"), users.add(body.world, "two", "KZ", "analyst")
    mutes.mute(body.world, one, "indicator--1")
    mutes.mute(body.world, two, "indicator--1")
    mutes.mute(body.world, two, "indicator--2")
    assert {id_: each.by for id_, each in mutes.muted(body.world, "KZ").items()} == {"indicator--1": "one", "indicator--2": "two"}
    assert mutes.muted(body.world, "UZ") == {}
    mutes.unmute(body.world, two, "indicator--1")
    mutes.unmute(body.world, two, "indicator--3")
    assert list(mutes.muted(body.world, "KZ")) == ["indicator--2"]
