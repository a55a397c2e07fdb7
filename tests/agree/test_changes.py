"""Between two changes no answer changes; at a change one may."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.agree.changes import next_change
from comity.agree.decide import Question, Rules, decide
from comity.terms.traits import Traits
from tests.agree.treaty import day, items, questions, rules, worlds


def test_the_dates_of_the_treaty_in_order() -> None:
    treaty, moment, found = rules(), day(1, 1, 2000), []
    while (following := next_change(treaty, moment)) is not None:
        found.append(following)
        moment = following
    assert found == [day(6, 15, 2001), day(9, 17), day(10, 1), day(1, 1, 2022)]
    assert next_change(Rules(), day(1)) is None


@given(worlds, questions, items, st.floats(0, 1, exclude_max=True))
@settings(max_examples=80, deadline=None)
def test_an_answer_is_constant_up_to_the_next_change(world: Rules, question: Question, traits: Traits, share: float) -> None:
    at = question.valid_at
    following = next_change(world, at) or at + timedelta(days=999)
    assert following > at
    later: datetime = at + share * (following - at)
    if later < following:
        moved = msgspec.structs.replace(question, valid_at=later)
        assert decide(moved, traits, world).permits is decide(question, traits, world).permits
