"""What has to hold on every page that a screen declares: criteria 3, 5 to 10, 14, 15, 18, 26, 28 to 30 and 32 of docs/ux.md.

A page is visited once in each language, and all that holds there is looked at (`checks`); each test then says what of it is its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest

from tests.doors.web.browser import checks
from tests.doors.web.browser.checks import at_widths
from tests.doors.web.browser.conftest import tabs
from tests.doors.web.browser.pages import Who

pytestmark = pytest.mark.loop
LANGUAGES = ("en", "ru", "zh", "fa")
#: Name -> (languages in which it is looked at, the check), in the order of looking: later ones change the page.
CHECKS: dict[str, tuple[tuple[str, ...], Callable[[Any], list[str]]]] = {
    "rows": (LANGUAGES, checks.rows),
    "names": (("en",), checks.names),
    "size": (LANGUAGES, checks.size),
    "values": (LANGUAGES, checks.values),
    "order": (("fa",), checks.order),
    "targets": (("ru",), at_widths((1280, 360), checks.targets)),
    "realm": (("en",), at_widths((1280, 360), checks.realm)),
    "sideways": (LANGUAGES, at_widths(checks.WIDTHS, checks.sideways)),
    "colours": (("en",), at_widths((1280,), checks.colours)),
    "axe": (LANGUAGES, at_widths((1280,), checks.axe)),
}


class Found:
    """What is wrong in one language: name of a check -> what it says; `console`, and how quick the pages are."""

    def __init__(self) -> None:
        self.wrong: dict[str, list[str]] = {name: [] for name in (*CHECKS, "console")}
        self.painted: list[float] = []
        self.pressed: list[float] = []


@pytest.fixture(scope="module")
def found(browser, node, pages) -> Iterator[Callable[[str], Found]]:
    """`found("ru")`: each page visited once, at the first call."""
    if not checks.AXE.is_file():
        pytest.skip("no axe-core: npm ci --ignore-scripts in frontend/")
    with tabs(browser, node) as tab:

        @cache
        def visited(lang: str) -> Found:
            kept = Found()
            for who, paths in pages.items():
                opened = tab(who=who, lang=lang)
                for path in paths:
                    page = opened.open(path)
                    for times, took in zip((kept.painted, kept.pressed), checks.quick(page), strict=True):
                        times.append(took)
                    for name, (languages, check) in CHECKS.items():
                        kept.wrong[name] += [f"{path}: {each}" for each in check(page)] if lang in languages else []
                kept.wrong["console"] += opened.problems
            return kept

        yield visited


def walked(tab: Any, pages: dict[Who, list[str]], check: Any, choose: str = "", **how: Any) -> list[str]:
    """What `check` finds wrong on each page, and what the browser complained of. `choose` is asked of the first page and kept by a cookie."""
    wrong = []
    for who, paths in pages.items():
        opened = tab(who=who, **how)
        if choose:
            opened.open(f"{paths[0]}{'&' if '?' in paths[0] else '?'}{choose}")
        for path in paths:
            opened.open(path)
            wrong += [f"{path}: {each}" for each in check(opened.page)]
        wrong += opened.problems
    return wrong


def nothing(wrong: list[str]) -> None:
    """Nothing is wrong, or all of it is told."""
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_axe_finds_nothing(found, lang):
    nothing(found(lang).wrong["axe"] + found(lang).wrong["console"])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_scrolls_sideways(found, lang):
    nothing(found(lang).wrong["sideways"])


def test_no_id_is_there_twice(found):
    nothing(found("en").wrong["names"])


def test_targets_are_24_px_or_stand_apart(found):
    nothing(found("ru").wrong["targets"])


def test_no_outcome_is_told_by_colour_alone(found):
    nothing(found("en").wrong["colours"])


def test_every_page_says_in_which_realm_it_is_and_who_acts(found):
    nothing(found("en").wrong["realm"])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_looks_like_a_link_is_one(found, lang):
    nothing(found(lang).wrong["rows"])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_pages_stay_small(found, lang):
    """Lists are pages: however many objects there are, the browser holds few."""
    nothing(found(lang).wrong["size"])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_values_of_others_are_defanged_and_nothing_in_them_can_be_pressed(found, lang):
    nothing(found(lang).wrong["values"])


def test_from_right_to_left_values_keep_their_order(found):
    nothing(found("fa").wrong["order"])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_page_is_there_within_a_second_and_answers_a_press_at_once(found, lang):
    """On nine pages of ten: this machine may be busy with something else while one is looked at."""
    painted, pressed = (sorted(times)[len(times) * 9 // 10] for times in (found(lang).painted, found(lang).pressed))
    print(f"largest contentful paint: {painted:.0f} ms; a press: {pressed:.0f} ms")
    assert painted <= 1000, found(lang).painted
    assert pressed <= 200, found(lang).pressed


def test_a_keyboard_reaches_everything_and_shows_where_it_is(tab, pages):
    """Tab from the top to the end: each control is met, in sight, not covered, with a mark of its focus; and there is a way out."""
    there = """() => { const group = e => [...(e.form || document).querySelectorAll(`[type=radio][name="${e.name}"]`)]
      return [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')]
      .filter(e => !e.disabled && e.checkVisibility({visibilityProperty: true}) && !e.closest('[popover]:not(:popover-open)') && !e.closest('details:not([open]) > :not(summary)'))
      .filter(e => e.type !== 'radio' || e === (group(e).find(o => o.checked) || group(e)[0])).map((e, at) => { e.dataset.walk = at; return at }) }"""
    here = """() => {
      const e = document.activeElement
      if (!e || e === document.body || e === document.documentElement) return {at: null}
      const r = e.getBoundingClientRect(), s = getComputedStyle(e)
      const drawn = e instanceof SVGElement && [...e.children].some(c => getComputedStyle(c).stroke !== 'none' && parseFloat(getComputedStyle(c).strokeWidth) >= 2)
      const ring = drawn || s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2
      const spots = [...e.getClientRects()].flatMap(c => [[c.x + c.width / 2, c.y + c.height / 2], [c.x + 3, c.y + c.height - 3], [c.right - 3, c.y + 3]])
      const seen = spots.some(([x, y]) => { const top = document.elementFromPoint(x, y); return top && (top === e || e.ownerSVGElement && top.closest('svg') === e.ownerSVGElement || e.contains(top) || top.contains(e) || top.closest('label')?.contains(e)) })
      return {at: e.dataset.walk ?? null, ring, seen, html: e.outerHTML.slice(0, 120)}
    }"""

    def check(page: Any) -> list[str]:
        left = set(page.evaluate(there))
        # What has the focus is looked at when the next key goes down: by then it has been brought into sight.
        page.evaluate(f"() => {{ window.met = []; addEventListener('keydown', () => window.met.push(({here})()), true) }}")
        wrong, most = [], 3 * len(left) + 20
        while left and most > 0:
            for _ in range(len(left) + 2):
                page.keyboard.press("Tab")
            most -= len(left) + 2
            for now in page.evaluate("() => window.met.splice(0)"):
                if now["at"] is not None:
                    left.discard(int(now["at"]))
                    wrong += [f"no ring: {now['html']}"] if not now["ring"] else []
                    wrong += [f"covered: {now['html']}"] if not now["seen"] else []
        unreached = page.evaluate(
            "left => left.map(at => document.querySelector(`[data-walk='${at}']`)?.outerHTML.slice(0, 160))", sorted(left)
        )
        return [*dict.fromkeys(wrong), *(f"not reached: {html}" for html in unreached)]

    nothing(walked(tab, pages, check))
    nothing(walked(tab, pages, check, width=360))


def test_a_longer_language_is_not_clipped(tab, pages, monkeypatch):
    """The pseudo-locale: 40 % longer, and no key that the catalogue lacks."""
    monkeypatch.setenv("COMITY_PSEUDO", "1")
    clipped = """() => [...document.querySelectorAll('a, button, th, h1, h2, dt, label, summary, .tag, .kind')]
      .filter(e => e.checkVisibility() && !e.closest('.unseen, thead') && ['hidden', 'clip'].includes(getComputedStyle(e).overflowX) && e.scrollWidth > e.clientWidth + 1)
      .map(e => e.outerHTML.slice(0, 160))
      .concat(document.documentElement.scrollWidth > document.documentElement.clientWidth ? [`${document.documentElement.scrollWidth} px wide`] : [])"""

    def check(page: Any) -> list[str]:
        return [] if page.evaluate("document.documentElement.lang") == "en-x-pseudo" else ["not in the pseudo-locale"]

    wrong = walked(
        tab, pages, lambda page: check(page) + at_widths((1280, 360), lambda page: page.evaluate(clipped))(page), choose="lang=qps"
    )
    nothing(wrong)
