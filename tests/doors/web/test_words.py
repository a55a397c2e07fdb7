"""The catalogue: complete in every language, and chosen as the visitor asks."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import comity.doors.web as web
from comity.doors.web.words import CATALOGUE, LANGUAGES, Words, choose
from comity.terms.item import HANDLING, PURPOSES
from comity.terms.observable import KINDS
from comity.terms.party import STANDINGS
from comity.terms.stix import OWN_TYPES, SCO_TYPES, SRO_TYPES

ENGLISH = CATALOGUE["en"]


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language_says_everything(lang):
    texts = CATALOGUE[lang]
    assert set(texts) == set(ENGLISH)
    for key, text in texts.items():
        assert text.strip(), key
        assert fields(text) == fields(ENGLISH[key]), key


def test_russian_is_russian():
    latin = {key for key, text in CATALOGUE["ru"].items() if not re.search("[а-яё]", text, re.IGNORECASE)}
    hashes = {"kind_of.md5", "kind_of.sha1", "kind_of.sha256", "kind_of.sha512"}
    assert latin <= hashes | {"utc", "kind_of.url", "type.url", "log.index", "title.relationship", "title.standing"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_closed_lists_have_names(lang):
    words = Words(lang)
    groups = {"purpose": PURPOSES, "handling": HANDLING, "standing": STANDINGS, "kind_of": KINDS, "type": SCO_TYPES | SRO_TYPES | OWN_TYPES}
    for group, names in groups.items():
        for name in names:
            assert f"{group}.{name}" in CATALOGUE[lang], (group, name)
    assert words.name("type", "x-unheard-of") == "x-unheard-of"


def test_every_key_that_a_template_names_is_there():
    folder = Path(web.__file__).parent / "templates"
    keys = {key for file in folder.glob("*.html") for key in re.findall(r"\bt\('([^']+)'(?!\s*~)", file.read_text("utf-8"))}
    assert len(keys) > 80
    assert keys <= set(ENGLISH)


def test_periods():
    assert Words("en").period("P1Y") == "1 yr"
    assert Words("ru").period("P1Y6M") == "1 г. 6 мес."
    assert Words("en").period("PT1H") == "PT1H"
    assert Words("en").period("P") == "P"


@pytest.mark.parametrize(
    ("asked", "kept", "accepted", "chosen"),
    [
        (None, None, "", "en"),
        ("ru", "en", "en", "ru"),
        ("xx", "ru", "en", "ru"),
        (None, None, "ru-RU,ru;q=0.9,en;q=0.8", "ru"),
        (None, None, "de,en;q=0.4,ru;q=0.5", "ru"),
        (None, None, "ru;q=0,de", "en"),
        (None, None, "RU", "ru"),
    ],
)
def test_the_language_asked_for_kept_or_accepted(asked, kept, accepted, chosen):
    assert choose(asked, kept, accepted) == chosen


@given(st.none() | st.text(), st.none() | st.text(), st.text())
def test_any_request_gets_some_language(asked, kept, accepted):
    assert choose(asked, kept, accepted) in LANGUAGES
