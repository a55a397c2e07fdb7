from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import SenderFault
from comity.forms import json_text
from comity.forms.json_text import elements, loads, members, split_array


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b'{"a":1,"a":2}', "the key 'a' stands twice"),
        (b'{"x":[{"a":1,"\\u0061":2}]}', "stands twice"),
        (b"[NaN]", "NaN is not"),
        (b"-Infinity", "-Infinity is not"),
        (b"1e999", "overflows"),
        (b"9223372036854775808", "64 bits"),
        (b"-" + b"9" * 5000, "64 bits"),
        (b'"\\ud800"', "lone surrogate U+D800"),
        (b'{"\\udc00x":1}', "lone surrogate"),
        (b'"\\u0000"', "U+0000"),
        (b'"\xff"', "byte 1 is not valid UTF-8"),
        (b'"\xed\xa0\x80"', "not valid UTF-8"),
        (b"[1,2", "line 1, column 5"),
        (b'"a\nb"', "control character"),
        (b"", "not JSON"),
        (b"[" * 65 + b"]" * 65, "deeper than 64"),
        (b'{"a":' * 65 + b"1" + b"}" * 65, "deeper than 64"),
        (b"[" * 1_000_000, "deeper than 64"),
        (b'{"a":' * 1_000_000, "deeper than 64"),
        (b"[" * 1_000_000 + b"]" * 1_000_000, "deeper than 64"),
    ],
)
def test_what_parsers_could_read_differently_is_refused(raw: bytes, why: str) -> None:
    with pytest.raises(SenderFault, match=why.replace("+", r"\+")):
        loads(raw)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b"[" * 64 + b"]" * 64, None),
        (b'"\\ud83d\\ude00 \\\\u0000"', "\U0001f600 \\u0000"),
        (b"[[],[],[]]" + b" " * 100, [[], [], []]),
        (b'{"a":[{}' + b",{}" * 100 + b"]}", {"a": [{}] * 101}),
        (b"-9223372036854775808", -(2**63)),
        ('{"é":"ж"}'.encode(), {"é": "ж"}),
    ],
)
def test_the_rest_is_read(raw: bytes, value: Any) -> None:
    assert loads(raw) == (value if value is not None else json.loads(raw))


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(_JSON, st.booleans())
def test_everything_json_writes_is_read_back(value: Any, ascii_only: bool) -> None:
    assert loads(json.dumps(value, ensure_ascii=ascii_only).encode()) == value


@given(st.binary(max_size=40))
def test_any_bytes_give_a_value_or_a_sender_fault(raw: bytes) -> None:
    with contextlib.suppress(SenderFault):
        loads(raw)


@given(st.lists(_JSON, max_size=6), st.sampled_from([None, 1]))
def test_elements_are_the_exact_bytes(values: list[Any], indent: int | None) -> None:
    pieces = [json.dumps(value, indent=indent).encode() for value in values]
    raw = b" [\n" + b" ,\n".join(pieces) + b" ] "
    assert elements(raw) == pieces
    assert list(split_array(raw)) == list(enumerate(pieces))


@pytest.mark.parametrize(
    ("raw", "want"),
    [
        (b'[{"a":[},{"b":1}]', [b'{"a":[}', b'{"b":1}']),
        (b'[{"a":1},{"b":]},{"c":1}]', [b'{"a":1}', b'{"b":]}', b'{"c":1}']),
        (b'[{"a":"x\n},{"b":1}]', [b'{"a":"x\n}', b'{"b":1}']),
        (b'[1,{"a', [b"1", b'{"a']),
        (b'["a,]\\"b", 3] x', [b'"a,]\\"b"', b"3"]),
        (b"[]", []),
    ],
)
def test_one_broken_element_leaves_its_neighbours(raw: bytes, want: list[bytes]) -> None:
    assert elements(raw) == want


@pytest.mark.parametrize(
    "raw",
    [
        b'["' + b'\\"' * 500_000,
        b"[" + b"{[" * 300_000 + b"}" * 300_000,
        b"[" * 300_000 + b"}" * 300_000,
        b"[" + b'"' * 600_001,
        b"[" + b",\n" * 300_000,
    ],
)
def test_hostile_arrays_cost_one_pass(raw: bytes) -> None:
    assert len(elements(raw)) <= 1


def test_members_keeps_duplicates_and_broken_values() -> None:
    assert list(members(b'{"a":1, "b" : [1,2],"a":{"c":},"x"}')) == [("a", b"1"), ("b", b"[1,2]"), ("a", b'{"c":}')]
    with pytest.raises(SenderFault):
        list(members(b"[]"))
    with pytest.raises(SenderFault):
        elements(b"{}")


@given(st.lists(st.sampled_from('{}[]:,"a"1.5e9-0\\ud800\\u0041 \ntrue'), max_size=14), _JSON)
def test_the_quick_way_and_the_exact_way_say_the_same(marks: list[str], value: Any) -> None:
    """Ordinary objects take a parser that is lenient with repeated keys; whatever it lets pass must be what the exact one says."""
    inner = "".join(marks)
    for raw in (b'{"k":%b}' % inner.encode(), b'{"a":1,%b}' % inner.encode(), json.dumps({"k": value}).encode()):
        exact: Any = None
        with contextlib.suppress(SenderFault):
            exact = loads(raw, depth=63)
        quick = json_text._quickly(raw) if not json_text._SUSPECT.search(raw) else None
        assert quick is None or quick == exact


def test_repeated_keys_are_found_behind_strings_that_look_like_keys() -> None:
    assert loads(b'{"a":"\\":","b":"c\\" :"}') == {"a": '":', "b": 'c" :'}
    for raw in (b'{"a":"\\":","a":1}', b'{"x":{"a":1,"a" :1}}', b'{"x":[{"a":1,"a"\n:1}]}'):
        with pytest.raises(SenderFault, match="stands twice"):
            loads(raw)
