"""Pings on the pages."""

from __future__ import annotations

from datetime import timedelta

import pytest

from comity.admin import pings
from comity.agree.approval import Person
from tests.consortium import Body
from tests.doors.web.visitor import Visitor


@pytest.fixture
def body():
    body = Body()
    body.member("KZ")
    body.member("UZ")
    return body


def test_asked_and_answered_and_timed_for_one_side_only(body):
    duty, kz = Visitor(body, role="duty-officer"), Visitor(body, party="KZ", role="point-of-contact")
    assert duty.data("/members/pings.json")["parties"] == ["KZ", "UZ"]
    assert duty.client.post("/members/pings/send", data={"to": "KZ"}).headers["location"] == "/members/pings"
    (waiting,) = kz.data("/members/pings.json")["pings"]
    assert "Somebody is here" in kz.see("/members/pings")
    assert "Somebody is here" not in duty.see("/members/pings")
    body.clock.at += timedelta(seconds=75)
    kz.client.post("/members/pings/answer", data={"ping": waiting["ping"]})
    assert "usually answers within 75 seconds" in kz.see("/members/pings")
    own = duty.data("/members/pings.json")
    assert (own["median"], own["pings"][0]["answered"], own["pings"][0]["seconds"]) == (None, True, None)
    assert Visitor(body, party="UZ", role="duty-officer").data("/members/pings.json")["pings"] == []


def test_who_may_ask_and_answer(body):
    kz = Visitor(body, party="KZ", role="duty-officer")
    assert kz.data("/members/pings.json")["parties"] == []
    assert kz.client.post("/members/pings/send", data={"to": "UZ"}).status_code == 404
    made = pings.send(body.world, "KZ", Person(party="SCO-CENTRE", id="duty"))
    for visitor in (Visitor(body, party="KZ", role="auditor"), Visitor(body, party="UZ", role="duty-officer")):
        assert visitor.client.post("/members/pings/answer", data={"ping": made.ping}).status_code == 404
    assert "No ping was sent" in Visitor(body, party="UZ", role="analyst").see("/members/pings")
