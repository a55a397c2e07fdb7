"""Expressions are compiled at their first use, and say what RE2 says."""

from __future__ import annotations

import pytest
import re2

from comity.terms.expression import Expression, look


def test_case_counts_for_nothing_in_any_script():
    word = Expression(r"(анна|anna)\d")
    assert [found.group(1) for found in word.finditer("Анна1 ANNA2 anna")] == ["Анна", "ANNA"]
    assert word.search("x АННА3") and not word.search("anna")
    assert word.fullmatch("ANNA1") and not word.fullmatch(" ANNA1")
    assert word.sub(r"<\1>", "anna1") == "<anna>"
    assert look("анна")("x АННА".encode()) is not None and look("анна")(b"anna") is None


def test_nothing_is_compiled_before_it_is_used():
    wrong = Expression("(")
    with pytest.raises(re2.error):
        wrong.search("x")
