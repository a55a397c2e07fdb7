"""DSSE envelopes: the form, and what is signed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import SenderFault
from comity.forms.dsse import Signature, Signed, pae, read, write

MOST = 10_000


def test_the_pre_authentication_encoding_is_that_of_the_specification() -> None:
    """The example of DSSE 1.0, protocol."""
    assert pae("http://example.com/HelloWorld", b"hello world") == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"


@given(st.binary(max_size=200), st.text(max_size=40), st.lists(st.binary(max_size=64), min_size=1, max_size=8))
def test_what_is_written_is_read_back(payload: bytes, type_: str, sigs: list[bytes]) -> None:
    signatures = tuple(Signature(keyid=str(number), sig=sig) for number, sig in enumerate(sigs))
    signed = Signed(payload=payload, type=type_, signatures=signatures)
    assert read(write(signed), MOST) == signed


@given(st.binary(max_size=120))
def test_whatever_is_read_is_written_the_same(data: bytes) -> None:
    try:
        found = read(data, MOST)
    except SenderFault:
        return
    assert write(found) == data


@pytest.mark.parametrize(
    "raw",
    [
        b"{}",
        b'{"payload":"","payloadType":"x","signatures":[]}',
        b'{"payload":"", "payloadType":"x","signatures":[{"keyid":"a","sig":""}]}',
        b'{"payload":"YWL=","payloadType":"x","signatures":[{"keyid":"a","sig":""}]}',
        b'{"payload":"","payloadType":"x","signatures":[{"keyid":"a","sig":""},{"keyid":"a","sig":""}]}',
        b'{"more":1,"payload":"","payloadType":"x","signatures":[{"keyid":"a","sig":""}]}',
    ],
)
def test_other_spellings_are_refused(raw: bytes) -> None:
    with pytest.raises(SenderFault):
        read(raw, MOST)


def test_a_large_one_is_refused_unread() -> None:
    with pytest.raises(SenderFault, match="more than 3"):
        read(b"{}  ", 3)
