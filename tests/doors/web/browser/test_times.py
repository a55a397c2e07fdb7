"""Times in UTC and in the reader's own zone (criterion 31), and values that are copied as they are (criterion 28)."""

from __future__ import annotations

import pytest

from tests.consortium import indicator
from tests.doors.web.visitor import body_that_reads

pytestmark = pytest.mark.loop


@pytest.fixture
def node(serve):
    """A centre that reads GREEN and holds one item of KZ's."""
    body, kz = body_that_reads()
    kz.submits(indicator(name="seen one", pattern="[domain-name:value = 'seen.example']"), tlp="green")
    return serve(body)


def times(page) -> list[tuple[str, str]]:
    found = page.eval_on_selector_all("main time", "all => all.map(each => [each.textContent, each.title])")
    return [tuple(each) for each in found]


def choose(page, which: str) -> None:
    page.locator("[popovertarget=display]").click()
    page.locator(f"[data-time={which}]").click()
    page.locator("[popovertarget=display]").click()


def test_a_choice_changes_all_times_and_their_tooltips_on_every_page(node):
    page = node.visit("/", timezone_id="Asia/Kolkata")
    before = times(page)
    assert before
    choose(page, "local")
    after = times(page)
    for (utc, utc_tip), (local, local_tip) in zip(before, after):
        assert local != utc
        assert local_tip.startswith(utc)
        assert local_tip.endswith(" UTC")
        assert utc_tip.startswith(local)
        assert utc_tip.endswith("UTC+05:30")
    assert "UTC+05:30" in page.locator("footer").inner_text()
    page.goto(f"{node.url}/log/0")
    assert all(tip.endswith(" UTC") for _, tip in times(page))
    choose(page, "utc")
    assert all(tip.endswith("UTC+05:30") for _, tip in times(page))
    assert page.problems == []


def test_a_time_that_comes_later_is_shown_the_same_way(node):
    page = node.visit("/", timezone_id="Asia/Shanghai")
    choose(page, "local")
    page.evaluate(
        "document.querySelector('main').insertAdjacentHTML('beforeend', '<p id=late><time datetime=2021-11-01T20:00:00Z>2021-11-01 20:00:00</time></p>')"
    )
    page.wait_for_function("() => document.querySelector('#late').innerText === '2021-11-02 04:00:00'")


def test_a_day_stays_a_day(node):
    page = node.visit("/", timezone_id="Asia/Shanghai")
    page.evaluate(
        "document.querySelector('main').insertAdjacentHTML('beforeend', '<p id=day><time datetime=2021-11-01>2021-11-01</time></p>')"
    )
    choose(page, "local")
    assert page.locator("#day").inner_text() == "2021-11-01"


def test_the_clock_is_the_nodes(node):
    page = node.visit("/", timezone_id="Asia/Kolkata")
    drawn = page.locator("time[data-clock=utc]").get_attribute("datetime")
    assert page.locator("time[data-clock=utc]").inner_text() == f"{drawn[11:16]} UTC"
    assert page.locator("time[data-clock=local]").inner_text().endswith("UTC+05:30")


def test_a_copy_button_gives_the_real_value(node):
    page = node.visit("/", permissions=["clipboard-read", "clipboard-write"])
    page.evaluate(
        """document.querySelector('main').insertAdjacentHTML('beforeend', '<button id=copy data-copy="seen.example" hidden>seen[.]example</button>')"""
    )
    page.locator("#copy").click()
    page.wait_for_function("() => document.querySelector('[data-says]').textContent !== ''")
    assert page.evaluate("navigator.clipboard.readText()") == "seen.example"


def test_where_the_clipboard_is_forbidden_the_value_is_copied_by_selecting(node):
    page = node.visit("/")
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: {writeText: () => Promise.reject(new Error('no'))}})")
    page.evaluate("document.addEventListener('copy', () => { window.copied = String(document.activeElement.value); })")
    page.evaluate(
        """document.querySelector('main').insertAdjacentHTML('beforeend', '<button id=copy data-copy="seen.example" hidden>seen[.]example</button>')"""
    )
    page.locator("#copy").click()
    page.wait_for_function("() => window.copied === 'seen.example'")
    assert page.evaluate("document.querySelectorAll('main ~ textarea, body > textarea').length") == 0
