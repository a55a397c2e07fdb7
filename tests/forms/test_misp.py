from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from comity.forms.detect import kind
from comity.forms.misp import events, identity, read
from comity.intake.submit import Submitter, submit
from comity.terms.item import Draft, Refused
from comity.terms.stix import MISP_EXTENSION, check
from comity.terms.tlp import RANK
from tests.consortium import Body
from tests.forms.misp_events import UUIDS, attribute, drafts, event, run


def test_an_event_becomes_its_parts_and_a_report() -> None:
    node = event(
        attribute(1),
        attribute(2, "ip-dst", "192.0.2.1", to_ids=False),
        attribute(3, "link", "https://b.example/story", to_ids=False),
        attribute(4, "text", "words"),
        attribute(5, "vulnerability", "CVE-2024-0001", to_ids=False),
        attribute(6, "domain", "gone.example", deleted=True),
        attribute(7, "md5", "zz"),
        Tag=[{"name": "tlp:green"}, {"name": "kind"}],
    )
    drafts, refused = run(node)
    assert refused == []
    report = drafts["Event"].obj
    made = {key: draft.obj for key, draft in drafts.items()}
    assert made["Event.Attribute[0]"]["id"] == f"indicator--{UUIDS[1]}"
    assert made["Event.Attribute[0]"]["created"] == "2023-11-14T00:00:00.000Z"
    assert made["Event.Attribute[1]"]["type"] == "ipv4-addr"
    assert made["Event.Attribute[4]"]["type"] == "vulnerability"
    assert "Event.Attribute[5]" not in made
    assert made["Event.Attribute[3]"]["type"] == made["Event.Attribute[6]"]["type"] == "x-misp-attribute"
    named = [made[f"Event.Attribute[{n}]"]["id"] for n in (0, 1, 4)]
    assert report["object_refs"] == sorted([*named, f"observed-data--{UUIDS[2]}"])
    assert report["external_references"] == [{"source_name": "misp", "url": "https://b.example/story"}]
    assert (report["created"], report["modified"]) == ("2023-11-14T00:00:00.000Z", "2023-11-14T22:15:00.000Z")
    assert report["created_by_ref"] == made["Event.Orgc"]["id"] == f"identity--{UUIDS[30]}"
    assert {draft.tlp for draft in drafts.values()} == {"green"}


def test_what_stix_has_no_place_for_is_kept_as_it_is() -> None:
    tag = {"name": "tlp:red"}
    drafts, refused = run(event(attribute(1, "text", " words\n", to_ids=False, category="Other", comment="said", Tag=[tag])))
    assert refused == []
    draft = drafts["Event.Attribute[0]"]
    assert draft.tlp == "red"
    assert draft.obj == {
        "type": "x-misp-attribute",
        "spec_version": "2.1",
        "id": f"x-misp-attribute--{UUIDS[1]}",
        "created_by_ref": f"identity--{UUIDS[30]}",
        "created": "2023-11-14T00:00:00.000Z",
        "modified": "2023-11-14T22:13:20.000Z",
        "labels": ["tlp:red"],
        "x_misp_type": "text",
        "x_misp_category": "Other",
        "x_misp_value": " words\n",
        "x_misp_comment": "said",
        "x_misp_tags": ["tlp:red"],
        "x_misp_timestamp": "1700000000",
        "x_misp_event_uuid": UUIDS[0],
        "extensions": {MISP_EXTENSION: {"extension_type": "new-sdo"}},
        "x_misp_why": "STIX has no place for attribute type text",
    }


@pytest.mark.parametrize(
    ("type_", "value", "why"),
    [
        ("url", "http:///scripts/query", "not a host"),
        ("md5", "zz", "is not a md5"),
        ("domain|ip", "a.example", "2 parts"),
        ("ip-src|port", "192.0.2.1:80", "2 parts"),
        ("btc", "made-up", "STIX has no place for attribute type btc"),
        ("counter", 5, "STIX has no place for attribute type counter"),
    ],
)
@pytest.mark.parametrize("to_ids", [True, False])
def test_a_value_that_is_not_of_its_type_is_kept_with_the_reason(type_: str, value: Any, why: str, to_ids: bool) -> None:
    drafts, refused = run(event(attribute(1, type_, value, to_ids=to_ids, object_relation="role")))
    obj = drafts["Event.Attribute[0]"].obj
    assert refused == []
    assert obj["type"] == "x-misp-attribute"
    assert (obj["x_misp_type"], obj["x_misp_value"], obj["x_misp_object_relation"]) == (type_, str(value), "role")
    assert obj.get("x_misp_to_ids", False) is to_ids
    assert why in obj["x_misp_why"]


