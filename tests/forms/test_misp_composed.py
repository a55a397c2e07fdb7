from __future__ import annotations

from typing import Any

from comity.forms.misp_composed import Basis, Held, Whole, rank, strictest
from comity.terms.item import Envelope
from tests.consortium import indicator, relationship, sdo
from tests.forms.misp_events import UUIDS, attribute, event, held, holder, related

AMBER = Envelope(origin="KZ", tlp="amber")


def whole(*parts: Held, **basis: Any) -> tuple[dict[str, Any], list[bool]]:
    made = Whole({"uuid": UUIDS[0], "timestamp": "1700000100"}, Basis(envelope=AMBER, **basis), {each.id: each for each in parts}, set())
    taken = [made.take(each) for each in sorted(parts, key=rank)]
    return made.event(), taken


def test_what_holds_others_is_written_before_them() -> None:
    node = event(
        attribute(1, Sighting=[{"uuid": UUIDS[40], "type": "0", "date_sighting": "1700000500"}]),
        Object=[holder(9, "made-up", related(2, "x", "text", "y"))],
    )
    kinds = [each.obj["type"] for each in sorted(held(node), key=rank) if each.obj["type"] not in ("identity", "report")]
    assert kinds == ["x-misp-object", "indicator", "sighting"]


def test_parts_have_the_tags_that_hold() -> None:
    found, taken = whole(Held(obj=indicator(), envelope=Envelope(origin="KZ", tlp="red", pap="red")))
    assert taken == [True]
    assert found["Tag"] == [{"name": "tlp:amber"}]
    assert (found["Attribute"][0]["Tag"], found["Attribute"][0]["distribution"]) == ([{"name": "tlp:red"}, {"name": "PAP:RED"}], "0")


def test_an_attribute_whose_object_is_not_there_stands_alone() -> None:
    node = event(Object=[holder(9, "made-up", related(1, "where", "domain", "a.example", flagged=True))])
    parts = [each for each in held(node) if each.obj["type"] == "indicator"]
    (made,) = whole(*parts)[0]["Attribute"]
    assert "object_relation" not in made
    both = [each for each in held(node) if each.obj["type"] in ("indicator", "x-misp-object")]
    assert whole(*both)[0]["Object"][0]["Attribute"][0]["object_relation"] == "where"


def test_a_relationship_needs_an_object_at_its_source() -> None:
    one, other = (Held(obj=indicator(), envelope=AMBER) for _ in "ab")
    joined = Held(obj=relationship(one.id, other.id), envelope=AMBER)
    assert whole(one, other, joined)[1] == [True, True, False]


def test_the_clusters_of_an_event_are_those_it_is_about() -> None:
    one, other = (Held(obj=sdo("malware", name=name), envelope=AMBER) for name in "ab")
    found, taken = whole(one, other, about=(one.id,))
    assert taken == [True, False]
    assert [each["GalaxyCluster"][0]["value"] for each in found["Galaxy"]] == ["a"]
    assert [each["value"] for galaxy in whole(one, other)[0]["Galaxy"] for each in galaxy["GalaxyCluster"]] == ["a", "b"]


def test_the_stricter_of_two_envelopes() -> None:
    one = Envelope(origin="KZ", tlp="green", pap="amber", to=("KZ", "UZ"), handling=("H1",))
    other = Envelope(origin="KZ", tlp="red", to=("UZ", "TJ"), handling=("H2",))
    both = strictest(one, other)
    assert (both.tlp, both.pap, both.to, both.handling) == ("red", "amber", ("UZ",), ("H1", "H2"))
    assert strictest(one, Envelope(origin="KZ", tlp="clear")).to == one.to
    assert strictest(AMBER, one).to == one.to
