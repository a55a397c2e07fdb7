from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.forms.misp import read
from comity.forms.misp_out import Held, Written, write
from comity.terms.item import Draft, Envelope
from comity.terms.tlp import LEVELS, RANK
from tests.consortium import indicator, relationship, report, sdo, sighting
from tests.forms.misp_events import UUIDS, attribute, event, held, holder, related

GREEN = Envelope(origin="KZ", tlp="green")


def keep(*objects: dict[str, Any], envelope: Envelope = GREEN) -> list[Held]:
    return [Held(obj=obj, envelope=envelope) for obj in objects]


def events(written: Written) -> list[dict[str, Any]]:
    return [each["Event"] for each in written.events]


def sco(type_: str, n: int, **properties: Any) -> dict[str, Any]:
    return {"type": type_, "spec_version": "2.1", "id": f"{type_}--{UUIDS[n].replace('-4234-', '-5234-')}", **properties}


def test_a_report_and_what_it_names_is_an_event() -> None:
    one, other, out = indicator(), indicator(pattern="[ipv4-addr:value = '192.0.2.1']", labels=["kind"]), indicator()
    author = sdo("identity", name="A CERT")
    said = report(one["id"], other["id"], name="Named", description="Words", created_by_ref=author["id"])
    said["external_references"] = [{"source_name": "x", "url": "https://b.example/"}]
    whole, loose = events(write(keep(author, one, other, out, said)))
    assert (whole["uuid"], whole["info"], whole["Orgc"]["name"]) == (said["id"].partition("--")[2], "Named", "A CERT")
    assert [each["type"] for each in whole["Attribute"]] == ["link", "domain", "ip-dst"]
    assert whole["Attribute"][1]["uuid"] == one["id"].partition("--")[2]
    assert whole["Attribute"][2]["Tag"] == [{"name": "kind"}]
    assert whole["EventReport"][0]["content"] == "Words"
    assert [each["uuid"] for each in loose["Attribute"]] == [out["id"].partition("--")[2]]


def test_the_same_objects_in_any_order_give_the_same_events() -> None:
    one = indicator()
    given_ = keep(one, report(one["id"]), indicator(), sdo("malware", name="M"), sighting(one["id"]))
    assert write(given_).events == write(reversed(given_)).events
    assert json.dumps(write(given_).events) == json.dumps(write(given_).events)


def test_an_object_of_two_reports_is_an_attribute_of_each_under_two_uuids() -> None:
    one = indicator()
    found = [each["Attribute"][0] for each in events(write(keep(one, report(one["id"]), report(one["id"]))))]
    assert [each["value"] for each in found] == ["bad.example"] * 2
    assert len({each["uuid"] for each in found}) == 2


def test_what_no_report_names_goes_by_origin_day_and_reach() -> None:
    objects = [
        *keep(indicator(), indicator()),
        *keep(indicator(), envelope=Envelope(origin="UZ", tlp="green")),
        *keep(indicator(), envelope=Envelope(origin="KZ", tlp="amber")),
        *keep(indicator(), envelope=Envelope(origin="KZ", tlp="amber", to=("KZ", "UZ"))),
    ]
    found = events(write(objects))
    assert sorted((each["info"], each["distribution"], len(each["Attribute"])) for each in found) == [
        ("Shared by KZ, 2021-10-01, TLP:AMBER", "1", 1),
        ("Shared by KZ, 2021-10-01, TLP:AMBER", "4", 1),
        ("Shared by KZ, 2021-10-01, TLP:GREEN", "2", 2),
        ("Shared by UZ, 2021-10-01, TLP:GREEN", "2", 1),
    ]
    assert {each["date"] for each in found} == {"2021-10-01"}


def test_an_observation_says_its_observables_once() -> None:
    file, folder = sco("file", 1, name="x", size=3, parent_directory_ref=""), sco("directory", 2, path="/opt")
    file["parent_directory_ref"] = folder["id"]
    seen = sdo("observed-data", first_observed="2021-10-01T00:00:00Z", last_observed="2021-10-01T00:00:00Z", number_observed=1)
    seen["object_refs"] = [file["id"], folder["id"]]
    (whole,) = events(write(keep(seen, file, folder, report(seen["id"], file["id"], folder["id"]))))
    (made,) = whole["Object"]
    assert {each["object_relation"]: each["value"] for each in made["Attribute"]} == {"filename": "x", "size-in-bytes": "3", "path": "/opt"}
    assert [each["value"] for each in whole["Attribute"]] == ["/opt"]


def test_clusters_and_what_indicates_them() -> None:
    one, found = indicator(), sdo("malware", name="M")
    joined = relationship(one["id"], found["id"])
    (whole,) = events(write(keep(one, found, joined, report(one["id"]))))
    (made,) = whole["Attribute"]
    assert made["Galaxy"][0]["GalaxyCluster"][0]["value"] == "M"
    assert {"name": 'misp-galaxy:stix-2.1-malware="M"'} in made["Tag"]


