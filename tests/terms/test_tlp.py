"""TLP 1 and 2 on one lattice."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.terms.tlp import BY_ID, LEVELS, TLP1_IDS, TLP2_IDS, level, strictest, within


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("TLP:WHITE", "clear"),
        ("tlp:clear", "clear"),
        ("Green", "green"),
        (" TLP: AMBER ", "amber"),
        ("tlp:amber+strict", "amber+strict"),
        ("TLP:AMBER_STRICT", "amber+strict"),
        ("amber strict", "amber+strict"),
        ("amber-strict", "amber+strict"),
        ("RED", "red"),
    ],
)
def test_names_of_both_versions(text: str, expected: str) -> None:
    assert level(text) == expected


@pytest.mark.parametrize("text", ["", "tlp:", "TLP:", "orange", "TLP:EX:CHR", "redd"])
def test_what_is_no_level_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a TLP level"):
        level(text)


def test_marking_ids_name_one_level_each() -> None:
    assert len(BY_ID) == len(TLP1_IDS) + len(TLP2_IDS) == 9
    assert set(TLP2_IDS) == set(LEVELS)
    assert set(TLP1_IDS) == {"clear", "green", "amber", "red"}
    assert all(re.fullmatch(r"marking-definition--[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", id_) for id_ in BY_ID)


def test_the_order_is_from_the_widest_to_the_strictest() -> None:
    assert LEVELS == ("clear", "green", "amber", "amber+strict", "red")
    assert within("amber", "amber")
    assert within("clear", "green")
    assert not within("amber+strict", "amber")
    assert strictest([]) is None


@given(st.lists(st.sampled_from(LEVELS), min_size=1), st.sampled_from(LEVELS))
def test_the_strictest_bounds_them_all_and_a_marking_only_tightens(levels: list[str], another: str) -> None:
    top = strictest(levels)
    assert top in levels
    assert all(within(one, top) for one in levels if top)
    widened = strictest([*levels, another])
    assert top is not None
    assert widened is not None
    assert within(top, widened)
