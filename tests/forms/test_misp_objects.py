from __future__ import annotations

from comity.forms.misp_objects import MAX_RECORD, members
from tests.forms.misp_events import UUIDS, attribute, back, event, holder, objects, related, run

MD5 = "d41d8cd98f00b204e9800998ecf8427e"


def test_an_object_of_a_known_template_is_one_thing() -> None:
    file = holder(
        9,
        "file",
        related(1, "filename", "filename", "x.exe"),
        related(2, "md5", "md5", MD5, flagged=True, comment="seen"),
        comment="A file",
        **{"meta-category": "file", "template_version": 24},
    )
    (made,) = objects(event(Object=[file]), "indicator")
    assert (made["id"], made["name"], made["description"]) == (f"indicator--{UUIDS[9]}", MD5, "A file")
    assert made["pattern"] == f"[file:hashes.MD5 = '{MD5}']"
    assert (made["x_misp_name"], made["x_misp_meta_category"], made["x_misp_template_version"]) == ("file", "file", "24")
    assert [each["value"] for each in made["x_misp_attributes"]] == ["x.exe", MD5]
    assert objects(event(Object=[file]), "file")[0]["name"] == "x.exe"


def test_what_nothing_is_flagged_of_was_observed() -> None:
    node = event(Object=[holder(9, "domain-ip", related(1, "domain", "domain", "a.example"), first_seen="2023-11-01T00:00:00Z")])
    (made,) = objects(node, "observed-data")
    assert (made["first_observed"], made["last_observed"]) == ("2023-11-01T00:00:00.000Z",) * 2
    assert made["object_refs"] == [obj["id"] for obj in objects(node, "domain-name")]


def test_another_object_is_its_attributes_and_a_record_of_the_rest() -> None:
    node = event(
        Object=[
            holder(
                9,
                "made-up",
                related(1, "where", "domain", "a.example", flagged=True),
                related(2, "note", "text", "words"),
                related(3, "bad", "md5", "not a hash", flagged=True),
            )
        ]
    )
    found, refused = run(node)
    assert refused == []
    assert found["Event.Object[0].Attribute[0]"].obj["x_misp_object_uuid"] == UUIDS[9]
    (kept,) = objects(node, "x-misp-object")
    assert [each["object_relation"] for each in kept["x_misp_attributes"]] == ["note", "bad"]
    assert kept["id"] not in objects(node, "report")[0]["object_refs"]


def test_what_is_flagged_and_has_no_place_in_its_template_is_an_indicator_of_its_own() -> None:
    odd = related(2, "pattern", "yara", "rule x { condition: true }", flagged=True)
    node = event(Object=[holder(9, "file", related(1, "md5", "md5", MD5, flagged=True), odd)])
    assert {made["pattern_type"] for made in objects(node, "indicator")} == {"stix", "yara"}


def test_a_part_that_may_go_less_far_is_not_told_by_the_whole() -> None:
    secret = related(2, "filename", "filename", "secret.exe", distribution="0")
    red = related(3, "filename", "filename", "red.exe", Tag=[{"name": "tlp:red"}])
    node = event(Object=[holder(9, "file", related(1, "md5", "md5", MD5, flagged=True), secret, red)])
    found, _ = run(node)
    whole = found["Event.Object[0]"]
    assert b"secret" not in whole.raw
    assert b"red.exe" not in whole.raw
    assert found["Event.Object[0].Attribute[1]"].to == ()
    assert found["Event.Object[0].Attribute[2]"].tlp == "red"
    assert b"secret" not in found["Event"].raw
    assert {each["value"] for each in back(node)["Object"][0]["Attribute"]} == {MD5, "secret.exe", "red.exe"}


def test_a_vulnerability() -> None:
    node = event(
        Object=[
            holder(
                9,
                "vulnerability",
                related(1, "id", "vulnerability", "CVE-2024-0001"),
                related(2, "summary", "text", "It breaks"),
                related(3, "references", "link", "https://b.example/"),
            )
        ]
    )
    (made,) = objects(node, "vulnerability")
    assert (made["name"], made["description"]) == ("CVE-2024-0001", "It breaks")
    assert made["external_references"] == [
        {"source_name": "cve", "external_id": "CVE-2024-0001"},
        {"source_name": "misp", "url": "https://b.example/"},
    ]
    assert objects(event(Object=[holder(9, "vulnerability", related(1, "summary", "text", "x"))]), "x-misp-object")


def test_an_object_that_says_too_much_for_one_thing_is_told_part_by_part() -> None:
    long = related(1, "email-body", "email-body", "x" * (MAX_RECORD + 1))
    subject = related(2, "subject", "email-subject", "Hi")
    assert members(holder(9, "email", long, subject), [long, subject]) == []
    node = event(Object=[holder(9, "email", long, subject)])
    assert len(objects(node, "email-message")) == 2
    assert [each["object_relation"] for each in back(node)["Object"][0]["Attribute"]] == ["email-body", "subject"]


def test_the_latest_of_its_parts_dates_it() -> None:
    node = event(Object=[holder(9, "file", related(1, "md5", "md5", MD5, flagged=True, timestamp="1700000050"))])
    assert objects(node, "indicator")[0]["modified"] == "2023-11-14T22:14:10.000Z"


def test_objects_without_uuids_differ_by_what_they_say() -> None:
    two = [
        {key: value for key, value in holder(9, "file", related(1, "md5", "md5", MD5[:-1] + last)).items() if key != "uuid"}
        for last in "01"
    ]
    for each in two:
        del each["Attribute"][0]["uuid"]
    made = objects(event(Object=two), "observed-data")
    assert len({each["id"] for each in made}) == 2
    assert made == objects(event(Object=two), "observed-data")
    assert all(each["x_misp_attributes"][0]["uuid"] for each in made)


def test_plain_attributes_stay_plain() -> None:
    assert "Object" not in back(event(attribute(1)))
