"""Whether something new came into a reader's view."""

from __future__ import annotations

from comity.clock import micros
from comity.intake.govern import add_agreement
from comity.release.arriving import TOLD, Arriving
from comity.release.sight import Reader
from comity.terms.item import PURPOSES
from tests.consortium import MEMBERS, Body, indicator


def arriving(body: Body, party: str, after: int | None = None) -> Arriving:
    return Arriving(body.desk, Reader(party=party, body="sco", purposes=PURPOSES), after)


def test_moments_of_what_others_sent_are_told_once():
    body = Body()
    kz, _ = body.member("KZ"), body.member("UZ")
    kz.submits(indicator(), tlp="green")
    uz = arriving(body, "UZ")
    assert uz.new() == []
    kz.submits(indicator(), tlp="green")
    kz.submits(indicator(), tlp="green")
    told = uz.new()
    assert len(told) == 2
    assert told == sorted(told)
    assert uz.after == told[-1]
    assert uz.new() == []


def test_ones_own_the_hidden_and_the_registers_are_not_told():
    body = Body()
    kz, uz = body.member("KZ"), body.member("UZ")
    waiting = arriving(body, "UZ")
    uz.submits(indicator(), tlp="green")
    kz.submits(indicator(), tlp="red", to=("KZ",))
    body.member("IN")
    assert waiting.new() == []
    assert arriving(body, "KZ", 0).new() != []


def test_what_a_new_agreement_gives_is_new():
    body = Body(agreement=None)
    kz, uz = body.member("KZ"), body.member("UZ")
    kz.submits(indicator(), tlp="green")
    seen = indicator()
    uz.submits(seen, tlp="green")
    assert uz.reads() == [seen["id"]]  # a reader who has read: what it missed comes to it afresh
    waiting = Arriving(body.desk, uz.reader)
    assert waiting.new() == []
    add_agreement(body.world, MEMBERS, "v1", by="test")
    assert len(waiting.new()) == 1


def test_one_goes_on_from_where_one_was_and_the_future_is_now():
    body = Body()
    kz, _ = body.member("KZ"), body.member("UZ")
    before = arriving(body, "UZ")
    kz.submits(indicator(), tlp="green")
    assert len(arriving(body, "UZ", before.after).new()) == 1
    assert arriving(body, "UZ", 2**60).after <= micros(body.world.clock())


def test_many_are_told_as_the_last_of_them():
    body = Body()
    kz, _ = body.member("KZ"), body.member("UZ")
    waiting = arriving(body, "UZ")
    kz.submits(*(indicator() for _ in range(TOLD + 20)), tlp="green")
    told = waiting.new()
    assert len(told) == TOLD
    assert waiting.after == told[-1]
    assert waiting.new() == []


def test_while_nothing_changes_nothing_is_looked_at():
    body = Body()
    kz, _ = body.member("KZ"), body.member("UZ")
    waiting = arriving(body, "UZ")
    kz.submits(indicator(), tlp="green")
    assert waiting.new()
    waiting.after = 0
    assert waiting.new() == []
    kz.submits(indicator(), tlp="green")
    assert len(waiting.new()) == 2
