from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.terms import stix_shapes as shapes

UUID = "12345678-1234-4234-8234-123456789012"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)
ONES: dict[str, tuple[shapes.Shape, list[Any], list[Any]]] = {
    "text": (shapes.text, ["a"], ["", 1, None]),
    "string": (shapes.string, ["", "a"], [1, None, []]),
    "flag": (shapes.flag, [True, False], [0, "true"]),
    "number": (shapes.number, [1, 1.5], [True, "1"]),
    "whole": (shapes.whole, [-1, 0], [1.0, True, "1"]),
    "from": (shapes.whole_from(0), [0, 1 << 70], [-1, 0.0]),
    "to": (shapes.whole_from(1, 3), [1, 3], [0, 4, True]),
    "degrees": (shapes.degrees(90), [-90, 90, 0.5], [90.1, "1", True]),
    "time": (
        shapes.time,
        ["2024-02-29T00:00:00Z", "2024-01-01T00:00:00.1Z"],
        ["2023-02-29T00:00:00Z", "2024-01-01T00:00:00.Z", "2024-01-01", 1],
    ),
    "one of": (shapes.one_of("a", "b"), ["a"], ["c", ["a"], None]),
    "like": (shapes.like("a|bc", "x"), ["a", "bc"], ["ab", "a\n", 1]),
    "hex": (shapes.hexadecimal, ["0aF1"], ["0", "xx", "", 1]),
    "binary": (shapes.binary, ["aGVsbG8="], ["aGVsbG8", "", "a b=", 1]),
    "language": (shapes.language, ["en", "zh-Hant-TW", "x-own", "sl-rozaj", "de-CH-1901"], ["", "e", "en_US", "en-", 1]),
    "texts": (shapes.texts, [["a", ""]], [[], "a", [1]]),
    "ref": (shapes.ref("file"), [f"file--{UUID}"], [f"url--{UUID}", "file", "file--1", 1]),
    "any ref": (shapes.ref(), [f"x-own--{UUID}"], [f"--{UUID}", f"A--{UUID}"]),
    "link": (shapes.link("file"), ["file--broken"], ["url--x", "file", "file--", 1]),
    "hashes": (shapes.hashes, [{"MD5": "a" * 32}, {"x_own": "anything"}], [{"MD5": "a"}, {}, {"SHA-256": 1}, {"a b": "c"}, []]),
    "many": (shapes.many(shapes.text), [["a"]], [[], ["a", 1], "a"]),
    "keyed": (shapes.keyed(shapes.text), [{"a": "b"}], [{}, {"a b": "c"}, {"a": 1}, []]),
    "anything": (shapes.anything, [0, "", False, {"a": None}], [None, [], {}]),
}


@pytest.mark.parametrize("name", ONES)
def test_a_shape_takes_what_fits_and_nothing_else(name: str) -> None:
    shape, fits, others = ONES[name]
    assert [value for value in fits if shape(value)] == []
    assert [value for value in others if not shape(value)] == []


@given(st.sampled_from(sorted(ONES)), JSON)
def test_a_shape_judges_any_value_without_an_error(name: str, value: object) -> None:
    for where, why in ONES[name][0](value) or ():
        assert why
        assert not where or where[0] in ".["


def test_faults_say_where_inside() -> None:
    inner = shapes.record({"name": shapes.text, "size": shapes.whole_from(0)}, ("name",), ("size", "sum"))
    assert shapes.many(inner)([{"name": "a", "size": 1}, {"size": -1}]) == [
        ("[1].name", "missing"),
        ("[1].size", "must be a whole number, 0 or more"),
    ]
    assert inner({"name": "a"}) == [("", "must have size or sum")]
    assert shapes.keyed(shapes.many(shapes.flag))({"k": [1]}) == [(".k[0]", "must be true or false")]
    assert shapes.hashes({"SHA-1": "b"}) == [(".SHA-1", "must be 40 hexadecimal digits")]


def test_rules_of_a_record_are_asked_when_the_rest_fits() -> None:
    shape = shapes.record({"a": shapes.flag}, rules=(lambda value: [("a", "must be true")] if not value.get("a") else None,))
    assert shape({"a": False}) == [(".a", "must be true")]
    assert shape({"a": 1}) == [(".a", "must be true or false")]
    assert shape({"a": True, "b": 3}) is None


def test_moments_sort_as_time_does() -> None:
    texts = ["2024-01-01T00:00:00Z", "2024-01-01T00:00:00.000123Z", "2024-01-01T00:00:00.1Z", "2024-01-01T00:00:01Z"]
    moments = [shapes.moment(text) for text in texts]
    assert sorted(moments, key=lambda each: each or ("", "")) == moments
    assert shapes.moment("2024-01-01T00:00:00Z") == shapes.moment("2024-01-01T00:00:00.000Z")
