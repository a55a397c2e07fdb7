"""The lists by which persons are looked for: each can be used as it stands."""

from __future__ import annotations

from typing import Any

import re2

from comity.terms import person_words
from comity.terms.persons import KINDS


def named(kind: type) -> list[Any]:
    """The lists or expressions of the module."""
    return [value for name, value in vars(person_words).items() if name.isupper() and isinstance(value, kind)]


def test_every_expression_is_one():
    parts = named(str)
    assert len(parts) > 10
    for part in parts:
        assert re2.compile(part)
    for names in person_words.FIELDS.values():
        assert re2.compile(names)


def test_every_list_speaks_of_known_kinds():
    assert set(person_words.FIELDS) | set(person_words.MISP.values()) <= set(KINDS)


def test_words_are_compared_without_case():
    lists = named(frozenset)
    assert len(lists) > 5
    for words in lists:
        assert words and all(word == word.casefold() for word in words)
