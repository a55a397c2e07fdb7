"""No reason that goes with an act leads to a person: nothing is done, and the refusal says what kind, never the value (G3)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from comity.agree.approval import Person
from comity.errors import SenderFault
from comity.intake import review
from comity.intake.erase import hold, holds
from comity.intake.extending import extend
from comity.intake.reasons import unnamed
from comity.intake.withdraw import recalls, withdraw
from tests.consortium import indicator

ASKED = "asked by zqv4@mail.example, tel +7 701 555 51 51"
ANNA = Person(party="KZ", id="anna")


@pytest.mark.parametrize(
    "text", ["", "case 17", "the host was cleaned on 2026-03-01", "redress rdr_0123456789ab", "abuse@mail.example asked"]
)
def test_other_words_stay_as_they_are(text):
    assert unnamed(text) == text


def test_g3_no_act_is_done_for_a_reason_that_leads_to_a_person(body, kz):
    shared, waiting = indicator(), indicator(name="ask +7 700 000 00 00")
    kz.submits(shared, waiting)
    before, later = len(list(body.world.store.leaves())), body.clock.at + timedelta(days=9)
    for act in (
        lambda: withdraw(body.world, "KZ", shared["id"], reason=ASKED),
        lambda: hold(body.world, shared["id"], ASKED, "anna"),
        lambda: extend(body.world, shared["id"], later, ASKED, "anna"),
        lambda: review.reject(body.world, waiting["id"], ANNA, ASKED),
        lambda: review.propose(body.world, waiting["id"], ANNA, "", category="victim", basis=ASKED, expires=later),
    ):
        with pytest.raises(SenderFault, match=r"leads to persons \(e-mail, phone\)") as refused:
            act()
        assert "zqv4" not in str(refused.value) + refused.value.next and "701" not in str(refused.value)
    assert len(list(body.world.store.leaves())) == before and holds(body.world) == recalls(body.world) == []
    assert {row.id for row in body.world.store.by_id([shared["id"], waiting["id"]])} == {shared["id"], waiting["id"]}
