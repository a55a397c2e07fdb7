from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from comity.forms.misp import looks_like, read
from comity.terms.item import Draft, Refused
from comity.terms.stix import check
from comity.terms.tlp import RANK

UUIDS = [f"{n:08x}-1234-4234-8234-123456789012" for n in range(1, 40)]


def attribute(n: int, type_: str = "domain", value: str = "a.example", **more: Any) -> dict[str, Any]:
    return {"uuid": UUIDS[n], "type": type_, "value": value, "timestamp": "1700000000", "to_ids": True, "distribution": "5", **more}


def event(*attributes: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "Event": {
            "uuid": UUIDS[0],
            "info": "An event",
            "date": "2023-11-14",
            "timestamp": "1700000100",
            "distribution": "1",
            "Orgc": {"name": "Example CERT", "uuid": UUIDS[30]},
            "Attribute": list(attributes),
            **more,
        }
    }


def run(node: Any) -> tuple[dict[str, Draft], list[Refused]]:
    found = list(read(json.dumps(node).encode()))
    drafts = [item for item in found if isinstance(item, Draft)]
    for draft in drafts:
        assert check(draft.obj) is None, draft.obj
        assert draft.derived
        assert json.loads(draft.raw) == draft.obj
    return {draft.position: draft for draft in drafts}, [item for item in found if isinstance(item, Refused)]


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
    assert [item.position for item in refused] == ["Event.Attribute[3]", "Event.Attribute[6]"]
    assert refused[0].why == "attribute type text is not converted"
    report = drafts["Event"].obj
    made = {key: draft.obj for key, draft in drafts.items()}
    assert made["Event.Attribute[0]"]["id"] == f"indicator--{UUIDS[1]}"
    assert made["Event.Attribute[0]"]["created"] == "2023-11-14T22:13:20.000Z"
    assert made["Event.Attribute[1]"]["type"] == "ipv4-addr"
    assert made["Event.Attribute[4]"]["type"] == "vulnerability"
    assert report["object_refs"] == sorted(made[f"Event.Attribute[{n}]"]["id"] for n in (0, 1, 4))
    assert report["external_references"] == [{"source_name": "misp", "url": "https://b.example/story"}]
    assert (report["created"], report["modified"]) == ("2023-11-14T00:00:00.000Z", "2023-11-14T22:15:00.000Z")
    assert report["created_by_ref"] == made["Event.Orgc"]["id"] == f"identity--{UUIDS[30]}"
    assert {draft.tlp for draft in drafts.values()} == {"green"}


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


@pytest.mark.parametrize("wrap", [lambda e: e, lambda e: [e], lambda e: {"response": [e]}, lambda e: e["Event"]])
def test_every_wrapping(wrap: Any) -> None:
    drafts, refused = run(wrap(event(attribute(1))))
    assert "Event" in drafts
    assert not refused
    assert looks_like(json.dumps(event(attribute(1))).encode())


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"{", "not JSON"),
        (b"{}", "no MISP event"),
        (b'{"Event":{"info":"x"}}', "no UUID"),
        (json.dumps(event()).encode(), "no attribute that is converted"),
        (json.dumps(event({"type": "domain"})).encode(), "has no value"),
        (b'{"Event":{"uuid":1,"Attribute":"x","Tag":[1],"Object":[[]],"SharingGroup":[]}}', "no UUID"),
    ],
)
def test_what_cannot_be_read_is_refused(raw: bytes, why: str) -> None:
    found = [item for item in read(raw) if isinstance(item, Refused)]
    assert any(why in item.why for item in found)


def test_real_events_convert_and_nothing_is_lost_silently(shared_data: Path) -> None:
    files = sorted((shared_data / "public/misp/misp/pymisp-tests/tests/reportlab_testfiles").glob("*.json"))
    assert len(files) > 5
    made = 0
    for file in files:
        found = list(read(file.read_bytes()))
        drafts = [item for item in found if isinstance(item, Draft)]
        made += len(drafts)
        assert [why for item in drafts if (why := check(item.obj))] == []
    assert made > 300
