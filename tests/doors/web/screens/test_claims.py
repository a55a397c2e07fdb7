"""What each source says of one object, side by side."""

from __future__ import annotations

from comity.doors.web.screens import claims
from tests.consortium import Body, indicator
from tests.doors.web.visitor import Visitor


def two_sources():
    body = Body()
    kz, uz = body.member("KZ"), body.member("UZ")
    item = indicator(name="one", confidence=80, labels=["c2"])
    kz.submits(item, tlp="green")
    uz.submits({**item, "name": "other", "description": "we doubt it"}, tlp="amber")
    return body, item


def test_claims_stand_side_by_side_field_by_field():
    body, item = two_sources()
    visitor = Visitor(body, party="UZ")
    said = visitor.data(f"/o/{item['id']}/claims.json")
    assert [(each["origin"], each["tlp"]) for each in said["sources"]] == [("UZ", "amber"), ("KZ", "green")]
    rows = {row["property"]: row for row in said["claims"]}
    assert rows["name"]["said"] == {"UZ": "other", "KZ": "one"}
    assert rows["description"]["said"] == {"UZ": "we doubt it"}
    assert {name for name, row in rows.items() if not row["agree"]} == {"name", "description"}
    assert said["differing"] == 2
    page = visitor.see(f"/o/{item['id']}/claims")
    assert "we doubt it" in page
    assert "they differ in 2 fields" in page
    only = visitor.see(f"/o/{item['id']}/claims?only=differing")
    assert "<b>Labels</b>" in page
    assert "<b>Labels</b>" not in only


def test_a_claim_that_is_hidden_is_not_there():
    body, item = two_sources()
    visitor = Visitor(body, party=body.observer("IR").code)
    said = visitor.data(f"/o/{item['id']}/claims.json")
    assert [each["origin"] for each in said["sources"]] == ["KZ"]
    assert said["differing"] == 0
    page = visitor.see(f"/o/{item['id']}/claims")
    assert "Only KZ says something of it." in page
    assert "UZ" not in page


def test_the_latest_version_of_each_counts_and_many_sources_are_named(monkeypatch):
    body, item = two_sources()
    kz = body.member("KZ")
    kz.submits({**item, "name": "newer", "modified": "2021-10-02T00:00:00.000Z"}, tlp="green")
    visitor = Visitor(body, party="UZ")
    rows = {row["property"]: row for row in visitor.data(f"/o/{item['id']}/claims.json")["claims"]}
    assert rows["name"]["said"] == {"UZ": "other", "KZ": "newer"}
    monkeypatch.setattr(claims, "MOST", 1)
    assert visitor.data(f"/o/{item['id']}/claims.json")["others"] == ["KZ"]
    assert "Not shown here: KZ" in visitor.see(f"/o/{item['id']}/claims")
