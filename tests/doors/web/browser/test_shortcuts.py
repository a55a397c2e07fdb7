"""Shortcuts and lists by keyboard: criteria 11 and 12."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from comity.config import Pages
from comity.release.desk import Desk
from tests.consortium import indicator
from tests.doors.web.visitor import body_that_reads

pytestmark = pytest.mark.loop


@pytest.fixture
def node(serve):
    """A centre that reads GREEN and holds three items of KZ's."""
    body, kz = body_that_reads()
    for name in ("one", "two", "three"):
        kz.submits(indicator(name=name), tlp="green")
    return serve(body)


def focused(page) -> str:
    return str(page.evaluate("document.activeElement.getAttribute('href') ?? document.activeElement.tagName"))


def closed(page) -> None:
    """Close the dialog, as a person does: the browser takes a moment."""
    page.keyboard.press("Escape")
    page.wait_for_function("() => document.querySelector('dialog[open]') === null")


def test_g_and_a_letter_go_to_a_place(node):
    page = node.visit("/")
    page.keyboard.press("g")
    page.keyboard.press("l")
    page.wait_for_url(f"{node.url}/log")
    assert page.problems == []


def test_a_slash_goes_to_the_search_and_is_typed_there(node):
    page = node.visit("/")
    page.keyboard.press("/")
    assert page.evaluate("() => document.activeElement.name") == "q"
    assert page.locator("header input[name=q]").input_value() == ""
    page.keyboard.type("a/b")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{node.url}/search?q=a%2Fb")


def test_a_letter_is_found_by_its_place_on_a_cyrillic_keyboard(node):
    page = node.visit("/")
    for key, code in (("п", "KeyG"), ("д", "KeyL")):
        page.evaluate("([key, code]) => document.body.dispatchEvent(new KeyboardEvent('keydown', {key, code, bubbles: true}))", [key, code])
    page.wait_for_url(f"{node.url}/log")


def test_j_and_k_walk_a_list_enter_opens_and_escape_leaves_it(node):
    page = node.visit("/")
    links = page.eval_on_selector_all("main table tbody tr", "rows => rows.map(row => row.querySelector('a').getAttribute('href'))")
    assert len(links) == 3
    page.keyboard.press("j")
    assert focused(page) == links[0]
    page.keyboard.press("j")
    assert focused(page) == links[1]
    page.keyboard.press("k")
    assert focused(page) == links[0]
    page.keyboard.press("k")
    assert focused(page) == links[0], "the list has an end"
    page.keyboard.press("Escape")
    assert focused(page) == "BODY"
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{node.url}{links[1]}")
    page.keyboard.press("Escape")
    page.wait_for_url(f"{node.url}/")
    page.keyboard.press("j")
    assert focused(page) == links[1], "one goes on from where one was"


def test_a_key_that_each_row_has_acts_on_the_row_one_is_at_and_on_no_other(node):
    page = node.visit("/")
    page.evaluate("""() => {
      window.pressed = [];
      document.querySelectorAll('main table tbody tr').forEach((row, at) => {
        const button = document.createElement('button');
        button.dataset.key = 'z';
        button.textContent = 'act';
        button.onclick = () => window.pressed.push(at);
        row.lastElementChild.append(button);
      });
    }""")
    page.keyboard.press("z")
    assert page.evaluate("() => window.pressed") == [], "with no row chosen, none is acted on"
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("z")
    assert page.evaluate("() => window.pressed") == [1]
    page.keyboard.press("?")
    assert page.locator("#shortcuts dd", has_text="act").count() == 1


def test_a_question_mark_lists_exactly_what_is_registered(node):
    page = node.visit("/")
    page.keyboard.press("?")
    listed = page.eval_on_selector_all("#shortcuts dt", "terms => terms.map(term => term.innerText.trim().replace(/\\s+/g, ' '))")
    declared = page.eval_on_selector_all("[data-key]", "all => [...new Set(all.map(each => each.dataset.key))]")
    assert sorted(listed) == sorted(declared)
    assert {"?", "/", "Ctrl+k", "j", "k", "Escape", "g l"} <= set(listed)
    names = page.eval_on_selector_all("#shortcuts dd", "all => all.map(each => each.innerText.trim())")
    assert all(names)
    page.keyboard.press("Escape")
    assert not page.locator("#shortcuts").is_visible()


def test_no_shortcut_fires_in_a_field_or_a_dialog(node):
    page = node.visit("/palette")
    field = page.locator("main input[name=q]")
    field.fill("")
    field.press_sequentially("g?jl")
    assert field.input_value() == "g?jl"
    assert page.url == f"{node.url}/palette"
    field.blur()
    page.keyboard.press("?")
    page.keyboard.press("g")
    page.keyboard.press("l")
    assert page.locator("#shortcuts").is_visible()
    assert page.url == f"{node.url}/palette"


def test_a_person_can_switch_single_keys_off_and_on(node):
    page = node.visit("/")
    page.keyboard.press("?")
    page.locator("[data-keys-switch]").uncheck()
    closed(page)
    page.keyboard.press("?")
    assert not page.locator("#shortcuts").is_visible()
    page.reload()
    page.keyboard.press("j")
    assert focused(page) == "BODY"
    page.keyboard.press("Control+k")
    assert page.locator("#palette").is_visible(), "what no text is typed with still works"
    closed(page)
    page.locator("[popovertarget=display]").click()
    page.locator("[data-opens=shortcuts]").click()
    page.locator("[data-keys-switch]").check()
    closed(page)
    page.keyboard.press("?")
    assert page.locator("#shortcuts").is_visible()


def test_a_person_chooses_another_key_and_the_list_says_so(node):
    page = node.visit("/account/keys")
    page.locator("input[name='nav.log']").fill("q")
    page.locator("form#keys button.main").click()
    page.get_by_role("status").filter(has_text="Your keys are kept").wait_for()
    page.keyboard.press("?")
    listed = page.eval_on_selector_all("#shortcuts dt", "terms => terms.map(term => term.innerText.trim().replace(/\\s+/g, ' '))")
    assert "q" in listed and "g l" not in listed
    closed(page)
    page.keyboard.press("q")
    page.wait_for_url(f"{node.url}/log")
    assert page.problems == []


def test_a_node_can_switch_them_off_for_everybody(serve):
    body, _ = body_that_reads()
    body.world = replace(body.world, settings=msgspec.structs.replace(body.world.settings, pages=Pages(shortcuts=False)))
    body.desk = Desk(body.world)
    page = serve(body).visit("/")
    page.keyboard.press("?")
    assert not page.locator("#shortcuts").is_visible()
    page.locator("[popovertarget=display]").click()
    page.locator("[data-opens=shortcuts]").click()
    assert page.locator("[data-keys-switch]").is_disabled()


def test_what_is_accepted_by_a_key_is_said_and_one_goes_on_from_there(node):
    page = node.visit("/inbox")
    rows = [link.get_attribute("href") for link in page.locator("[data-item] a.title").all()]
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("a")
    page.get_by_role("status").filter(has_text="1 object accepted").wait_for()
    assert page.url == f"{node.url}/inbox", "the address says where one is, not what was done"
    page.wait_for_function("href => document.activeElement.getAttribute('href') === href", arg=rows[2])
    assert page.problems == []
