"""What the compiled pass does where a text is no plain name: addresses and networks, escapes, letters beyond ASCII, defanged dots."""

from __future__ import annotations

from typing import Any

import numpy as np

from comity.match.kernel_cache import compiled
from comity.match.kernel_keys import FULL, MULTIPLY, ONE, ZERO, held, scrambled
from comity.match.keys import SIX
from comity.match.vectors import behind, lowest

#: The most characters of an address of version 6: what goes on for longer is not measured, so that a hostile line costs no square.
LONGEST = 45
_6, _63 = np.uint64(SIX), np.uint64(63)


@compiled
def hex_digit(byte: Any) -> Any:
    """What a hexadecimal digit is worth, -1 for any other byte."""
    if 48 <= byte <= 57:
        return byte - 48
    byte |= 32
    return byte - 87 if 97 <= byte <= 102 else -1


@compiled
def in_token(byte: Any) -> Any:
    """Whether a byte may be part of a token."""
    return 97 <= (byte | 32) <= 122 or 48 <= byte <= 57 or byte == 46 or byte == 45 or byte == 95 or byte > 127


@compiled
def four_of(raw: Any, start: Any, end: Any) -> Any:
    """The number of a dotted address, -1 if it is none."""
    total, part, digits, dots = 0, 0, 0, 0
    for at in range(start, end):
        byte = raw[at]
        if byte == 46:
            if digits == 0 or part > 255:
                return -1
            total, part, digits, dots = total << 8 | part, 0, 0, dots + 1
        elif 48 <= byte <= 57 and digits < 3:
            part, digits = part * 10 + byte - 48, digits + 1
        else:
            return -1
    return total << 8 | part if dots == 3 and digits and part <= 255 else -1


@compiled
def in_network(raw: Any, end: Any, length: Any, nets: Any) -> Any:
    """Whether some network that is wanted may hold an address of version 4."""
    four = four_of(raw, end - length, end)
    return four >= 0 and nets[four >> 11] >> np.uint8(four >> 8 & 7) & np.uint8(1) != 0


@compiled
def _six_around(raw: Any, at: Any) -> Any:
    """Where what may be an address of version 6 around a colon begins and ends; -1 where it is too long for one, or where what stands
    before it may be an escape's."""
    first, last, end = at, at, len(raw)
    while first > 0 and at - first <= LONGEST and (hex_digit(raw[first - 1]) >= 0 or raw[first - 1] == 58 or raw[first - 1] == 46):
        first -= 1
    while last < end and last - at <= LONGEST and (hex_digit(raw[last]) >= 0 or raw[last] == 58 or raw[last] == 46):
        last += 1
    if at - first > LONGEST or last - at > LONGEST:
        return -1, last
    if first > 0 and (raw[first - 1] == 92 or (first > 1 and raw[first - 2] == 92)):
        return -1, last
    return first, last


@compiled
def _six_shows(raw: Any, at: Any, wanted: Any, groups: Any) -> Any:
    """Whether the address of version 6 around a colon may be wanted; also where it cannot be read. `groups` is room for its parts."""
    first, last = _six_around(raw, at)
    if first < 0:
        return True
    while last > first and raw[last - 1] == 46:
        last -= 1
    groups[:] = 0
    count, gap, digits = 0, -1, 0
    value = ZERO
    index = first
    while index <= last:
        byte = raw[index] if index < last else 58
        if byte == 46:
            begin = index - digits
            four = four_of(raw, begin, last)
            if four < 0 or count > 6:
                return True
            groups[count], groups[count + 1] = np.uint64(four >> 16), np.uint64(four & 0xFFFF)
            count += 2
            break
        if byte == 58:
            if digits:
                if count == 8:
                    return True
                groups[count] = value
                count, digits, value = count + 1, 0, ZERO
            if index + 1 < last and raw[index] == 58 and raw[index + 1] == 58:
                if gap >= 0:
                    return True
                gap = count
                index += 1
        else:
            digits += 1
            value = value << np.uint64(4) | np.uint64(hex_digit(byte))
            if digits > 4:
                return True
        index += 1
    if gap < 0 and count != 8:
        return True
    if gap >= 0:
        moved = count - gap
        for back in range(moved):
            groups[7 - back] = groups[count - 1 - back]
            if count - 1 - back != 7 - back:
                groups[count - 1 - back] = ZERO
        for index in range(gap, 8 - moved):
            groups[index] = ZERO
    high, low = ZERO, ZERO
    for index in range(4):
        high = high << np.uint64(16) | groups[index]
        low = low << np.uint64(16) | groups[index + 4]
    return _six_held(high, low, wanted)


