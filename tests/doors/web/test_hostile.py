"""What others wrote is text on every page and in every twin (the browser's part: tests/doors/web/browser/test_hostile.py)."""

from __future__ import annotations

import csv
import io
import re
from html.parser import HTMLParser

import jinja2
import markupsafe
import pytest

from comity.doors.web import render
from tests.doors.web.hostile import CORPUS, hostile
from tests.doors.web.routes import addresses
from tests.doors.web.visitor import Visitor

_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
#: Elements that no page has, whatever it shows.
_NEVER = {"iframe", "object", "embed", "base", "foreignobject", "math", "style", "animate", "marquee", "applet"}


_ADDRESSES = {"href", "src", "action", "formaction", "poster", "xlink:href", "hx-get", "hx-post", "data-from"}
#: Our own paths, queries and anchors; images that are data. Never another site or another scheme.
_OURS = re.compile(r"/(?![/\\])|\?|#|data:image/(png|svg\+xml)[;,]|\Z")


class Markup(HTMLParser):
    """Collects what a page's markup does that it must not."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: text or "" for name, text in attrs}
        if tag in _NEVER or (tag == "meta" and "http-equiv" in told):
            self.faults.append(f"<{tag}>")
        if tag == "script" and told.get("type") != "application/json" and not told.get("src", "").startswith("/static/"):
            self.faults.append(f"script {told}")
        for name, text in told.items():
            if name in ("style", "srcdoc") or name.startswith(("on", "hx-on", "data-hx-on")):
                self.faults.append(f"{tag} {name}")
            if name in _ADDRESSES and (text == "/bitten" or not _OURS.match(text)):
                self.faults.append(f"{tag} {name}={text!r}")


@pytest.fixture(scope="module")
def site() -> tuple[Visitor, list[str]]:
    body, _, ids = hostile()
    assert len(ids) > 3 * len(CORPUS)
    return Visitor(body), ids


def test_every_page_is_nothing_but_our_own_markup(site):
    visitor, ids = site
    for path in addresses(ids, twins=False):
        answer = visitor.get(path)
        assert answer.status_code in (200, 404), path
        page = Markup()
        page.feed(answer.text)
        assert not page.faults, (path, page.faults)
        unseen = _UNSEEN.search(answer.text)
        assert not unseen, (path, unseen)
        assert "x-bitten" not in answer.headers


def test_a_table_has_no_formulas(site):
    visitor, ids = site
    for path in addresses(ids, twins=True):
        if path.endswith(".csv"):
            answer = visitor.get(path)
            for row in csv.reader(io.StringIO(answer.text, newline="")):
                for cell in row:
                    if re.fullmatch(r"-\d+(\.\d+)?", cell):
                        continue
                    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r")), (path, cell)


def test_twins_are_never_taken_for_pages(site):
    visitor, ids = site
    for path in addresses(ids[:12], twins=True):
        if path.endswith((".json", ".csv", ".ndjson")):
            answer = visitor.get(path)
            assert not answer.headers["content-type"].startswith("text/html"), path
            assert answer.headers["x-content-type-options"] == "nosniff"


def test_caught_a_filter_that_trusts_what_it_is_given(site, monkeypatch):
    visitor, ids = site
    monkeypatch.setitem(render.TEMPLATES.filters, "prose", jinja2.pass_context(lambda _, text: markupsafe.Markup(text)))
    with pytest.raises(AssertionError):
        test_every_page_is_nothing_but_our_own_markup((visitor, ids))
