"""MISP's distribution against TLP: every level, inheritance, and whom a sharing group holds."""

from __future__ import annotations

import json
from typing import Any

import pytest

from comity.forms.misp_reach import TOO_WIDE, reach


def event(tlp: str | None = None, distribution: object = None, *attributes: dict[str, Any], **more: Any) -> bytes:
    tags = [{"name": f"tlp:{tlp}"}] if tlp else []
    return json.dumps({"Event": {"info": "E", "distribution": distribution, "Tag": tags, "Attribute": list(attributes), **more}}).encode()


def attribute(value: str, distribution: object = "5", tlp: str | None = None, **more: Any) -> dict[str, Any]:
    return {"type": "domain", "value": value, "distribution": distribution, "Tag": [{"name": f"tlp:{tlp}"}] if tlp else [], **more}


@pytest.mark.parametrize("tlp", ["clear", "white", "green", "amber", "amber+strict", "red"])
@pytest.mark.parametrize("distribution", range(5))
def test_each_level_against_each_marking(tlp: str, distribution: int) -> None:
    wider, _ = reach(event(tlp, str(distribution), attribute("a.example")))
    expected = {"red": (1, 2, 3), "amber+strict": (1, 2, 3), "amber": (3,)}.get(tlp, ())
    assert [(each.tlp, each.distribution, each.whole, each.attributes) for each in wider] == (
        [(tlp, distribution, True, 1)] if distribution in expected else []
    )


def test_an_attribute_is_seen_only_by_those_who_see_its_event() -> None:
    assert reach(event("red", 0, attribute("a.example", 3)))[0] == []
    wider, _ = reach(event(None, 3, attribute("a.example", tlp="red"), attribute("b.example", "1", tlp="red"), attribute("c.example")))
    assert [(each.distribution, each.examples, each.whole) for each in wider] == [(3, ("a.example",), False), (1, ("b.example",), False)]
    assert wider[0].level == "All communities"


def test_attributes_of_objects_take_from_object_and_event() -> None:
    holder = {"distribution": "1", "Attribute": [attribute("a.example"), attribute("b.example", deleted=True)]}
    wider, _ = reach(event("amber+strict", "3", Object=[holder]))
    assert [(each.distribution, each.attributes, each.whole) for each in wider] == [(3, 0, True), (1, 1, False)]


def test_an_event_that_says_no_distribution_goes_nowhere_by_itself() -> None:
    assert reach(event("red", None, attribute("a.example", None)))[0] == []


@pytest.mark.parametrize(
    ("group", "organisations", "codes", "described"),
    [
        ({"id": "9", "name": "G", "SharingGroupOrg": []}, (), (), True),
        ({"id": "9", "name": "G", "SharingGroupOrg": [{"Organisation": {"name": "UZ"}}, "junk", {}]}, ("UZ",), ("UZ",), True),
        ({"id": "9", "name": "G", "SharingGroupOrg": [{"Organisation": {"name": "A bank, Ltd."}}]}, ("A bank, Ltd.",), (), True),
        (None, (), (), False),
    ],
)
def test_sharing_groups(group: Any, organisations: tuple[str, ...], codes: tuple[str, ...], described: bool) -> None:
    inside = attribute("a.example", "4", sharing_group_id="9")
    _, (found,) = reach(event(None, "4", inside, sharing_group_id="9", SharingGroup=group))
    assert (found.organisations, found.codes, found.described, found.parts) == (organisations, codes, described, 2)
    assert found.name == ("G" if group else "number 9")


def test_several_events_and_what_is_none() -> None:
    two = json.dumps({"response": [json.loads(event("red", "3")), json.loads(event("red", "2"))]}).encode()
    assert [each.position for each in reach(two)[0]] == ["Event[0]", "Event[1]"]
    assert reach(b"{") == reach(b"[]") == ([], [])
    assert set(TOO_WIDE) == {"red", "amber+strict", "amber"}
