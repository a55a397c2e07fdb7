"""Agreements in a browser: a trial that takes long, a draft in two windows, a line that leads to its clause. Criteria 17, 20 and 34."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from comity.doors.web.screens import agreement_trial
from comity.release.simulate import simulate
from tests.doors.web.screens.test_agreement_trial import traffic
from tests.release.test_traffic import story

pytestmark = pytest.mark.loop
EDIT = "/agreements/test@1/edit"


@pytest.fixture
def slowly(monkeypatch) -> threading.Event:
    """Trials do one party and then wait, until this is set."""
    go = threading.Event()

    def slow(*args: Any, watch: Any, **options: Any) -> Any:
        def watched(done: int, of: int) -> None:
            watch(done, of)
            if done:
                assert go.wait(30)
                watch(done, of)

        return simulate(*args, watch=watched, **options)

    monkeypatch.setattr(agreement_trial, "simulate", slow)
    return go


def begun(node: Any) -> Any:
    page = node.visit("/agreements/test@2/simulate")
    page.click("main form .button.main")
    page.wait_for_selector("progress[value='1']")
    return page


def test_a_trial_shows_how_far_it_is_and_goes_on_while_one_looks_elsewhere(serve, slowly):
    node = serve(traffic())
    page = begun(node)
    address = page.url
    page.goto(node.url + "/agreements")
    page.goto(address)
    page.wait_for_selector("progress[value='1']")
    slowly.set()
    page.wait_for_selector("table.moves")  # the page asks by itself
    assert "Receives more: IR." in page.inner_text("main")
    assert page.problems == []


def test_a_trial_is_stopped(serve, slowly):
    page = begun(serve(traffic()))
    page.click("form[action$='/stop'] button")
    slowly.set()
    page.wait_for_selector(".notice.hold")
    assert "Stopped" in page.inner_text("main")
    assert page.problems == []


def test_of_two_windows_neithers_text_is_lost(serve):
    node = serve(traffic())
    first = node.visit(EDIT)
    second = node.tab(node.opened[-1])
    second.goto(node.url + EDIT)
    for page, word in ((first, "Watchers"), (second, "Onlookers")):
        text = page.input_value("textarea[name=text]")
        page.fill("textarea[name=text]", text.replace("Observers receive", f"{word} receive"))
        page.click("button[value=save]")
        page.wait_for_selector(".notice.no" if page is second else "button[value=discard]")
    assert "Onlookers receive" in second.input_value("textarea[name=text]")
    assert "Watchers receive" in second.inner_text("pre.theirs")
    second.click("button[value=save]")
    second.wait_for_selector("button[value=discard]")
    first.goto(node.url + EDIT)
    assert "Onlookers receive" in first.input_value("textarea[name=text]")


def test_a_line_of_the_map_leads_to_its_clause(serve):
    page = serve(story()).visit("/members/flows", name="audit", role="auditor")
    page.locator("svg.rings a", has=page.locator(".flow.out")).first.press("Enter")
    page.wait_for_url("**/agreements/test@1#clause-*")
    assert page.locator("article.clause:target").count() == 1
    assert page.problems == []
