"""The pass over raw bytes, compiled by numba: which lines of a block may show an indicator?

Every run of letters, digits, `-`, `_` and `.` is a token. From its end backwards, the key of every part that begins a label is looked for.
Whatever could spell a name otherwise (escapes, letters beyond ASCII, defanged dots) makes the line one that may. No state is kept
between lines but their count.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from comity.match.keys import MULTIPLIER, SCRAMBLE, SIX

_M, _S, _6 = np.uint64(MULTIPLIER), np.uint64(SCRAMBLE), np.uint64(SIX)
_32, _20, _12, _6BITS, _63, _1 = (np.uint64(number) for number in (32, 20, 12, 6, 63, 1))

#: Without numba's reference counts: nothing is allocated here, and counting each array at each call would take half of the time.
_compiled: Callable[[Callable[..., Any]], Callable[..., Any]] = njit(cache=True, nogil=True, _nrt=False)  # type: ignore[call-overload]

#: What a byte is: from TOKEN on a character of a token, in lower case, 255 beyond ASCII; below, what stands between tokens.
TOKEN, _BREAK, _ESCAPE, _COLON, _OPEN, _CLOSE = 45, 1, 2, 3, 4, 5
CLASSES: NDArray[np.uint8] = np.zeros(256, np.uint8)
for _byte in b"abcdefghijklmnopqrstuvwxyz0123456789-_.":
    CLASSES[_byte] = _byte
for _byte in b"ABCDEFGHIJKLMNOPQRSTUVWXYZ":
    CLASSES[_byte] = _byte + 32
CLASSES[128:] = 255
for _bytes, _class in ((b"\n", _BREAK), (b"\\", _ESCAPE), (b":", _COLON), (b"[({", _OPEN), (b"]", _CLOSE)):
    CLASSES[list(_bytes)] = _class


@_compiled
def _scrambled(value: Any) -> Any:
    value ^= value >> _32
    value *= _S
    return value ^ value >> _32


@_compiled
def _held(found: Any, bloom: Any, keys: Any) -> Any:
    """Whether a key is one of the sorted keys; three bits of one word say no nearly always."""
    word = bloom[(found >> _20) & np.uint64(len(bloom) - 1)]
    bits = (_1 << (found & _63)) | (_1 << ((found >> _6BITS) & _63)) | (_1 << ((found >> _12) & _63))
    if word & bits != bits:
        return False
    low, high = 0, len(keys)
    while low < high:
        middle = (low + high) >> 1
        if keys[middle] < found:
            low = middle + 1
        else:
            high = middle
    return low < len(keys) and keys[low] == found


@_compiled
def _hex(byte: Any) -> Any:
    if 48 <= byte <= 57:
        return byte - 48
    byte |= 32
    return byte - 87 if 97 <= byte <= 102 else -1


@_compiled
def _four(raw: Any, start: Any, end: Any) -> Any:
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


@_compiled
def _number(raw: Any, start: Any, end: Any) -> Any:
    """Whether the last label is a number: then the token is one, or an address, but hardly a name."""
    at = end - 1
    while at >= start and raw[at] != 46:
        if not 48 <= raw[at] <= 57:
            return False
        at -= 1
    return True


@_compiled
def _six_shows(raw: Any, at: Any, start: Any, end: Any, bloom: Any, keys: Any, lengths: Any, groups: Any) -> Any:
    """Whether the address of version 6 around a colon may be wanted; also where it cannot be read. `groups` is room for its parts."""
    first, last = at, at
    while first > start and (_hex(raw[first - 1]) >= 0 or raw[first - 1] == 58 or raw[first - 1] == 46):
        first -= 1
    while last < end and (_hex(raw[last]) >= 0 or raw[last] == 58 or raw[last] == 46):
        last += 1
    while last > first and raw[last - 1] == 46:
        last -= 1
    groups[:] = 0
    count, gap, digits = 0, -1, 0
    value = np.uint64(0)
    index = first
    while index <= last:
        byte = raw[index] if index < last else 58
        if byte == 46:
            begin = index - digits
            four = _four(raw, begin, last)
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
                count, digits, value = count + 1, 0, np.uint64(0)
            if index + 1 < last and raw[index] == 58 and raw[index + 1] == 58:
                if gap >= 0:
                    return True
                gap = count
                index += 1
        else:
            digits += 1
            value = value << np.uint64(4) | np.uint64(_hex(byte))
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
                groups[count - 1 - back] = np.uint64(0)
        for index in range(gap, 8 - moved):
            groups[index] = np.uint64(0)
    high, low = np.uint64(0), np.uint64(0)
    for index in range(4):
        high = high << np.uint64(16) | groups[index]
        low = low << np.uint64(16) | groups[index + 4]
    return _six_held(high, low, bloom, keys, lengths)


@_compiled
def _six_held(high: Any, low: Any, bloom: Any, keys: Any, lengths: Any) -> Any:
    full = np.uint64(0xFFFFFFFFFFFFFFFF)
    for length in lengths:
        above = np.uint64(0) if length == 0 else full << np.uint64(max(0, 64 - length))
        below = np.uint64(0) if length <= 64 else full << np.uint64(128 - length)
        found = ((high & above) * _M + (low & below)) ^ (_6 * np.uint64(length + 1))
        if _held(_scrambled(found), bloom, keys):
            return True
    return False


@_compiled
def _wide_dot(first: Any, second: Any, third: Any) -> Any:
    """The three bytes of a dot that IDNA takes for one: U+3002, U+FF0E or U+FF61."""
    if first == 0xE3:
        return second == 0x80 and third == 0x82
    return first == 0xEF and ((second == 0xBC and third == 0x8E) or (second == 0xBD and third == 0xA1))


@_compiled
def _token_shows(
    raw: Any, start: Any, further: Any, end: Any, dots: Any, classes: Any, bloom: Any, keys: Any, nets: Any, numbers: Any
) -> Any:  # fmt: skip
    """Whether a part of a token that begins a label is wanted. `further`: a second place where the token may begin."""
    while end > start and raw[end - 1] == 46:
        end -= 1
        dots -= 1
    if dots > 0 and _number(raw, start, end):
        if dots == 3 and len(nets):
            four = max(_four(raw, start, end), _four(raw, further, end))
            if four >= 0 and nets[four >> 11] >> np.uint8(four >> 8 & 7) & np.uint8(1):
                return True
        if dots != 3 and not numbers:
            return False
    found = np.uint64(0)
    at = end - 1
    while at >= start:
        found = found * _M + np.uint64(classes[raw[at]])
        if (at in (start, further) or raw[at - 1] == 46) and _held(_scrambled(found), bloom, keys):
            return True
        at -= 1
    return False


@_compiled
def _spelled(raw: Any, at: Any, size: Any) -> Any:
    """What `\\uXXXX` or `\\xXX` spells, -1 if it is no such escape."""
    digits = 4 if raw[at + 1] == 117 else 2
    if at + 1 + digits >= size:
        return -1
    found = 0
    for index in range(digits):
        nibble = _hex(raw[at + 2 + index])
        if nibble < 0:
            return -1
        found = found << 4 | nibble
    return found


@_compiled
def _may_show(
    raw: Any, token: Any, further: Any, at: Any, dots: Any, odd: Any, classes: Any, bloom: Any, keys: Any, nets: Any, whole: Any,
    numbers: Any,
) -> Any:  # fmt: skip
    """Whether the token that ends at `at` makes its line one that may show something."""
    if odd:
        return dots > 0 or odd > 1
    length = at - token
    if (
        dots > 0
        or (length < len(whole) and whole[length, classes[raw[token]]])
        or (further == token + 1 and 1 < length <= len(whole) and whole[length - 1, classes[raw[further]]])
    ):
        return _token_shows(raw, token, max(token, further), at, dots, classes, bloom, keys, nets, numbers)
    return False


@_compiled
def _defanged(raw: Any, at: Any, size: Any, kind: Any) -> Any:
    """Whether a bracket stands beside a dot, or before `dot`."""
    if kind == _CLOSE:
        return at > 0 and raw[at - 1] == 46
    if at + 1 >= size:
        return False
    return raw[at + 1] == 46 or (at + 3 < size and (raw[at + 1] | 32) == 100 and (raw[at + 2] | 32) == 111)


@_compiled
def shows(raw: Any, classes: Any, bloom: Any, keys: Any, nets: Any, lengths: Any, whole: Any, numbers: Any, groups: Any, out: Any) -> Any:
    """Fill `out` with (line, start, end) of the lines of a block that may show something, and of those that begin with `#`.

    `whole[n, c]`: a token of n characters without a dot that begins with c counts too. The block ends with a line break, or with the file.
    Gives how many were found and how many lines there are; stops when `out` is full, then the third number says where to go on.
    """
    size = len(raw)
    at, start, token, dots, line, count, odd, colons, further = 0, 0, -1, 0, 0, 0, 0, 0, -1
    shown = size > 0 and raw[0] == 35
    while at <= size:
        kind = classes[raw[at]] if at < size else np.uint8(_BREAK)
        if kind >= TOKEN:
            if token < 0:
                token, dots = at, 0
            if kind == 46:
                dots += 1
            elif kind == 255:
                odd |= 1
                dots += at > 1 and _wide_dot(raw[at - 2], raw[at - 1], raw[at])
            at += 1
            continue
        step = 1
        if kind == _ESCAPE and at + 1 < size:
            spelled = _spelled(raw, at, size) if raw[at + 1] == 117 or raw[at + 1] == 120 else -1
            step = 1 if spelled < 0 else 6 if raw[at + 1] == 117 else 4
            # In JSON `\\n` stands between tokens, in plain text `n` begins one: both are looked for.
            further = at + 2
            if spelled > 127 or (spelled >= 0 and classes[spelled] >= TOKEN):  # it may belong to a name
                odd |= 2 if spelled < 128 else 1
                if token < 0:
                    token, dots = at, 0
                dots += spelled == 0x3002 or spelled == 0xFF0E or spelled == 0xFF61
                at += step
                continue
            shown |= raw[at + 1] == 46 or (spelled == 58 and len(lengths) > 0)
        if token >= 0:
            shown = shown or _may_show(raw, token, further, at, dots, odd, classes, bloom, keys, nets, whole, numbers)
            token, odd = -1, 0
        if kind == _BREAK:
            if at == size and start == size:
                break
            if shown:
                if count == len(out):
                    return count, line, start
                out[count, 0], out[count, 1], out[count, 2] = line, start, at
                count += 1
            line, start, colons = line + 1, at + 1, 0
            shown = start < size and raw[start] == 35
        elif kind == _COLON:
            colons += 1
            if len(lengths) and not shown and (colons >= 6 or (at > start and raw[at - 1] == 58)):
                shown = _six_shows(raw, at, start, size, bloom, keys, lengths, groups)
        elif kind != 0:
            colons = 0
            shown |= kind != _ESCAPE and _defanged(raw, at, size, kind)
        else:
            colons = 0
        at += step
    return count, line, -1
