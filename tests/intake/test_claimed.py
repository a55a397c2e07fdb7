"""Ids under which several origins say different things: in the log, at another moment than what was sent."""

from __future__ import annotations

import pytest

from comity.intake.claimed import claimed, forget, record
from comity.intake.withdraw import withdraw
from comity.ledger.journal import read_entry
from tests.consortium import Body, indicator

ID_1, ID_2, ID_3 = (f"indicator--00000000-0000-4000-8000-00000000000{n}" for n in (1, 2, 3))
FIRST, SECOND = "2021-10-01T00:00:00.000Z", "2021-10-05T00:00:00.000Z"


@pytest.fixture(params=["memory", "sqlite"])
def body(request, tmp_path):
    body = Body(store="memory:" if request.param == "memory" else f"sqlite:{tmp_path / 'store.db'}")
    yield body
    body.world.store.close()


def noted(body: Body) -> list[tuple[str | None, int]]:
    entries = [read_entry(leaf.entry) for leaf in body.world.store.leaves(0)]
    return [(entry.party, entry.count) for entry in entries if entry.kind == "claim"]


def test_who_uses_anothers_id_is_noted_once_and_not_while_it_waits(body):
    body.member("KZ").submits(indicator(id=ID_1, modified=FIRST), indicator(id=ID_2, modified=FIRST))
    assert record(body.world) == 0
    body.member("IN").submits(indicator(id=ID_1, modified=SECOND, revoked=True), indicator(id=ID_3, modified=FIRST))
    assert noted(body) == []
    assert record(body.world) == 1
    assert noted(body) == [("IN", 1)]
    size = body.world.store.head().size
    assert record(body.world) == 0
    assert body.world.store.head().size == size, "nothing is written where there is nothing"


def test_the_very_same_of_two_origins_and_what_has_no_versions_are_nothing_to_note(body):
    domain = {
        "type": "domain-name",
        "spec_version": "2.1",
        "id": "domain-name--ecb120bf-2694-4902-a737-62b74539a41b",
        "value": "example.com",
    }
    for party in ("KZ", "IN"):
        body.member(party).submits(indicator(id=ID_1, modified=FIRST), {**domain, **({"defanged": True} if party == "IN" else {})})
    assert record(body.world) == 0


def test_the_ids_are_listed_while_it_lasts(body):
    body.member("KZ").submits(indicator(id=ID_1, modified=FIRST), indicator(id=ID_2, modified=FIRST))
    body.member("IN").submits(indicator(id=ID_1, modified=SECOND, name="other"), indicator(id=ID_2, modified=SECOND, name="other"))
    assert list(claimed(body.world)) == []
    record(body.world)
    assert list(claimed(body.world)) == [ID_2, ID_1]
    assert forget(body.world) == 0
    withdraw(body.world, "IN", ID_2)
    assert list(claimed(body.world)) == [ID_1]
    assert forget(body.world) == 1


def test_what_is_gone_by_then_is_passed_over(body):
    body.member("KZ").submits(indicator(id=ID_1, modified=FIRST))
    (outcome,) = body.member("IN").submits(indicator(id=ID_1, modified=SECOND, name="other"))
    assert outcome.outcome == "accepted"
    withdraw(body.world, "IN", outcome.id)
    assert record(body.world) == 0
    assert noted(body) == []
