"""What every key text is made of."""

from __future__ import annotations

import pytest

from comity.terms.key_text import decode_base64, valid_name


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u2003b", "a\nb", "a\tb", "\x00", "\ud800"])
def test_bad_names(name: str) -> None:
    assert not valid_name(name)
    assert valid_name("log.kz.example/sample")


@pytest.mark.parametrize("text", ["AB==", "A", "AAA", "AA=", "AAAA\n", " AAAA", "AA-_", "AAAA====", "Ä==="])
def test_only_canonical_base64_is_read(text: str) -> None:
    with pytest.raises(ValueError, match="base64"):
        decode_base64(text)
    assert decode_base64("AA==") == b"\0"
