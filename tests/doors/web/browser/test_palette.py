"""The command palette: criterion 13, and that it tells nothing hidden."""

from __future__ import annotations

import pytest

from tests.consortium import indicator
from tests.doors.web.visitor import body_that_reads

pytestmark = pytest.mark.loop
OPENED = """() => new Promise(done => {
  const began = performance.now();
  const look = () => document.getElementById('palette').open ? requestAnimationFrame(() => done(performance.now() - began)) : setTimeout(look, 1);
  document.dispatchEvent(new KeyboardEvent('keydown', {key: 'k', code: 'KeyK', ctrlKey: true, bubbles: true}));
  look();
})"""


@pytest.fixture
def node(serve):
    """A centre that reads GREEN, with an item that it sees and one that it does not."""
    body, kz = body_that_reads()
    kz.submits(indicator(name="seen one", pattern="[domain-name:value = 'seen.example']"), tlp="green")
    kz.submits(indicator(name="hidden one", pattern="[domain-name:value = 'hidden.example']"), tlp="red", to=("UZ",))
    return serve(body)


def options(page) -> list[str]:
    return [text.strip() for text in page.locator("#palette [role=option]").all_inner_texts()]


def test_it_opens_at_once_with_the_places_and_goes_there(node):
    page = node.visit("/log")
    took = [page.evaluate(OPENED)]
    while took[-1] > 100 and len(took) < 5:  # other work of the machine's is no work of the page's
        page.keyboard.press("Escape")
        took.append(page.evaluate(OPENED))
    assert min(took) <= 100, took
    assert page.evaluate("document.activeElement.getAttribute('role')") == "combobox"
    places = page.locator("nav [data-place]").all_inner_texts()
    assert [each.splitlines()[0] for each in options(page)][: len(places)] == [each.strip() for each in places]
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{node.url}/")
    assert page.problems == []


ANSWERED = """typed => new Promise(done => {
  const field = document.querySelector('#palette input'), began = performance.now();
  const there = () => [...document.querySelectorAll('#palette [role=option]')].some(each => each.textContent.includes('seen one'));
  const look = () => there() ? requestAnimationFrame(() => done(performance.now() - began)) : setTimeout(look, 1);
  field.value = typed;
  field.dispatchEvent(new InputEvent('input', {bubbles: true}));
  look();
})"""


def test_a_value_is_found_defanged_or_not_and_shown_defanged(node):
    page = node.visit("/")
    page.keyboard.press("Control+k")
    took = []
    for typed in ("seen.example", "seen[.]example") * 3:
        took.append(page.evaluate(ANSWERED, typed))
        page.locator("#palette input").fill("nothing")
        page.locator("#palette [role=option]", has_text="seen one").wait_for(state="detached", timeout=2000)
    assert min(took) <= 200, took
    page.evaluate(ANSWERED, "seen.example")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{node.url}/o/indicator--*")
    page.keyboard.press("Control+k")
    page.locator("#palette [role=option]", has_text="seen one").wait_for(timeout=2000)  # the last one opened comes back


def test_what_is_hidden_is_found_as_little_as_what_is_not_there(node):
    page = node.visit("/")
    page.keyboard.press("Control+k")
    told = []
    for typed in ("hidden.example", "absent.example"):
        with page.expect_response(lambda answer: "/palette?" in answer.url):
            page.locator("#palette input").fill(typed)
        page.wait_for_timeout(100)
        shown = [option.replace(typed, "…") for option in options(page)]
        told.append((shown, page.locator("#palette [data-none]").is_visible()))
    assert told[0] == told[1]


def test_without_scripts_it_is_a_page(node):
    page = node.visit("/", java_script_enabled=False)
    page.locator("[data-palette]").click()
    page.wait_for_url(f"{node.url}/palette")
    page.locator("main input[name=q]").fill("seen.example")
    page.locator("main form button").click()
    page.locator("main [data-answers] a").first.click()
    page.wait_for_url(f"{node.url}/o/indicator--*")


def test_another_person_at_the_same_browser_does_not_see_what_the_first_had_open(node):
    page = node.visit("/")
    page.locator("main table a").first.click()
    page.wait_for_url(f"{node.url}/o/*")
    page.keyboard.press("Control+k")
    page.locator("#palette [role=option]", has_text="seen one").wait_for(timeout=2000)
    assert "recent" in str(page.evaluate("Object.keys(localStorage)"))
    context = page.context
    context.clear_cookies()
    page.goto(f"{node.url}/")
    assert "recent" not in str(page.evaluate("Object.keys(localStorage)"))