@compiled
def _six_held(high: Any, low: Any, wanted: Any) -> Any:
    for length in wanted.lengths:
        above = ZERO if length == 0 else FULL << np.uint64(max(0, 64 - length))
        below = ZERO if length <= 64 else FULL << np.uint64(128 - length)
        found = ((high & above) * MULTIPLY + (low & below)) ^ (_6 * np.uint64(length + 1))
        if held(scrambled(found), wanted):
            return True
    return False


@compiled
def sixes(raw: Any, at: Any, colon: Any, before: Any, wanted: Any, groups: Any) -> Any:
    """The colons of a mask where an address of version 6 may be wanted: the second of two, and the sixth with at most four characters
    between each."""
    found = colon & behind(colon, before, _63)
    for _ in range(5):
        near, nearer = ZERO, ZERO
        for shift in range(1, 6):
            near |= behind(colon, before, np.uint64(64 - shift))
            nearer |= before << np.uint64(shift)
        colon, before = colon & near, before & nearer
        if colon == 0:
            break
    found |= colon
    shown = ZERO
    while found:
        if _six_shows(raw, at + lowest(found), wanted, groups):
            shown |= found & (ZERO - found)
        found &= found - ONE
    return shown


@compiled
def _wide_dot(raw: Any, at: Any) -> Any:
    """Whether the three bytes that end at a place are a dot that IDNA takes for one: U+3002, U+FF0E or U+FF61."""
    if at < 2:
        return False
    if raw[at - 2] == 0xE3:
        return raw[at - 1] == 0x80 and raw[at] == 0x82
    return raw[at - 2] == 0xEF and ((raw[at - 1] == 0xBC and raw[at] == 0x8E) or (raw[at - 1] == 0xBD and raw[at] == 0xA1))


@compiled
def wide_dots(raw: Any, at: Any, odd: Any) -> Any:
    """Those bytes of a mask that end such a dot."""
    found = ZERO
    while odd:
        if _wide_dot(raw, at + lowest(odd)):
            found |= odd & (ZERO - odd)
        odd &= odd - ONE
    return found


@compiled
def _spelled(raw: Any, at: Any) -> Any:
    """What `\\uXXXX` or `\\xXX` spells, -1 if it is no such escape."""
    if at + 1 >= len(raw) or (raw[at + 1] != 117 and raw[at + 1] != 120):
        return -1
    digits = 4 if raw[at + 1] == 117 else 2
    if at + 1 + digits >= len(raw):
        return -1
    found = 0
    for index in range(digits):
        nibble = hex_digit(raw[at + 2 + index])
        if nibble < 0:
            return -1
        found = found << 4 | nibble
    return found


@compiled
def escaped(raw: Any, at: Any, escape: Any, six: Any) -> Any:
    """What escapes change in 64 bytes: (what belongs to tokens, what is a dot, what belongs to none, the same of the next 64, what shows).

    One that spells a character of a token belongs to it; such a token is read, as if it had a dot there. The letters of any other belong
    to no token.
    """
    token, dot, none, later, shown = ZERO, ZERO, ZERO, ZERO, ZERO
    while escape:
        bit = lowest(escape)
        one = escape & (ZERO - escape)
        escape &= escape - ONE
        spelled = _spelled(raw, at + bit)
        if spelled > 127 or (spelled >= 0 and in_token(spelled)):
            token |= one
            if spelled < 128 or spelled == 0x3002 or spelled == 0xFF0E or spelled == 0xFF61:
                dot |= one
        elif spelled >= 0:
            letters = np.uint64(31) if raw[at + bit + 1] == 117 else np.uint64(7)
            none |= letters << ONE << np.uint64(bit)
            later |= letters >> np.uint64(63 - bit)
            if six and spelled == 58:
                shown |= one
    return token, dot, none, later, shown


@compiled
def brackets(raw: Any, at: Any, found: Any) -> Any:
    """Those of the places of a `d` behind a bracket where `dot` may be meant."""
    shown = ZERO
    while found:
        bit = lowest(found)
        if at + bit + 1 < len(raw) and (raw[at + bit + 1] | 32) == 111:
            shown |= found & (ZERO - found)
        found &= found - ONE
    return shown
