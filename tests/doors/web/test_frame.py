"""What every page says around its own data."""

from __future__ import annotations

from tests.doors.web.visitor import Visitor, body_that_reads


def test_the_frame_names_the_node_and_its_samples():
    body, _ = body_that_reads()
    frame = Visitor(body).data("/.json")
    assert frame["node"]["party"] == "SCO-CENTRE"
    assert frame["illustrative"] == ["Members and observers"]
    assert frame["agreements"]["test"]["object"].startswith("comity-agreement--")
