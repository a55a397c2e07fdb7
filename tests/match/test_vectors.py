from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numba import njit

from comity.match import vectors

MEANS = {
    "token": b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_" + bytes(range(128, 256)), "dot": b".", "digit": b"0123456789",
    "beyond": bytes(range(128, 256)), "break": b"\n", "escape": b"\\", "open": b"[({", "close": b"]", "colon": b":", "hash": b"#", "d": b"dD",
}  # fmt: skip


@njit
def masks(raw, at):
    return vectors.masks(raw, at)


@njit
def bits(one, before, place):
    return vectors.behind(one, before, place), vectors.lowest(one), vectors.unset(one), vectors.count(one)


@njit
def word(raw, at):
    return vectors.word(raw, at)


def test_each_mask_is_of_its_bytes() -> None:
    raw = np.arange(256, dtype=np.uint8)
    found = dict.fromkeys(vectors.MASKS, 0)
    for at in range(0, 256, 64):
        for name, mask in zip(vectors.MASKS, masks(raw, at), strict=True):
            found[name] |= int(mask) << at
    assert found == {name: sum(1 << byte for byte in set(MEANS[name])) for name in vectors.MASKS}


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1), st.integers(0, 63))
def test_bits(one: int, before: int, place: int) -> None:
    behind, lowest, unset, count = bits(np.uint64(one), np.uint64(before), np.uint64(place))
    assert int(behind) == ((one << 64 | before) >> place) & (2**64 - 1)
    assert lowest == ((one & -one).bit_length() - 1 if one else 64)
    assert (unset, count) == (64 - one.bit_length(), one.bit_count())


def test_a_word_begins_at_any_place() -> None:
    raw = np.arange(20, dtype=np.uint8)
    assert int(word(raw, 3)) == int.from_bytes(bytes(range(3, 11)), "little")
