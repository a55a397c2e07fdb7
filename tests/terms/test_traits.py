"""The facts a decision may depend on: all of the envelope's that matter, and equal facts give equal rows."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from comity.terms.item import Envelope
from comity.terms.traits import Traits, base_traits, traits_of
from tests.consortium import indicator, sdo

FULL = Envelope(
    origin="KZ", received_from="RU", hops=("RU", "UZ"), purposes=("statistics",), tlp="green", pap="amber", handling=("H1",), to=("UZ",), under="ict",
    case="case 1", realm="exercise", gate="quarantine", basis="a law", expires=datetime(2022, 1, 1, tzinfo=UTC),
)  # fmt: skip


def test_facts_of_the_envelope_are_taken_over():
    assert traits_of(FULL, "indicator", ("phishing",), ("TJ",)) == Traits(
        type="indicator", threat=("phishing",), origin="KZ", received_from="RU", purposes=("statistics",), tlp="green", pap="amber",
        handling=("H1",), to=("UZ",), realm="exercise", gate="quarantine", about=("TJ",),
        under="ict",
    )  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"origin": "UZ"}, {"received_from": None}, {"purposes": ("training",)}, {"tlp": "clear"}, {"pap": None}, {"handling": ()}, {"to": None},
        {"to": ()}, {"realm": "real"}, {"gate": "open"}, {"under": None},
    ],
)  # fmt: skip
def test_each_fact_makes_another_row(change):
    assert traits_of(msgspec.structs.replace(FULL, **change), "indicator") != traits_of(FULL, "indicator")


@pytest.mark.parametrize("change", [{"hops": ()}, {"case": None}, {"basis": None}, {"expires": None}])
def test_what_no_decision_asks_for_makes_none(change):
    assert traits_of(msgspec.structs.replace(FULL, **change), "indicator") == traits_of(FULL, "indicator")


def test_the_type_is_a_fact():
    assert traits_of(FULL, "malware") != traits_of(FULL, "indicator")


def test_traits_can_be_keys():
    assert len({traits_of(FULL, "indicator"), traits_of(FULL, "indicator"), traits_of(FULL, "malware")}) == 2


def test_threat_kinds_are_the_objects_own_words():
    plain = Envelope(origin="KZ")
    assert base_traits(indicator(indicator_types=["phishing", "benign", "phishing"]), plain).threat == ("benign", "phishing")
    assert base_traits(sdo("malware", malware_types=["ransomware"]), plain).threat == ("ransomware",)
    assert base_traits(sdo("threat-actor", threat_actor_types=["spy"]), plain).threat == ("spy",)
    assert base_traits(indicator(malware_types=["ransomware"]), plain).threat == ()
    assert base_traits(indicator(indicator_types=["a", 1, None]), plain).threat == ("a",)
    assert base_traits(indicator(indicator_types="phishing"), plain).threat == ()


def test_labels_are_threat_kinds_in_stix_2_0_alone():
    plain = Envelope(origin="KZ")
    assert base_traits(indicator(labels=["phishing"]), plain).threat == ()
    old = {key: value for key, value in indicator(labels=["phishing"]).items() if key != "spec_version"}
    assert base_traits(old, plain).threat == ("phishing",)


def test_what_an_object_says_of_its_neighbours_is_no_fact_of_its_own():
    assert base_traits(sdo("sighting"), Envelope(origin="KZ")).about == ()
