"""Proposals on the pages."""

from __future__ import annotations

from typing import Any

import pytest

from comity.agree.approval import Person
from comity.intake import proposals
from comity.terms.party import Standing
from tests.consortium import START, Body
from tests.doors.web.screens.test_agreement_drafting import SECOND
from tests.doors.web.visitor import Visitor


@pytest.fixture
def body():
    made = Body()
    made.member("KZ")
    made.member("UZ")
    return made


def proposed(body: Body, party: str = "SCO-CENTRE", name: str = "own.agreement-officer") -> str:
    return proposals.propose_agreement(body.world, SECOND, Person(party=party, id=name)).id


def decide(visitor: Visitor, id_: str, what: str) -> Any:
    return visitor.client.post(f"/agreements/proposals/{id_}/decide", data={"do": what})


def test_another_person_takes_it_in(body):
    id_ = proposed(body)
    officer, administrator = Visitor(body, role="agreement-officer"), Visitor(body, role="administrator")
    data = officer.data(f"/agreements/proposals/{id_}.json")
    assert (data["own"], data["before"], data["after"]) == (True, "test@1", "test@2")
    assert [each["field"] for each in data["amendments"]] == ["tlp_max"]
    assert decide(officer, id_, "take").status_code == 403
    answer = decide(administrator, id_, "take")
    assert (answer.status_code, answer.headers["location"]) == (303, "/agreements/test@2")
    assert administrator.data("/agreements/test@2.json")["agreement"]["governs"]
    assert [each["state"] for each in administrator.data("/agreements/proposals.json")["proposals"]] == ["taken"]


def test_the_agreements_say_how_many_wait(body):
    proposed(body)
    assert Visitor(body, role="administrator").data("/agreements.json")["waiting"] == 1
    assert Visitor(body, party="KZ").data("/agreements.json")["waiting"] == 0


def test_who_proposed_can_take_it_back(body):
    id_ = proposed(body)
    assert decide(Visitor(body, role="agreement-officer"), id_, "refuse").status_code == 303
    assert decide(Visitor(body, role="administrator"), id_, "take").status_code == 409


def test_who_decides_nothing_sees_their_own_partys_alone(body):
    own, kz = proposed(body), proposed(body, "KZ", "kz.agreement-officer")
    uz = Visitor(body, party="UZ", role="agreement-officer")
    assert uz.data("/agreements/proposals.json")["proposals"] == []
    hidden, absent = (uz.get(f"/agreements/proposals/{each}") for each in (own, "prp_0"))
    assert (hidden.status_code, hidden.content) == (404, absent.content)
    assert decide(uz, kz, "take").status_code == 404
    member = Visitor(body, party="KZ", role="agreement-officer")
    assert [each["id"] for each in member.data("/agreements/proposals.json")["proposals"]] == [kz]
    assert decide(member, kz, "take").status_code == 403
    assert [each["id"] for each in Visitor(body).data("/agreements/proposals.json")["proposals"]] == [own]
    auditor = Visitor(body, role="auditor")
    assert {each["id"] for each in auditor.data("/agreements/proposals.json")["proposals"]} == {own, kz}
    assert decide(auditor, kz, "take").status_code == 403


def test_a_standing_is_a_sentence(body):
    standing = Standing(party="TM", body="sco", standing="guest", since=START, source="a letter")
    made = proposals.propose_standing(body.world, standing, Person(party="SCO-CENTRE", id="own.administrator"))
    officer = Visitor(body, role="agreement-officer")
    page = officer.see(f"/agreements/proposals/{made.id}")
    assert "TM: guest of SCO" in page and "a letter" in page
    assert decide(officer, made.id, "take").headers["location"] == "/members/TM"
    assert officer.data("/members/TM.json")["standings"][0]["standing"] == "guest"


def test_another_button_is_refused(body):
    assert decide(Visitor(body, role="administrator"), proposed(body), "dance").status_code == 422


def test_every_language_says_it(body):
    id_ = proposed(body)
    visitor = Visitor(body, role="administrator")
    for lang in ("ru", "zh", "fa"):
        assert "test@2" in visitor.see(f"/agreements/proposals?lang={lang}")
        assert "test@2" in visitor.see(f"/agreements/proposals/{id_}?lang={lang}")
