"""Keys: 64-bit hashes of the texts by which an indicator shows in raw bytes, made eight characters at a time from the end, so that one pass
over a name backwards gives the key of each of its parents.

A key never decides a hit. It tells which lines may have one (`match.prefilter`), so it must never miss; that two texts share one costs
a look at a line.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from comity.terms.observable import mapped

#: Odd, so that it has an inverse and no character is lost however long the text.
MULTIPLIER = 0x9E3779B97F4A7C15
SCRAMBLE = 0xD6E8FEB86659FD93
#: Sets addresses of version 6, and networks of each length, apart.
SIX = 0xA0761D6478BD642F
#: Makes letters of eight bytes small; what else it changes, it changes on both sides.
LOWER = 0x2020202020202020
_MASK = (1 << 64) - 1
#: Characters hashed at a time.
_CHUNK = 1 << 20

Keys = NDArray[np.uint64]


def key(text: bytes) -> int:
    """The key of one text: eight characters after eight from the end, then the 1 to 8 that are left, then scrambled."""
    found = 0
    while len(text) > 8:
        found = (found ^ (int.from_bytes(text[-8:], "little") | LOWER)) * MULTIPLIER & _MASK
        found ^= found >> 32
        text = text[:-8]
    rest = int.from_bytes(bytes(byte | 32 for byte in text), "little")
    return _scrambled((found ^ rest) * MULTIPLIER & _MASK)


def _scrambled(value: int) -> int:
    value ^= value >> 32
    value = value * SCRAMBLE & _MASK
    return value ^ value >> 32


def key6(high: int, low: int, length: int = 128) -> int:
    """The key of an address of version 6 in two halves, or of a network whose prefix has `length` bits."""
    return _scrambled(((high * MULTIPLIER + low) ^ (SIX * (length + 1))) & _MASK)


def keys(texts: Sequence[bytes]) -> Keys:
    """The keys of many texts, as `key` gives them one by one."""
    found = np.empty(len(texts), np.uint64)
    first, size = 0, 0
    for index, text in enumerate(texts):
        if size and size + len(text) > _CHUNK:
            found[first:index] = _chunk(texts[first:index])
            first, size = index, 0
        size += len(text)
    if first < len(texts):
        found[first:] = _chunk(texts[first:])
    return found


def _chunk(texts: Sequence[bytes]) -> Keys:
    ends = np.cumsum([len(text) for text in texts])
    return keys_of(np.frombuffer(b"".join(texts), np.uint8), ends - [len(text) for text in texts], ends)


def keys_of(raw: NDArray[np.uint8], starts: NDArray[np.int64], ends: NDArray[np.int64]) -> Keys:
    """The keys of the texts raw[start : end], none of them empty but where no key is ever looked for."""
    padded = np.concatenate((np.zeros(8, np.uint8), raw | np.uint8(32)))
    words: Keys = np.ndarray(len(padded) - 7, "<u8", padded, strides=(1,))
    found, ends, left = np.zeros(len(ends), np.uint64), ends.copy(), ends - starts
    long = np.flatnonzero(left > 8)
    while len(long):
        mixed = (found[long] ^ words[ends[long]]) * np.uint64(MULTIPLIER)
        found[long] = mixed ^ mixed >> np.uint64(32)
        ends[long] -= 8
        left[long] -= 8
        long = long[left[long] > 8]
    rest = np.where(left > 0, words[ends] >> (8 * (8 - np.maximum(left, 1))).astype(np.uint64), np.uint64(0))
    return scrambled((found ^ rest) * np.uint64(MULTIPLIER))


def scrambled(values: Keys) -> Keys:
    """What `key` does last, for many."""
    values = values ^ values >> np.uint64(32)
    values = values * np.uint64(SCRAMBLE)
    return values ^ values >> np.uint64(32)


class Handles(NamedTuple):
    """What a set of indicators is recognised by: whole texts, addresses of version 6 as keys, and networks."""

    texts: list[bytes]
    sixes: list[int]
    networks: list[IPv4Network]
    lengths: set[int]


def handles(values: Sequence[tuple[str, str]]) -> Handles:
    """The handles of (kind, normal value) pairs: a URL is recognised by its host, an e-mail address by its domain."""
    found = Handles([], [], [], set())
    for kind, value in values:
        if kind == "cidr":
            network = ip_network(value)
            if isinstance(network, IPv6Network):
                found.lengths.add(network.prefixlen)
                found.sixes.append(_six(network.network_address, network.prefixlen))
            else:
                found.networks.append(network)
        elif kind == "ipv6":
            found.sixes.append(_six(IPv6Address(value)))
            if four := mapped(value):
                found.texts.append(four.encode())
        else:
            text = _host(value) if kind == "url" else value.rpartition("@")[2] if kind == "email" else value
            if text[:1] == "[":
                found.sixes.append(_six(IPv6Address(text[1:-1])))
            else:
                found.texts.append(text.encode())
    return found


def _six(address: IPv6Address, length: int = 128) -> int:
    number = int(address)
    return key6(number >> 64, number & _MASK, length)


def _host(url: str) -> str:
    """The host of a URL in normal form, which is ASCII in lower case; an address of version 6 in its brackets."""
    authority = url.partition("://")[2]
    end = next((at for at, char in enumerate(authority) if char in "/?#"), len(authority))
    host = authority[:end].rpartition("@")[2]
    return host.partition("]")[0] + "]" if host[:1] == "[" else host.partition(":")[0]
