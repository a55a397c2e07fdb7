"""Redress on the pages: the node's own people open and answer tickets; nobody else learns that there are any."""

from __future__ import annotations

from datetime import timedelta

import pytest

from comity.doors.redressing import ANSWERING, READING
from comity.doors.web.words import Words
from comity.terms.party import PEOPLE
from tests.consortium import indicator
from tests.doors.web.visitor import Visitor, body_that_reads


@pytest.fixture
def body():
    return body_that_reads()[0]


def opened(visitor, about="a customer's address", who="hotline, case 12"):
    return visitor.client.post("/redress", data={"about": about, "who": who}).headers["location"]


def test_a_ticket_is_opened_and_gets_a_dated_answer(body):
    anna = Visitor(body, role="duty-officer")
    assert "No ticket here" in anna.see("/redress")
    path = opened(anna, "<b>an address</b>")
    assert "&lt;b&gt;an address" in anna.see(path)
    assert [each["state"] for each in anna.data("/redress.json")["tickets"]] == ["open"]
    assert anna.data("/index.json")["tickets"] == {"count": 1, "late": 0}
    body.clock.at += timedelta(days=31)
    anna = Visitor(body, role="duty-officer")
    assert anna.data("/redress.json?state=overdue")["counts"] == {"open": 0, "overdue": 1, "answered": 0}
    assert 'href="/redress"' in anna.see("/ops")
    assert anna.client.post(f"{path}/answer", data={"decision": "kept", "text": "an office's"}).headers["location"] == path
    data = anna.data(f"{path}.json")
    assert (data["state"], data["answer"]["text"], data["answer"]["by"]) == ("kept", "an office's", "own.duty-officer")
    again = anna.client.post(f"{path}/answer", data={"decision": "refused", "text": "no"})
    assert again.status_code == 409 and "answered already" in again.text
    assert anna.data("/redress.json?state=answered")["counts"] == {"open": 0, "overdue": 0, "answered": 1}


def test_what_is_erased_goes_from_everybody(body):
    made = indicator()
    body.member("SCO-CENTRE").submits(made, tlp="green")
    assert body.member("UZ").reads() == [made["id"]]
    anna = Visitor(body, role="point-of-contact")
    path = opened(anna, made["id"])
    assert f'href="/o/{made["id"]}"' in anna.see(path)
    anna.client.post(f"{path}/answer", data={"decision": "erased", "text": "it named a customer"})
    assert body.member("UZ").reads() == []


def test_of_what_is_not_here_nothing_can_be_erased_and_the_words_stay(body):
    anna = Visitor(body, role="duty-officer")
    path = opened(anna, "indicator--00000000-0000-4000-8000-000000000000")
    answer = anna.client.post(f"{path}/answer", data={"decision": "erased", "text": "long thought"})
    assert answer.status_code == 422 and "long thought" in answer.text
    assert anna.client.post("/redress/rdr_000000000000/answer", data={"decision": "kept", "text": "t"}).status_code == 404


@pytest.mark.parametrize("role", PEOPLE)
def test_each_role_as_it_may(body, role):
    path = opened(Visitor(body, role="duty-officer"))
    visitor = Visitor(body, role=role, name="somebody")
    for page in ("/redress", "/redress.csv", path, f"{path}.json"):
        assert visitor.get(page).status_code == (200 if role in READING else 404)
    assert visitor.client.post("/redress", data={"about": "a", "who": "b"}).status_code == (303 if role in ANSWERING else 404)
    said = {"decision": "kept", "text": "t"}
    assert visitor.client.post(f"{path}/answer", data=said).status_code == (303 if role in ANSWERING else 404)


def test_other_parties_learn_nothing(body):
    path = opened(Visitor(body, role="duty-officer"))
    kz = Visitor(body, party="KZ", role="duty-officer")
    assert [kz.get(each).status_code for each in ("/redress", "/redress.json", path, "/redress/rdr_000000000000")] == [404] * 4
    assert kz.data("/index.json")["tickets"] is None


@pytest.mark.parametrize("lang", ["en", "ru", "zh"])
def test_what_is_lacking_is_said_in_ones_language(body, lang):
    anna = Visitor(body, role="administrator")
    path = opened(anna)
    for sent, key in (
        ({"about": "", "who": "w"}, "about"),
        ({"about": "an address", "who": ""}, "who"),
        ({"about": "x" * 4001, "who": "w"}, "about"),
    ):
        answer = anna.client.post(f"/redress?lang={lang}", data=sent)
        assert answer.status_code == 422 and Words(lang)(f"redress.wrong.{key}", longest=4000) in answer.text
    answer = anna.client.post(f"{path}/answer?lang={lang}", data={"decision": "", "text": "long thought"})
    assert answer.status_code == 422 and "long thought" in answer.text
    assert anna.get("/redress?state=nonsense").status_code == 422