def test_what_hangs_on_a_part_goes_no_further_than_it_may() -> None:
    """Clusters, sightings and references have no reach of their own in MISP."""
    one, found = indicator(), sdo("malware", name="M")
    joined, seen = relationship(one["id"], found["id"]), sighting(one["id"])
    base = keep(one, report(one["id"]))
    narrow = Envelope(origin="KZ", tlp="green", to=("UZ",))
    for objects in (
        [*keep(found, envelope=narrow), *keep(joined)],
        [*keep(found), *keep(joined, envelope=narrow)],
        keep(seen, envelope=narrow),
    ):
        written = write([*base, *objects])
        shown = next(each for each in events(written) if each["distribution"] == "2")
        assert "M" not in json.dumps(shown["Attribute"][0].get("Galaxy", ""))
        assert "Sighting" not in shown["Attribute"][0]
        assert written.left
    assert events(write([*base, *keep(seen)]))[0]["Attribute"][0]["Sighting"][0]["source"] == "KZ"


def test_what_has_no_place_is_told() -> None:
    one, other = indicator(), indicator()
    between = relationship(one["id"], other["id"])
    artifact = sco("artifact", 1, payload_bin="AA==")
    written = write([*keep(one, other, between, artifact), *keep(indicator(), envelope=Envelope(origin="KZ", gate="quarantine"))])
    assert sorted(left.why for left in written.left) == [
        "MISP has no place for this artifact",
        "MISP has no place for this relationship",
        "it is in quarantine",
    ]


def test_the_latest_version_is_written() -> None:
    old = indicator()
    new = old | {"modified": "2022-01-01T00:00:00.000Z", "pattern": "[domain-name:value = 'new.example']"}
    (whole,) = events(write(keep(new, old)))
    assert [each["value"] for each in whole["Attribute"]] == ["new.example"]


def test_parts_of_an_event_that_its_report_does_not_name_are_in_it() -> None:
    node = event(attribute(1), attribute(2, "text", "words"), attribute(3, value="own.example", distribution="0"))
    (whole,) = events(write(held(node)))
    assert {each["value"]: each["distribution"] for each in whole["Attribute"]} == {"a.example": "5", "words": "5", "own.example": "0"}


def test_parts_whose_report_is_not_there_are_still_written() -> None:
    node = event(attribute(1), Object=[holder(9, "file", related(2, "filename", "filename", "x"))])
    (whole,) = events(write([each for each in held(node) if each.obj["type"] != "report"]))
    assert whole["info"].startswith("Shared by KZ")
    assert (whole["Attribute"][0]["uuid"], whole["Object"][0]["uuid"]) == (UUIDS[1], UUIDS[9])


ENVELOPES = st.builds(
    Envelope,
    origin=st.just("KZ"),
    tlp=st.sampled_from(LEVELS),
    pap=st.sampled_from([None, "clear", "amber", "red"]),
    to=st.sampled_from([None, (), ("KZ",), ("KZ", "UZ"), ("UZ",)]),
)


@given(st.tuples(*[ENVELOPES] * 6), st.sampled_from(["0", "1", "2", "3"]), st.booleans())
def test_whoever_reads_what_is_written_may_see_no_more(envelopes: tuple[Envelope, ...], width: str, with_report: bool) -> None:
    """The central promise: read again, every part is at least as strict as the envelope it was held under."""
    file = holder(9, "file", related(3, "filename", "filename", "held.exe"), distribution=width)
    node = event(attribute(1, value="one.example"), attribute(2, "text", "two"), Object=[file], distribution=width)
    objects = [Held(obj=draft.obj, envelope=each) for draft, each in zip(_distinct(node), envelopes * 3, strict=False)]
    if not with_report:
        objects = [each for each in objects if each.obj["type"] != "report"]
    was = {each.id: each.envelope for each in objects}
    for item in read(msgspec.json.encode(write(objects).events)):
        assert isinstance(item, Draft), item
        envelope = was.get(str(item.obj["id"]))
        if envelope is None or item.obj["type"] not in ("indicator", "report", "x-misp-attribute", "observed-data"):
            continue
        assert RANK[item.tlp or "clear"] >= RANK[envelope.tlp]
        assert envelope.to is None or (item.to is not None and set(item.to) <= set(envelope.to))


def _distinct(node: dict[str, Any]) -> list[Draft]:
    return [item for item in read(json.dumps(node).encode()) if isinstance(item, Draft)]


@pytest.mark.parametrize("count", [0, 1])
def test_little(count: int) -> None:
    written = write(keep(*[indicator()] * count))
    assert (len(written.events), written.left) == (count, [])
