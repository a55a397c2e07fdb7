"""Words that no agreement may classify by, and technical words that only look like them."""

from __future__ import annotations

import pytest

from comity.agree.guard import DUTIES, THREATS, refused
from comity.terms.item import PURPOSES
from comity.terms.stix import GROUPS


@pytest.mark.parametrize(
    ("word", "guardrail"),
    [
        ("ethnicity", "G5"),
        ("x-religious-group", "G5"),
        ("political-opinion", "G5"),
        ("sexual_orientation", "G5"),
        ("trade-union", "G5"),
        ("watch-list", "G6"),
        ("person-search", "G6"),
        ("separatism", "G7"),
        ("Counter-Extremism", "G7"),
        ("terrorist", "G7"),
        ("x-propaganda", "G8"),
        ("content-control", "G8"),
        ("censorship", "G8"),
        ("extradition", "G9"),
        ("mass surveillance", "G9"),
        ("location-tracking", "G9"),
    ],
)
def test_a_refused_word_names_its_guardrail(word: str, guardrail: str) -> None:
    ground = refused(word)
    assert ground is not None
    assert ground.startswith(guardrail + ":")


@pytest.mark.parametrize("word", ["ransomware", "sector-alert", "impersonation", "removable-media", "x-mitre-tactic"])
def test_technical_words_pass(word: str) -> None:
    assert refused(word) is None


def test_our_own_and_stix_vocabulary_pass() -> None:
    types = {name for group in GROUPS.values() for name in group}
    assert [word for word in (*PURPOSES, *DUTIES, *THREATS, *types) if refused(word)] == []
