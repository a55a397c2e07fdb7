"""How long an answer took is told to whoever answered, and to nobody else."""

from __future__ import annotations

from datetime import timedelta

from comity.admin import pings
from comity.agree.approval import Person
from comity.doors import pinging
from tests.consortium import Body


def test_only_the_party_itself_is_told_how_long_it_took():
    body = Body()
    body.member("KZ")
    made = pings.send(body.world, "KZ", Person(party="SCO-CENTRE", id="duty"))
    assert pinging.told(made, "KZ").seconds is None
    body.clock.at += timedelta(seconds=40)
    made = pings.answer(body.world, made.ping, Person(party="KZ", id="anna"))
    own, other = pinging.told(made, "KZ"), pinging.told(made, "SCO-CENTRE")
    assert own.answered
    assert int(own.seconds) == 40
    assert (other.answered, other.seconds) == (True, None)
    assert int(pinging.usual(body.world, "KZ")) == 40
    assert pinging.usual(body.world, "SCO-CENTRE") is None
