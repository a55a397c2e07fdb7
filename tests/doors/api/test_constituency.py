"""A party's constituency over the JSON API: its own, by its own token, and nobody else's."""

from __future__ import annotations

import pytest

from comity.admin.constituency import add, constituents
from comity.terms.constituency import addition
from tests.consortium import Body
from tests.doors.api.meeting import Meeting, problem

BANK = {"owner": "Bank", "netblocks": ["192.0.2.9/24"], "asns": ["64496"], "domains": ["Example.com"], "mail": "abuse@example.com"}


def test_a_party_keeps_its_own(kz, uz, meeting):
    made = kz("POST", "/constituency", json=BANK).json()
    assert made == {
        "owner": "Bank", "netblocks": ["192.0.2.0/24"], "asns": ["AS64496"], "domains": ["example.com"], "mail": "abuse@example.com",
        "webhook": "", "key": "",
    }  # fmt: skip
    assert kz.get("/constituency")["items"] == [made]
    assert uz.get("/constituency")["items"] == []
    uz("POST", "/constituency", json={"domains": ["uz.example"]})
    assert [each["owner"] for each in uz.get("/constituency")["items"]] == ["UZ"]
    assert [(each.party, each.owner) for each in constituents(meeting.body.world)] == [("KZ", "Bank"), ("UZ", "UZ")]


def test_it_is_taken_away_in_part_or_whole(kz, uz):
    kz("POST", "/constituency", json=BANK)
    left = kz("DELETE", "/constituency", netblock="192.0.2.0/24,203.0.113.0/24", domain="example.com").json()["items"]
    assert [(each["netblocks"], each["asns"], each["domains"]) for each in left] == [([], ["AS64496"], [])]
    assert problem(uz("DELETE", "/constituency", owner="Bank"), 404)
    assert kz("DELETE", "/constituency", owner="Bank").json()["items"] == []
    assert problem(kz("DELETE", "/constituency", owner="Bank"), 404)


@pytest.mark.parametrize(
    "body",
    [
        {"owner": "a@example.com", "asns": ["1"]}, {"netblocks": ["x"]}, {"asns": ["0"]}, {"party": "UZ", "asns": ["1"]},
        {"asns": ["1"], "webhook": "http://hooks.example/"}, {"asns": ["1"], "key": "-----BEGIN PRIVATE KEY-----"}, [],
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_and_changes_nothing(kz, meeting, body):
    assert problem(kz("POST", "/constituency", json=body), 400)
    assert constituents(meeting.body.world) == []


def test_nothing_said_is_nothing_found(kz, meeting):
    for body in ({}, {"owner": "Bank"}):
        assert problem(kz("POST", "/constituency", json=body), 404)
    assert problem(kz("DELETE", "/constituency"), 404)
    assert constituents(meeting.body.world) == []


def test_who_may_only_read_may_not_change(meeting):
    reader = meeting.caller("KZ", scopes=("api:read",))
    assert problem(reader("POST", "/constituency", json=BANK), 403)
    assert problem(reader("DELETE", "/constituency", owner="Bank"), 403)


def test_pages_follow_each_other():
    meeting = Meeting(Body())
    add(meeting.body.world, [addition("KZ", name, [("asn", "1")]) for name in ("a", "b", "c")])
    first = meeting.caller("KZ").get("/constituency", limit=2)
    second = meeting.caller("KZ").get("/constituency", limit=2, next=first["next"])
    assert [each["owner"] for each in first["items"] + second["items"]] == ["a", "b", "c"]
