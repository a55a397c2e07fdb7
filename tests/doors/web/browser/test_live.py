"""What an open page is told: at once, of what its viewer may see, over restarts, by one stream for all tabs."""

from __future__ import annotations

import pytest

from comity.admin import sessions
from comity.doors.web import live
from tests.consortium import indicator
from tests.doors.web.visitor import body_that_reads

pytestmark = pytest.mark.loop
SAYS = "n => document.querySelector('[data-live=arrived]').textContent === n"


@pytest.fixture
def node(serve, monkeypatch):
    """A centre that reads GREEN, and KZ, on a node that looks often."""
    monkeypatch.setattr(live, "TICK", 0.1)
    body, kz = body_that_reads()
    served = serve(body)
    served.kz = kz
    return served


def test_what_arrives_is_counted_on_open_pages(node):
    page = node.visit("/")
    other = node.tab(page.context)
    other.goto(f"{node.url}/log")
    badge = page.locator("[data-live=arrived]")
    assert not badge.is_visible()
    node.kz.submits(indicator(name="one"), tlp="green")
    page.wait_for_function(SAYS, arg="1 new")
    other.wait_for_function(SAYS, arg="1 new")
    node.kz.submits(indicator(name="two"), tlp="green")
    other.wait_for_function(SAYS, arg="2 new")
    assert badge.is_visible()
    page.reload()
    assert page.locator("[data-live=arrived]").inner_text() == ""
    assert page.locator("main table tbody tr").count() == 2
    assert page.problems == other.problems == []


def test_what_is_hidden_is_not_told(node):
    page = node.visit("/")
    page.wait_for_timeout(300)
    node.kz.submits(indicator(name="hidden"), tlp="red", to=("UZ",))
    page.wait_for_timeout(700)
    assert page.locator("[data-live=arrived]").text_content() == ""
    node.kz.submits(indicator(name="seen"), tlp="green")
    page.wait_for_function(SAYS, arg="1 new")


def test_a_page_goes_on_listening_after_the_node_was_restarted(node):
    page = node.visit("/")
    page.wait_for_timeout(300)
    assert node.stop() < 3, "an open page must not hold up a node that stops"
    node.kz.submits(indicator(name="meanwhile"), tlp="green")
    node.start()
    page.wait_for_function(SAYS, arg="1 new", timeout=15_000)


def test_many_tabs_take_one_connection(node):
    page = node.visit("/")
    tabs = [node.tab(page.context) for _ in range(7)]
    for tab in tabs:
        tab.goto(f"{node.url}/log")
    tabs[-1].goto(f"{node.url}/")  # a browser opens six connections to a host: with a stream each, this would hang
    node.kz.submits(indicator(name="one"), tlp="green")
    tabs[0].wait_for_function(SAYS, arg="1 new")
    page.close()  # the tab that listened for all
    tabs[1].wait_for_timeout(300)
    node.kz.submits(indicator(name="two"), tlp="green")
    tabs[1].wait_for_function(SAYS, arg="2 new")


def test_a_session_that_ended_is_told_nothing(node, monkeypatch):
    monkeypatch.setattr(live, "BEAT", 1)
    page = node.visit("/")
    page.wait_for_timeout(300)
    sessions.end(node.body.world, "analyst")
    page.wait_for_timeout(500)
    node.kz.submits(indicator(name="one"), tlp="green")
    page.wait_for_timeout(700)
    assert page.locator("[data-live=arrived]").text_content() == ""
