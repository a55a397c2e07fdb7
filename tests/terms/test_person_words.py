"""The lists by which persons are looked for: each can be used as it stands."""

from __future__ import annotations

import re2

from comity.terms import person_words
from comity.terms.persons import KINDS


def test_every_expression_is_one():
    for part in (person_words.PHONE, person_words.NETWORK, person_words.LOGIN, person_words.CARD, person_words.SUBSCRIBER):
        assert re2.compile(part)
    for names in person_words.FIELDS.values():
        assert re2.compile(names)


def test_every_list_speaks_of_known_kinds():
    assert set(person_words.FIELDS) | set(person_words.MISP.values()) <= set(KINDS)


def test_words_are_compared_without_case():
    for words in (person_words.ROLES, person_words.BUILT_IN, person_words.FILES, person_words.PAGES, person_words.UNITS):
        assert words and all(word == word.casefold() for word in words)
