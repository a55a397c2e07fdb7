from __future__ import annotations

import pytest

from comity.forms.candidates import looks_like_address, text_of


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("192.0.2.1", True),
        ("2001:db8::1", True),
        ("fe80::1", True),
        ("::1", True),
        ("a.example", False),
        ("17", False),
        ("", False),
        ("add:on", False),
    ],
)
def test_cheap_sieve_for_addresses(text: str, want: bool) -> None:
    assert looks_like_address(text) is want


def test_junk_becomes_replacement_characters() -> None:
    assert text_of(b"a\xff.example") == "a\ufffd.example"
