from __future__ import annotations

import numpy as np
import pytest

from comity.match.kernel_numpy import _TOKEN
from comity.match.kernel_odd import escaped, four_of, in_network, in_token, wide_dots


def raw(text: bytes) -> np.ndarray:
    return np.frombuffer(text, np.uint8)


def test_both_passes_take_the_same_bytes_for_tokens() -> None:
    found = [bool(in_token(np.uint8(byte))) for byte in range(128)]
    assert found == [bool(_TOKEN[byte]) for byte in range(128)]
    assert all(in_token(np.uint8(byte)) for byte in range(128, 256))


@pytest.mark.parametrize(
    ("text", "number"),
    [(b"192.0.2.1", 0xC0000201), (b"192.0.2.256", -1), (b"192.0.2", -1), (b"192.0..1", -1), (b"1.2.3.4.5", -1), (b"192.0.2.0001", -1)],
)
def test_dotted_addresses(text: bytes, number: int) -> None:
    assert four_of(raw(text), 0, len(text)) == number


def test_networks_are_told_by_256_addresses() -> None:
    nets = np.zeros(1 << 21, np.uint8)
    nets[0xC00002 >> 3] |= 1 << (0xC00002 & 7)
    assert in_network(raw(b"192.0.2.77"), 10, 10, nets)
    assert not in_network(raw(b"192.0.3.77"), 10, 10, nets)


def test_what_escapes_spell() -> None:
    text = raw(b"\\u0041 \\u00e9 \\u3002 \\u0022 \\x2e \\n")
    places = np.uint64(sum(1 << at for at, byte in enumerate(text.tolist()) if byte == 92))
    token, dot, none, later, shown = (int(mask) for mask in escaped(text, 0, places, True))
    assert token == 1 << 0 | 1 << 7 | 1 << 14 | 1 << 28
    assert dot == 1 << 0 | 1 << 14 | 1 << 28
    assert none == 0b11111 << 22
    assert (later, shown) == (0, 0)


def test_an_escape_goes_on_in_the_next_64_bytes() -> None:
    text = raw(b"x" * 61 + b"\\u003a" + b"y" * 61)
    _, _, none, later, shown = (int(mask) for mask in escaped(text, 0, np.uint64(1 << 61), True))
    assert none | later << 64 == 0b11111 << 62
    assert shown == 1 << 61


def test_dots_of_three_bytes() -> None:
    text = "a。b．c｡d、e".encode()
    assert int(wide_dots(raw(text), 0, np.uint64((1 << len(text)) - 1))) == 1 << 3 | 1 << 7 | 1 << 11
