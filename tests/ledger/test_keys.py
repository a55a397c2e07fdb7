"""Key texts: both directions, and what is not one of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import IntegrityFault, OperatorFault
from comity.ledger.keys import LogKey, read_verifier, write_verifier

KEY = LogKey("log.kz.example/sample", bytes(range(32)))


@given(st.binary(min_size=32, max_size=32))
def test_keys_survive_their_text_forms(seed: bytes) -> None:
    key = LogKey("log.uz.example", seed)
    again = LogKey.from_bytes(key.to_bytes())
    assert again.verifier == key.verifier == read_verifier(write_verifier(key.verifier))
    assert key.verifier.valid(b"text", again.sign(b"text"))
    assert not key.verifier.valid(b"texT", again.sign(b"text"))


def test_generated_keys_differ() -> None:
    assert LogKey.generate("a").verifier.public != LogKey.generate("a").verifier.public


def test_printing_a_key_does_not_show_it() -> None:
    seed = KEY.to_bytes().decode().rpartition("+")[2].strip()
    assert "sample" in repr(KEY)
    assert seed not in repr(KEY)
    assert str(bytes(range(32))) not in f"{KEY}"


def test_every_change_of_a_verifier_text_is_refused_or_another_key() -> None:
    text = write_verifier(KEY.verifier)
    for position in range(len(text)):
        for change in (text[:position] + text[position + 1 :], text[:position] + "A" + text[position + 1 :]):
            if change != text:
                with pytest.raises(IntegrityFault):
                    read_verifier(change)
    for other in ("", "a+b", text + "\n", " " + text, text.replace("+", " "), text.upper()):
        with pytest.raises(IntegrityFault):
            read_verifier(other)


def test_damaged_key_files_are_the_operators_matter_and_not_quoted() -> None:
    data = KEY.to_bytes()
    for bad in (
        b"",
        data[:-1],
        data + b"\n",
        data[:-9] + b"AAAA" + data[-5:],
        b"\xff" + data,
        data.removeprefix(b"PRIVATE+KEY+"),
    ):
        with pytest.raises(OperatorFault) as caught:
            LogKey.from_bytes(bad)
        assert data.decode().rpartition("+")[2][:20] not in str(caught.value)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u2003b", "a\nb", "a\tb", "\x00", "\ud800"])
def test_bad_names(name: str) -> None:
    with pytest.raises(OperatorFault):
        LogKey(name, bytes(32))
