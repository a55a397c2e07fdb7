from __future__ import annotations

import pytest

from comity.forms.misp_attribute import held_back, malformed
from tests.forms.misp_events import UUIDS, attribute, event, objects, run


def test_an_observation_names_what_was_seen() -> None:
    node = event(
        attribute(1, "domain|ip", "a.example|192.0.2.1", to_ids=False, first_seen="2023-11-02T00:00:00Z", last_seen="2023-11-01T00:00:00Z")
    )
    (made,) = objects(node, "observed-data")
    assert made["id"] == f"observed-data--{UUIDS[1]}"
    assert (made["first_observed"], made["last_observed"]) == ("2023-11-01T00:00:00.000Z", "2023-11-02T00:00:00.000Z")
    assert made["object_refs"] == [objects(node, type_)[0]["id"] for type_ in ("domain-name", "ipv4-addr")]
    assert (made["x_misp_type"], made["x_misp_value"]) == ("domain|ip", "a.example|192.0.2.1")


@pytest.mark.parametrize(
    ("type_", "stix"), [("vulnerability", "vulnerability"), ("campaign-name", "campaign"), ("threat-actor", "threat-actor")]
)
def test_names(type_: str, stix: str) -> None:
    (made,) = objects(event(attribute(1, type_, "A name", to_ids=False, comment="said")), stix)
    assert (made["name"], made["description"], made["x_misp_type"]) == ("A name", "said", type_)


def test_an_expired_attribute_looks_for_nothing_any_more() -> None:
    ends = [{"uuid": UUIDS[n], "type": "2", "date_sighting": stamp} for n, stamp in ((40, "1700000500"), (41, "1700000900"))]
    (made,) = objects(event(attribute(1, Sighting=ends)), "indicator")
    assert made["valid_until"] == made["modified"] == "2023-11-14T22:28:20.000Z"
    early = [{"uuid": UUIDS[40], "type": "2", "date_sighting": "1600000000"}]
    (other,) = objects(event(attribute(1, Sighting=early)), "indicator")
    assert "valid_until" not in other
    assert other["modified"] == "2023-11-14T22:13:20.000Z"


def test_what_warninglists_say_is_told() -> None:
    warned = attribute(1, warnings=[{"warninglist_name": "List of known things"}, {"name": "Other"}, {}])
    assert held_back(warned) == "MISP's warninglists have 'a.example': List of known things, Other"
    found, _ = run(event(warned, attribute(2)))
    assert (found["Event.Attribute[0]"].note, found["Event.Attribute[1]"].note) == (held_back(warned), "")


def test_malformed() -> None:
    assert malformed(attribute(1)) == ""
    assert malformed({**attribute(1), "value": [1]}) == "the value of the attribute of type domain is neither text nor a number"
