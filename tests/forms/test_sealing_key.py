"""Sealing keys as text: both directions, and what is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import IntegrityFault, OperatorFault
from comity.forms.sealing_key import OpeningKey, is_sealing, read, read_opening, write, write_opening
from comity.ledger.keys import LogKey, write_verifier

KEY = OpeningKey("log.kz.example/sealing", bytes(range(32)))


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=3))
def test_keys_survive_their_text_forms(secrets: list[bytes]) -> None:
    keys = [OpeningKey("node.example/sealing", secret) for secret in secrets]
    again = read_opening(write_opening(keys))
    assert [key.public for key in again] == [key.public for key in keys]
    assert all(read(write(key.public)) == key.public and is_sealing(write(key.public)) for key in keys)


def test_a_key_for_signatures_is_none_for_sealing() -> None:
    verifier = write_verifier(LogKey("log.kz.example", bytes(range(32))).verifier)
    assert not is_sealing(verifier)
    with pytest.raises(IntegrityFault):
        read(verifier)


def test_every_change_of_a_text_is_refused() -> None:
    text = write(KEY.public)
    for position in range(len(text)):
        for change in (text[:position] + text[position + 1 :], text[:position] + "A" + text[position + 1 :]):
            if change != text:
                with pytest.raises(IntegrityFault):
                    read(change)


def test_printing_a_key_does_not_show_it_nor_does_a_damaged_file() -> None:
    data = write_opening([KEY, OpeningKey.generate("log.kz.example/sealing")])
    secret = data.decode().splitlines()[0].rpartition("+")[2]
    assert secret not in repr(KEY) and KEY.public.key_id in repr(KEY)
    for bad in (b"", data[:-1], data + b"\n", data[:-9] + b"AAAA" + data[-5:], b"\xff" + data, data.replace(b"PRIVATE", b"PUBLIC")):
        with pytest.raises(OperatorFault) as caught:
            read_opening(bad)
        assert secret[-40:] not in str(caught.value)
