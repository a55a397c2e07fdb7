from __future__ import annotations

import time

import pytest
import re2

from comity.errors import SenderFault
from comity.terms.linear_regex import byte_searcher, refused, searcher


def test_a_search_with_dot_for_every_character() -> None:
    assert searcher("a.b")("xa\nby")
    assert not searcher("^a")("ba")
    assert searcher("lo$")("hello\n")
    assert not searcher("lo$")("hello\n\n")


def test_bytes() -> None:
    assert byte_searcher("\\xd4.\\x00")(b"z\xd4\n\0")
    assert byte_searcher("\xe9")(b"\xe9")
    with pytest.raises(SenderFault, match="no bytes"):
        byte_searcher("\u0103")


@pytest.mark.parametrize("expression", ["(a)\\1", "(?=a)", "(?<!a)b", "(", "((a{100}){100}){100}", "a" * 20_000, "\ud800"])
def test_what_no_linear_engine_can_do_is_refused(expression: str) -> None:
    assert refused(expression)


def test_a_hostile_expression_takes_no_time() -> None:
    began = time.process_time()
    assert not searcher("^(a+)+$")("a" * 50_000 + "b")
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    ("expression", "fits", "not_so"),
    [
        (r"^\w+\.exe$", "счёт.exe", "сч ёт.exe"),
        (r"^\W$", "«", "ч"),
        (r"^\d\D$", "٣x", "x٣"),
        (r"^\s\S$", "\u2003x", "xx"),
        (r"^[\w.-]+$", "счёт-1.exe", "счёт 1"),
        (r"^[^\w]$", "«", "ё"),
        (r"^[]\w[]+$", "ё]a[", "-"),
        (r"^[[:digit:]\w]$", "ё", "-"),
        (r"^[[^\w]\w$", "ёё", "ё-"),
        (r"^\\w$", "\\w", "w"),
        (r"^\Q\w[\E\w$", "\\w[ё", "ё[ё"),
    ],
)
def test_classes_know_the_letters_of_every_script(expression: str, fits: str, not_so: str) -> None:
    assert searcher(expression)(fits)
    assert not searcher(expression)(not_so)
    for ascii_only in ("a_b", "3", "x y"):
        assert searcher(expression)(ascii_only) == bool(re2.search(expression, ascii_only))
