"""Pings: sent from here, answered by a person there, timed for that party alone, vouched for by the log."""

from __future__ import annotations

from datetime import timedelta

import pytest

from comity.admin import pings
from comity.admin.fsck import fsck
from comity.agree.approval import Person
from comity.errors import Conflict, Denied, NotFound, SenderFault
from comity.ledger.journal import read_entry
from tests.consortium import Body

DUTY = Person(party="SCO-CENTRE", id="duty")
ANNA, BORIS = Person(party="KZ", id="anna"), Person(party="KZ", id="boris")


@pytest.fixture
def body():
    body = Body()
    body.member("KZ")
    body.member("UZ")
    yield body
    assert list(fsck(body.world)) == []


def after(body, **time):
    body.clock.at += timedelta(**time)


def test_sent_answered_and_timed(body):
    for seconds in (30, 10, 50):
        made = pings.send(body.world, "kz", DUTY)
        after(body, seconds=seconds)
        assert pings.answer(body.world, made.ping, ANNA).took // timedelta(seconds=1) == seconds
    assert pings.usual(body.world, "KZ") // timedelta(seconds=1) == 30
    assert pings.usual(body.world, "UZ") is None
    last = read_entry(list(body.world.store.leaves())[-1].entry)
    assert (last.kind, last.actor, last.detail["to"]) == ("ping", "anna", "KZ")


def test_each_party_is_told_of_its_own(body):
    to_kz, to_uz = pings.send(body.world, "KZ", DUTY), pings.send(body.world, "UZ", DUTY)
    assert pings.pings(body.world, "KZ") == [to_kz]
    assert pings.pings(body.world, "SCO-CENTRE") == [to_uz, to_kz]
    for id_ in (to_uz.ping, "png_0"):
        with pytest.raises(NotFound, match="no such ping for you"):
            pings.answer(body.world, id_, ANNA)


def test_an_answer_is_a_persons_and_is_given_once(body):
    made = pings.send(body.world, "KZ", DUTY)
    with pytest.raises(SenderFault):
        pings.answer(body.world, made.ping, Person(party="KZ", id="token 1", robot=True))
    answered = pings.answer(body.world, made.ping, ANNA)
    size = body.world.store.head().size
    assert pings.answer(body.world, made.ping, ANNA) == answered
    with pytest.raises(Conflict):
        pings.answer(body.world, made.ping, BORIS)
    assert body.world.store.head().size == size


def test_who_pings_whom(body):
    with pytest.raises(Denied):
        pings.send(body.world, "UZ", ANNA)
    with pytest.raises(NotFound):
        pings.send(body.world, "XX", DUTY)
    for _ in range(pings.WAITING):
        pings.send(body.world, "KZ", DUTY)
    with pytest.raises(SenderFault, match="wait already"):
        pings.send(body.world, "KZ", DUTY)
    pings.send(body.world, "UZ", DUTY)
