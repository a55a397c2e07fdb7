"""What a page lacks in its own language stands in it in English: said so, and in its own order."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from comity.doors.web.foreign import isolated, marked
from comity.doors.web.show import BEGIN, END, clean, prose
from comity.doors.web.words import Foreign, Words
from tests.consortium import Body, indicator
from tests.doors.web.routes import addresses
from tests.doors.web.visitor import READING, Visitor


def test_where_it_stands_says_how_it_is_isolated():
    text = marked(Foreign("3 of 5 <b>"))
    assert isolated(f"<p>{text}</p>") == '<p><bdi lang="en" dir="ltr">3 of 5 &lt;b&gt;</bdi></p>'
    assert isolated(f'<a title="{text}">x</a>') == '<a title="\u20663 of 5 &lt;b&gt;\u2069">x</a>'
    for element in ("title", "option", "textarea", "svg"):
        assert isolated(f"<{element}>{text}</{element}>") == f"<{element}>\u20663 of 5 &lt;b&gt;\u2069</{element}>"


def test_no_text_of_others_can_bring_the_marks():
    hostile = f"{BEGIN}x{END}{END}"
    assert BEGIN not in clean(hostile) and END not in prose(hostile)


def test_only_what_falls_back_is_foreign():
    assert isinstance(Words("fa")("audience.title"), Foreign)
    assert isinstance(Words("fa").name("effect", "permit"), str)
    assert not isinstance(Words("fa")("nav.search"), Foreign)
    assert not isinstance(Words("ru")("audience.title"), Foreign)


class _Page(HTMLParser):
    """Texts with the language and direction that they are shown in."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, str | None]] = []
        self.texts: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("input", "meta", "link", "br", "img", "path", "circle", "line", "rect", "wbr", "hr", "use"):
            self.open.append((tag, dict(attrs).get("lang", self.open[-1][1] if self.open else None)))

    def handle_endtag(self, tag: str) -> None:
        if tag in [name for name, _ in self.open]:
            while self.open.pop()[0] != tag:
                pass

    def handle_data(self, data: str) -> None:
        if self.open and data.strip():
            self.texts.append((data.strip(), self.open[-1][1]))


@pytest.fixture
def visitor():
    """A clause with a duty, and a second version: pages on which sentences name several terms."""
    body = Body(agreement=READING.replace('tlp_max = "green"', 'tlp_max = "green"\nduty = ["report-sightings"]'))
    kz = body.member("KZ")
    made = indicator(name="x")
    kz.submits(made, tlp="green")
    kz.submits({**made, "modified": "2021-10-02T00:00:00.000Z", "description": "more"}, tlp="green")
    visitor = Visitor(body)
    visitor.made = made["id"]
    return visitor


def test_english_sentences_of_a_page_from_right_to_left_are_said_to_be_english(visitor):
    page = _Page()
    page.feed(visitor.see(f"/o/{visitor.made}/audience?lang=fa"))
    assert dict(page.texts)["1 of 1 parties may receive it"] == "en"
    assert dict(page.texts)["جستجو"] == "fa"


@pytest.mark.parametrize("lang", ["fa", "ru"])
def test_no_page_shows_a_mark_or_what_stands_for_one(visitor, lang):
    for path in addresses([visitor.made], twins=False):
        answer = visitor.get(f"{path}{'&' if '?' in path else '?'}lang={lang}")
        if "html" in answer.headers["content-type"]:
            assert not {BEGIN, END, "\ufffd"} & set(answer.text), path
            assert lang == "fa" or "\u2066" not in answer.text
