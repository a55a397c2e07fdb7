"""PAP levels in their order."""

from __future__ import annotations

import pytest

from comity.forms.markings import PAP_LEVELS
from comity.terms.pap import LEVELS, RANK, within


@pytest.mark.parametrize(
    ("subject", "ceiling", "holds"),
    [(None, "clear", True), ("clear", "clear", True), ("green", "clear", False), ("amber", "red", True), ("red", "amber", False)],
)
def test_a_ceiling(subject: str | None, ceiling: str, holds: bool) -> None:
    assert within(subject, ceiling) is holds


def test_the_levels_are_those_that_markings_are_read_to() -> None:
    assert PAP_LEVELS == LEVELS
    assert [RANK[level] for level in LEVELS] == [0, 1, 2, 3]
