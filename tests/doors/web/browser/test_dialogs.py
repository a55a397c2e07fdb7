"""The dialogs, open: axe finds nothing in them, the focus stays in them, and it goes back to where it was (criteria 7 and 8)."""

from __future__ import annotations

import pytest

from tests.consortium import indicator
from tests.doors.web.browser.checks import AXE, RULES
from tests.doors.web.visitor import body_that_reads

pytestmark = pytest.mark.loop
KEYS = {"shortcuts": "?", "palette": "Control+k"}


@pytest.fixture
def node(serve):
    """A centre that reads GREEN and holds an item of KZ's."""
    body, kz = body_that_reads()
    kz.submits(indicator(name="seen one", pattern="[domain-name:value = 'seen.example']"), tlp="green")
    return serve(body)


@pytest.mark.parametrize("dialog", KEYS)
@pytest.mark.parametrize(
    ("lang", "theme", "width"), [("en", "light", 1280), ("ru", "dark", 360), ("fa", "light", 1280), ("zh", "dark", 1280)]
)
def test_axe_finds_nothing_in_an_open_dialog(node, dialog, lang, theme, width):
    if not AXE.is_file():
        pytest.skip("no axe-core: npm ci --ignore-scripts in frontend/")
    page = node.visit(f"/?lang={lang}", color_scheme=theme, viewport={"width": width, "height": 800})
    page.keyboard.press(KEYS[dialog])
    if dialog == "palette":
        page.locator("#palette input").fill("seen.example")
        page.locator("#palette [role=option]", has_text="seen one").wait_for()
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("([id, rules]) => axe.run('#' + id, {runOnly: {type: 'tag', values: rules}})", [dialog, RULES])
    assert [f"{one['id']} {node_['html'][:160]}" for one in found["violations"] for node_ in one["nodes"]] == []
    assert page.evaluate("() => document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert page.problems == []


@pytest.mark.parametrize("dialog", KEYS)
def test_the_focus_stays_in_a_dialog_and_goes_back(node, dialog):
    page = node.visit("/")
    page.keyboard.press("j")
    before = page.evaluate("() => document.activeElement.href")
    assert before
    page.keyboard.press(KEYS[dialog])
    for _ in range(12):
        page.keyboard.press("Tab")
        # Between two rounds the focus may be on the browser's own controls, never on the page behind.
        assert page.evaluate(
            "id => document.activeElement === document.body || document.getElementById(id).contains(document.activeElement)", dialog
        )
    page.keyboard.press("Escape")
    page.wait_for_function("before => document.activeElement.href === before", arg=before)
