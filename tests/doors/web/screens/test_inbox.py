"""The inbox: what arrived, narrowed by its address, with what was made of each."""

from __future__ import annotations

import pytest

from comity.admin import constituency, triage, users
from comity.clock import micros
from comity.match.routed import route
from comity.terms.constituency import Addition, holding
from tests.consortium import Body, indicator, sdo
from tests.doors.web.visitor import Visitor, body_that_reads


def shown(visitor: Visitor, query: str = "") -> list[str]:
    return [item["id"] for item in visitor.data(f"/inbox.json?{query}")["items"]]


def noted(body: Body, item: dict[str, object], state: str, name: str = "own.analyst") -> None:
    triage.decide(body.world, users.find(body.world, name), {str(item["id"]): micros(body.world.clock())}, state, since=body.world.clock())


def test_what_others_gave_is_new_until_something_is_made_of_it():
    body, kz = body_that_reads()
    first, second = indicator(), indicator()
    kz.submits(first, second, tlp="green")
    visitor = Visitor(body)
    assert shown(visitor) == [second["id"], first["id"]]
    noted(body, first, "accepted")
    assert shown(visitor) == [second["id"]]
    assert shown(visitor, "state=accepted") == [first["id"]]
    assert shown(visitor, "state=any") == [second["id"], first["id"]]
    (item,) = visitor.data("/inbox.json?state=accepted")["items"]
    assert (item["state"], item["by"]) == ("accepted", "own.analyst")
    assert item["grounds"] == [{"agreement": "test", "clause": "centre"}]


def test_a_later_version_is_new_again():
    body, kz = body_that_reads()
    item = indicator()
    kz.submits(item, tlp="green")
    visitor = Visitor(body)
    noted(body, item, "filed")
    assert shown(visitor) == []
    kz.submits({**item, "modified": "2021-10-20T00:00:00.000Z"}, tlp="green")
    assert shown(visitor) == [item["id"]]


def test_filters_are_in_the_address():
    body, kz = body_that_reads()
    uz = body.member("UZ")
    item, malware, theirs = indicator(), sdo("malware"), indicator()
    kz.submits(item, tlp="green")
    kz.submits(malware, tlp="clear")
    uz.submits(theirs, tlp="green")
    visitor = Visitor(body)
    assert shown(visitor, "origin=KZ") == [malware["id"], item["id"]]
    assert shown(visitor, "type=malware") == [malware["id"]]
    assert shown(visitor, "tlp=green&origin=UZ") == [theirs["id"]]
    assert shown(visitor, "agreement=test&sort=arrived") == [item["id"], malware["id"], theirs["id"]]
    assert shown(visitor, "agreement=other") == []
    assert shown(visitor, "whose=own") == []
    assert shown(visitor, "state=any&sort=-arrived") == [theirs["id"], malware["id"], item["id"]]
    page = visitor.see("/inbox?origin=KZ&sort=arrived")
    assert '<option value="KZ" selected>' in page
    assert 'aria-sort="ascending"' in page


def test_pages_follow_each_other():
    body, kz = body_that_reads()
    items = [indicator() for _ in range(120)]
    kz.submits(*items, tlp="green")
    visitor = Visitor(body)
    for sort, ordered in (("-arrived", items[::-1]), ("arrived", items)):
        found, query = [], f"sort={sort}"
        for _ in range(3):
            data = visitor.data(f"/inbox.json?{query}")
            found += [item["id"] for item in data["items"]]
            assert ("at=" in visitor.see(f"/inbox?{query}")) == (data["next"] is not None or data["paged"])
            query = f"sort={sort}&at={data['next']}"
        assert found == [item["id"] for item in ordered]
        assert data["next"] is None


def test_what_is_settled_is_paged_by_when_it_was_noted(monkeypatch):
    monkeypatch.setattr("comity.doors.web.screens.inbox.SIZE", 2)
    body, kz = body_that_reads()
    items = [indicator() for _ in range(5)]
    kz.submits(*items, tlp="green")
    visitor = Visitor(body)
    for item in items:
        noted(body, item, "filed")
    for sort, ordered in (("-arrived", items[::-1]), ("arrived", items)):
        found, at = [], ""
        for _ in range(3):
            data = visitor.data(f"/inbox.json?state=filed&sort={sort}{at}")
            found += [item["id"] for item in data["items"]]
            at = f"&at={data['next']}"
        assert found == [item["id"] for item in ordered]
        assert data["next"] is None


def test_what_is_about_the_constituency_is_marked():
    body, kz = body_that_reads()
    ours, other = indicator(pattern="[domain-name:value = 'bank.example']"), indicator()
    kz.submits(ours, other, tlp="green")
    constituency.add(body.world, [Addition(party="SCO-CENTRE", owner="Bank", holdings=(holding("domain", "bank.example"),))])
    route(body.desk, "SCO-CENTRE", "sco")
    visitor = Visitor(body)
    assert {item["id"]: item["about"] for item in visitor.data("/inbox.json")["items"]} == {ours["id"]: ["Bank"], other["id"]: []}
    assert shown(visitor, "about=1") == [ours["id"]]
    assert "Bank" in visitor.see("/inbox")


def test_hidden_is_not_there_for_anybody():
    body, kz = body_that_reads()
    hidden = indicator()
    kz.submits(hidden, tlp="amber")
    visitor = Visitor(body)
    noted(body, hidden, "accepted")
    for state in ("new", "accepted", "any"):
        assert shown(visitor, f"state={state}") == []


def test_empty_states_say_what_to_do():
    body = Body(agreement=None)
    assert "comity party add" in Visitor(body).see("/inbox")
    body, kz = body_that_reads()
    kz.submits(indicator(), tlp="green")
    visitor = Visitor(body)
    assert 'href="/inbox?state=any"' in visitor.see("/inbox?state=filed")
    assert "Clear filters" in visitor.see("/inbox?type=campaign")


@pytest.mark.parametrize(("role", "may"), [("analyst", True), ("auditor", False), ("agreement-officer", False), ("duty-officer", True)])
def test_who_only_reads_has_no_buttons(role, may):
    body, kz = body_that_reads()
    kz.submits(indicator(), tlp="green")
    page = Visitor(body, role=role).see("/inbox")
    assert ('value="accept ' in page) == may
    assert ('name="item"' in page) == may


def test_what_is_listed_is_given_as_a_bundle():
    body, kz = body_that_reads()
    first, second, hidden = indicator(), indicator(), indicator()
    kz.submits(first, second, tlp="green")
    kz.submits(hidden, tlp="amber")
    visitor = Visitor(body)
    noted(body, first, "accepted")
    answer = visitor.get("/inbox/export.stix.json")
    assert answer.headers["content-type"] == "application/stix+json;version=2.1"
    assert answer.json()["objects"] == [second]
    assert {each["id"] for each in visitor.data("/inbox/export.stix.json?state=any")["objects"]} == {first["id"], second["id"]}
    assert 'href="/inbox/export.stix.json?state=any"' in visitor.see("/inbox?state=any")
