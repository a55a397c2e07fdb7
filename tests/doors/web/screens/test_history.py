"""The versions of an object, and what changed between two of them."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest

from comity.intake.govern import add_standing
from comity.terms.party import Standing
from tests.consortium import START, Body, indicator
from tests.doors.web.visitor import Visitor
from tests.release.test_copies import REDACTED


@pytest.fixture
def told():
    """KZ's node with two versions of an object, the second of which only its copies' readers lose a field of."""
    body = Body(agreement=REDACTED)
    kz, _, _ = body.member("KZ"), body.member("UZ"), body.observer("IR")
    item = indicator(name="first", labels=["one"])
    kz.submits(item, tlp="amber")
    kz.submits({**item, "name": "second", "description": "secret", "modified": "2021-10-02T00:00:00.000Z"}, tlp="green")
    return body, item


def test_two_versions_are_compared_in_what_they_say_and_in_who_gets_them(told):
    body, item = told
    visitor = Visitor(body, party="KZ")
    said = visitor.data(f"/o/{item['id']}/history.json")
    assert [each["version"] for each in said["versions"]] == ["2021-10-02T00:00:00.000Z", "2021-10-01T00:00:00.000Z"]
    assert [each["tlp"] for each in said["versions"]] == ["green", "amber"]
    changes = {each["property"]: each["parts"] for each in said["changes"]}
    assert changes["name"] == [["del", "first"], ["ins", "second"]]
    assert changes["description"] == [["ins", "secret"]]
    assert set(changes) == {"name", "description", "modified"}
    assert said["audience"]["gained"] == ["IR"]
    page = visitor.see(f"/o/{item['id']}/history")
    assert "<ins>1 party: IR</ins>" in page
    assert "<ins><bdi>secret</bdi></ins>" in page


def test_the_address_says_what_is_compared(told):
    body, item = told
    visitor = Visitor(body, party="KZ")
    new, old = "KZ@2021-10-01T00:00:00.000Z", "KZ@2021-10-02T00:00:00.000Z"
    query = f"?old={quote(old)}&new={quote(new)}"
    said = visitor.data(f"/o/{item['id']}/history.json{query}")
    assert (said["old"]["ref"], said["new"]["ref"]) == (old, new)
    assert said["audience"]["lost"] == ["IR"]
    page = visitor.see(f"/o/{item['id']}/history{query}")
    assert re.search(rf'name="old" value="{old}" checked', page)
    assert re.search(rf'name="new" value="{new}" checked', page)


def test_what_a_stricter_version_took_back_is_compared_as_far_as_it_went():
    body = Body()
    kz, _, _ = body.member("KZ"), body.member("UZ"), body.observer("IR")
    item = indicator(name="first")
    kz.submits(item, tlp="green")
    kz.submits({**item, "modified": "2021-10-02T00:00:00.000Z"}, tlp="amber")
    visitor = Visitor(body, party="KZ")
    said = visitor.data(f"/o/{item['id']}/history.json")
    assert [each["taken_back"] for each in said["versions"]] == [False, True]
    assert ("IR" in said["audience"]["lost"], said["audience"]["gained"]) == (True, [])
    old = visitor.see(f"/o/{item['id']}@2021-10-01T00:00:00.000Z/audience")
    assert "A later version is stricter" in old and "A later version is stricter" not in visitor.see(f"/o/{item['id']}/audience")


def test_two_dates_are_compared(told):
    body, item = told
    add_standing(body.world, Standing(party="AM", body="sco", standing="member", since=START.replace(year=2022)), by="test")
    visitor = Visitor(body, party="KZ")
    query = f"?old={quote('KZ@2021-10-02T00:00:00.000Z')}&old_on=2021-11-02&new_on=2022-12-01"
    said = visitor.data(f"/o/{item['id']}/history.json{query}")
    assert said["changes"] == []
    assert said["audience"]["gained"] == ["AM"]
    assert "1 party: AM" in visitor.see(f"/o/{item['id']}/history{query}")
    assert visitor.data(f"/o/{item['id']}/history.json?old_on=soon")["error"]


def test_another_party_sees_no_version_and_no_audience_that_is_not_its_own_to_see(told):
    body, item = told
    visitor = Visitor(body, party="IR")
    assert visitor.get(f"/o/{item['id']}/history").status_code == 404
    other = Visitor(body, party="UZ")
    said = other.data(f"/o/{item['id']}/history.json")
    assert not said["audience"]["everybody"]
    assert [row["party"] for row in said["audience"]["rows"]] in ([], ["UZ"])
    assert all(each["leaf"] is None for each in said["versions"])


def test_one_version_says_what_to_do(told):
    body, _ = told
    item = indicator(name="only")
    body.member("KZ").submits(item)
    assert "There is one version" in Visitor(body, party="KZ").see(f"/o/{item['id']}/history")
