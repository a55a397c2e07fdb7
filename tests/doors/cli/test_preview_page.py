"""The page: complete, self-contained, and deaf to what is in the data."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

from comity.doors.cli.preview_look import Preview
from comity.doors.cli.preview_page import page
from comity.doors.cli.preview_text import BANNER

BUNDLE, EVENT = "kz-threat-report.stix.json", "kz-phishing.misp.json"
VOID = {"meta", "link", "br", "hr", "img", "input"}


class Seen(HTMLParser):
    """Open and close tags, attributes and text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def seen(html: str) -> Seen:
    parser = Seen()
    parser.feed(html)
    parser.close()
    assert parser.open == []
    return parser


def test_it_asks_nobody_for_anything_and_runs_nothing(previewed: Callable[..., Preview], changed: str) -> None:
    found = seen(page(previewed(BUNDLE, EVENT, change=changed)))
    assert not {"script", "link", "img", "iframe", "form", "a", "object"} & set(found.tags)
    assert not {"src", "href", "action", "srcset"} & {name for name, _ in found.attributes}
    assert not any(name.startswith("on") for name, _ in found.attributes)
    styles = [value for name, value in found.attributes if name == "style"]
    assert all(re.fullmatch(r"width:[0-9.]+%", value or "") for value in styles)
    policy = next(value or "" for name, value in found.attributes if name == "content" and "default-src" in (value or ""))
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'")
    assert "url(" not in page(previewed(BUNDLE))


def test_it_says_what_the_table_says(previewed: Callable[..., Preview], changed: str) -> None:
    preview = previewed(BUNDLE, EVENT, change=changed)
    said = " ".join(seen(page(preview)).text.split())
    for words in (BANNER, "sco-ict-sample@2", "tried instead of sco-ict-sample@1", "60 indicators", "TLP:AMBER", "TLP:RED",
                  "It gives 1 observer (IR) 62 objects", "Sharing group “Banking group", "✗ art-5.1", "(All communities)"):  # fmt: skip
        assert words in said, words
    for item in preview.items:
        if item.value:
            assert item.value not in said or "." not in item.value


def test_values_stand_in_their_own_direction(previewed: Callable[..., Preview]) -> None:
    html = page(previewed(BUNDLE))
    assert '<bdi dir="ltr">steppe-post[.]example</bdi>' in html
    assert html.count('<bdi dir="ltr">') >= 128


def test_hostile_text_stays_text(previewed: Callable[..., Preview]) -> None:
    hostile: dict[str, Any] = {
        "type": "campaign", "spec_version": "2.1", "id": "campaign--6d2a1f7e-3c41-4f6e-9c6c-0a8f0c5f2b11",
        "created": "2021-10-01T00:00:00Z", "modified": "2021-10-01T00:00:00Z", "name": "</ul><script>alert(1)</script>\u202e\"'",
    }  # fmt: skip
    html = page(previewed(files={"<img src=x>.json": hostile}))
    found = seen(html)
    assert "script" not in found.tags
    assert "img" not in found.tags
    assert "\u202e" not in html
    assert "<script>alert(1)</script>" in found.text


def test_many_parties_share_columns_and_many_items_are_cut(previewed: Callable[..., Preview]) -> None:
    named = {f"M{number:02d}": "dialogue-partner" for number in range(20)}
    addresses = "".join(f"2001:db8::{number:x}\n" for number in range(700))
    html = page(previewed(files={"l.txt": addresses}, named=named))
    assert "20 dialogue-partners" in html
    assert "and 200 more" in html


def test_an_empty_preview_is_still_a_page(previewed: Callable[..., Preview]) -> None:
    said = seen(page(previewed(files={"x.json": "{}"}))).text
    assert "Nothing in the files could be taken." in said
