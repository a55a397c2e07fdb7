"""What the gate refuses (G5) and what it holds back (G3)."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from comity.intake.gate import Gated, gated, held_back, refusal
from comity.terms.item import PERSONS, Draft
from tests.consortium import indicator, sdo


def draft(obj: dict[str, Any], raw: bytes | None = None, **options: Any) -> Draft:
    return Draft(raw=raw if raw is not None else msgspec.json.encode(obj), obj=obj, position="objects[0]", **options)


def test_ordinary_objects_pass():
    for obj in (indicator(), sdo("malware"), sdo("identity"), sdo("note", content="about the religion of nobody")):
        assert refusal(draft(obj)) == ""
        assert held_back(draft(obj)) == ""


NAMES = (
    "ethnicity", "ethnic_origin", "race", "religion", "religious_belief", "belief", "political_opinion", "sexual_orientation", "trade_union",
    "union_membership", "health_status", "x_religion", "x_acme_ethnicity", "Religion", "X_RACE", "x2_health_status",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_g5_no_property_about_belief_or_origin(name):
    why = refusal(draft(indicator(**{name: "anything"})))
    assert name in why
    assert "G5" in why


@pytest.mark.parametrize("value", ["text", 1, None, [], {"a": 1}])
def test_g5_whatever_its_value(value):
    assert refusal(draft(indicator(religion=value)))


@pytest.mark.parametrize(
    "nested",
    [
        {"extensions": {"extension-definition--1": {"x_religion": "a"}}},
        {"x_a": [{"x_b": [{"Ethnicity": 1}]}]},
        {"x_a": {"x_b": {"x_c": {"RACE": None}}}},
    ],
)
def test_g5_however_deep(nested):
    assert "G5" in refusal(draft(indicator(**nested)))


def test_g5_in_any_spelling_of_json():
    obj = indicator(religion="a")
    for raw in (
        json.dumps(obj, indent=4),
        json.dumps(obj, separators=(" ,", "\n:\t")),
        json.dumps(obj).replace("religion", "reli\\u0067ion"),
    ):
        assert refusal(draft(obj, raw.encode()))


@pytest.mark.parametrize("name", ["race_condition", "trace", "grace", "x_believer", "religions_count", "terrace", "xreligion"])
def test_g5_words_that_only_look_like_it_pass(name):
    assert refusal(draft(indicator(**{name: "anything"}))) == ""


def test_g5_free_text_is_not_judged():
    assert refusal(draft(sdo("note", content='they said "religion" : loudly', name="race"))) == ""


def test_g3_an_individual_waits_for_a_person():
    for person in PERSONS:
        assert "G3" in gated(draft(sdo("identity", identity_class="individual")), person, 1).why


@pytest.mark.parametrize("kind", ["organization", "group", "class", "system", "unknown"])
def test_g3_others_do_not(kind):
    assert gated(draft(sdo("identity", identity_class=kind)), "unknown", 1) == Gated()


def test_g3_individual_is_a_word_of_identities_alone():
    assert gated(draft(indicator(identity_class="individual")), "unknown", 1) == Gated()


def test_what_a_form_holds_back_is_held_with_its_reason():
    assert held_back(draft(indicator(), why_held="markings of parts of it are not known")) == "markings of parts of it are not known"


def test_a_pattern_that_is_none_waits():
    assert "ends where" in held_back(draft(indicator(pattern="[domain-name:value = 'bad.example'")))
    assert held_back(draft(indicator(pattern="title: x", pattern_type="sigma"))) == ""
    assert held_back(draft(indicator(pattern="[a:b NOT EXISTS]", pattern_type="stix")))
    assert held_back(draft(indicator(pattern="[a:b LIKE '%x'] WITHIN 5 SECONDS"))) == ""
