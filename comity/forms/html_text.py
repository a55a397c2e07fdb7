"""The readable text of an HTML page: blocks of text, its title and its date. One pass, linear on hostile input.

Not a browser: scripts, styles, navigation, headers, footers, forms and side columns are left out by their elements' names;
where there is an `article` or `main` element with text in it, only that counts.
"""

from __future__ import annotations

import html
import re

import msgspec

_CHROME = ("nav", "footer", "aside", "form", "button", "select", "object", "head", "header", "menu", "dialog")
_RAW = frozenset(("script", "style", "noscript", "template", "svg", "iframe", "textarea"))
_SILENT = _RAW | frozenset(_CHROME)
_MARKUP = frozenset(("a", "abbr", "b", "bdi", "bdo", "cite", "code", "em", "font", "i", "kbd", "mark", "q", "s"))
_INLINE = _MARKUP | frozenset(("small", "span", "strong", "sub", "sup", "tt", "u", "var", "wbr", "time"))
_NAME = re.compile(r"/?\s*([a-zA-Z][a-zA-Z0-9:-]*)")
_ATTRIBUTE = re.compile(r"([a-zA-Z][a-zA-Z0-9:_-]{0,60})\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s\"'>]+)")
_DATE_IN_SCRIPT = re.compile(r'"datePublished"\s*:\s*"([^"]{10,40})"')
_TITLES = ("og:title", "twitter:title")
_DATES = ("article:published_time", "og:published_time", "datepublished", "date", "dc.date", "pubdate", "publish-date")
_MAX_TAG = 16_384


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """What a page says: its blocks of text in order, its title and its date as written (both may be empty)."""

    blocks: tuple[str, ...]
    title: str = ""
    published: str = ""


def parse(text: str) -> Page:
    """Read a page. Never raises: anything is HTML."""
    walk = _Walk(text)
    walk.run()
    core = walk.core if sum(map(len, walk.core)) > 200 else walk.all
    title = next((walk.meta[name] for name in _TITLES if walk.meta.get(name)), "") or walk.title or walk.heading
    date = next((walk.meta[name] for name in _DATES if walk.meta.get(name)), "") or walk.time
    return Page(blocks=tuple(core), title=_clean(title), published=date.strip())


def _clean(text: str) -> str:
    return " ".join(html.unescape(text).split())


class _Walk:
    """One pass over a page."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._lower = text.lower() if len(text.lower()) == len(text) else text
        self._silent: list[str] = []
        self._core_depth = 0
        self._pieces: list[str] = []
        self._catch = ""
        self.all: list[str] = []
        self.core: list[str] = []
        self.meta: dict[str, str] = {}
        self.title = self.heading = self.time = ""

    def run(self) -> None:
        """Walk from tag to tag."""
        at, text = 0, self._text
        while True:
            start = text.find("<", at)
            self._words(text[at : start if start >= 0 else len(text)])
            if start < 0:
                break
            if text.startswith("<!--", start):
                close = text.find("-->", start + 4)
                at = close + 3
            else:
                close = text.find(">", start + 1)
                at = self._tag(text[start + 1 : min(close, start + _MAX_TAG)], close + 1) if close >= 0 else 0
            if close < 0 or at < 0:
                break
        self._flush()

    def _words(self, text: str) -> None:
        if self._catch == "title" and not self.title:
            self.title = _clean(text)
        elif self._catch == "h1" and not self.heading:
            self.heading = _clean(text)
        if text and not self._silent:
            self._pieces.append(text)

    def _flush(self) -> None:
        block = _clean("".join(self._pieces))
        self._pieces.clear()
        if block:
            self.all.append(block)
            if self._core_depth:
                self.core.append(block)

    def _tag(self, tag: str, after: int) -> int:
        """Handle one tag; where to go on, -1 for nowhere."""
        found = _NAME.match(tag)
        if not found:
            return after
        name, closing = found.group(1).lower(), tag.startswith("/")
        if name not in _INLINE:
            self._flush()
        self._catch = name if name in ("title", "h1") and not closing else ""
        if name in ("article", "main"):
            self._core_depth = max(0, self._core_depth + (-1 if closing else 1))
        if closing:
            if name in self._silent:
                del self._silent[self._silent.index(name) :]
            return after
        if name in ("meta", "time"):
            self._dated(name, dict(_attributes(tag)))
        if name in _RAW:
            return self._raw(name, after)
        if name in _SILENT and len(self._silent) < 64:
            self._silent.append(name)
        elif name == "body":
            self._silent.clear()
        return after

    def _raw(self, name: str, after: int) -> int:
        """Skip an element whose content is no HTML; a date in a script's JSON-LD is taken along."""
        close = self._lower.find(f"</{name}", after)
        if name == "script" and not self.time:
            found = _DATE_IN_SCRIPT.search(self._text, after, close if close >= 0 else len(self._text))
            self.time = found.group(1) if found else ""
        if close < 0:
            return -1
        end = self._text.find(">", close)
        return end + 1 if end >= 0 else -1

    def _dated(self, name: str, attributes: dict[str, str]) -> None:
        if name == "time":
            self.time = self.time or attributes.get("datetime", "")
            return
        key = (attributes.get("property") or attributes.get("name") or attributes.get("itemprop") or "").lower()
        if key and key not in self.meta:
            self.meta[key] = html.unescape(attributes.get("content", ""))


def _attributes(tag: str) -> list[tuple[str, str]]:
    return [(match.group(1).lower(), match.group(2).strip("\"'")) for match in _ATTRIBUTE.finditer(tag)]
