"""What the compiled pass looks up: keys of parts of a block, gathered chunk by chunk and then asked of the table all together."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from comity.match.kernel_cache import compiled, inlined
from comity.match.keys import LOWER, MULTIPLIER, SCRAMBLE
from comity.match.vectors import lowest, word

ZERO, ONE, FULL = np.uint64(0), np.uint64(1), np.uint64(0xFFFFFFFFFFFFFFFF)
MULTIPLY = np.uint64(MULTIPLIER)
_S, _LOW = np.uint64(SCRAMBLE), np.uint64(LOWER)
_6BITS, _12, _20, _32, _63 = (np.uint64(number) for number in (6, 12, 20, 32, 63))
#: Bytes of a chunk, and more keys than can be in one: two for each label and each token.
CHUNK, NOTED = 4096, 8192
#: Why a text counts by its length and first character (`Sets.special`).
ALONE, NUMBER = 1, 2


class Sets(NamedTuple):
    """What is looked for: two sets of keys, the second small, each with its filter and directory (`table`); and what `Facts` say.

    `special[n << 8 | c]`: whether a text of n characters (255: or more) that begins with c counts as a label `ALONE`, or as a host that
    ends in a `NUMBER` and is no address. `alone`: some label does, the `shortest` as a power of two, -1 for none; `finals`: a bit for each
    length of the last label of such hosts and such labels. `fours`: some whole address of version 4; `numeric`: whether tokens that end in
    a number count at all; `lengths` of prefixes of version 6.
    """

    bloom: Any
    starts: Any
    keys: Any
    more_bloom: Any
    more_starts: Any
    more_keys: Any
    nets: Any
    lengths: Any
    special: Any
    shortest: int
    alone: bool
    fours: bool
    finals: Any
    numeric: bool


class Room(NamedTuple):
    """Where the pass keeps what it finds in a chunk: keys with their places; masks of what shows something and of line breaks;
    the parts of an address of version 6."""

    keys: Any
    places: Any
    hits: Any
    ends: Any
    groups: Any


@inlined
def note(room: Any, noted: Any, key: Any, place: Any) -> Any:
    """Keep a key until the chunk is at its end: looked up one right after another, many wait for the memory at once."""
    room.keys[noted], room.places[noted] = key, place
    return noted + 1


@inlined
def scrambled(value: Any) -> Any:
    """What `keys.key` does last."""
    value ^= value >> _32
    value *= _S
    return value ^ value >> _32


@inlined
def _passes(found: Any, bloom: Any) -> Any:
    """Whether a key may be among those of a filter: three bits of one word say no nearly always."""
    bits = (ONE << (found & _63)) | (ONE << ((found >> _6BITS) & _63)) | (ONE << ((found >> _12) & _63))
    return bloom[(found >> _20) & np.uint64(len(bloom) - 1)] & bits == bits


@compiled
def _among(found: Any, starts: Any, keys: Any) -> Any:
    """Whether a key is one of the sorted keys."""
    bucket = found >> np.uint64(64 - lowest(np.uint64(len(starts) - 1))) if len(starts) > 2 else ZERO
    for at in range(starts[bucket], starts[bucket + ONE]):  # noqa: SIM110 - what numba compiles
        if keys[at] == found:
            return True
    return False


@compiled
def held(found: Any, wanted: Any) -> Any:
    """Whether a key is one of the two sets."""
    return (_passes(found, wanted.bloom) and _among(found, wanted.starts, wanted.keys)) or (
        len(wanted.more_keys) > 0 and _passes(found, wanted.more_bloom) and _among(found, wanted.more_starts, wanted.more_keys)
    )


@inlined
def look_up(room: Any, noted: Any, wanted: Any) -> Any:
    """Mark what the noted keys show. Without a branch until few are left, so that nothing waits for one lookup to begin the next."""
    left = 0
    for index in range(noted):
        found, place = room.keys[index], room.places[index]
        room.keys[left], room.places[left] = found, place
        left += _passes(found, wanted.bloom) or (len(wanted.more_keys) > 0 and _passes(found, wanted.more_bloom))
    for index in range(left):
        if held(room.keys[index], wanted):
            room.hits[room.places[index] >> 6] |= ONE << np.uint64(room.places[index] & 63)


@inlined
def lower_word(raw: Any, at: Any) -> Any:
    """Eight bytes in lower case as a number; what lies before the beginning is anything."""
    if at >= 0:
        return word(raw, at) | _LOW
    found = ZERO
    for index in range(min(len(raw), at + 8)):
        found |= np.uint64(raw[index]) << np.uint64(8 * (index - at))
    return found | _LOW


@inlined
def mixed_in(found: Any, raw: Any, end: Any) -> Any:
    """A key on its way, with eight bytes more."""
    found = (found ^ lower_word(raw, end - 8)) * MULTIPLY
    return found ^ found >> _32


@inlined
def finished_key(found: Any, raw: Any, end: Any, length: Any) -> Any:
    """The key, with the last 1 to 8 bytes."""
    return scrambled((found ^ lower_word(raw, end - 8) >> np.uint64(8 * (8 - length))) * MULTIPLY)


@inlined
def key_of(raw: Any, end: Any, length: Any) -> Any:
    """`keys.key` of the text of so many bytes that ends there."""
    found = ZERO
    while length > 8:
        found = mixed_in(found, raw, end)
        end -= 8
        length -= 8
    return finished_key(found, raw, end, length)
