"""What is said about an object, and saying so oneself."""

from __future__ import annotations

import re

import pytest

from tests.consortium import Body, indicator, sdo, sighting
from tests.doors.web.visitor import Visitor


@pytest.fixture
def told():
    body = Body()
    kz, uz = body.member("KZ"), body.member("UZ")
    bad = indicator(name="bad")
    kz.submits(bad)
    uz.submits(sighting(bad["id"], count=5, first_seen="2021-10-01T00:00:00.000Z", last_seen="2021-10-02T00:00:00.000Z"))
    return body, bad["id"]


def test_the_tally_is_that_of_the_list(told):
    body, id_ = told
    uz = body.member("UZ")
    uz.submits(sighting(id_, count=0), sdo("opinion", opinion="agree", object_refs=[id_], explanation="in our logs"))
    visitor = Visitor(body, party="KZ")
    said = visitor.data(f"/o/{id_}/sightings.json")
    assert {name: said["tally"][name] for name in ("times", "parties", "not_seen", "first", "last")} == {
        "times": 5, "parties": 1, "not_seen": 1, "first": "2021-10-01T00:00:00.000Z", "last": "2021-10-02T00:00:00.000Z",
    }  # fmt: skip
    assert said["tally"]["opinions"]["agree"] == 1
    assert sum(row["count"] or 0 for row in said["remarks"]) == said["tally"]["times"]
    assert [row["text"] for row in visitor.data(f"/o/{id_}/sightings.json?kind=opinion")["remarks"]] == ["in our logs"]
    page = visitor.see(f"/o/{id_}/sightings")
    assert "Seen 5 times" in page
    assert "in our logs" in page


def test_what_is_hidden_counts_nowhere(told):
    body, _ = told
    kz, ir = body.member("KZ"), body.observer("IR")
    green = indicator()
    kz.submits(green, tlp="green")
    visitor = Visitor(body, party=ir.code)
    before = visitor.data(f"/o/{green['id']}/sightings.json")
    kz.submits(sighting(green["id"], count=7), tlp="amber")
    after = visitor.data(f"/o/{green['id']}/sightings.json")
    assert before["tally"] == after["tally"]
    assert after["remarks"] == []


def test_a_sighting_is_saved_once_however_often_it_is_sent(told):
    body, id_ = told
    visitor = Visitor(body, party="KZ")
    drawn = visitor.data(f"/o/{id_}/sightings.json")["drawn"]
    sent = {"drawn": drawn, "count": "3", "first": "2021-10-20", "last": "2021-10-21T12:00:00Z", "named": "true"}
    answers = [visitor.client.post(f"/o/{id_}/sightings", data=sent) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert "Saved." in visitor.see(answers[0].headers["location"])
    said = visitor.data(f"/o/{id_}/sightings.json")
    assert said["tally"]["times"] == 8
    assert [row["origin"] for row in said["remarks"]] == ["KZ", "UZ"]


@pytest.mark.parametrize("wrong", [{"count": "many"}, {"count": "-1"}, {"first": "soon"}, {"first": "2021-10-20", "last": "2021-10-01"}])
def test_what_is_wrong_with_a_sighting_is_said_beside_what_was_sent(told, wrong):
    body, id_ = told
    visitor = Visitor(body, party="KZ")
    sent = {"drawn": "2021-11-01T09:00:00Z", "count": "4", "first": "", "last": "", **wrong}
    answer = visitor.client.post(f"/o/{id_}/sightings", data=sent)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    for text in wrong.values():
        assert f'value="{text}"' in answer.text
    assert visitor.data(f"/o/{id_}/sightings.json")["tally"]["times"] == 5


def test_an_opinion_is_the_partys_one_and_a_colleagues_is_not_overwritten_unseen(told):
    """Criterion 20: a conflict is shown, and no text is lost."""
    body, id_ = told
    one, other = Visitor(body, party="UZ"), Visitor(body, party="UZ", role="duty-officer")
    form = {"was": "", "opinion": "agree", "text": "first words"}
    assert one.client.post(f"/o/{id_}/opinion", data=form).status_code == 303
    answer = other.client.post(f"/o/{id_}/opinion", data={"was": "", "opinion": "disagree", "text": "other words"})
    assert answer.status_code == 409
    assert "first words" in answer.text
    assert answer.text.count("other words") == 2
    was = re.search(r'name="was" value="([^"]+)"', answer.text)
    assert was is not None
    again = other.client.post(f"/o/{id_}/opinion", data={"was": was[1], "opinion": "disagree", "text": "other words"})
    assert again.status_code == 303
    said = one.data(f"/o/{id_}/sightings.json")
    assert said["own_opinion"]["text"] == "other words"
    assert said["tally"]["opinions"]["disagree"] == 1
    assert said["tally"]["opinions"]["agree"] == 0


def test_an_opinion_has_to_be_one(told):
    body, id_ = told
    visitor = Visitor(body, party="UZ")
    answer = visitor.client.post(f"/o/{id_}/opinion", data={"was": "", "opinion": "meh", "text": "kept words"})
    assert answer.status_code == 422
    assert "kept words" in answer.text


def test_auditors_only_read(told):
    body, id_ = told
    visitor = Visitor(body, party="UZ", role="auditor")
    assert "We saw it" not in visitor.see(f"/o/{id_}/sightings")
    for path in ("sightings", "opinion"):
        assert visitor.client.post(f"/o/{id_}/{path}", data={"opinion": "agree"}).status_code == 404


def test_of_a_hidden_object_nothing_can_be_said(told):
    body, id_ = told
    visitor = Visitor(body, party=body.observer("IR").code)
    absent = "indicator--00000000-0000-4000-8000-00000000ffff"
    for path in ("sightings", "opinion"):
        sent = {"drawn": "2021-11-01T09:00:00Z", "count": "1", "opinion": "agree"}
        one, other = (visitor.client.post(f"/o/{each}/{path}", data=sent) for each in (id_, absent))
        assert (one.status_code, one.text) == (other.status_code, other.text)
        assert one.status_code == 404


def test_nothing_said_says_what_to_do():
    body = Body()
    item = indicator()
    body.member("KZ").submits(item)
    assert "comity match" in Visitor(body, party="KZ").see(f"/o/{item['id']}/sightings")
