from __future__ import annotations

import json
from typing import Any

import pytest

from comity.forms import misp_event
from comity.forms.misp import read
from comity.terms.item import Draft
from tests.forms.misp_events import UUIDS, attribute, back, drafts, event, holder, objects, related, run


def note(node: dict[str, Any]) -> str:
    return run(node)[0]["Event"].note


def test_what_is_left_out_is_counted() -> None:
    node = event(
        attribute(1, "attachment", "x.bin", to_ids=False, data="AAAA", ShadowAttribute=[attribute(2)]),
        attribute(3, deleted=True),
        ShadowAttribute=[attribute(4), attribute(5)],
        Object=[holder(9, "file", deleted=True), holder(10, "file", ObjectReference=[{"uuid": UUIDS[40], "referenced_uuid": UUIDS[41]}])],
        Tag=[{"name": "mine", "local": True}],
    )
    told = note(node)
    assert told.startswith("left out: ")
    for words in ("3 proposals", "1 local tags", "2 deleted parts", "1 attached files (their names", "1 references to what is not"):
        assert words in told
    assert note(event(attribute(1))) == ""
    assert all(b"AAAA" not in draft.raw for draft in drafts(node))


def test_a_part_under_the_uuid_of_another_gets_its_own() -> None:
    node = event(attribute(1), attribute(1, value="b.example"))
    ids = [obj["id"] for obj in objects(node, "indicator")]
    assert len(set(ids)) == 2
    assert ids[0] == f"indicator--{UUIDS[1]}"
    assert "1 UUIDs that another part has" in note(node)
    assert {each["value"] for each in back(node)["Attribute"]} == {"a.example", "b.example"}


def test_the_report_says_what_the_event_says() -> None:
    more = {"threat_level_id": "2", "analysis": "1", "extends_uuid": UUIDS[50], "published": True, "publish_timestamp": "1700000200"}
    node = event(attribute(1), attribute(2, "link", "https://b.example/", to_ids=False), **more)
    (report,) = objects(node, "report")
    assert {key: report[f"x_misp_{key}"] for key in more} == more
    assert report["published"] == "2023-11-14T22:16:40.000Z"
    assert [each["value"] for each in report["x_misp_attributes"]] == ["https://b.example/"]
    out = back(node)
    assert {key: out[key] for key in more} == more
    assert out["Attribute"][0]["uuid"] == UUIDS[2]


def test_a_large_event_has_its_parts_in_groupings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(misp_event, "MOST_REFS", 3)
    node = event(*(attribute(n, value=f"a{n}.example") for n in range(1, 9)))
    (report,) = objects(node, "report")
    groups = objects(node, "grouping")
    assert report["object_refs"] == [group["id"] for group in groups]
    assert [len(group["object_refs"]) for group in groups] == [3, 3, 2]
    assert len(back(node)["Attribute"]) == 8


def test_references_join_what_the_parts_became() -> None:
    reference = {
        "uuid": UUIDS[40],
        "referenced_uuid": UUIDS[2],
        "relationship_type": "Drops it",
        "timestamp": "1700000000",
        "comment": "so",
    }
    md5 = related(1, "md5", "md5", "d41d8cd98f00b204e9800998ecf8427e", flagged=True)
    node = event(attribute(2), Object=[holder(9, "file", md5, ObjectReference=[reference])])
    (made,) = objects(node, "relationship")
    assert (made["id"], made["relationship_type"]) == (f"relationship--{UUIDS[40]}", "drops-it")
    assert (made["source_ref"], made["target_ref"]) == (f"indicator--{UUIDS[9]}", f"indicator--{UUIDS[2]}")
    assert made["id"] in objects(node, "report")[0]["object_refs"]
    assert back(node)["Object"][0]["ObjectReference"] == [reference | {"object_uuid": UUIDS[9]}]


def test_a_reference_to_what_stays_at_home_is_not_named() -> None:
    reference = {"uuid": UUIDS[40], "referenced_uuid": UUIDS[2]}
    node = event(attribute(2), Object=[holder(9, "made-up", related(1, "x", "text", "words"), ObjectReference=[reference])])
    (made,) = objects(node, "relationship")
    assert made["source_ref"] == f"x-misp-object--{UUIDS[9]}"
    assert objects(node, "report")[0]["object_refs"] == [f"indicator--{UUIDS[2]}"]


def test_reading_is_the_same_each_time() -> None:
    raw = json.dumps(event(attribute(1), Object=[holder(9, "file", related(3, "md5", "md5", "x"))])).encode()
    assert list(read(raw)) == list(read(raw))
    assert all(isinstance(item, Draft) for item in read(raw))