def test_the_report_does_not_name_what_is_kept() -> None:
    """It would be withheld from everybody who may not see the custom object, which is everybody else."""
    drafts, _ = run(event(attribute(1), attribute(2, "text", "words")))
    assert drafts["Event"].obj["object_refs"] == [f"indicator--{UUIDS[1]}"]


def test_a_report_with_nothing_else_to_name_names_its_author_or_what_is_kept() -> None:
    only = attribute(1, "text", "words")
    assert run(event(only))[0]["Event"].obj["object_refs"] == [f"identity--{UUIDS[30]}"]
    assert run(event(only, Orgc={}))[0]["Event"].obj["object_refs"] == [f"x-misp-attribute--{UUIDS[1]}"]


YARA = 'import "pe"\n\nprivate rule Sample_1 : x\n{ condition: true }\n'
SIGMA = "title: A made-up rule\ndetection: {}\n"
SNORT = 'alert tcp any any -> 192.0.2.1 any (msg: "made up"; sid:1;)'


@pytest.mark.parametrize(
    ("type_", "value", "name"),
    [
        ("yara", YARA, "Sample_1"),
        ("sigma", SIGMA, "A made-up rule"),
        ("snort", SNORT, "made up"),
        ("yara", "nothing like a rule", "yara rule"),
        ("sigma", "detection: {}", "sigma rule"),
    ],
)
def test_rules_are_indicators_in_their_own_language(type_: str, value: str, name: str) -> None:
    drafts, _ = run(event(attribute(1, type_, value), attribute(2, type_, value, to_ids=False)))
    made, other = drafts["Event.Attribute[0]"].obj, drafts["Event.Attribute[1]"].obj
    assert (made["type"], made["pattern_type"], made["pattern"], made["name"]) == ("indicator", type_, value.strip(), name)
    assert (other["type"], other["x_misp_value"]) == ("x-misp-attribute", value)
    assert "to_ids is off" in other["x_misp_why"]
    assert drafts["Event"].obj["object_refs"] == [made["id"]]


@pytest.mark.parametrize(
    ("type_", "value", "comment", "want"),
    [
        ("ip-dst|port", "192.0.2.1|443", "", "Port 443."),
        ("ip-src|port", "2001:db8::1| 53", "seen", "seen\nPort 53."),
        ("hostname|port", "a.example|8080", "", "Port 8080."),
        ("hostname|port", "a.example|", "", None),
        ("domain|ip", "a.example|192.0.2.1", "both", "both"),
    ],
)
def test_the_port_stays_in_the_description(type_: str, value: str, comment: str, want: str | None) -> None:
    drafts, _ = run(event(attribute(1, type_, value, comment=comment)))
    assert drafts["Event.Attribute[0]"].obj.get("description") == want


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"type": ""}, "has no type"),
        ({"type": 7}, "has no type"),
        ({"value": " "}, "type domain has no value"),
        ({"value": None}, "type domain has no value"),
        ({"value": {"a": 1}}, "neither text nor a number"),
        ({"uuid": "12-34"}, "'12-34' is not an RFC 4122 UUID"),
    ],
)
def test_only_malformed_attributes_are_refused(more: dict[str, Any], why: str) -> None:
    drafts, refused = run(event(attribute(1) | more, attribute(2)))
    assert [item.position for item in refused] == ["Event.Attribute[0]"]
    assert why in refused[0].why
    assert drafts["Event"].obj["object_refs"] == [f"indicator--{UUIDS[2]}"]


def test_an_attribute_without_a_uuid_has_an_id_of_its_own() -> None:
    kept = [attribute(1, "text", value, uuid=None) for value in ("one", "two")]
    ids = [item.obj["id"] for key, item in run(event(*kept))[0].items() if "Attribute" in key]
    assert len(set(ids)) == 2


@pytest.mark.parametrize(("more", "inside"), [({}, True), ({"distribution": "0"}, False), ({"Tag": [{"name": "tlp:red"}]}, False)])
def test_a_link_that_is_narrower_than_the_event_stays_out_of_the_report(more: dict[str, Any], inside: bool) -> None:
    link = attribute(2, "link", "https://b.example/story", to_ids=False, **more)
    drafts, _ = run(event(attribute(1), link, Tag=[{"name": "tlp:green"}]))
    assert ("external_references" in drafts["Event"].obj) is inside
    assert (b"b.example" in drafts["Event"].raw) is inside
    assert inside or drafts["Event.Attribute[1]"].obj["type"] == "url"


def test_the_same_event_again_is_all_duplicates() -> None:
    world = Body().world
    raw = json.dumps(event(attribute(1), attribute(2, "text", "words"), attribute(3, "yara", YARA), attribute(4, "md5", "zz"))).encode()
    by = Submitter(party="KZ")
    assert Counter(outcome.outcome for outcome in submit(world, read(raw), by)) == {"accepted": 6}
    assert Counter(outcome.outcome for outcome in submit(world, read(raw), by)) == {"duplicate": 6}


