"""One object: what it says, and what of it its pages tell whom."""

from __future__ import annotations

from tests.consortium import MEMBERS, Body, indicator
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
