"""Sharing as a person does it, with and without scripts: what is listed, what is confirmed, what cannot be."""

from __future__ import annotations

import pytest

from tests.consortium import MEMBERS, Body
from tests.served import served, sign_in

pytestmark = pytest.mark.loop
REDACTING = MEMBERS.replace('tlp_max = "green"', 'tlp_max = "green"\nredact = "p"').replace(
    "[party", '[profile.p]\nremove = ["name"]\n[party'
)


@pytest.fixture
def body():
    body = Body(agreement=REDACTING)
    body.kz, body.uz, body.ir = body.member("KZ"), body.member("UZ"), body.observer("IR")
    return body


@pytest.fixture(params=[True, False], ids=["scripts", "no scripts"])
def page(request, body, browser):
    with served(body) as url:
        context = browser.new_context(viewport={"width": 1280, "height": 900}, java_script_enabled=request.param)
        page = context.new_page()
        page.set_default_timeout(10_000)
        sign_in(page, url, body, "kz.ann", "analyst", "KZ")
        page.goto(f"{url}/share")
        yield page
        context.close()


def write(page, text: str, tlp: str) -> None:
    page.get_by_role("button", name="Begin a draft").click()
    page.wait_for_url("**/share/*")  # the box on the page before has the same name
    page.locator("#field-text").fill(text)
    page.locator("#field-tlp").select_option(tlp)
    page.get_by_role("button", name="Save, and look who gets it").click()
    page.get_by_role("heading", name="Look who gets what").wait_for()


def test_the_preview_lists_recipients_fields_and_clauses_and_asks_before_anything_leaves(page, body):
    write(page, "bad.example\n203.0.113.7", "green")
    rows = {row.get_attribute("id"): row.inner_text() for row in page.locator("tr[id^=party-]").all()}
    assert set(rows) == {"party-UZ", "party-IR", "party-SCO-CENTRE"}
    assert "Permit" in rows["party-UZ"] and "members" in rows["party-UZ"]
    assert "Redact" in rows["party-IR"] and "name" in rows["party-IR"]
    assert "Deny" in rows["party-SCO-CENTRE"]
    page.get_by_role("button", name="Share now").click()  # the browser asks for the tick first
    assert page.url.endswith("/preview")
    assert body.uz.polls() == []
    page.get_by_role("checkbox", name="I have looked").check()
    page.get_by_role("button", name="Share now").click()
    page.get_by_role("heading", name="What became of it").wait_for()
    assert len(body.uz.polls()) == 2


def test_an_empty_audience_cannot_be_shared_with(page, body):
    write(page, "bad.example", "red")
    assert page.get_by_text("Nobody would receive it").is_visible()
    assert page.get_by_role("button", name="Share now").count() == 0
    page.get_by_role("link", name="Back to the draft").click()
    assert page.locator("#field-text").input_value() == "bad.example"
