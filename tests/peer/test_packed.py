"""Bodies that go packed over a link."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import SenderFault
from comity.peer.packed import packed, unpacked


@given(st.binary(max_size=5_000))
def test_what_was_packed_is_what_it_was(raw):
    assert unpacked(packed(raw), 5_000) == raw == gzip.decompress(packed(raw))


@pytest.mark.parametrize("over", [1, 1 << 26])
def test_a_bomb_is_refused_and_never_made(over):
    with pytest.raises(SenderFault, match="more than 1000 bytes"):
        unpacked(packed(bytes(1_000 + over)), 1_000)


@pytest.mark.parametrize("body", [b"", b"x", packed(b"abc")[:-1], packed(b"abc") + b"x", packed(b"abc") + packed(b"abc")])
def test_what_is_no_gzip_is_refused(body):
    with pytest.raises(SenderFault):
        unpacked(body, 1_000)