def test_reading_twice_gives_the_same_bytes() -> None:
    raw = json.dumps([event(attribute(1)), event(attribute(2), uuid=UUIDS[20])]).encode()
    assert list(read(raw)) == list(read(raw))
    assert [item.position for item in read(raw)][-1] == "Event[1]"


@pytest.mark.parametrize(
    ("own", "tags", "want"),
    [
        ("clear", ["tlp:red"], "red"),
        ("red", ["tlp:clear"], "red"),
        ("amber", [], "amber"),
        ("green", ["tlp:amber", "TLP:AMBER+STRICT"], "amber+strict"),
    ],
)
def test_tlp_only_tightens(own: str, tags: list[str], want: str) -> None:
    inner = {"uuid": UUIDS[9], "name": "file", "Attribute": [attribute(2)]}
    drafts, _ = run(event(attribute(1, Tag=[{"name": tag} for tag in tags]), Tag=[{"name": f"tlp:{own}"}], Object=[inner]))
    assert drafts["Event.Attribute[0]"].tlp == want
    assert drafts["Event"].tlp == drafts["Event.Object[0].Attribute[0]"].tlp == own
    assert RANK[want] >= RANK[own]


def test_pap_is_read() -> None:
    drafts, _ = run(event(attribute(1, Tag=[{"name": "PAP:GREEN"}]), Tag=[{"name": "PAP:AMBER"}]))
    assert drafts["Event.Attribute[0]"].pap == "amber"


GROUP = {"id": "7", "SharingGroupOrg": [{"Organisation": {"name": n}} for n in ("KZ", "uz", "Not a code", "IO-UN")]}


@pytest.mark.parametrize(
    ("whole", "part", "want_whole", "want_part"),
    [
        ("1", "5", None, None),
        ("3", "0", None, ()),
        ("0", "3", (), ()),
        ("0", "4", (), ()),
        ("4", "5", ("IO-UN", "KZ", "UZ"), ("IO-UN", "KZ", "UZ")),
        ("4", "3", ("IO-UN", "KZ", "UZ"), ("IO-UN", "KZ", "UZ")),
        ("2", "4", None, ("IO-UN", "KZ", "UZ")),
        ("9", "1", (), ()),
    ],
)
def test_audiences_only_narrow(whole: str, part: str, want_whole: tuple[str, ...] | None, want_part: tuple[str, ...] | None) -> None:
    drafts, _ = run(
        event(attribute(1, distribution=part, sharing_group_id="7"), distribution=whole, sharing_group_id="7", SharingGroup=GROUP)
    )
    assert drafts["Event"].to == want_whole
    assert drafts["Event.Attribute[0]"].to == want_part


def test_two_sharing_groups_meet_and_an_unknown_one_is_nobody() -> None:
    other = {"id": "8", "SharingGroupOrg": [{"Organisation": {"name": "UZ"}}, {"Organisation": {"name": "TJ"}}]}
    node = event(
        attribute(1, distribution="4", sharing_group_id="8", SharingGroup=other),
        attribute(2, distribution="4", sharing_group_id="99"),
        distribution="4",
        sharing_group_id="7",
        SharingGroup=GROUP,
    )
    drafts, _ = run(node)
    assert drafts["Event.Attribute[0]"].to == ("UZ",)
    assert drafts["Event.Attribute[1]"].to == ()


@pytest.mark.parametrize(
    ("group", "told"),
    [
        (GROUP, False),
        ({**GROUP, "active": False}, True),
        ({**GROUP, "id": "8"}, False),
        ({"id": "7", "SharingGroupOrg": []}, True),
        ({"id": "7", "SharingGroupOrg": [{"Organisation": {"name": "A bank, Ltd."}}]}, True),
        (None, True),
    ],
)
def test_a_sharing_group_that_reaches_nobody_is_told_with_every_part(group: Any, told: bool) -> None:
    drafts, _ = run(event(attribute(1), distribution="4", sharing_group_id="7", SharingGroup=group))
    for position in ("Event", "Event.Attribute[0]"):
        assert ("addressed to nobody: its sharing group" in drafts[position].note) == told == (drafts[position].to == ())


def test_a_part_for_its_own_organisation_only_is_meant_so_and_not_spoken_of() -> None:
    drafts, _ = run(event(attribute(1), distribution="0"))
    assert (drafts["Event"].to, drafts["Event"].note) == ((), "")


