from __future__ import annotations

from typing import Any

import pytest

from comity.forms.misp_galaxy import CLUSTERS, clusters, stix_type, tag_name, write
from comity.terms.stix import THREAT_TYPES
from tests.forms.misp_events import UUIDS, attribute, back, event, objects, run

META = {
    "external_id": ["T1071"],
    "synonyms": ["Other", "Web Protocols"],
    "refs": ["https://b.example/"],
    "kill_chain": ["mitre-attack:Command-and-Control"],
}


def galaxy(type_: str, value: str = "Web Protocols", **more: Any) -> dict[str, Any]:
    cluster = {
        "uuid": UUIDS[45],
        "type": type_,
        "value": value,
        "tag_name": f'misp-galaxy:{type_}="{value}"',
        "description": "said",
        "meta": META,
        **more,
    }
    return {"uuid": UUIDS[46], "name": "Named", "type": type_, "description": "d", "GalaxyCluster": [cluster]}


@pytest.mark.parametrize(
    ("type_", "want"),
    [
        ("mitre-attack-pattern", "attack-pattern"),
        ("mitre-enterprise-attack-course-of-action", "course-of-action"),
        ("mitre-intrusion-set", "intrusion-set"),
        ("microsoft-activity-group", "intrusion-set"),
        ("eset-threat-actor", "threat-actor"),
        ("mitre-malware", "malware"),
        ("ransomware", "malware"),
        ("exploit-kit", "tool"),
        ("sector", "identity"),
        ("country", "location"),
        ("branded-vulnerability", "vulnerability"),
        ("stix-2.1-infrastructure", "infrastructure"),
        ("guidelines", ""),
        ("indicator", ""),
        ("", ""),
    ],
)
def test_types(type_: str, want: str) -> None:
    assert stix_type(type_) == want
    assert want in CLUSTERS | {""}
    assert CLUSTERS <= THREAT_TYPES


def test_an_attack_pattern() -> None:
    (made,) = objects(event(Galaxy=[galaxy("mitre-attack-pattern")]), "attack-pattern")
    assert (made["name"], made["aliases"], made["description"]) == ("Web Protocols", ["Other"], "said")
    assert made["kill_chain_phases"] == [{"kill_chain_name": "mitre-attack", "phase_name": "command-and-control"}]
    assert made["external_references"][0] == {"source_name": "mitre-attack", "external_id": "T1071"}
    assert made["id"] != f"attack-pattern--{UUIDS[45]}"


@pytest.mark.parametrize(
    "type_", ["mitre-malware", "sector", "country", "region", "threat-actor", "mitre-tool", "branded-vulnerability", "guidelines"]
)
def test_clusters_come_back(type_: str) -> None:
    node = event(attribute(1), Galaxy=[galaxy(type_)], Tag=[{"name": "tlp:amber"}, {"name": f'misp-galaxy:{type_}="Web Protocols"'}])
    out = back(node)
    assert out.get("Galaxy", []) == ([galaxy(type_)] if stix_type(type_) else [])
    assert [tag["name"] for tag in out["Tag"]] == ["tlp:amber", f'misp-galaxy:{type_}="Web Protocols"']


def test_a_cluster_of_an_attribute_is_joined_to_it() -> None:
    node = event(
        attribute(1, Galaxy=[galaxy("mitre-malware", meta={})]),
        attribute(2, "ip-dst", "192.0.2.1", to_ids=False, Galaxy=[galaxy("sector")]),
    )
    joined = {
        made["source_ref"]: (made["relationship_type"], made["target_ref"].partition("--")[0]) for made in objects(node, "relationship")
    }
    assert joined == {f"indicator--{UUIDS[1]}": ("indicates", "malware"), f"observed-data--{UUIDS[2]}": ("related-to", "identity")}
    out = back(node)
    assert "Galaxy" not in out
    assert [each["Galaxy"][0]["type"] for each in out["Attribute"]] == ["mitre-malware", "sector"]


def test_the_same_cluster_is_another_object_for_each_reach() -> None:
    """A strict event must not keep an open one at home, whose report names the same cluster."""
    ids = {
        objects(event(Galaxy=[galaxy("mitre-malware")], Tag=[{"name": f"tlp:{level}"}]), "malware")[0]["id"] for level in ("red", "green")
    }
    again = {objects(event(Galaxy=[galaxy("mitre-malware")], Tag=[{"name": "tlp:red"}], info="Other"), "malware")[0]["id"]}
    assert len(ids | again) == 2


def test_a_cluster_that_may_go_less_far_is_not_named_by_the_report() -> None:
    node = event(attribute(1), Galaxy=[galaxy("mitre-malware", distribution="0")])
    found, _ = run(node)
    made = found["Event.Galaxy"]
    assert made.to == ()
    assert str(made.obj["id"]).encode() not in found["Event"].raw
    assert back(node)["Galaxy"][0]["GalaxyCluster"][0]["distribution"] == "0"


def test_local_clusters_are_their_owner_s_own() -> None:
    assert list(clusters({"Galaxy": [galaxy("mitre-malware", local=True)]})) == []


@pytest.mark.parametrize(
    ("obj", "want"),
    [
        ({"type": "malware", "id": "malware--1", "name": 'A "B"'}, "misp-galaxy:stix-2.1-malware=\"A 'B'\""),
        (
            {
                "type": "malware",
                "id": "malware--1",
                "name": "A",
                "external_references": [{"source_name": "mitre-attack", "external_id": "S1"}],
            },
            'misp-galaxy:mitre-malware="A - S1"',
        ),
        ({"type": "location", "id": "location--1"}, 'misp-galaxy:stix-2.1-location="location--1"'),
    ],
)
def test_tags_of_what_did_not_come_from_misp(obj: dict[str, Any], want: str) -> None:
    assert tag_name(obj) == want
    (cluster,) = write(obj)["GalaxyCluster"]
    assert cluster["tag_name"] == want
