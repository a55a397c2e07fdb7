"""What is told of a ticket, and to whom."""

from __future__ import annotations

from datetime import timedelta

import pytest

from comity.doors import redressing
from comity.errors import Denied
from comity.intake import redress
from tests.consortium import Body


def test_a_ticket_says_how_it_stands():
    body = Body()
    made = redress.open_ticket(body.world, "an address", "hotline", "anna")
    assert redressing.told(made, made.opened).state == "open"
    assert redressing.told(made, made.due + timedelta(seconds=1)).state == "overdue"
    answered, _ = redress.answer(body.world, made.id, "kept", "fine", "anna")
    told = redressing.told(answered, made.due)
    assert (told.state, told.answer.text) == ("kept", "fine")


@pytest.mark.parametrize(
    ("party", "role", "may"), [("SCO-CENTRE", "auditor", True), ("SCO-CENTRE", "analyst", False), ("KZ", "administrator", False)]
)
def test_it_is_the_nodes_own_business(party, role, may):
    body = Body()
    if may:
        redressing.check(body.world, party, role, redressing.READING)
    else:
        with pytest.raises(Denied):
            redressing.check(body.world, party, role, redressing.READING)
