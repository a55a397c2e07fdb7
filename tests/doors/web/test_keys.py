"""Shortcuts of the pages; in a browser in `browser/test_shortcuts.py`."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.doors.web.keys import ACTS, EVERYWHERE, PLACES, USUAL, chosen, usual, written
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
        assert all(Words(lang)(f"key.{act}") for act in ACTS)


def test_a_page_declares_them():
    page = Visitor(Body()).see("/log")
    assert 'data-key="g l"' in page
    for act, key in ACTS.items():
        assert f'data-key="{key}" data-act="{act}"' in page


def test_the_usual_keys_can_be_had_and_none_meets_another():
    everything = {name: key for names in USUAL.values() for name, key in names.items()}
    assert len(everything) == sum(len(names) for names in USUAL.values())
    assert chosen(everything) == ({}, {})
    assert chosen({}) == ({}, {})


@pytest.mark.parametrize(
    ("text", "key"),
    [("j", "j"), (" J ", "Shift+j"), ("ctrl + K", "Ctrl+k"), ("alt+m", "Alt+m"), ("esc", "Escape"), ("f2", "F2"), ("q  w", "q w"), ("+", "+"), ("g +", "g +")],
)  # fmt: skip
def test_what_somebody_writes_is_read_as_scripts_call_it(text, key):
    assert written(text) == key


@pytest.mark.parametrize(
    ("name", "text", "why", "other"),
    [
        ("key.next", "k", "keys.wrong.same", "key.previous"),
        ("key.next", "g", "keys.wrong.same", "nav.account"),  # it begins another
        ("inbox.accept", "j", "keys.wrong.same", "key.next"),
        ("nav.log", "a x", "keys.wrong.same", "inbox.accept"),
        ("key.palette", "ctrl+c", "keys.wrong.browser", ""),
        ("key.next", "f5", "keys.wrong.browser", ""),
        ("key.next", "Tab", "keys.wrong.form", ""),
        ("key.next", "Enter", "keys.wrong.form", ""),
        ("key.next", "й", "keys.wrong.form", ""),
        ("key.next", "a b c", "keys.wrong.form", ""),
        ("key.next", "g ctrl+k", "keys.wrong.form", ""),
        ("key.next", "<b>", "keys.wrong.form", ""),
    ],
)
def test_what_cannot_be_is_refused_beside_the_key_that_was_moved(name, text, why, other):
    _, wrong = chosen({name: text})
    assert {at: (each.why, each.other) for at, each in wrong.items()} == {name: (why, other)}


def test_two_may_change_places_and_areas_share_keys():
    moved, wrong = chosen({"key.next": "k", "key.previous": "j", "inbox.accept": "s"})
    assert wrong == {}
    assert moved == {"key.next": "k", "key.previous": "j", "inbox.accept": "s"}  # `s` is another's on another page


KEYS = st.sampled_from([*"abjkx?/", "g i", "g", "x y", "Ctrl+k", "Ctrl+c", "F2", "Tab", ""])
NAMES = [name for names in USUAL.values() for name in names]


@given(st.dictionaries(st.sampled_from(NAMES), KEYS, max_size=6))
def test_whatever_is_kept_no_key_has_two_meanings(texts):
    moved, wrong = chosen(texts)
    if wrong:
        assert set(wrong) <= set(texts)
        return
    for names in USUAL.values():
        here = [moved.get(name, usual(name)) for name in {**USUAL[EVERYWHERE], **names}]
        assert len(here) == len(set(here))
        assert not [one for one in here for other in here if other.startswith(f"{one} ")]
