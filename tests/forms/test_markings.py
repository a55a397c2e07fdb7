from __future__ import annotations

import pytest

from comity.forms.markings import Markings, clash, marking_refs, pap_of_tag, strictest_pap, tlp_of_tag
from comity.terms.tlp import TLP1_IDS, TLP2_EXTENSION, TLP2_IDS

OWN = "marking-definition--12345678-1234-4234-8234-123456789012"


@pytest.mark.parametrize(
    ("tag", "tlp", "pap"),
    [
        ("tlp:amber", "amber", None),
        ("TLP:AMBER+STRICT", "amber+strict", None),
        ("tlp:white", "clear", None),
        ("tlp:ex:chr", None, None),
        ("amber", None, None),
        ("PAP:RED", None, "red"),
        ("pap:white", None, "clear"),
        ("pap:blue", None, None),
    ],
)
def test_tags(tag: str, tlp: str | None, pap: str | None) -> None:
    assert tlp_of_tag(tag) == tlp
    assert pap_of_tag(tag) == pap


def test_pap_order() -> None:
    assert strictest_pap(["green", "red", "amber"]) == "red"
    assert strictest_pap([]) is None


def test_the_strictest_of_all_wins() -> None:
    said = Markings().of(
        {
            "object_marking_refs": [TLP1_IDS["green"], "marking-definition--unknown", 7],
            "granular_markings": [{"marking_ref": TLP2_IDS["amber"]}, {"lang": "en"}, None],
            "labels": ["tlp:clear", "PAP:AMBER", "pap:green", 3],
        }
    )
    assert (said.tlp, said.pap, said.why_held) == ("amber", "amber", "")


def test_nothing_said() -> None:
    for obj in ({}, {"labels": ["x"]}, {"object_marking_refs": "text"}, {"granular_markings": {}}):
        said = Markings().of(obj)
        assert (said.tlp, said.pap) == (None, None)


@pytest.mark.parametrize(
    ("definition", "tlp", "pap"),
    [
        ({"definition_type": "tlp", "definition": {"tlp": "amber"}}, "amber", None),
        ({"extensions": {TLP2_EXTENSION: {"tlp_2_0": "amber+strict"}}}, "amber+strict", None),
        ({"definition_type": "statement", "definition": {"statement": "PAP:GREEN"}}, None, "green"),
        ({"definition_type": "tlp", "definition": {"tlp": "violet"}}, None, None),
        ({"definition_type": "tlp", "definition": "tlp"}, None, None),
    ],
)
def test_own_definitions(definition: dict[str, object], tlp: str | None, pap: str | None) -> None:
    markings = Markings([{"type": "marking-definition", "id": OWN, **definition}])
    said = markings.of({"object_marking_refs": [OWN]})
    assert (said.tlp, said.pap) == (tlp, pap)


def test_a_fixed_id_can_only_be_tightened() -> None:
    wider = {"type": "marking-definition", "id": TLP2_IDS["red"], "extensions": {TLP2_EXTENSION: {"tlp_2_0": "clear"}}}
    markings = Markings([wider])
    assert markings.of({"object_marking_refs": [TLP2_IDS["red"]]}).tlp == "red"
    assert "TLP:CLEAR" in clash(wider)
    assert clash({"type": "marking-definition", "id": TLP2_IDS["red"], "definition_type": "statement", "definition": {"statement": "x"}})
    assert clash({"type": "marking-definition", "id": TLP2_IDS["red"], "extensions": {TLP2_EXTENSION: {"tlp_2_0": "red"}}}) == ""
    assert clash({**wider, "id": OWN}) == ""
    assert "under an id of its own" in markings.of({**wider, "id": OWN}).why_held


def test_markings_that_nobody_defined_are_said() -> None:
    markings = Markings()
    obj = {"object_marking_refs": [TLP2_IDS["green"], OWN], "granular_markings": [{"marking_ref": OWN}, {"lang": "en"}]}
    assert markings.of(obj).undefined == (OWN, OWN)
    assert not markings.knows(OWN)
    markings.learn({"type": "marking-definition", "id": OWN, "definition_type": "statement", "definition": {"statement": "ours"}})
    assert markings.of(obj).undefined == ()
    assert markings.knows(OWN)
    assert markings.of(obj).tlp == "green"


def test_of_two_definitions_under_one_id_the_stricter_counts() -> None:
    markings = Markings()
    for level in ("green", "red", "clear"):
        markings.learn({"type": "marking-definition", "id": OWN, "definition_type": "tlp", "definition": {"tlp": level}})
    assert markings.of({"object_marking_refs": [OWN]}).tlp == "red"


def test_o13_o14_granular_markings_count_for_the_whole_object_and_the_strictest_wins() -> None:
    """The standard gives no precedence between markings (STIX 2.1 section 7.2); parts are not released without each other here."""
    obj = {
        "object_marking_refs": [TLP1_IDS["green"]],
        "granular_markings": [{"marking_ref": TLP2_IDS["red"], "selectors": ["description"]}, {"lang": "de", "selectors": ["name"]}],
    }
    assert Markings().of(obj).tlp == "red"
    assert marking_refs(obj) == [TLP1_IDS["green"], TLP2_IDS["red"]]
