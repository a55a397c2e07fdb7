"""What every page says around its own data."""

from __future__ import annotations

from comity.doors.web.screens import NAVIGATION, PAGES
from tests.doors.web.visitor import Visitor, body_that_reads


def test_the_frame_names_the_node_and_its_samples():
    body, _ = body_that_reads()
    frame = Visitor(body).data("/.json")
    assert frame["node"]["party"] == "SCO-CENTRE"
    assert frame["illustrative"] == ["Members and observers"]
    assert frame["agreements"]["test"]["object"].startswith("comity-agreement--")


def test_every_page_with_a_place_in_the_navigation_is_there():
    names = [name for group in NAVIGATION for name in group]
    assert len(names) == len(set(names))
    assert set(names) == {page.nav for page in PAGES if page.nav}
