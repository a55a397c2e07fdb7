"""Agreements, the register, and who one is: each party is told what is its business."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest

from comity.doors.api.rules import MOST_TEXT
from comity.intake.deeds import deed, record
from comity.intake.govern import add_agreement, add_standing
from comity.terms.party import Standing
from tests.consortium import MEMBERS, START, Member, indicator
from tests.doors.api.meeting import problem

BETWEEN = MEMBERS.replace('id = "test"', 'id = "between"').replace("in_force = 2021-01-01", 'in_force = 2021-01-01\nentry = "per-party"', 1)
BETWEEN = BETWEEN.replace(
    "[party.SCO-CENTRE]", "[party.KZ]\nin_force = 2021-01-01\n\n[party.UZ]\nin_force = 2021-01-01\n\n[party.SCO-CENTRE]"
)


@pytest.fixture
def between(meeting):
    """An agreement between KZ and UZ alone."""
    add_agreement(meeting.body.world, BETWEEN, "between.toml", by="test")


def test_agreements_are_for_those_who_have_a_part_in_them(meeting, kz, ir, centre, between):
    assert [each["agreement"] for each in kz.get("/agreements")["items"]] == ["between@1", "test@1"]
    assert [each["agreement"] for each in ir.get("/agreements")["items"]] == ["test@1"]
    assert [each["agreement"] for each in centre.get("/agreements")["items"]] == ["between@1", "test@1"]
    assert meeting.caller("XX").get("/agreements")["items"] == []
    assert kz.get("/agreements/between")["text"] == BETWEEN
    assert kz.get("/agreements/between@1") == kz.get("/agreements/between")
    hidden, absent = ir("GET", "/agreements/between"), ir("GET", "/agreements/nothing")
    assert problem(hidden, 404)["detail"].replace("between", "") == problem(absent, 404)["detail"].replace("nothing", "")


def test_versions_of_an_agreement(meeting, kz):
    add_agreement(
        meeting.body.world, MEMBERS.replace("version = 1", "version = 2").replace("2021-01-01", "2031-01-01"), "two.toml", by="test"
    )
    assert [(each["version"], each["governs"]) for each in kz.get("/agreements")["items"]] == [(1, True), (2, False)]
    assert kz.get("/agreements/test")["version"] == 2
    assert kz.get("/agreements/test@1")["version"] == 1
    first = kz.get("/agreements", limit=1)
    assert (first["more"], [each["version"] for each in kz.get("/agreements", limit=1, next=first["next"])["items"]]) == (True, [2])


def test_the_register(meeting, kz, centre):
    world = meeting.body.world
    add_standing(world, Standing(party="TJ", body="cica", standing="member", since=START), by="test")
    assert [(each["party"], each["standing"]) for each in kz.get("/parties")["items"]] == [
        ("IR", "observer"),
        ("KZ", "member"),
        ("UZ", "member"),
    ]
    assert kz.get("/parties", on="2001-01-01T00:00:00Z")["items"] == []
    assert kz.get("/parties", body="cica")["items"] == []
    assert [each["party"] for each in centre.get("/parties")["items"]] == ["TJ", "IR", "KZ", "UZ"]
    assert [each["party"] for each in centre.get("/parties", body="cica")["items"]] == ["TJ"]
    found, cursor = [], None
    while True:
        page = kz.get("/parties", limit=1, **({"next": cursor} if cursor else {}))
        found += page["items"]
        cursor = page["next"]
        if not page["more"]:
            break
    assert (found, cursor) == (kz.get("/parties")["items"], None)


def test_a_party_that_is_suspended_reads_no_register(meeting, kz):
    add_standing(meeting.body.world, Standing(party="KZ", body="sco", standing="suspended", since=START - timedelta(days=1)), by="test")
    assert kz.get("/parties")["items"] == kz.get("/agreements")["items"] == []


def test_lint(kz):
    def said(text):
        response = kz("POST", "/agreements/lint", content=text, headers={"Content-Type": "text/plain"})
        assert response.status_code == 200
        return response.json()["items"]

    assert said("[agreement]\n")[0]["level"] == "error"
    assert all(finding["level"] != "error" for finding in said(MEMBERS))
    assert all(finding["next"] for finding in said("nonsense"))
    problem(kz("POST", "/agreements/lint", content=b"\xff", headers={"Content-Type": "text/plain"}), 400)
    problem(kz("POST", "/agreements/lint", content=b"#" * (MOST_TEXT + 1), headers={"Content-Type": "text/plain"}), 413)
    problem(kz("POST", "/agreements/lint", content=MEMBERS, headers={"Content-Type": "application/json"}), 415)
    assert MOST_TEXT == 128 * 1024
    assert "16 names" in said("[" + ".".join(["a"] * 40_000) + "]")[0]["message"]


def test_me(meeting):
    said = meeting.caller("KZ", ("api:read",), name="sensor", body="sco").get("/me")
    assert (said["party"], said["name"], said["body"], said["scopes"]) == ("KZ", "sensor", "sco", ["api:read"])
    assert said["node"] == {"party": "SCO-CENTRE", "name": "SCO-CENTRE-sco", "title": "", "body": "sco"}
    assert meeting.caller("UZ", ("taxii:read",)).get("/me")["party"] == "UZ"


def test_simulate(meeting, kz, ir):
    text = MEMBERS.replace("version = 1", "version = 2").replace('tlp_max = "green"', 'tlp_max = "amber"')
    Member(meeting.body, "KZ").submits(indicator(), tlp="amber")
    plain = {"Content-Type": "text/plain"}
    said = kz("POST", "/agreements/simulate", content=text, headers=plain, since="2d").json()
    assert (said["agreement"], said["counted"], said["purposes"]) == ("test@2", 1, ["network-defence"])
    assert [(each["party"], each["items"], each["before"], each["after"]) for each in said["items"]] == [("IR", 1, "deny", "permit")]
    assert said["sentences"][0].startswith("IR: 1 more indicator")
    # Who does not see the item is told of nothing; who may not ask in the body, or asks nonsense, of the fault.
    assert ir("POST", "/agreements/simulate", content=text, headers=plain).json()["counted"] == 0
    problem(kz("POST", "/agreements/simulate", content=text.replace('"sco"', '"elsewhere"'), headers=plain), 404)
    problem(kz("POST", "/agreements/simulate", content="[agreement]", headers=plain), 400)
    problem(kz("POST", "/agreements/simulate", content=text, headers=plain, since="soon"), 400)


def test_where_the_parties_of_an_agreement_stand(meeting, kz, ir, centre, between):
    world = meeting.body.world
    for act in ("sign", "ratify"):
        record(world, deed(world, "between", act, party="XX", on=START), "test")
    found = {each["party"]: each for each in kz.get("/agreements/between")["parties"]}
    assert {party: (each["bound"], each["standing"]) for party, each in found.items()} == {
        "KZ": (True, "member"), "UZ": (True, "member"), "SCO-CENTRE": (False, ""), "XX": (True, ""),
    }  # fmt: skip
    assert [(step["step"], step["word"]) for step in found["XX"]["steps"]] == [
        ("signed", "administrator"), ("ratified", "administrator"), ("in force", "administrator"),
    ]  # fmt: skip
    assert found["KZ"]["steps"][0] | {"on": "2021-01-01"} == {
        "step": "in force", "on": "2021-01-01", "until": None, "clause": "", "word": "text",
    }  # fmt: skip
    # Who has no standing in the body learns nobody's.
    seen = meeting.caller("XX").get("/agreements/between")["parties"]
    assert {each["standing"] for each in seen} == {""}
    assert {each["party"] for each in seen} == set(found)
    # Where the text binds all, the register says who that is.
    assert {each["party"] for each in ir.get("/agreements/test")["parties"]} == {"IR", "KZ", "UZ", "SCO-CENTRE"}
    assert kz.get("/agreements/test")["sha256"] == hashlib.sha256(MEMBERS.encode()).hexdigest()
