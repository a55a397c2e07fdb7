"""My shift: what waits, and what is handed over."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from comity.admin import constituency, triage, users
from comity.clock import micros
from comity.intake.withdraw import withdraw
from comity.match.routed import route
from comity.terms.constituency import Addition, holding
from tests.consortium import Body, indicator
from tests.doors.web.visitor import READING, Visitor, body_that_reads


def noted(body: Body, id_: str, state: str, name: str = "own.analyst") -> None:
    triage.decide(body.world, users.find(body.world, name), {id_: micros(body.world.clock())}, state, since=body.world.clock())


def test_what_is_new_is_counted_and_what_is_settled_is_not():
    body, kz = body_that_reads()
    items = [indicator() for _ in range(12)]
    kz.submits(*items, tlp="green")
    visitor = Visitor(body)
    data = visitor.data("/.json")
    assert data["new"] == {"count": 12, "more": False, "about": 0}
    assert [item["id"] for item in data["items"]] == [item["id"] for item in items[:3:-1]]
    noted(body, items[0]["id"], "filed")
    data = visitor.data("/.json")
    assert (data["new"]["count"], data["settled"]) == (11, {"filed": 1})
    assert "Filed: 1" in visitor.see("/")


def test_more_than_a_page_counts_is_said_so():
    body, kz = body_that_reads()
    kz.submits(*[indicator() for _ in range(130)], tlp="green")
    visitor = Visitor(body)
    assert visitor.data("/.json")["new"] == {"count": 100, "more": True, "about": 0}
    assert "more than 100" in visitor.see("/")


def test_since_is_in_the_address_or_the_last_handover():
    body, kz = body_that_reads()
    visitor = Visitor(body)
    kz.submits(indicator(), tlp="green")
    body.clock.at += timedelta(minutes=20)
    later = body.world.clock()
    kz.submits(indicator(), tlp="green")
    assert visitor.data("/.json")["new"]["count"] == 2
    assert visitor.data(f"/.json?since={later.isoformat().replace('+00:00', 'Z')}")["new"]["count"] == 1
    assert visitor.get("/?since=yesterday").status_code == 422
    written = re.search(r'name="since" value="([^"]+)"', visitor.see("/"))
    assert written is not None
    assert visitor.get(f"/?since={written[1]}").status_code == 200
    path = visitor.client.post("/handovers", data={"note": "Watch the mail hosts."}).headers["location"]
    data = visitor.data("/.json")
    assert data["new"]["count"] == 0
    assert data["handovers"][0]["note"] == "Watch the mail hosts."
    page = visitor.see(path)
    assert "Watch the mail hosts." in page
    assert "own.analyst" in page


def test_what_waited_before_a_handover_still_waits_after_it():
    body, kz = body_that_reads()
    kz.submits(indicator(), indicator(), tlp="green")
    visitor = Visitor(body)
    visitor.client.post("/handovers", data={"note": ""})
    data = visitor.data("/index.json")
    assert (data["new"]["count"], data["earlier"]) == (0, {"count": 2, "more": False})
    assert "Nothing waits" not in visitor.see("/")


def test_what_is_about_the_constituency_comes_first():
    body, kz = body_that_reads()
    ours = indicator(pattern="[domain-name:value = 'bank.example']")
    kz.submits(ours, *[indicator() for _ in range(20)], tlp="green")
    constituency.add(body.world, [Addition(party="SCO-CENTRE", owner="Bank", holdings=(holding("domain", "bank.example"),))])
    route(body.desk, "SCO-CENTRE", "sco")
    data = Visitor(body).data("/.json")
    assert data["new"]["about"] == 1
    assert data["items"][0]["id"] == ours["id"]


def test_what_is_assigned_waits_until_it_is_settled_and_is_handed_over():
    body, kz = body_that_reads()
    item = indicator(name="for you")
    kz.submits(item, tlp="green")
    visitor, other = Visitor(body), Visitor(body, name="second")
    triage.assign(body.world, users.find(body.world, "own.analyst"), {item["id"]: 1}, "second", since=body.world.clock())
    assert (visitor.data("/.json")["mine"]["count"], other.data("/.json")["mine"]["count"]) == (0, 1)
    path = other.client.post("/handovers", data={"note": ""}).headers["location"]
    assert [each["id"] for each in visitor.data(f"{path}.json")["items"]] == [item["id"]]
    noted(body, item["id"], "accepted", "second")
    assert other.data("/.json")["mine"]["count"] == 0
    assert "Accepted" in visitor.see(path)


def test_a_handover_tells_nothing_that_is_hidden_by_now():
    body, kz = body_that_reads()
    item = indicator(name="soon gone")
    kz.submits(item, tlp="green")
    visitor = Visitor(body)
    triage.assign(body.world, users.find(body.world, "own.analyst"), {item["id"]: 1}, "own.analyst", since=body.world.clock())
    path = visitor.client.post("/handovers", data={}).headers["location"]
    withdraw(body.world, "KZ", item["id"])
    assert visitor.data(f"{path}.json")["items"] == []
    assert "soon gone" not in visitor.see(path)


def test_duties_what_expires_and_what_is_held():
    agreement = READING.replace('tlp_max = "green"\n\n[party', 'tlp_max = "green"\nduty = ["feedback within P5D"]\n\n[party')
    body = Body(agreement=agreement)
    kz = body.member("KZ")
    item = indicator(name="ending")
    kz.submits(item, tlp="green", expires=body.world.clock() + timedelta(days=2))
    held = indicator(name="unreadable", pattern="[no pattern")
    body.member("SCO-CENTRE").submits(held)
    data = Visitor(body).data("/.json")
    assert [(each["id"], each["duty"], each["late"]) for each in data["owed"]["items"]] == [(item["id"], "feedback", False)]
    assert [each["id"] for each in data["expiring"]["items"]] == [item["id"]]
    assert [each["id"] for each in data["held"]["items"]] == [held["id"]]


def test_recalls_are_told_of_what_was_seen_to():
    body, kz = body_that_reads()
    known, unknown = indicator(), indicator()
    kz.submits(known, unknown, tlp="green")
    visitor = Visitor(body)
    noted(body, known["id"], "accepted")
    for item in (known, unknown):
        withdraw(body.world, "KZ", item["id"])
    assert [(each["id"], each["state"]) for each in visitor.data("/.json")["recalled"]] == [(known["id"], "accepted")]
    assert known["id"] in visitor.see("/")


def test_nothing_waits_says_what_to_do():
    body, kz = body_that_reads()
    item = indicator()
    kz.submits(item, tlp="green")
    visitor = Visitor(body)
    noted(body, item["id"], "filed")
    page = visitor.see("/")
    assert "Nothing waits" in page
    assert 'id="mine"' not in page
    assert all(f'href="{path}"' in page for path in ("/inbox?state=any", "/search", "/matches"))
    assert "comity party add" in Visitor(Body(agreement=None)).see("/")


@pytest.mark.parametrize("note", ["x" * 4001])
def test_a_word_that_is_too_long_is_kept_on_the_page(note):
    body, kz = body_that_reads()
    kz.submits(indicator(), tlp="green")
    answer = Visitor(body).client.post("/handovers", data={"note": note})
    assert answer.status_code == 422
    assert note in answer.text
    assert "4,000" in answer.text
