"""The pictures in a browser: keys, dragging, and pictures to keep."""

from __future__ import annotations

from typing import Any

import pytest

from tests.consortium import Body, indicator, relationship, sdo
from tests.doors.web.visitor import READING

pytestmark = pytest.mark.loop


@pytest.fixture
def spread(serve) -> tuple[Any, dict, list[dict]]:
    """A page of the centre's analyst at a family with indicators."""
    body = Body(agreement=READING)
    kz = body.member("KZ")
    family, found = sdo("malware", name="family"), [indicator(name=f"found {number}") for number in range(4)]
    kz.submits(family, *found, *(relationship(each["id"], family["id"]) for each in found), tlp="green")
    return serve(body).visit(f"/o/{family['id']}/graph"), family, found


def _focused(page: Any) -> str:
    return str(page.evaluate("document.activeElement.getAttribute('aria-label')"))


def test_arrow_keys_go_from_name_to_name(spread):
    page, *_ = spread
    page.locator("svg.graph a.name").first.focus()
    assert _focused(page).startswith("family")
    page.keyboard.press("ArrowLeft")
    before = _focused(page)
    assert before.startswith("found")
    page.keyboard.press("ArrowDown")
    assert _focused(page) != before
    page.keyboard.press("ArrowRight")
    assert _focused(page).startswith("family")
    assert page.problems == []


def test_names_can_be_dragged_and_stay_where_they_were_put(spread):
    page, family, _ = spread
    page.locator("[data-free]").click()
    drawn = page.locator(".graph-free canvas").first
    drawn.wait_for()
    assert page.locator(".graph-frame").is_hidden()
    box = drawn.bounding_box()
    at = page.evaluate("id => document.querySelector('.graph-free')._cyreg.cy.getElementById(id).renderedPosition()", family["id"])
    page.mouse.move(box["x"] + at["x"], box["y"] + at["y"])
    page.mouse.down()
    page.mouse.move(box["x"] + at["x"] - 60, box["y"] + at["y"] - 90, steps=4)
    page.mouse.up()
    places = page.evaluate("JSON.parse(localStorage.getItem(Object.keys(localStorage).find(key => key.startsWith('comity.graph.'))))")
    assert family["id"] in places
    page.locator("[data-free]").click()
    assert page.locator("svg.graph").is_visible()
    assert page.problems == []


def test_it_can_be_kept_as_png(spread):
    page, *_ = spread
    with page.expect_download() as kept:
        page.locator("[data-png]").click()
    assert kept.value.suggested_filename == "graph.png"
    assert kept.value.path().read_bytes().startswith(b"\x89PNG")
    assert page.problems == []


def test_opening_a_name_is_undone_by_the_way_back(spread):
    page, _, found = spread
    page.goto(page.url + f"?open={found[0]['id']}")
    assert page.locator("svg.graph .open").count() == 2
    page.go_back()
    assert page.locator("svg.graph .open").count() == 1


def test_the_window_of_a_timeline_is_moved_by_keys(serve):
    body = Body(agreement=READING)
    bad = indicator(valid_until="2021-12-01T00:00:00Z")
    body.member("KZ").submits(bad, tlp="green")
    page = serve(body).visit(f"/o/{bad['id']}/timeline")
    page.locator("svg.timeline").wait_for()
    page.keyboard.press("+")
    page.wait_for_url("**from=**")
    closer = page.url
    page.keyboard.press("]")
    page.wait_for_url(lambda url: url != closer)
    page.keyboard.press("0")
    page.wait_for_url(lambda url: "from=" not in url)
    assert page.problems == []


def test_on_a_narrow_screen_a_picture_begins_with_what_it_is_about(spread):
    page, *_ = spread
    page.set_viewport_size({"width": 360, "height": 800})
    page.reload()
    frame, about = page.locator(".graph-frame").bounding_box(), page.locator("svg.graph .root").bounding_box()
    assert page.evaluate("(() => { const f = document.querySelector('.graph-frame'); return f.scrollWidth > f.clientWidth })()")
    assert frame["x"] <= about["x"]
    assert about["x"] + about["width"] <= frame["x"] + frame["width"]
    assert page.problems == []
