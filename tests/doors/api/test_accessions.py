"""Accessions over the JSON API: read by those who may, gone on with by persons only."""

from __future__ import annotations

from datetime import timedelta

import pytest

from comity.admin import users
from comity.admin.tokens import APPROVE, SCOPES, create
from comity.intake import acceding
from tests.doors.api.meeting import Caller, problem


@pytest.fixture
def person(meeting):
    def made(name: str, party: str) -> Caller:
        users.add(meeting.body.world, name, party, "point-of-contact")
        expires = meeting.body.clock() + timedelta(days=60)
        return Caller(meeting.http, f"Bearer {create(meeting.body.world, user=name, scopes=(*SCOPES, APPROVE), expires=expires)[1]}")

    return made


@pytest.fixture
def started(meeting):
    return acceding.start(meeting.body.world, "IR", "member", by="administrator", documents=(("Charter", None),)).accession


def test_members_and_the_party_itself_read_it(kz, ir, meeting, started):
    for caller in (kz, ir):
        (told,) = caller.get("/accessions")["items"]
        assert (told["accession"], told["stage"], told["standing"]) == (started, "applied", "observer")
        assert caller.get(f"/accessions/{started}") == told
    stranger = meeting.caller("XX")
    assert stranger.get("/accessions")["items"] == []
    assert problem(stranger("GET", f"/accessions/{started}"), 404) == problem(stranger("GET", "/accessions/acc_0"), 404)
    assert kz.get("/accessions", body="sco")["items"]


def test_lists_are_cut_into_pages(kz, meeting):
    for party in ("TM", "MN", "BY"):
        acceding.start(meeting.body.world, party, "observer", by="administrator")
    first = kz.get("/accessions", limit=2)
    rest = kz.get("/accessions", limit=2, next=first["next"])
    assert [each["party"] for each in (*first["items"], *rest["items"])] == ["BY", "MN", "TM"]
    assert rest["more"] is False


def test_a_member_objects_and_a_tool_may_not(kz, uz, person, started):
    path = f"/accessions/{started}/steps"
    problem(kz("POST", path, json={"kind": "object"}), 403)
    anna = person("anna", "KZ")
    for kind in ("launch", "admit", "end", "applaud"):
        problem(anna("POST", path, json={"kind": kind}), 400)
    problem(anna("POST", "/accessions/acc_0/steps", json={"kind": "object"}), 404)
    told = anna("POST", path, json={"kind": "object", "note": "too early"}).json()
    assert (told["stage"], told["steps"][0]["party"], told["steps"][0]["note"]) == ("objected", "KZ", "too early")
    problem(person("boris", "UZ")("POST", path, json={"kind": "object"}), 409)


def test_two_members_speak_for_a_party(meeting, person):
    made = acceding.start(meeting.body.world, "TM", "observer", by="administrator", sponsors=True).accession
    path = f"/accessions/{made}/steps"
    problem(person("vera", "IR")("POST", path, json={"kind": "sponsor"}), 403)
    assert person("anna", "KZ")("POST", path, json={"kind": "sponsor"}).json()["stage"] == "applied"
    told = person("boris", "UZ")("POST", path, json={"kind": "sponsor"}).json()
    assert told["stage"] == "sponsored"
    assert told["deadline"]
