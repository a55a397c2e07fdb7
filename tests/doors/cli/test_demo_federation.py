"""`comity demo --scenario federation`, with fewer items than it has: everybody has what it is to have, and nothing is written without news."""

from __future__ import annotations

import pytest

from comity import node
from comity.doors.cli.demo_bodies import CICA, HUBS
from comity.doors.cli.demo_federation import Story, Summary
from comity.doors.cli.demo_hubs import Federation

pytestmark = pytest.mark.loop


def test_two_hubs_and_27_members(tmp_path):
    told: list[str] = []
    with Federation(node, tmp_path) as federation:
        story = Story(federation, told.append, count=270)
        story.run()
        found = Summary.of(story, 1.0)
        assert set(federation.desks) == {*HUBS.values(), *CICA}
    assert found.wrong == []
    assert found.sound, found
    assert (found.nodes, found.items, found.crossed) == (29, 270, found.to_cross)
    assert 0.2 < found.cut_at < 1
    assert found.under_two_agreements == 8
    assert {clause.partition("@")[0] for clause in found.disclosures_by_clause} == {
        "sco-ict-sample", "cica-cbm-sample", "hub-protocol-sample",
    }  # fmt: skip
    assert found.delivered == sum(story.delivered.values()) > 2_000
    assert any("the 27 members' nodes share" in line for line in told)
