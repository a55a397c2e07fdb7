"""Cells: nothing in them is computed, and nothing is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.terms.cell import neutral, plain


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠a", "\u200b=1", "\ufeff=1", "\u00a0=1", "﹣1"],
)
def test_a_formula_is_only_shown(cell):
    assert neutral(cell) == "'" + cell
    assert neutral("x" + cell) == "x" + cell


@pytest.mark.parametrize("cell", ["", "a", "Ж", "例=1", "«a»", "…", "192.0.2.1"])
def test_other_words_stay_as_they_are(cell):
    assert neutral(cell) == cell


@given(st.text(max_size=12))
def test_it_leads_back(cell):
    assert plain(neutral(cell)) == cell
