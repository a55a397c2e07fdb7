"""Who an item is addressed to and nobody here knows: told with the outcome, never refused."""

from __future__ import annotations

import pytest

from comity.intake.addressed import addressed
from comity.intake.govern import add_standing
from comity.terms.party import Standing
from tests.consortium import MEMBERS, START, Body, indicator


@pytest.fixture
def body() -> Body:
    made = Body(MEMBERS)
    made.member("KZ")
    made.member("UZ")
    return made


@pytest.mark.parametrize("to", [None, (), ("KZ",), ("KZ", "UZ")])
def test_those_that_are_known_are_not_spoken_of(body, to):
    assert addressed(body.world)(to) == ""


def test_only_the_strangers_are_named(body):
    assert addressed(body.world)(("QQ", "UZ", "ZZ")) == "it is addressed to QQ, ZZ: no register and no agreement here knows such a party"


def test_the_outcome_tells_it_and_the_item_is_taken(body):
    (found,) = body.member("KZ").submits(indicator(), to=("QQ",))
    assert (found.outcome, found.why) == ("accepted", addressed(body.world)(("QQ",)))


def test_one_that_gets_a_standing_is_known_to_the_next_submission(body):
    add_standing(body.world, Standing(party="QQ", body="sco", standing="member", since=START), by="test")
    assert addressed(body.world)(("QQ",)) == ""
