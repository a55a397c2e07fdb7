"""Between two changes no answer changes; at a change one may."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.agree.approval import Approval, Person
from comity.agree.changes import next_change
from comity.agree.decide import Question, Rules, decide
from comity.terms.party import Register, Standing
from comity.terms.traits import Traits
from tests.agree.treaty import TREATY, day, rules
from tests.agree.worlds import items, questions, worlds


def test_the_dates_of_the_treaty_in_order() -> None:
    text = TREATY.replace("in_force = 2021-09-17", "in_force = 2021-09-17\nuntil = 2024-01-01", 1)
    text = text.replace("duty =", "since = 2021-09-20\nuntil = 2023-01-01\nduty =")
    guest = Standing(party="ZZ", body="sco", standing="guest", since=day(12, 1), until=day(12, 9))
    treaty, moment, found = Rules(rules(text).agreements, Register([guest])), day(1, 1, 2000), []
    for _ in range(9):
        moment = next_change(treaty, moment) or moment
        found.append(moment)
    days = [day(9, 17), day(9, 20), day(10, 1), day(12, 1), day(12, 9), day(1, 1, 2022), day(1, 1, 2023), day(1, 1, 2024)]
    assert found == [*days, days[-1]]
    assert next_change(Rules(), day(1)) is None


def test_the_dates_of_parties_versions_and_approvals() -> None:
    text = TREATY.replace("entry =", 'notice = "P1M"\ntransition = 2023-05-01\nentry =', 1)
    text = text.replace("[party.UZ]", "[party.UZ]\nsuspended = [{ from = 2023-01-01, until = 2023-02-01 }]\nwithdrawal = 2023-03-01")
    text = text.replace("retain =", 'approval = { procedure = "silence", window = "P14D" }\nretain =', 1)
    by = Person(party="KZ", id="a")
    asked = Approval(id="r", clause="example-ict@1/art-4.2", origin="KZ", recipients=("UZ",), requested=day(6, 1, 2023), by=by)
    gone = msgspec.structs.replace(asked, id="s", clause="example-ict@1/art-4.3", requested=day(7, 1, 2023))
    treaty, moment, found = Rules(rules(text).agreements, Register(), (asked, gone)), day(6, 1, 2022), []
    while following := next_change(treaty, moment):
        found.append(moment := following)
    year = 2023
    assert found == [day(1, 1, year), day(2, 1, year), day(4, 1, year), day(5, 1, year), day(6, 1, year), day(6, 15, year)]


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
