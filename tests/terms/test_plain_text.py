"""One form of each character, and of each address that is written apart."""

from __future__ import annotations

import pytest

from comity.terms.plain_text import plain


def test_one_form_of_each_character():
    assert plain("ａ٣۴\u200b。") == "a34."


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("anna [at] mail [dot] example", "anna@mail.example"),
        ("anna at mail dot example", "anna at mail dot example anna@mail.example"),
        ("anna.b @ mail.example", "anna.b @ mail.example anna.b@mail.example"),
        ("e-mail: anna AT mail.example", "e-mail: anna AT mail.example anna@mail.example"),
        ("anna.b@\n  mail.example", "anna.b@mail.example"),
        ("anna%40mail%2Eexample%20", "anna@mail.example "),
        ("we met at noon", "we met at noon"),
        ("", ""),
    ],
)
def test_addresses_written_apart_are_joined(text, form):
    assert plain(text) == form
