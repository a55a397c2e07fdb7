"""Looking at what a party meets, to route it: nothing is released, late grants are met late."""

from __future__ import annotations

import pytest

from comity.intake.govern import add_standing
from comity.ledger.journal import read_entry
from comity.release.routing import Met, met, reached, router, systems
from comity.terms.party import Standing
from tests.consortium import Body, indicator, sdo


@pytest.fixture
def body() -> Body:
    made = Body()
    made.member("KZ"), made.observer("IR")
    return made


def ids(page: Met) -> list[bytes]:
    return [raw[raw.index(b'"id":"') + 6 :].partition(b'"')[0] for _, raw in page.found]


def disclosed(body: Body) -> int:
    return sum(read_entry(leaf.entry).kind == "disclose" for leaf in body.world.store.leaves())


def test_what_a_party_meets_is_looked_at_in_order_and_not_given(body):
    kz, shown = body.member("UZ"), [indicator() for _ in range(5)]
    kz.submits(*shown)
    reader = router(body.desk, "KZ", "sco")
    first = met(body.desk, reader, 0, 3)
    assert (ids(first), first.more, first.head) == ([each["id"].encode() for each in shown[:3]], True, first.upto)
    rest = met(body.desk, reader, first.upto, 3)
    assert (ids(rest), rest.more) == ([each["id"].encode() for each in shown[3:]], False)
    assert rest.head == body.world.store.last_added()
    assert met(body.desk, reader, rest.upto, 3).found == []
    assert disclosed(body) == 0


def test_what_becomes_visible_later_is_met_after_what_was_reached(body):
    uz = body.member("UZ")
    uz.submits(amber := indicator(), tlp="amber")
    uz.submits(indicator(), tlp="green")
    reader = router(body.desk, "IR", "sco")
    page = met(body.desk, reader, 0, 10)
    assert len(page.found) == 1
    with body.world.store.write() as tx:
        reached(body.desk, tx, reader, page.head)
    add_standing(body.world, Standing(party="IR", body="sco", standing="member", since=body.clock()), by="test")
    late = met(body.desk, reader, page.upto, 10)
    assert ids(late) == [amber["id"].encode()]
    assert late.upto > page.head


def test_systems_are_told_as_far_as_the_party_sees_them(body):
    uz = body.member("UZ")
    open_, hidden = (
        {
            "type": "autonomous-system",
            "spec_version": "2.1",
            "id": f"autonomous-system--00000000-0000-5000-8000-00000000000{n}",
            "number": n,
        }
        for n in (1, 2)
    )
    uz.submits(open_, tlp="green"), uz.submits(hidden, tlp="red", to=("UZ",))
    uz.submits(other := sdo("campaign"), tlp="green")
    asked = [open_["id"], hidden["id"], other["id"], "autonomous-system--00000000-0000-5000-8000-000000000009"]
    assert systems(body.desk, router(body.desk, "KZ", "sco"), asked) == {open_["id"]: "AS1"}
    assert systems(body.desk, router(body.desk, "UZ", "sco"), asked) == {open_["id"]: "AS1", hidden["id"]: "AS2"}
