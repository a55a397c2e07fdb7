"""The federation's nodes as they are made; `test_demo_federation` starts them."""

from __future__ import annotations

import pytest

from comity import node
from comity.clock import now
from comity.doors.cli.demo_bodies import CICA, HUBS, SCO
from comity.doors.cli.demo_hubs import Federation


@pytest.fixture(scope="module")
def federation(tmp_path_factory):
    with Federation(node, tmp_path_factory.mktemp("nodes")) as made:
        made.make()
        yield made


def test_every_party_has_a_node_of_its_own(federation):
    assert sorted(federation.desks) == sorted((*HUBS.values(), *CICA))
    assert {federation.world(party).settings.body for party in SCO} == {"sco"}
    assert len({str(federation.world(party).journal.verifier) for party in federation.desks}) == 29


def test_each_holds_both_registers_and_the_three_agreements(federation):
    for party in ("KR", "KZ", *HUBS.values()):
        _, rules = federation.world(party).rulebook.current()
        assert [rules.register.standing("KZ", body, now()) for body in ("sco", "cica")] == ["member", "member"]
        assert sorted(each.id for each in rules.agreements) == ["cica-cbm-sample", "hub-protocol-sample", "sco-ict-sample"]


def test_nothing_has_crossed_and_looking_writes_nothing(federation):
    before = federation.state("KR")
    assert federation.crossed() == 0
    assert federation.state("KR") == before
