"""Contacts and pings over the JSON API."""

from __future__ import annotations

from datetime import timedelta

import pytest

from comity.admin import users
from comity.admin.tokens import APPROVE, SCOPES, create
from comity.intake.contacting import set_contact
from tests.doors.api.meeting import Caller, problem


@pytest.fixture
def anna(meeting):
    users.add(meeting.body.world, "anna", "KZ", "point-of-contact")
    expires = meeting.body.clock() + timedelta(days=60)
    return Caller(meeting.http, f"Bearer {create(meeting.body.world, user='anna', scopes=(*SCOPES, APPROVE), expires=expires)[1]}")


def test_contacts_are_told_to_whoever_may_read_the_register(meeting, kz, centre):
    for party in ("KZ", "UZ", "TM"):
        set_contact(meeting.body.world, party, {"team": f"{party}-CERT", "mail": "cert@example.com"}, by="administrator")
    assert [each["team"] for each in kz.get("/contacts")["items"]] == ["KZ-CERT", "UZ-CERT"]
    assert [each["party"] for each in centre.get("/contacts")["items"]] == ["KZ", "TM", "UZ"]
    assert [each["party"] for each in meeting.caller("TM").get("/contacts")["items"]] == ["TM"]
    assert meeting.caller("XX").get("/contacts")["items"] == []


def test_a_ping_and_its_answer(meeting, centre, kz, uz, anna):
    made = centre("POST", "/pings", json={"to": "KZ"}).json()
    assert (made["to"], made["party"], made["answered"]) == ("KZ", "SCO-CENTRE", False)
    path = f"/pings/{made['ping']}/answer"
    problem(kz("POST", path), 403)  # a tool is nobody
    meeting.body.clock.at += timedelta(seconds=20)
    assert int(anna("POST", path).json()["seconds"]) == 20
    own = kz.get("/pings")
    assert (int(own["items"][0]["seconds"]), int(own["median"])) == (20, 20)
    sent = centre.get("/pings")
    assert (sent["items"][0]["answered"], sent["items"][0].get("seconds"), sent.get("median")) == (True, None, None)
    assert uz.get("/pings")["items"] == []


def test_who_pings_whom(centre, kz, anna):
    problem(kz("POST", "/pings", json={"to": "UZ"}), 403)
    problem(centre("POST", "/pings", json={"to": "ZZ"}), 404)
    problem(centre("POST", "/pings", json={"to": "ZZ", "now": True}), 400)
    problem(anna("POST", "/pings/png_0/answer"), 404)
