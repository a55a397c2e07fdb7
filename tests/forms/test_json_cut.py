from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import SenderFault
from comity.forms import json_cut
from comity.forms.json_cut import Text, cut, key, lines, value


def text(raw: bytes, size: int) -> Text:
    return Text(raw[at : at + size] for at in range(0, len(raw), size))


@pytest.mark.parametrize("size", [1, 2, 5, 1000])
def test_text_passes_what_is_done_with(size: int) -> None:
    read = text(b"  \n ab", size)
    assert read.next() == b"a"
    assert read.offset == 4
    read.fill(2)
    assert read.buffer[read.at :] == b"ab"
    read.at += 2
    assert (read.next(), read.offset, read.more()) == (b"", 6, False)


def test_looking_ahead_passes_nothing() -> None:
    read = text(b'"a":1,"b":2}', 1000)
    read.more()
    ahead = read.ahead()
    assert [key(ahead), value(ahead), key(ahead), value(ahead), key(ahead)] == [b'"a"', b"1", b'"b"', b"2", None]
    assert read.at == 0


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize(
    ("raw", "pieces", "closed"),
    [
        (b"1 , [2,3],\n {}]", [b"1", b"[2,3]", b"{}"], True),
        (b'"a\\\\", "b\\"]" ,{"c":"\\\\\\""}]', [b'"a\\\\"', b'"b\\"]"', b'{"c":"\\\\\\""}'], True),
        (b'{"a":[},{"b":1}]', [b'{"a":[}', b'{"b":1}'], True),
        (b",,]", [], True),
        (b"]", [], True),
        (b"", [], False),
        (b"1,", [b"1"], False),
        (b'{"a":"', [b'{"a":"'], False),
        (b'"\\', [b'"\\'], False),
    ],
)
def test_pieces_are_the_same_whatever_the_chunks(raw: bytes, pieces: list[bytes], closed: bool, size: int) -> None:
    ended = []

    def cutting() -> Iterator[bytes]:
        ended.append((yield from cut(text(raw, size), 1000)))

    assert (list(cutting()), ended) == (pieces, [closed])


@given(
    st.lists(st.recursive(st.none() | st.text(max_size=4), lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=2), inner))),
    st.sampled_from([None, 1]),
    st.integers(1, 9),
)
def test_whatever_json_writes_is_cut_as_it_stands(values: list[object], indent: int | None, size: int) -> None:
    pieces = [json.dumps(value, indent=indent).encode() for value in values]
    assert list(cut(text(b" ,\n".join(pieces) + b"]", size), 10_000)) == pieces


def test_members_are_cut_by_the_other_bracket() -> None:
    assert list(cut(text(b'"a":{"b":]}, "c" : 1}, 7', 1000), 1000, b"}")) == [b'"a":{"b":]}', b'"c" : 1']


@pytest.mark.parametrize("size", [1, 4, 100])
def test_what_is_longer_than_it_may_be_is_given_in_part_and_passed_whole(size: int) -> None:
    raw = b'{"a":"' + b"x" * 50 + b'"} , {"b":' + b"[[" * 9 + b"]]" * 9 + b"}, {}]"
    assert list(cut(text(raw, size), 20)) == [raw[:21], raw[raw.index(b'{"b"') :][:21], b"{}"]


def test_an_element_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_cut, "FURTHEST", 5_000)
    for filling in (b'"' + b"x" * 10_000, b"[" * 2_000, b"{}," * 3_000):
        with pytest.raises(SenderFault, match="goes on for"):
            list(cut(text(b"[" + filling, 100), 1_000))


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":[' + b'"x",' * 200_000,
        b'{"a":"' * 150_000,
        b'{"a":[},' * 100_000,
        b"{[" * 400_000,
        b'{"a":"\\' * 100_000,
        b'"' * 800_000,
        b"," * 800_000,
        (b'{"a":' + b"[" * 7 + b"]" * 7 + b"},") * 40_000,
    ],
)
def test_hostile_texts_cost_one_pass(raw: bytes) -> None:
    """A second look at what is left for each piece would take minutes here."""
    with contextlib.suppress(SenderFault):
        assert sum(map(len, cut(text(raw, 1 << 16), 1 << 16))) <= len(raw)


@pytest.mark.parametrize("size", [1, 3, 100])
def test_lines(size: int) -> None:
    raw = b"one\n\n" + b"x" * 30 + b"\r\nlast"
    assert list(lines(text(raw, size), 20)) == [b"one", b"", b"x" * 21, b"last"]
    assert list(lines(text(b"", size), 20)) == []
