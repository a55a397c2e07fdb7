"""What is out without a look though it leads to a person."""

from __future__ import annotations

from datetime import timedelta

from comity.agree.approval import Person
from comity.intake import gate, review
from comity.intake.unlooked import unlooked
from tests.consortium import Body, indicator

MAIL = "anna.b@mail.example"


def test_only_what_nobody_has_looked_at(monkeypatch):
    body = Body()
    kz, world = body.member("KZ"), body.world
    waits, seen, passes, early = (indicator(pattern=f"[email-message:from_ref.value = '{MAIL}']", name=f"n{at}") for at in range(4))
    kz.submits(waits, seen)
    anna, bulat = (Person(party="KZ", id=name) for name in ("anna", "bulat"))
    review.propose(world, seen["id"], anna, "", category="attacker", basis="Article 6", expires=world.clock() + timedelta(days=9))
    review.approve(world, seen["id"], bulat, "")
    kz.submits(passes, person="attacker")
    with monkeypatch.context() as before:
        before.setattr(gate, "findings", lambda *given: ())
        kz.submits(early, indicator(name="nobody"))
    assert [(row.id, [each.where for each in found]) for row, found in unlooked(world)] == [(early["id"], ["/pattern"])]