@pytest.mark.parametrize("wrap", [lambda e: e, lambda e: [e], lambda e: {"response": [e]}, lambda e: e["Event"]])
def test_every_wrapping(wrap: Any) -> None:
    drafts, refused = run(wrap(event(attribute(1))))
    assert "Event" in drafts
    assert not refused
    assert kind(json.dumps(event(attribute(1))).encode()) == "misp"


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"{", "not JSON"),
        (b"{}", "no MISP event"),
        (b'{"Event":{"info":"x"}}', "no UUID"),
        (b'{"response":[{"Attribute":{"type":"domain","value":"a.example"}}]}', "nothing in it has a timestamp"),
        (json.dumps(event(Orgc={})).encode(), "no attribute and no author"),
        (json.dumps(event({"type": "domain"})).encode(), "has no value"),
        (json.dumps(event(date="0001-01-01", timestamp="0")).encode(), "neither timestamp nor date"),
        (b'{"Event":{"uuid":1,"Attribute":"x","Tag":[1],"Object":[[]],"SharingGroup":[]}}', "no UUID"),
    ],
)
def test_what_cannot_be_read_is_refused(raw: bytes, why: str) -> None:
    found = [item for item in read(raw) if isinstance(item, Refused)]
    assert any(why in item.why for item in found)


def test_real_events_convert_and_nothing_is_lost_silently(shared_data: Path) -> None:
    made: Counter[str] = Counter()
    attributes = 0
    for file in sorted((shared_data / "public").rglob("*.json")):
        raw = file.read_bytes()
        found = list(read(raw)) if kind(raw) == "misp" else []
        if any(isinstance(item, Refused) and item.position in ("document", "Event") for item in found):
            continue  # fragments: no event, or one without UUID and date
        kept = [item for item in found if isinstance(item, Draft)]
        assert len(kept) == len(found), file.name
        assert [why for item in kept if (why := check(item.obj))] == []
        made.update(str(item.obj["type"]) for item in kept)
        said = [item.obj for item in kept if item.obj["type"] != "report"]
        attributes += sum(len(obj.get("x_misp_attributes", ())) + ("x_misp_value" in obj) for obj in said)
    assert made["report"] > 60
    assert made["x-misp-object"] + made["x-misp-attribute"] > 250
    assert attributes > 2500


def test_the_report_names_only_what_reaches_as_far_as_the_event() -> None:
    own, tighter, open_ = attribute(1, distribution="0"), attribute(2, value="b.example", Tag=[{"name": "tlp:red"}]), attribute(3)
    drafts, _ = run(event(own, tighter, open_, Tag=[{"name": "tlp:green"}]))
    assert drafts["Event"].obj["object_refs"] == [f"indicator--{UUIDS[3]}"]
    assert drafts["Event.Attribute[0]"].to == ()
    assert drafts["Event.Attribute[1]"].tlp == "red"


def test_a_newer_state_of_an_event_is_a_new_version_and_the_same_state_a_duplicate() -> None:
    body = Body()
    by = Submitter(party="KZ")

    def outcomes(stamp: str, comment: str) -> set[str]:
        node = event(attribute(1, timestamp=stamp, comment=comment), timestamp=stamp)
        return {o.outcome for o in submit(body.world, read(json.dumps(node).encode()), by) if o.type in ("indicator", "report")}

    assert outcomes("1700000100", "first") == {"accepted"}
    assert outcomes("1700000100", "first") == {"duplicate"}
    assert outcomes("1700000200", "second") == {"accepted"}
    assert outcomes("1700000100", "first") == {"duplicate"}


def test_what_a_search_gave_without_its_event_is_read_without_a_report() -> None:
    parts = {"response": [{"Attribute": attribute(1)}, {"Attribute": attribute(2, "link", "https://b.example/", to_ids=False)}]}
    assert [draft.obj["type"] for draft in drafts(parts)] == ["indicator", "observed-data", "url"]
    assert all("x_misp_event_uuid" not in draft.obj for draft in drafts(parts))
    assert len(drafts({"response": {"Attribute": [attribute(1), attribute(2)]}})) == 2
    assert list(events({"a": 1})) == []


def test_an_author_without_a_uuid_is_known_by_its_name() -> None:
    moment = "2023-11-14T22:15:00.000Z"
    one, again, other = (identity({"name": name}, moment) for name in ("A", "A", "B"))
    assert one == again != other
    assert identity({"uuid": UUIDS[3]}, moment) is None
    assert identity(None, moment) is None


def test_organisations_are_parties_by_a_table() -> None:
    group = {
        "id": "7",
        "SharingGroupOrg": [{"Organisation": {"name": "National CERT", "uuid": UUIDS[9]}}, {"Organisation": {"name": "Second"}}],
    }
    raw = json.dumps(event(attribute(1), distribution="4", sharing_group_id="7", SharingGroup=group)).encode()
    (found,) = {draft.to for draft in read(raw, {UUIDS[9]: "KZ", "second": "UZ"}) if isinstance(draft, Draft)}
    assert found == ("KZ", "UZ")
    assert {draft.to for draft in read(raw) if isinstance(draft, Draft)} == {("SECOND",)}
