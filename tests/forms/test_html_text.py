from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.forms.html_text import parse

PAGE = """<!DOCTYPE html><html><head><title>A &amp; B</title><script>var a = "<p>no</p>";</script></head>
<body><nav><p>Menu</p></nav><!-- <p>hidden</p> --><h1>Head</h1><p>Some <b>bold</b>\n text.</p><style>p{}</style>
<footer>Foot <span>er</span></footer><div>Last</div></body></html>"""


def test_text_without_chrome() -> None:
    page = parse(PAGE)
    assert page.blocks == ("Head", "Some bold text.", "Last")
    assert page.title == "A & B"


def test_an_article_is_the_page() -> None:
    body = "<p>" + "word " * 60 + "</p>"
    assert len(parse(f"<p>Other</p><article>{body}</article><p>More</p>").blocks) == 1
    assert len(parse("<p>Other</p><article>short</article>").blocks) == 2


@pytest.mark.parametrize(
    ("text", "title", "published"),
    [
        ('<meta property="og:title" content="One &lt;"><title>Two</title>', "One <", ""),
        ("<h1>Head</h1>", "Head", ""),
        ('<meta content="2024-01-02T03:04Z" property="article:published_time">', "", "2024-01-02T03:04Z"),
        ('<time datetime="2024-01-02">x</time>', "", "2024-01-02"),
        ('<script type="application/ld+json">{"datePublished": "2024-01-02T00:00:00Z"}</script>', "", "2024-01-02T00:00:00Z"),
    ],
)
def test_title_and_date(text: str, title: str, published: str) -> None:
    page = parse(text)
    assert (page.title, page.published) == (title, published)


@pytest.mark.parametrize("piece", ["<", "<!--", "<script>", "<p ", "<nav>", '<a href="', "</nav>", "<title>", "&amp"])
def test_hostile_pages_cost_one_pass(piece: str) -> None:
    parse(piece * 50_000)


@given(st.text(alphabet="<>/!-abnv scripthead\"'=&;", max_size=200))
def test_anything_is_html(text: str) -> None:
    parse(text)
