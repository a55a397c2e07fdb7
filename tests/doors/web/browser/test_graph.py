"""A graph of ten thousand nodes: answered with groups, drawn small, and the tab goes on answering."""

from __future__ import annotations

import time

import pytest

from tests.consortium import Body, indicator, relationship, sdo
from tests.doors.web.browser.conftest import Served
from tests.served import served

pytestmark = pytest.mark.loop
NODES = 10_000


@pytest.fixture(scope="module")
def crowded():
    """A family that ten thousand indicators point to."""
    body = Body()
    kz, _ = body.member("KZ"), body.member("UZ")
    family = sdo("malware", name="GREYDUNE")
    kz.submits(family, tlp="clear")
    pointing = [indicator(name=f"Host {n}", pattern=f"[domain-name:value = 'host{n}.example']") for n in range(NODES)]
    kz.submits(*pointing, *[relationship(each["id"], family["id"]) for each in pointing])
    with served(body) as url:
        yield Served(body, url), family["id"]


def test_ten_thousand_neighbours_are_a_group(tab, crowded):
    node, family = crowded
    opened = tab(at=node, who=("analyst", "UZ"))
    began = time.monotonic()
    page = opened.open(f"/o/{family}/graph")
    assert time.monotonic() - began < 10
    assert page.locator(".graph .node").count() <= 300
    assert page.evaluate("document.querySelectorAll('*').length") < 3000
    stuck = page.evaluate(
        """() => new Promise(done => {
          let worst = 0, last = performance.now(), left = 30
          const turn = () => { const now = performance.now(); worst = Math.max(worst, now - last); last = now; --left ? setTimeout(turn, 10) : done(worst) }
          setTimeout(turn, 10)
        })"""
    )
    assert stuck < 500
    assert opened.problems == []


#: Where a name of the free drawing is, in the window and in the drawing.
PLACE = """() => {
  const box = document.querySelector('.graph-free'), drawn = box._cyreg.cy, node = drawn.nodes('.left, .right')[0]
  const at = node.renderedPosition(), frame = box.getBoundingClientRect()
  return { id: node.id(), x: frame.x + at.x, y: frame.y + at.y, own: node.position() }
}"""


def test_a_drawing_that_somebody_arranged_is_in_the_address(tab, crowded):
    node, family = crowded
    opened = tab(at=node, who=("analyst", "UZ"))
    page = opened.open(f"/o/{family}/graph")
    page.click("[data-free]")
    page.wait_for_selector(".graph-free canvas")
    page.locator(".graph-free").scroll_into_view_if_needed()
    before = page.evaluate(PLACE)
    page.mouse.move(before["x"], before["y"])
    page.mouse.down()
    page.mouse.move(before["x"] + 60, before["y"] + 40, steps=4)
    page.mouse.up()
    after = page.evaluate(PLACE)
    assert after["own"] != before["own"]
    page.wait_for_function("location.hash.startsWith('#moved=')")
    address = page.url
    page.evaluate("localStorage.clear()")
    page.goto("about:blank")
    page.goto(address)
    page.wait_for_selector(".graph-free canvas")
    again = page.evaluate(PLACE)
    assert again["id"] == after["id"]
    assert all(abs(again["own"][axis] - after["own"][axis]) <= 1 for axis in "xy")
    assert opened.problems == []
