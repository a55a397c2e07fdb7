"""The queue of requests: what waits for whom, decided by persons, as the agreement says and as the API does."""

from __future__ import annotations

import pytest

from comity.doors.web.screens.approvals import ASKING, DECIDING
from comity.terms.party import PEOPLE
from tests.approving import GUESTS, SPOKEN, TWO, Meeting
from tests.consortium import indicator
from tests.doors.web.visitor import Visitor


@pytest.fixture
def meeting():
    return Meeting()


def of(meeting, party, role="duty-officer", name=None):
    return Visitor(meeting.body, party=party, role=role, name=name)


def waiting(meeting, to="UZ", **options):
    (id_,) = meeting.shares(indicator(name="a host <b>"), **options)
    (made,) = meeting.asks([id_], to)
    return id_, made.id


def does(visitor, id_, kind):
    return visitor.client.post(f"/approvals/{id_}/{kind}")


def test_two_persons_of_the_origin_approve_one_of_them_counting_once(meeting):
    id_, request = waiting(meeting)
    anna, bulat = of(meeting, "KZ", name="anna.d"), of(meeting, "KZ", name="bulat.d")
    assert anna.data("/approvals.json")["counts"]["mine"] == 1
    assert "Approve" in anna.see(f"/approvals/{request}")
    for _ in range(2):
        assert does(anna, request, "approve").headers["location"] == f"/approvals/{request}"
    assert meeting.uz.polls() == []
    page = anna.see(f"/approvals/{request}")
    assert "1 of 2" in page and f'action="/approvals/{request}/approve"' not in page
    assert anna.data("/approvals.json")["counts"]["mine"] == 1  # she may still object
    does(bulat, request, "approve")
    data = bulat.data(f"/approvals/{request}.json")
    assert (data["state"], [act["person"] for act in data["acts"]], data["open_to"]) == ("approved", ["anna.d", "bulat.d"], ["revoke"])
    assert meeting.uz.polls() == [id_]
    does(bulat, request, "revoke")
    assert meeting.uz.gets(id_) == []


@pytest.mark.parametrize("role", PEOPLE)
def test_each_role_asks_and_decides_what_it_may(meeting, role):
    (id_,) = meeting.shares(indicator())
    visitor = of(meeting, "KZ", role)
    asked = visitor.client.post("/approvals/ask", data={"ids": id_, "to": "UZ"})
    assert asked.status_code == (303 if role in ASKING else 404)
    assert visitor.get("/approvals/ask").status_code == (200 if role in ASKING else 404)
    (request,) = [one["id"] for one in visitor.data("/approvals.json")["requests"]] or [meeting.asks([id_], "UZ")[0].id]
    assert bool(visitor.data(f"/approvals/{request}.json")["open_to"]) == (role in DECIDING)
    assert does(visitor, request, "object").status_code == (303 if role in DECIDING else 404)


def test_whoever_has_no_say_is_told_and_nothing_is_done(meeting):
    _, request = waiting(meeting)
    uz = of(meeting, "UZ")
    assert uz.get(f"/approvals/{request}").status_code == 404  # it sees none of the objects
    assert does(uz, request, "approve").status_code == 404
    (green,) = meeting.shares(indicator(), tlp="green")
    (spoken,) = meeting.asks([green], "IR")
    assert spoken.clause == SPOKEN
    kz = of(meeting, "KZ")
    answer = does(kz, spoken.id, "approve")
    assert answer.status_code == 403
    assert "may not approve here" in answer.text
    assert does(uz, spoken.id, "approve").status_code == 303
    does(kz, spoken.id, "object")
    late = does(uz, spoken.id, "approve")
    assert late.status_code == 409
    assert "objected" in late.text


def test_hidden_and_absent_requests_are_one_page(meeting):
    _, request = waiting(meeting)
    tj = of(meeting, "TJ")
    for ending in ("", ".json", ".csv"):
        hidden, absent = tj.get(f"/approvals/{request}{ending}"), tj.get(f"/approvals/apr_000000000000{ending}")
        assert (hidden.status_code, hidden.text.replace(request, "apr_000000000000")) == (absent.status_code, absent.text)
    data = tj.data("/approvals.json")
    assert (data["requests"], set(data["counts"].values())) == ([], {0})


def test_the_form_asks_and_says_what_cannot_be(meeting):
    (id_,) = meeting.shares(indicator(), tlp="green")
    kz = of(meeting, "KZ", "analyst")
    page = kz.see(f"/approvals/ask?id={id_}&to=BY")
    assert id_ in page and 'value="BY" checked' in page and 'value="KZ"' not in page
    made = kz.client.post("/approvals/ask", data={"ids": f" {id_}\n{id_} ", "to": ["BY"]})
    assert kz.data(made.headers["location"] + ".json")["clause"] == GUESTS
    for sent, said in (
        ({"ids": id_, "to": ["UZ"]}, "nothing awaits approval for UZ"),
        ({"ids": "indicator--00000000-0000-4000-8000-000000000000", "to": ["BY"]}, "for you"),
        ({"ids": "<script>", "to": ["BY"]}, "for you"),
        ({"ids": "", "to": ["BY"]}, "says nothing for ids"),
    ):
        answer = kz.client.post("/approvals/ask", data=sent)
        assert answer.status_code == 422
        assert said in answer.text
        assert "<script>" not in answer.text
    assert len(kz.data("/approvals.json")["requests"]) == 1


def test_filters_are_addresses_and_an_empty_list_says_why(meeting):
    _, request = waiting(meeting)
    kz = of(meeting, "KZ")
    assert [one["id"] for one in kz.data("/approvals.json?state=requested")["requests"]] == [request]
    assert kz.data("/approvals.json?state=approved")["requests"] == []
    assert "No request here" in kz.see("/approvals?state=approved")
    assert kz.get("/approvals?state=nonsense").status_code == 422
    assert TWO in kz.data(f"/approvals/{request}.json")["clause"]


def test_a_partys_people_are_its_own_business(meeting):
    (green,) = meeting.shares(indicator(), tlp="green")
    (request,) = meeting.asks([green], "IR")
    does(of(meeting, "TJ", name="tj.secret"), request.id, "approve")
    for party, seen in (("TJ", True), ("KZ", False), ("UZ", False)):
        assert ("tj.secret" in str(of(meeting, party, name=f"{party}.x".lower()).data(f"/approvals/{request.id}.json")["acts"])) is seen
