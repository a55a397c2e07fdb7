from __future__ import annotations

from comity.ledger.journal import read_entry
from comity.release.ruling import rules
from comity.terms.party import Standing
from tests.consortium import MEMBERS, START, Body


def test_rules_go_in_order_to_those_with_a_standing_and_are_recorded():
    body = Body()
    body.member("KZ")
    body.party("IR", "suspended")
    first = rules(body.desk, "KZ", "kz", 0, 2)
    rest = rules(body.desk, "KZ", "kz", first.reached, 100)
    assert (len(first.objects), first.more, rest.more) == (2, True, False)
    assert [b"comity-agreement" in each for each in (*first.objects, *rest.objects)] == [True, False, False]
    entry = read_entry(list(body.world.store.leaves())[-1].entry)
    assert (entry.kind, entry.party, entry.count, entry.detail) == ("push", "KZ", 1, {"peer": "kz", "rules": "sco"})
    assert len(rules(body.desk, "IR", "ir", 0, 100).objects) == 3
    size = body.world.store.head().size
    assert rules(body.desk, "KZ", "kz", rest.reached, 100).objects == ()
    assert rules(body.desk, "UZ", "uz", 0, 100).objects == ()
    assert body.world.store.head().size == size


def test_rules_of_other_bodies_stay():
    from comity.intake.govern import add_agreement, add_standing

    body = Body()
    body.member("KZ")
    add_standing(body.world, Standing(party="KZ", body="cica", standing="member", since=START), by="test")
    add_agreement(body.world, MEMBERS.replace('id = "test"', 'id = "other"').replace('body = "sco"', 'body = "cica"'), "o.toml", by="test")
    found = rules(body.desk, "KZ", "kz", 0, 100)
    assert len(found.objects) == 2
    assert not any(b"cica" in each for each in found.objects)
