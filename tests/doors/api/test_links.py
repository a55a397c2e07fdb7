"""Arrival and recalls over the JSON API: for those whose business it is."""

from __future__ import annotations

from comity.intake.withdraw import withdraw
from tests.consortium import indicator
from tests.doors.api.meeting import Caller, Meeting


def test_how_far_an_object_has_come_is_for_its_origin_and_for_the_party_itself(
    meeting: Meeting, kz: Caller, uz: Caller, ir: Caller
) -> None:
    obj = indicator()
    meeting.body.member("KZ").submits(obj)
    path = f"/items/{obj['id']}/arrival"
    assert kz.get(path, party="UZ")["state"] == "not fetched"
    assert uz.get(path, party="UZ")["state"] == "not fetched"  # to ask about it is not to have it
    assert kz.get(path, party="UZ")["state"] == "not fetched"
    assert uz("GET", f"/items/{obj['id']}").status_code == 200
    assert uz.get(path, party="UZ")["state"] == "fetched"
    assert uz("GET", path, party="KZ").status_code == 403
    assert ir("GET", path, party="UZ").status_code == 404
    assert kz.get(path, party="IR")["state"] == "denied"


def test_what_became_of_a_recalled_object_is_for_its_origin_and_the_nodes_own(
    meeting: Meeting, kz: Caller, uz: Caller, centre: Caller
) -> None:
    obj = indicator()
    meeting.body.member("KZ").submits(obj)
    meeting.body.member("UZ").gets(obj["id"])
    withdraw(meeting.body.world, "KZ", obj["id"], reason="wrong", cause="recalled")
    (found,) = kz.get(f"/recalls/{obj['id']}")["items"]
    assert (found["cause"], found["reason"]) == ("recalled", "wrong")
    assert [(each["party"], each["state"]) for each in found["parties"]] == [("UZ", "silent")]
    assert centre.get(f"/recalls/{found['recall']}")["items"] == [found]
    assert uz("GET", f"/recalls/{obj['id']}").status_code == 404
