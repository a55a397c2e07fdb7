"""The audience by keyboard, and by its address."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.loop


def test_w_says_why_of_the_row_one_is_at_and_s_opens_what_if(tab):
    found = tab()
    item = next(row.id for row in found.node.body.world.store.by_type("indicator"))
    page = found.page
    page.goto(f"{found.node.url}/o/{item}/audience")
    page.keyboard.press("s")
    assert page.locator("#suppose").get_attribute("open") is not None
    page.keyboard.press("j")
    page.keyboard.press("j")
    at = page.evaluate("document.activeElement.closest('tr').id")
    page.keyboard.press("w")
    opened = page.evaluate(
        "[...document.querySelectorAll('.matrix > tbody > tr')].filter(row => row.querySelector('.more[open]')).map(row => row.id)"
    )
    assert opened == [at]
    assert found.problems == []


def test_a_question_is_in_the_address_and_survives_reload_and_back(tab):
    found = tab()
    item = next(row.id for row in found.node.body.world.store.by_type("indicator"))
    page, path = found.page, f"/o/{item}/audience"
    page.goto(found.node.url + path)
    page.locator("#suppose > summary").click()
    page.locator("select[name=tlp]").select_option("red")
    page.locator("#suppose > form button").first.click()
    page.wait_for_url("**tlp=red**")
    shown = page.locator(".matrix").inner_text()
    page.reload()
    assert page.locator(".matrix").inner_text() == shown
    assert page.locator("select[name=tlp]").input_value() == "red"
    page.go_back()
    assert "tlp=red" not in page.url
    assert page.locator(".matrix").inner_text() != shown
    page.go_forward()
    assert page.locator(".matrix").inner_text() == shown
    assert found.problems == []
