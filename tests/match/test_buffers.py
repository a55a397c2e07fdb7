from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.match import buffers, openfile
from comity.match.buffers import Blocks


class Slow(io.RawIOBase):
    """Gives its pieces one by one, then an error or its end."""

    def __init__(self, pieces: list[bytes], fault: Exception | None = None) -> None:
        self._pieces, self._fault = list(pieces), fault

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:  # type: ignore[no-untyped-def,override]
        if not self._pieces:
            if self._fault is not None:
                raise self._fault
            return 0
        piece = self._pieces.pop(0)
        count = min(len(buffer), len(piece))
        buffer[:count] = piece[:count]
        if piece[count:]:
            self._pieces.insert(0, piece[count:])
        return count


def all_of(blocks: Blocks) -> list[bytes]:
    return [bytes(block.raw[block.start : block.end]) for block in blocks]


@given(
    st.lists(st.sampled_from([b"a\n", b"\n", b"longer than a buffer\n", b"no end"]), max_size=12),
    st.booleans(), st.integers(0, 2), st.sampled_from([b"", b"\xef\xbb\xbf"]),
)  # fmt: skip
def test_all_of_a_file_in_order_cut_behind_lines(pieces: list[bytes], live: bool, ahead: int, mark: bytes) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(buffers, "BLOCK", 8)
        for size in (4, 8):
            whole = mark + b"".join(pieces)
            given = [whole[at : at + size] for at in range(0, len(whole), size)]
            found = all_of(Blocks(io.BufferedReader(Slow(given), 8), live=live, ahead=ahead))
            assert b"".join(found) == whole.removeprefix(mark)
            assert all(each.endswith(b"\n") for each in found[:-1])


def test_a_block_is_good_until_so_many_more_were_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buffers, "BLOCK", 8)
    text = b"".join(b"%03d\n" % number for number in range(100))
    held: list[tuple[buffers.Block, bytes]] = []
    for block in Blocks(io.BufferedReader(io.BytesIO(text)), ahead=2):
        held = [*held, (block, bytes(block.raw[block.start : block.end]))][-3:]
        assert all(each.raw[each.start : each.end] == was for each, was in held)
    assert block.end == 8 and text.endswith(held[-1][1])


def test_a_line_longer_than_a_line_may_be_is_cut_between_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buffers, "BLOCK", 8)
    monkeypatch.setattr(openfile, "MAX_LINE", 32)
    found = list(Blocks(io.BufferedReader(io.BytesIO(b"word " * 20 + b"\nlast\n")), ahead=9))
    assert [block.piece for block in found] == [True] * 3 + [False]
    assert b"".join(block.raw[: block.end] for block in found) == b"word " * 20 + b"\nlast\n"
    assert all(block.end <= 32 and block.raw[block.end - 1 : block.end] == b" " for block in found[:3])


def test_damage_comes_after_the_whole_lines_before_it() -> None:
    blocks = Blocks(io.BufferedReader(Slow([b"one\ntwo\nthr"], EOFError("it ends in the middle"))))
    assert all_of(blocks) == [b"one\ntwo\n"]
    assert isinstance(blocks.fault, EOFError)


def test_a_small_file_is_given_at_once_and_no_other() -> None:
    assert Blocks(io.BufferedReader(io.BytesIO(b"x\ny"))).small(4) == b"x\ny"
    for data, live in ((b"x\nyz", False), (b"x", True)):
        blocks = Blocks(io.BufferedReader(io.BytesIO(data)), live=live)
        assert blocks.small(4) is None
        assert all_of(blocks) == [data]
