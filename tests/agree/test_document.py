"""An agreement as people read it."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from comity import samples
from comity.agree.agreement import read
from comity.agree.document import BANNER, articles, as_html, as_text
from tests.agree.test_sections import TEXT
from tests.agree.treaty import TREATY


def lines(text: str, heading: str) -> list[str]:
    return next(each.lines for each in articles(read(text)) if each.heading.startswith(heading))


def test_the_whole_in_its_order() -> None:
    assert [each.heading for each in articles(read(TEXT))] == [
        "Agreement on exchange of technical threat information", "Clause art-4.2: a permission", "Parties", "Profiles and limits"
    ]  # fmt: skip
    assert [each.heading for each in articles(read(TREATY))][-2:] == ["Clause art-9: a prohibition", "Parties"]
    assert [each.quote for each in articles(read(TEXT))][:2] == ["", "Members receive technical indicators up to TLP:AMBER."]


def test_the_head_says_what_it_is_and_since_when() -> None:
    assert lines(TEXT, "Agreement on") == [
        BANNER,
        "example-ict@1, an agreement in sco, for network-defence, statistics.",
        "In force from 2021-09-17.",
        "It binds a party from that party's own entry into force; a clause works between two parties once both are bound.",
        "A withdrawal has effect P6M after notice.",
    ]
    second = TEXT.replace("version = 1", "version = 2").replace("illustrative = true\n", "")
    assert lines(second, "Agreement on")[0].startswith("example-ict@2")
    assert lines(second, "Agreement on")[-1] == "Earlier versions bind those whom this one does not bind yet, and nobody from 2022-06-01."
    open_ended = second.replace("transition = 2022-06-01\n", "").replace('"per-party"', '"all"')
    assert lines(open_ended, "Agreement on")[-1] == "Earlier versions bind those whom this one does not bind yet."
    assert lines(open_ended, "Agreement on")[2].startswith("It binds whoever has a standing")
    ending = TEXT.replace("in_force = 2021-09-17", "in_force = 2021-09-17\nuntil = 2024-01-01")
    assert "In force from 2021-09-17 until 2024-01-01." in lines(ending, "Agreement on")
    assert "A draft: it binds nobody." in lines(TEXT.replace("in_force = 2021-09-17\n", ""), "Agreement on")


def test_a_party_with_all_its_steps() -> None:
    full = TEXT.replace("[party.KZ]", '[party.KZ]\nsigned = 2021-09-17\nratified = 2021-09-20\nstanding = "member"\nauthority = "CERT"')
    assert lines(full, "Parties") == [
        "KZ (member): signed 2021-09-17, ratified 2021-09-20, in force from 2021-10-01, reserves art-4.2, "
        "suspended from 2021-11-01 until 2021-12-01, suspended from 2022-02-01, gave notice of withdrawal 2022-03-01, "
        "bound until 2022-09-01. Authority: CERT."
    ]
    assert lines(TREATY, "Parties")[-1] == "HUB (the centre): in force from 2021-10-01."
    assert lines(TEXT + "[party.UZ]\n", "Parties")[-1] == "UZ: none."
    assert "Reserved by KZ: it does not work between them and anybody." in lines(TEXT, "Clause")
    assert not any(line.startswith("Reserved") for line in lines(TREATY, "Clause art-4.2"))


def test_profiles_caps_and_budgets() -> None:
    assert lines(TEXT, "Profiles") == [
        "Profile no-source leaves out created_by_ref and external_references.url.",
        "A person who is analyst may share up to TLP:GREEN.",
        "A party may ask privately about 1000 domain-name and file values in P1D.",
    ]


def test_as_text() -> None:
    text = as_text(read(TREATY))
    assert text.startswith("Agreement on exchange of technical threat information\n=====")
    assert "\n\nClause art-9: a prohibition\n===========================\n  “Attribution is not exchanged.”\n\n  Whatever" in text
    assert text.endswith("  HUB (the centre): in force from 2021-10-01.\n")


def test_as_a_page_no_text_becomes_markup() -> None:
    class Tags(HTMLParser):
        found: list[str] = []

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.found.append(tag)

    page = as_html(read(TEXT.replace("Members receive", "<script>alert(1)</script> & Members receive")))
    parser = Tags()
    parser.feed(page)
    assert set(parser.found) <= {"html", "meta", "title", "h1", "h2", "blockquote", "ul", "li"}
    assert parser.found.count("h1") == 1
    assert next(each for each in parser.found if each in ("h1", "h2")) == "h1"
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; Members" in page
    assert "<title>Agreement on exchange of technical threat information (example-ict@1)</title>" in page


@pytest.mark.parametrize("text", [TEXT, TREATY])
def test_every_line_of_the_articles_is_in_both(text: str) -> None:
    agreement = read(text)
    for article in articles(agreement):
        assert all(line in as_text(agreement) for line in article.lines)


def test_a_protocol_says_between_whom_and_how_words_are_read() -> None:
    text = as_text(read(samples.read("hub-protocol-sample.toml").decode()))
    assert "hub-protocol-sample@1, a protocol between sco and cica, for network-defence, training." in text
    assert "It binds whoever has a standing in one of the bodies, and whoever is named below." in text
    assert "How words of cica are read" in text
    assert "  TLP: restricted as amber+strict." in text
    assert "  Purposes: network-defence, training and confidence-building as training." in text
