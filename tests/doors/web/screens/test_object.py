"""One object: what it says, and what of it its pages tell whom."""

from __future__ import annotations

from comity.doors.web.items import LISTED
from tests.consortium import MEMBERS, Body, indicator, relationship, report, sdo
from tests.doors.web.visitor import Visitor, body_that_reads


def test_the_overview_says_who_receives_it_as_the_audience_does():
    body, kz = body_that_reads()
    others = [body.member("UZ"), body.observer("IR"), body.party("AF", "guest")]
    item = indicator()
    kz.submits(item, tlp="green")
    visitor = Visitor(body)
    said = visitor.data(f"/o/{item['id']}.json")
    assert said["receives"] == ["IR", "SCO-CENTRE", "UZ"]
    assert said["refused"] == ["AF"]
    for member in others:
        assert (member.code in said["receives"]) == (item["id"] in member.reads())


def test_another_partys_person_is_told_of_that_party_alone():
    body = Body(agreement=MEMBERS)
    kz = body.member("KZ")
    body.member("UZ")
    body.member("KG")
    item = indicator(name="seen one")
    kz.submits(item)
    uz = Visitor(body, party="UZ")
    said = uz.data(f"/o/{item['id']}.json")
    assert not said["everybody"]
    assert said["receives"] == ["UZ"]
    assert said["leaf"] is None
    assert "KG" not in uz.see(f"/o/{item['id']}")
    assert Visitor(body, party="KZ").data(f"/o/{item['id']}.json")["receives"] == ["KG", "UZ"]


def test_the_raw_page_has_it_as_received():
    body, kz = body_that_reads()
    item = indicator(description="see hxxp://bad.example/x", x_deep={"a": [1, {"b": None}]})
    kz.submits(item, tlp="green")
    visitor = Visitor(body)
    assert visitor.data(f"/o/{item['id']}/raw.json")["object"] == item
    assert "bad.example" in visitor.see(f"/o/{item['id']}/raw")
    assert "bad.example" not in visitor.see(f"/o/{item['id']}").replace("data-copy", "\n").split("\n")[0]


def test_an_earlier_version_is_marked_as_such_and_keeps_its_tabs():
    body, kz = body_that_reads()
    item = indicator(name="first")
    kz.submits(item, tlp="green")
    kz.submits({**item, "name": "second", "modified": "2021-10-02T00:00:00.000Z"}, tlp="green")
    visitor = Visitor(body)
    latest = visitor.data(f"/o/{item['id']}.json")
    assert (latest["title"], latest["latest"]) == ("second", True)
    old = f"/o/{item['id']}?version=2021-10-01T00:00:00.000Z"
    page = visitor.see(old)
    assert "Not the latest version" in page
    assert f"/o/{item['id']}/audience?version=2021-10-01T00%3A00%3A00.000Z" in page
    assert "Not the latest version" not in visitor.see(f"/o/{item['id']}")


def test_it_is_given_as_stix_and_misp_with_what_is_tied_to_it_and_nothing_hidden():
    body = Body(agreement=MEMBERS)
    kz, ir = body.member("KZ"), body.observer("IR")
    item, family, hidden = indicator(), sdo("malware", name="family"), indicator(name="hidden one")
    tie = relationship(item["id"], family["id"])
    kz.submits(item, family, tie, report(item["id"], name="about it"), tlp="green")
    kz.submits(hidden, report(item["id"], hidden["id"], name="a hidden report"), tlp="amber")
    visitor = Visitor(body, party=ir.code)
    bundle = visitor.data(f"/o/{item['id']}/export.stix.json")
    assert {each.get("name") for each in bundle["objects"]} == {None, "family", "about it"}
    assert tie in bundle["objects"]
    event = visitor.get(f"/o/{item['id']}/export.misp.json")
    assert event.status_code == 200
    assert "bad.example" in event.text
    assert "hidden" not in event.text
    for name in ("stix", "misp"):
        one, other = (
            visitor.get(f"/o/{id_}/export.{name}.json") for id_ in (hidden["id"], "indicator--00000000-0000-4000-8000-00000000ffff")
        )
        assert (one.status_code, one.text) == (other.status_code, other.text)
        assert one.status_code == 404


def test_what_can_be_done_goes_by_role_and_origin():
    body = Body(agreement=MEMBERS)
    kz, _ = body.member("KZ"), body.member("UZ")
    item = indicator()
    kz.submits(item)
    assert f'href="/share/withdraw?id={item["id"]}"' in Visitor(body, party="KZ").see(f"/o/{item['id']}")
    assert "/share/withdraw" not in Visitor(body, party="UZ").see(f"/o/{item['id']}")
    assert "/share?id=" in Visitor(body, party="KZ").see(f"/o/{item['id']}")
    assert "/share?id=" not in Visitor(body, party="UZ").see(f"/o/{item['id']}")  # only its producer makes a new version of it
    assert "/approvals/ask?id=" in Visitor(body, party="UZ").see(f"/o/{item['id']}")
    assert "/share" not in Visitor(body, party="KZ", role="auditor").see(f"/o/{item['id']}")


def test_every_member_that_is_listed_has_its_name():
    body, kz = body_that_reads()
    found = [indicator(name=f"member {number}") for number in range(95)]
    tie = relationship(found[0]["id"], found[1]["id"])
    paper = report(tie["id"], *(each["id"] for each in found))
    kz.submits(*found, tie, paper, tlp="green")
    visitor = Visitor(body)
    data = visitor.data(f"/o/{paper['id']}.json")
    (members,) = (each for each in data["properties"] if each["name"] == "object_refs")
    assert (members["value"], members["more"]) == (paper["object_refs"][:LISTED], 96 - LISTED)
    assert [data["names"][id_] for id_ in members["value"][1:]] == [each["name"] for each in found[: LISTED - 1]]
    assert "member 0" in data["names"][tie["id"]] and "--" not in data["names"][tie["id"]]
