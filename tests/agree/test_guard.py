"""Words that no agreement may classify by, and technical words that only look like them."""

from __future__ import annotations

import pytest

from comity.agree.guard import DUTIES, THREATS, refused
from comity.terms.item import PURPOSES
from comity.terms.stix import GROUPS
from comity.terms.stix_types import META_TYPES, SCO_TYPES, SRO_TYPES
from comity.terms.stix_vocabularies import VOCABULARIES_20, VOCABULARIES_21


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
        ("muslim", "G5"),
        ("lgbt", "G5"),
        ("gay", "G5"),
        ("x-caste", "G5"),
        ("x-tribe", "G5"),
        ("x-sect", "G5"),
        ("x-protestants", "G5"),
        ("x-suspects", "G6"),
        ("x-dossier", "G6"),
        ("x-biometric", "G6"),
        ("journalist", "G6"),
        ("deradicalization", "G7"),
        ("protest-movement", "G7"),
        ("unrest", "G7"),
        ("opposition", "G7"),
        ("x-fake-news", "G8"),
    ],
)
def test_a_refused_word_names_its_guardrail(word: str, guardrail: str) -> None:
    ground = refused(word)
    assert ground is not None
    assert ground.startswith(guardrail + ":")


@pytest.mark.parametrize(
    "word",
    [
        "ransomware", "sector-alert", "impersonation", "removable-media", "x-mitre-tactic", "section", "transect", "x-pe-section",
        "broadcaster", "distribute", "suspicious-activity", "news-site", "fake-update",
    ],
)  # fmt: skip
def test_technical_words_pass(word: str) -> None:
    assert refused(word) is None


def test_our_own_and_stix_vocabulary_pass() -> None:
    types = {name for group in GROUPS.values() for name in group}
    assert [word for word in (*PURPOSES, *DUTIES, *THREATS, *types) if refused(word)] == []


def test_of_all_stix_words_only_those_for_motives_are_refused() -> None:
    words = {word for each in (*VOCABULARIES_21.values(), *VOCABULARIES_20.values()) for word in each.values}
    assert {word for word in words if refused(word)} == {"activist", "ideology", "terrorist"}
    assert [type_ for type_ in (*SCO_TYPES, *SRO_TYPES, *META_TYPES) if refused(type_)] == []
