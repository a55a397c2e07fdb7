"""What has to hold on every page that a screen declares: criteria 5 to 10, 18, 30 and 32 of docs/ux.md."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import comity
from tests.doors.web.browser.pages import Who, every

pytestmark = pytest.mark.loop
AXE = Path(comity.__file__).parents[1] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
#: The rules that look at colours.
COLOURS = ["color-contrast", "link-in-text-block"]
_ASKED = """async rules => (await axe.run({runOnly: rules, resultTypes: ['violations']})).violations
  .map(({id, nodes}) => ({id, nodes: nodes.map(({target, html}) => ({target, html}))}))"""


@pytest.fixture(scope="session")
def pages(node) -> dict[Who, list[str]]:
    """Who -> paths."""
    return every(node.body, node.url)


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


def at_widths(widths: tuple[int, ...], check: Any) -> Any:
    """The same check at each width."""

    def checked(page: Any) -> list[str]:
        wrong = []
        for width in widths:
            page.set_viewport_size({"width": width, "height": 800})
            wrong += [f"{width} px: {each}" for each in check(page)]
        return wrong

    return checked


@pytest.mark.parametrize("lang", ["en", "ru", "zh", "fa"])
def test_axe_finds_nothing(tab, pages, lang):
    """In both themes, with everything unfolded. The other theme changes colours alone: it is asked what is about them."""
    if not AXE.is_file():
        pytest.skip("no axe-core: npm ci --ignore-scripts in frontend/")
    source = AXE.read_text("utf-8")

    def check(page: Any) -> list[str]:
        page.evaluate(source)
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        wrong = []
        for theme, rules in (("light", {"type": "tag", "values": RULES}), ("dark", {"type": "rule", "values": COLOURS})):
            page.emulate_media(color_scheme=theme)
            for one in page.evaluate(_ASKED, rules):
                wrong += [f"{theme} {one['id']} {node['target']} {node['html'][:160]}" for node in one["nodes"][:3]]
        return wrong

    nothing(walked(tab, pages, check, lang=lang))


#: Widths in CSS pixels; 640 is a window of 1,280 at 200 % zoom, 320 one at 400 % (WCAG 1.4.10).
WIDTHS = (1280, 1024, 640, 360, 320)
_WIDE = """() => {
  const room = document.documentElement.clientWidth
  if (document.documentElement.scrollWidth <= room) return []
  const out = [...document.querySelectorAll('main *, header *')].filter(e => e.getBoundingClientRect().right > room + 1)
  return out.slice(-3).map(e => e.outerHTML.slice(0, 160)).concat(`${document.documentElement.scrollWidth} > ${room}`)
}"""


@pytest.mark.parametrize("lang", ["en", "ru", "zh", "fa"])
def test_nothing_scrolls_sideways(tab, pages, lang):
    nothing(walked(tab, pages, at_widths(WIDTHS, lambda page: page.evaluate(_WIDE)), lang=lang))


def test_targets_are_24_px_or_stand_apart(tab, pages):
    """WCAG 2.5.8: 24 by 24, or nothing else within the circle of that size around it; links within a sentence are excepted."""
    small = """() => {
      const shown = e => e.checkVisibility({visibilityProperty: true}) && !e.closest('[popover]:not(:popover-open)') && e.getClientRects().length
      const all = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')].filter(shown)
        .filter(e => getComputedStyle(e).position !== 'absolute')
      const box = e => (e.closest('label.check') || e).getBoundingClientRect()
      const text = e => e.matches('a') && getComputedStyle(e).display === 'inline' && e.closest('p, li, dd, q, td, h1')
      const middle = e => { const r = box(e); return [r.x + r.width / 2, r.y + r.height / 2] }
      const near = e => all.some(o => {
        if (o === e || o.contains(e) || e.contains(o)) return false
        const [x, y] = middle(e), r = box(o)
        const dx = Math.max(r.left - x, 0, x - r.right), dy = Math.max(r.top - y, 0, y - r.bottom)
        return Math.hypot(dx, dy) < 12
      })
      return all.filter(e => { const r = box(e); return (r.width < 24 || r.height < 24) && !text(e) && near(e) }).map(e => e.outerHTML.slice(0, 160))
    }"""
    nothing(walked(tab, pages, at_widths((1280, 360), lambda page: page.evaluate(small))))


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
        wrong = []
        for _ in range(3 * len(left) + 20):
            page.keyboard.press("Tab")
            now = page.evaluate(here)
            if now["at"] is None:
                if not left:
                    break
                continue
            left.discard(int(now["at"]))
            wrong += [f"no ring: {now['html']}"] if not now["ring"] else []
            wrong += [f"covered: {now['html']}"] if not now["seen"] else []
        unreached = page.evaluate(
            "left => left.map(at => document.querySelector(`[data-walk='${at}']`)?.outerHTML.slice(0, 160))", sorted(left)
        )
        return [*dict.fromkeys(wrong), *(f"not reached: {html}" for html in unreached)]

    nothing(walked(tab, pages, check))
    nothing(walked(tab, pages, check, width=360))


def test_no_outcome_is_told_by_colour_alone(tab, pages):
    """In greyscale, and where the system forces its own colours, what is coloured still has its word and its sign."""
    bare = """() => [...document.querySelectorAll('.tag, .tlp, .notice, ins, del')].filter(e => !e.textContent.trim()).map(e => e.outerHTML)
      .concat([...document.querySelectorAll('.tag.yes, .tag.no')].filter(e => !e.matches('a') && !/[✓✕◐◷]/.test(e.textContent) && e.closest('td')).map(e => e.outerHTML))
      .concat([...document.querySelectorAll('main p a[href]')].filter(e => !e.classList.length && !getComputedStyle(e).textDecorationLine.includes('underline')).map(e => e.outerHTML))"""
    nothing(walked(tab, pages, lambda page: page.evaluate(bare)))
    nothing(walked(tab, pages, lambda page: page.evaluate(bare), forced_colors="active"))


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


def test_every_page_says_in_which_realm_it_is_and_who_acts(tab, pages):
    def check(page: Any) -> list[str]:
        band = page.locator("header .realm")
        told = band.inner_text().lower()
        return [] if band.is_visible() and "real data" in told and "acting for " in told else [told]

    nothing(walked(tab, pages, at_widths((1280, 360), check)))
