"""What is looked at on every page in one visit, in one language: each check says what is wrong, as texts."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import comity

AXE = Path(comity.__file__).parents[1] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
#: The rules that look at colours.
COLOURS = ["color-contrast", "link-in-text-block"]
#: Widths in CSS pixels; 640 is a window of 1,280 at 200 % zoom, 320 one at 400 % (WCAG 1.4.10).
WIDTHS = (1280, 1024, 640, 360, 320)
#: Elements of a page that stays small.
MOST = 3_000

_ASKED = """async rules => (await axe.run({runOnly: rules, resultTypes: ['violations']})).violations
  .map(({id, nodes}) => ({id, nodes: nodes.map(({target, html}) => ({target, html}))}))"""
_WIDE = """() => {
  const room = document.documentElement.clientWidth
  if (document.documentElement.scrollWidth <= room) return []
  const out = [...document.querySelectorAll('main *, header *')].filter(e => e.getBoundingClientRect().right > room + 1)
  return out.slice(-3).map(e => e.outerHTML.slice(0, 160)).concat(`${document.documentElement.scrollWidth} > ${room}`)
}"""
_SMALL = """() => {
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
_BARE = """() => [...document.querySelectorAll('.tag, .tlp, .notice, ins, del')].filter(e => !e.textContent.trim()).map(e => e.outerHTML)
  .concat([...document.querySelectorAll('.tag.yes, .tag.no')].filter(e => !e.matches('a') && !/[✓✕◐◷]/.test(e.textContent) && e.closest('td')).map(e => e.outerHTML))
  .concat([...document.querySelectorAll('main p a[href]')].filter(e => !e.classList.length && !getComputedStyle(e).textDecorationLine.includes('underline')).map(e => e.outerHTML))"""
_ORDER = """() => [...document.querySelectorAll('.value, .hash, code, [dir=ltr]')].filter(e => e.checkVisibility()).flatMap(e => {
  const walk = document.createTreeWalker(e, NodeFilter.SHOW_TEXT), wrong = []
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    let last = null
    for (let at = 0; at < Math.min(node.length, 80); at++) {
      if (!/[\\x21-\\x7e]/.test(node.data[at])) continue
      const range = document.createRange(); range.setStart(node, at); range.setEnd(node, at + 1)
      const box = range.getBoundingClientRect()
      if (last && Math.abs(box.top - last.top) < 2 && box.left < last.left) wrong.push(node.data.slice(0, 80))
      last = box
    }
  }
  return [...new Set(wrong)]
})"""
_ASTRAY = """() => [...document.querySelectorAll('main h1, main h2')].filter(e => e.checkVisibility() && !e.closest('.unseen, .acts, .line')).filter(e => {
  const range = document.createRange(); range.selectNodeContents(e)
  const text = range.getBoundingClientRect(), style = getComputedStyle(e), box = e.getBoundingClientRect()
  return box.right - parseFloat(style.paddingRight) - text.right > 8
}).map(e => e.outerHTML.slice(0, 160))"""
_PAINTED = """() => new Promise(done => new PerformanceObserver((list, self) => {
  self.disconnect()
  done(list.getEntries().at(-1).startTime)
}).observe({type: 'largest-contentful-paint', buffered: true}))"""
_PRESSED = """() => new Promise(done => {
  const began = performance.now(), button = document.querySelector('[popovertarget=display]')
  button.click()
  requestAnimationFrame(() => requestAnimationFrame(() => { done(performance.now() - began); button.click() }))
})"""
_FAKE = "[...document.querySelectorAll('main tr[onclick], main [role=link], main .title:not(a, a *)')].map(e => e.outerHTML)"
_LINKS = """[...document.querySelectorAll('a[href], form[action], [src]')].map(
  e => new URL(e.getAttribute('href') ?? e.getAttribute('action') ?? e.getAttribute('src'), location).href)"""
_VALUES = "[...document.querySelectorAll('.value')].map(e => [e.textContent, getComputedStyle(e).direction, !!e.closest('bdi')])"


def quick(page: Any) -> tuple[float, float]:
    """Milliseconds to the largest contentful paint, which no other comes after, and from a press to what it shows."""
    return page.evaluate(_PAINTED), page.evaluate(_PRESSED)


def rows(page: Any) -> list[str]:
    """What looks like a link and is none."""
    return page.evaluate(_FAKE)


def names(page: Any) -> list[str]:
    """Ids that are there twice: links and labels would take the first for the other."""
    found = page.eval_on_selector_all("[id]", "all => all.map(each => each.id)")
    return [f"{each} is there {found.count(each)} times" for each in sorted(set(found)) if found.count(each) > 1]


def size(page: Any) -> list[str]:
    """More elements than a browser does well with."""
    count = page.evaluate("document.querySelectorAll('*').length")
    return [f"{count} elements"] if count >= MOST else []


def values(page: Any) -> list[str]:
    """Links to elsewhere; values that are not defanged or not set apart."""
    here = "/".join(page.url.split("/")[:3])
    wrong = [link for link in page.evaluate(_LINKS) if not link.startswith((here, "data:", "blob:"))]
    for text, direction, isolated in page.evaluate(_VALUES):
        if direction != "ltr" or not isolated or re.search(r"\w\.(?:example|com|org)\b|https?:", text):
            wrong.append(f"{text} {direction} {isolated}")
    return wrong


def order(page: Any) -> list[str]:
    """On a page from right to left, values whose letters stand in another order, and headings that do not begin at the right."""
    wrong = [] if page.evaluate("document.documentElement.dir") == "rtl" else ["not from right to left"]
    return wrong + page.evaluate(_ORDER) + page.evaluate(_ASTRAY)


def realm(page: Any) -> list[str]:
    """The band that says that the data is real, and who acts."""
    band = page.locator("header .realm")
    told = band.inner_text().lower()
    return [] if band.is_visible() and "real data" in told and "acting for " in told else [told]


def sideways(page: Any) -> list[str]:
    """What makes the page wider than the window."""
    return page.evaluate(_WIDE)


def targets(page: Any) -> list[str]:
    """WCAG 2.5.8: 24 by 24, or nothing else within the circle of that size around it; links within a sentence are excepted."""
    return page.evaluate(_SMALL)


def colours(page: Any) -> list[str]:
    """In greyscale, and where the system forces its own colours, what is coloured still has its word and its sign."""
    wrong = page.evaluate(_BARE)
    page.emulate_media(forced_colors="active")
    wrong += page.evaluate(_BARE)
    page.emulate_media(forced_colors="none")
    return wrong


def axe(page: Any) -> list[str]:
    """In both themes, with everything unfolded. The other theme changes colours alone: it is asked what is about them."""
    page.evaluate(AXE.read_text("utf-8"))
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    wrong = []
    for theme, rules in (("light", {"type": "tag", "values": RULES}), ("dark", {"type": "rule", "values": COLOURS})):
        page.emulate_media(color_scheme=theme)
        for one in page.evaluate(_ASKED, rules):
            wrong += [f"{theme} {one['id']} {node['target']} {node['html'][:160]}" for node in one["nodes"][:3]]
    page.emulate_media(color_scheme="light")
    return wrong


def at_widths(widths: tuple[int, ...], check: Callable[[Any], list[str]]) -> Callable[[Any], list[str]]:
    """The same check at each width."""

    def checked(page: Any) -> list[str]:
        wrong = []
        for width in widths:
            page.set_viewport_size({"width": width, "height": 800})
            wrong += [f"{width} px: {each}" for each in check(page)]
        return wrong

    return checked
