"""The pass over raw bytes, compiled by numba: which lines of a block may show an indicator?

64 bytes at a time become masks (`vectors`), and arithmetic on masks finds where tokens end: runs of letters, digits, `-`, `_`, `.` and
bytes beyond ASCII, up to a second dot. One addition finds those with a dot: a carry that begins at the dot leaves the run at its end. From
there backwards, the key of every part that begins a label is looked for. Whatever could spell a name otherwise (escapes, letters beyond
ASCII, defanged dots) makes the line one that may. No state is kept between lines but their count.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from comity.match.kernel_cache import compiled, inlined
from comity.match.kernel_keys import CHUNK, ONE, ZERO, Room, Sets, look_up
from comity.match.kernel_odd import brackets, escaped, sixes, wide_dots
from comity.match.kernel_tokens import token_keys
from comity.match.vectors import count, lowest, masks, unset

_63 = np.uint64(63)


@inlined
def _lines(begin: Any, rows: Any, room: Any, out: Any, filled: Any, line: Any, start: Any, shown: Any) -> Any:
    """Fill `out` from the masks of a chunk: how many there are now, the number and start of the line that goes on and whether it shows
    something, and whether `out` is full."""
    for row in range(rows):
        at, hits, ends = begin + 64 * row, room.hits[row], room.ends[row]
        if not (shown or hits):
            line += count(ends)
            if ends:
                start = at + 64 - unset(ends)
            continue
        while ends:
            one = ends & (ZERO - ends)
            if shown or hits & (one | (one - ONE)):
                if filled == len(out):
                    return filled, line, start, shown, True
                out[filled, 0], out[filled, 1], out[filled, 2] = line, start, at + lowest(ends)
                filled += 1
                hits &= ~(one | (one - ONE))
                shown = False
            line, start = line + 1, at + lowest(ends) + 1
            ends &= ends - ONE
        shown = shown or hits != 0
    return filled, line, start, shown, False


@compiled
def shows(raw: Any, tail: Any, wanted: Sets, room: Room, out: Any) -> Any:
    """Fill `out` with (line, start, end) of the lines of a block that may show something, and of those that begin with `#`.

    `tail` is what is left of the block after as many times 64 bytes as it has, and spaces up to 64. The block ends with a line break, or
    with the file. Gives how many were found and how many lines there are; stops when `out` is full, then the third number says where to
    go on.
    """
    size, filled, line, start = len(raw), 0, 0, 0
    before, dots, odds, colons, none, carry, number = ZERO, ZERO, ZERO, ZERO, ZERO, ZERO, ZERO
    broken, opened, closed, backslash = ONE, ZERO, ZERO, ZERO
    shown = False
    for begin in range(0, size + 1, CHUNK):
        rows = min(CHUNK, size + 64 - begin) // 64
        noted = 0
        for row in range(rows):
            at = begin + 64 * row
            token, dot, digit, odd, ends, escape, opening, closing, colon, hash, d = masks(raw, at) if at + 64 <= size else masks(tail, 0)
            hits = hash & (ends << ONE | broken)
            broken = ends >> _63
            doubled = dot & (dot << ONE | closed)  # a name or an address ends before it
            token &= ~(none | doubled)
            none = ZERO
            if escape:
                more, dotted, cleared, none, spelled = escaped(raw, at, escape, len(wanted.lengths) > 0)
                hits |= spelled
                token = (token | more) & ~cleared
                odd, dot = odd | more, dot | dotted
            if odd:
                dot |= wide_dots(raw, at, odd & ~escape)
            hits |= dot & (opening << ONE | opened | escape << ONE | backslash)
            hits |= closing & (dot << ONE | closed | colon << ONE | colons >> _63)
            numeric = digit & (dot << ONE | closed)
            hits |= brackets(raw, at, d & (opening << ONE | opened))
            opened, closed, backslash = opening >> _63, dot >> _63, escape >> _63
            if colon and len(wanted.lengths):
                hits |= sixes(raw, at, colon, colons, wanted, room.groups)
            dot &= ~doubled
            added = token + dot
            behinds = added + carry
            carry = np.uint64(added < token) | np.uint64(behinds < added)
            added = digit + numeric
            numeric = added + number
            number = np.uint64(added < digit) | np.uint64(numeric < added)
            noted, shown_here = token_keys(
                raw, at, token, before, dot, dots, odd, odds, behinds & ~token, numeric & ~digit, wanted, room, noted, 64 * row
            )
            before, dots, odds, colons = token, dot, odd, colon
            room.hits[row], room.ends[row] = hits | shown_here, ends
        look_up(room, noted, wanted)
        filled, line, start, shown, full = _lines(begin, rows, room, out, filled, line, start, shown)
        if full:
            return filled, line, start
    if start < size:
        if shown:
            if filled == len(out):
                return filled, line, start
            out[filled, 0], out[filled, 1], out[filled, 2] = line, start, size
            filled += 1
        line += 1
    return filled, line, -1
