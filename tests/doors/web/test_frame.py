"""What every page says around its own data."""

from __future__ import annotations

import msgspec

from comity.config import Pages
from tests.doors.web.visitor import Visitor, body_that_reads


def test_the_frame_names_the_node_and_its_samples():
    body, _ = body_that_reads()
    frame = Visitor(body).data("/.json")
    assert frame["node"]["party"] == "SCO-CENTRE"
    assert frame["illustrative"] == ["Members and observers"]
    assert frame["agreements"]["test"]["object"].startswith("comity-agreement--")


def test_a_demonstration_does_not_call_its_data_real():
    body, _ = body_that_reads()
    assert "Real data" in Visitor(body).see("/")
    settings = msgspec.structs.replace(body.world.settings, pages=Pages(sample=True))
    object.__setattr__(body.world, "settings", settings)
    page = Visitor(body, name="other").see("/")
    assert "Sample data" in page and "nothing here is real" in page and "Real data" not in page
