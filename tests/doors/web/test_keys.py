"""Shortcuts of the pages; in a browser in `browser/test_shortcuts.py`."""

from __future__ import annotations

import re

from comity.doors.web.keys import ACTS, PLACES
from comity.doors.web.screens import PAGES
from comity.doors.web.words import Words
from tests.consortium import Body
from tests.doors.web.visitor import Visitor


def test_every_place_of_the_navigation_has_a_letter_of_its_own():
    letters = [PLACES[page.nav] for page in PAGES if page.nav]
    assert len(letters) == len(set(letters))


def test_places_are_letters_and_acts_have_texts():
    assert all(re.fullmatch("[a-z]", letter) for letter in PLACES.values())
    for lang in ("en", "ru", "zh"):
        assert all(Words(lang)(f"key.{act}") for act in ACTS.values())


def test_a_page_declares_them():
    page = Visitor(Body()).see("/log")
    assert 'data-key="g l"' in page
    for key, act in ACTS.items():
        assert f'data-key="{key}" data-act="{act}"' in page
