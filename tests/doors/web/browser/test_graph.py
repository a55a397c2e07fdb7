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
