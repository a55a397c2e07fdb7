"""Keys: 64-bit hashes of the texts by which an indicator shows in raw bytes, made so that one pass over a name backwards gives the key
of each of its parents.

A key never decides a hit. It tells which lines may have one (`match.prefilter`), so it must never miss; that two texts share one costs
a look at a line.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

#: Odd, so that it has an inverse and no character is lost however long the text.
MULTIPLIER = 0x9E3779B97F4A7C15
SCRAMBLE = 0xD6E8FEB86659FD93
#: Sets addresses of version 6, and networks of each length, apart.
SIX = 0xA0761D6478BD642F
_MASK = (1 << 64) - 1
_INVERSE = pow(MULTIPLIER, -1, 1 << 64)
#: Characters hashed at a time.
_CHUNK = 1 << 20

Keys = NDArray[np.uint64]


def key(text: bytes) -> int:
    """The key of one text: the characters from the last to the first, then scrambled."""
    found = 0
    for byte in reversed(text):
        found = (found * MULTIPLIER + byte) & _MASK
    return _scrambled(found)


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
    """Sums of character times power, up to each place; a text is the difference of two, shifted to begin at power 0."""
    raw = np.frombuffer(b"".join(texts), np.uint8).astype(np.uint64)
    ends = np.cumsum([len(text) for text in texts])
    starts = ends - [len(text) for text in texts]
    sums = np.concatenate((np.zeros(1, np.uint64), np.cumsum(raw * powers(MULTIPLIER, len(raw)), dtype=np.uint64)))
    return scrambled((sums[ends] - sums[starts]) * powers(_INVERSE, len(raw) + 1)[starts])


def powers(base: int, count: int) -> Keys:
    """base^0, base^1, … modulo 2^64."""
    found = np.full(count, base, np.uint64)
    if count:
        found[0] = 1
    return np.cumprod(found, dtype=np.uint64)


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
