"""Whatever is read is written the same to the byte, or refused: each format, its examples changed in a few places."""

from __future__ import annotations

from contextlib import suppress
from functools import reduce

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.errors import Fault
from tests.ledger.formats import formats

FORMATS = formats()
#: What stands in these formats, and what readers in other languages take for it.
TELLING = [b"0", b"9", b"+", b"-", b" ", b"\n", b"\r\n", b"\n\n", b"=", b"/", b"_", b"\t", b"\0", b"\x7f", "\u2014 ".encode(), "\u0661".encode(), b'"', b"\\", b"\xff"]  # fmt: skip

places = st.integers(0, 1 << 16)
bits = st.tuples(st.just("bit"), places, st.integers(0, 7))
pieces = st.tuples(st.sampled_from(["put", "set", "cut", "twice"]), places, st.binary(min_size=1, max_size=3) | st.sampled_from(TELLING))


def changed(data: bytes, change: tuple[str, int, int | bytes]) -> bytes:
    """The bytes with one change: a bit turned, a piece put in, put over what is there, taken out, or a stretch said twice."""
    how, place, what = change
    at = place % (len(data) + 1)
    if isinstance(what, int):
        return data[: at - 1] + bytes([data[at - 1] ^ 1 << what]) + data[at:] if at else data
    after = {"put": data[at:], "set": data[at + len(what) :], "cut": data[at + len(what) :], "twice": data[max(0, at - 40) :]}[how]
    return data[:at] + (what if how in ("put", "set") else b"") + after


@pytest.mark.parametrize("name", FORMATS)
def test_examples_are_read_and_written_the_same(name: str) -> None:
    for example in FORMATS[name].examples:
        FORMATS[name].same(example)


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_whatever_is_read_is_written_the_same(name: str, data: st.DataObject) -> None:
    raw = reduce(changed, data.draw(st.lists(bits | pieces, min_size=1, max_size=4)), data.draw(st.sampled_from(FORMATS[name].examples)))
    with suppress(Fault):
        FORMATS[name].same(raw)
