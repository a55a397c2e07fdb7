"""The keys of tokens in the compiled pass: from the end of one backwards, the key of each part that begins a label."""

from __future__ import annotations

from typing import Any

import numpy as np

from comity.match.kernel_cache import compiled, inlined
from comity.match.kernel_keys import ALONE, FULL, NUMBER, ONE, ZERO, finished_key, held, key_of, mixed_in, note
from comity.match.kernel_odd import in_network, in_token
from comity.match.vectors import behind, count, lowest, unset

_8, _63, _64 = np.uint64(8), np.uint64(63), np.uint64(64)
_TOP = np.uint64(1 << 63)


@inlined
def _special_key(kind: Any, raw: Any, end: Any, length: Any, wanted: Any, room: Any, noted: Any, place: Any) -> Any:
    """Note the key of a text that counts by its length and first character alone (`Sets.special`); how many are noted."""
    index = np.uint64(min(length, 255)) << _8 | np.uint64(raw[np.uint64(end - length)])
    if wanted.special[index] & kind:
        return note(room, noted, key_of(raw, end, length), place)
    return noted


@inlined
def _alone_keys(raw: Any, end: Any, tokens: Any, odd: Any, wanted: Any, room: Any, noted: Any, place: Any) -> Any:
    """Note the keys of a token without a dot, which may begin later where letters of an escape stand before it; how many are noted.

    The masks are those `behind` its end.
    """
    length = unset(~tokens)
    if odd & ~(FULL >> np.uint64(length) if length < 64 else ZERO):
        return noted
    if length == 64:
        while length <= 128 and end > length and in_token(raw[end - length - 1]):
            length += 1
    noted = _special_key(ALONE, raw, end, length, wanted, room, noted, place)
    if end > length and raw[end - length - 1] == 92:
        for letters in (1, 3, 5):
            if length > letters:
                noted = _special_key(ALONE, raw, end, length - letters, wanted, room, noted, place)
    return noted


@compiled
def _long_shows(raw: Any, end: Any, wanted: Any) -> Any:
    """Whether a part that begins a label, of a token of 64 bytes or more, is wanted."""
    while end > 0 and raw[end - 1] == 46:
        end -= 1
    found, mixed, at = ZERO, 0, end
    while at > 0 and in_token(raw[at - 1]) and not (raw[at - 1] == 46 and at > 1 and raw[at - 2] == 46):
        at -= 1
        if raw[at] > 127:
            return True
        if end - at - mixed > 8:
            found = mixed_in(found, raw, end - mixed)
            mixed += 8
        begins = at == 0 or raw[at - 1] == 46 or not in_token(raw[at - 1])
        if begins and held(finished_key(found, raw, end - mixed, end - at - mixed), wanted):
            return True
    return at > 0 and raw[at - 1] == 92


@inlined
def _number_keys(raw: Any, end: Any, length: Any, dots: Any, wanted: Any, room: Any, noted: Any, place: Any) -> Any:
    """Note the keys of a token whose last label is a number: an address of version 4, hardly a name; how many are noted, and whether a
    network may hold it."""
    if count(dots) == 3:
        if wanted.fours:
            noted = note(room, noted, key_of(raw, end, length), place)
        if len(wanted.nets) and in_network(raw, end, length, wanted.nets):
            return noted, True
    if wanted.finals >> np.uint64(min(unset(dots), length)) & ONE:
        part = 0
        while part < length:
            part = min(unset(dots), length)
            dots &= ~(_TOP >> np.uint64(part))
            noted = _special_key(ALONE | NUMBER, raw, end, part, wanted, room, noted, place)
    return noted, False


@inlined
def _name_keys(raw: Any, end: Any, length: Any, dots: Any, wanted: Any, room: Any, noted: Any, place: Any) -> Any:
    """Note the key of every part that begins a label; how many are noted."""
    part = min(unset(dots), length)
    if wanted.alone:
        noted = _special_key(ALONE, raw, end, part, wanted, room, noted, place)
    found, mixed = ZERO, 0
    while part < length:
        dots &= ~(_TOP >> np.uint64(part))
        part = min(unset(dots), length)
        while part - mixed > 8:
            found = mixed_in(found, raw, end - mixed)
            mixed += 8
        noted = note(room, noted, finished_key(found, raw, end - mixed, part - mixed), place)
    return noted


@inlined
def _dotted_keys(
    number: Any, raw: Any, end: Any, tokens: Any, dots: Any, odd: Any, wanted: Any, room: Any, noted: Any, place: Any
) -> Any:  # fmt: skip
    """Note the keys of a token with a dot; how many are noted, and whether it shows something whatever its keys. After a backslash, it may
    begin one character later. The masks are those `behind` its end."""
    length = unset(~tokens)
    if length == 64:
        return noted, _long_shows(raw, end, wanted)
    if odd & ~(FULL >> np.uint64(length)):
        return noted, True
    shown, final = False, unset(~dots)
    if final:
        end, length, dots = end - final, length - final, dots << np.uint64(final)
        if length == 0:
            return noted, False
        number = 48 <= raw[end - 1] <= 57
    dots &= ~(FULL >> np.uint64(length))
    begin = raw[end - length - 1] if end > length else np.uint8(0)
    if number:
        noted, shown = _number_keys(raw, end, length, dots, wanted, room, noted, place)
    if not number or final:
        noted = _name_keys(raw, end, length, dots, wanted, room, noted, place)
    if begin == 92 and length > 1:
        noted = note(room, noted, key_of(raw, end, length - 1), place)
        shown = shown or (number and len(wanted.nets) > 0 and in_network(raw, end, length - 1, wanted.nets))
    return noted, shown


@inlined
def _eroded(tokens: Any, before: Any, times: Any) -> Any:
    """Where a run of tokens' characters is 2^times long or more, for up to 5."""
    for step in range(times):
        shift = np.uint64(1 << step)
        tokens &= behind(tokens, before, _64 - shift)
        before &= before << shift
    return tokens


@inlined
def token_keys(
    raw: Any, at: Any, token: Any, before: Any, dot: Any, dots: Any, odd: Any, odds: Any, ends: Any, numeric: Any, wanted: Any,
    room: Any, noted: Any, place: Any,
) -> Any:  # fmt: skip
    """Note the keys of tokens; how many are noted, and the bits right behind those that show something whatever their keys. `ends` are
    those behind tokens with a dot, `numeric` behind a number; `before`, `dots`, `odds` the masks of the 64 bytes before."""
    shown = ZERO
    for number in (False, True):
        found = ends & numeric if number else ends & ~numeric
        if number and not wanted.numeric:
            break
        while found:
            bit = np.uint64(lowest(found))
            noted, one = _dotted_keys(
                number, raw, at + np.int64(bit), behind(token, before, bit), behind(dot, dots, bit), behind(odd, odds, bit), wanted, room,
                noted, place + np.int64(bit),
            )  # fmt: skip
            if one:
                shown |= found & (ZERO - found)
            found &= found - ONE
    if wanted.shortest >= 0:
        runs = behind(_eroded(token, before, wanted.shortest), _eroded(before, ZERO, wanted.shortest), _63)
        found = runs & ~token & ~ends
        while found:
            bit = np.uint64(lowest(found))
            noted = _alone_keys(
                raw, at + np.int64(bit), behind(token, before, bit), behind(odd, odds, bit), wanted, room, noted, place + np.int64(bit)
            )
            found &= found - ONE
    return noted, shown
