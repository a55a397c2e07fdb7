"""The score of an indicator: what makes it fall, what makes it rise, and who cannot."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from comity.terms.decay import HALF_LIVES, UNSAID, Doubt, Facts, Seen, score
from comity.terms.observable import KINDS

NOW = datetime(2021, 11, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def facts(kind="domain", age=timedelta(), **more) -> Facts:
    return Facts(kind=kind, said=NOW - age, **more)


def seen(party="UZ", ago=timedelta(), count=1) -> Seen:
    return Seen(party=party, at=NOW - ago, count=count)


def doubt(party="IN", ago=timedelta(), weight=1) -> Doubt:
    return Doubt(party=party, at=NOW - ago, weight=weight)


def test_every_kind_of_value_has_a_half_life():
    assert set(KINDS) <= set(HALF_LIVES)


def test_fresh_it_is_worth_its_confidence_or_half():
    assert score(facts(confidence=80), NOW) == 80
    assert score(facts(), NOW) == UNSAID
    assert score(facts(confidence=0), NOW) == 0


@pytest.mark.parametrize("kind", sorted(HALF_LIVES))
def test_it_halves_with_each_half_life(kind):
    assert score(facts(kind, HALF_LIVES[kind], confidence=80), NOW) == 40
    assert score(facts(kind, 2 * HALF_LIVES[kind], confidence=80), NOW) == 20


def test_what_is_over_is_worth_nothing():
    assert score(facts(confidence=100, valid_until=NOW), NOW) == 0
    assert score(facts(confidence=100, valid_until=NOW + DAY), NOW) == 100
    assert score(facts(confidence=100, revoked=True), NOW) == 0


def test_a_sighting_renews_it_and_more_of_them_more():
    old = facts(age=120 * DAY)
    once = replace(old, seen=(seen(),))
    often = replace(old, seen=(seen(count=100),))
    by_two = replace(old, seen=(seen(), seen("IN")))
    assert score(old, NOW) == 12
    assert score(old, NOW) < score(once, NOW) < score(by_two, NOW) < score(often, NOW) <= 100


def test_an_old_sighting_helps_less_than_a_new_one():
    assert score(facts(age=60 * DAY, seen=(seen(ago=30 * DAY),)), NOW) < score(facts(age=60 * DAY, seen=(seen(),)), NOW)


def test_each_partys_doubt_halves_it_once_however_often_it_is_said():
    assert score(facts(confidence=80, doubts=(doubt(),)), NOW) == 40
    assert score(facts(confidence=80, doubts=(doubt(),) * 9), NOW) == 40
    assert score(facts(confidence=80, doubts=(doubt(), doubt("KZ"))), NOW) == 20
    assert score(facts(confidence=80, doubts=(doubt(weight=2),)), NOW) == 20


def test_who_saw_it_since_has_taken_its_doubt_back():
    doubted = facts(confidence=80, seen=(seen("IN", ago=2 * DAY),), doubts=(doubt("IN", ago=DAY),))
    taken_back = facts(confidence=80, seen=(seen("IN", ago=DAY),), doubts=(doubt("IN", ago=2 * DAY),))
    assert score(doubted, NOW) < 50 < 80 <= score(taken_back, NOW)


def test_one_party_cannot_hold_it_up_by_repeating_itself():
    """A million sightings in a million objects are worth what one object of a million is."""
    assert score(facts(seen=(seen(),) * 1000), NOW) == score(facts(seen=(seen(count=1000),)), NOW)


def test_a_date_in_the_future_buys_no_time():
    later = NOW + 3650 * DAY
    assert score(Facts(kind="domain", said=later, confidence=80), NOW) == 80
    assert score(facts(age=60 * DAY, seen=(Seen(party="UZ", at=later),)), NOW) == score(facts(age=60 * DAY, seen=(seen(),)), NOW)
    far = NOW + 60 * DAY
    assert score(facts(seen=(Seen(party="UZ", at=NOW),)), far) < score(facts(seen=(Seen(party="UZ", at=NOW),)), NOW)


ages = st.integers(0, 3650).map(lambda days: days * DAY)
sightings = st.lists(st.builds(seen, st.sampled_from(["UZ", "IN", "KZ"]), ages, st.integers(0, 10**9)), max_size=5).map(tuple)
doubts = st.lists(st.builds(doubt, st.sampled_from(["UZ", "IN", "KZ"]), ages, st.integers(1, 2)), max_size=5).map(tuple)


@given(st.sampled_from(sorted(HALF_LIVES)), ages, st.none() | st.integers(0, 100), sightings, doubts)
def test_it_stays_in_range_and_time_alone_never_raises_it(kind, age, confidence, seen_, doubts_):
    one = facts(kind, age, confidence=confidence, seen=seen_, doubts=doubts_)
    now, later = score(one, NOW), score(one, NOW + 7 * DAY)
    assert 0 <= later <= now <= 100


@given(ages, sightings, doubts)
def test_doubt_never_raises_it_and_its_order_is_nothing(age, seen_, doubts_):
    one = facts(age=age, seen=seen_, doubts=doubts_)
    assert score(one, NOW) <= score(facts(age=age, seen=seen_), NOW)
    assert score(one, NOW) == score(facts(age=age, seen=seen_[::-1], doubts=doubts_[::-1]), NOW)
