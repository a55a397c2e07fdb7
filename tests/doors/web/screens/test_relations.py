"""What an object is tied to, and tying it."""

from __future__ import annotations

import re

import pytest

from comity.doors.web.screens import relations
from tests.consortium import Body, indicator, relationship, report, sdo, sighting
from tests.doors.web.visitor import Visitor


@pytest.fixture
def told():
    body = Body()
    kz, _ = body.member("KZ"), body.member("UZ")
    bad, family = indicator(name="bad"), sdo("malware", name="family")
    kz.submits(bad, family, relationship(bad["id"], family["id"]), report(bad["id"], name="about both"), sighting(bad["id"]))
    return body, bad, family


def ties(visitor: Visitor, id_: str, query: str = "") -> list[tuple[str, str, str]]:
    return [(row["way"], row["label"], row["title"]) for row in visitor.data(f"/o/{id_}/relations.json{query}")["relations"]]


def test_both_directions_with_their_kinds(told):
    body, bad, family = told
    visitor = Visitor(body, party="UZ")
    assert sorted(ties(visitor, bad["id"])) == [("in", "named", "about both"), ("out", "indicates", "family")]
    assert ties(visitor, family["id"]) == [("in", "indicates", "bad")]
    assert ties(visitor, bad["id"], "?way=out") == [("out", "indicates", "family")]
    assert ties(visitor, bad["id"], "?label=named&type=report") == [("in", "named", "about both")]
    assert ties(visitor, bad["id"], "?label=uses") == []
    assert "No tie is of this kind." in visitor.see(f"/o/{bad['id']}/relations?label=uses")
    page = visitor.see(f"/o/{bad['id']}/relations")
    assert re.findall(r'class="title" href="/o/([^"]+)"', page) == [
        row["id"] for row in visitor.data(f"/o/{bad['id']}/relations.json")["relations"]
    ]


def test_pages_and_bounds(told, monkeypatch):
    body, bad, _ = told
    kz = body.member("KZ")
    kz.submits(*(report(bad["id"], name=f"report {number}") for number in range(7)))
    monkeypatch.setattr(relations, "SIZE", 3)
    visitor = Visitor(body, party="KZ")
    found, at = [], 0
    while at is not None:
        data = visitor.data(f"/o/{bad['id']}/relations.json?at={at}")
        found += [row["id"] for row in data["relations"]]
        at = data["next"]
    assert len(found) == len(set(found)) == 9
    monkeypatch.setattr(relations, "LOOKED", 4)
    assert visitor.data(f"/o/{bad['id']}/relations.json")["more"]
    assert "more than 4 ties" in visitor.see(f"/o/{bad['id']}/relations")


def test_a_tie_is_made_shown_and_said_to_be_saved_only_when_it_is(told):
    body, bad, family = told
    visitor = Visitor(body, party="UZ")
    path = f"/o/{bad['id']}/relations"
    answer = visitor.client.post(
        path, data={"other": f"http://localhost/o/{family['id']}", "kind": "based-on", "way": "in", "text": "seen"}
    )
    assert answer.status_code == 303
    assert "Saved: the two are tied." in visitor.see(answer.headers["location"])
    assert ("in", "based-on", "family") in ties(visitor, bad["id"])
    assert "Saved: the two" not in visitor.see(path), "it is said once"


@pytest.mark.parametrize(
    ("other", "said"), [("malware--00000000-0000-4000-8000-000000000000", "this node has no"), ("nonsense", "no"), ("", "no")]
)
def test_what_is_wrong_is_said_beside_what_was_sent(told, other, said):
    body, bad, _ = told
    visitor = Visitor(body, party="UZ")
    answer = visitor.client.post(f"/o/{bad['id']}/relations", data={"other": other, "kind": "uses", "way": "out", "text": "my words"})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert said in answer.text
    assert "my words" in answer.text


def test_a_hidden_object_answers_as_an_absent_one_to_a_tie(told):
    body, _, _ = told
    kz = body.member("KZ")
    seen, hidden = indicator(), indicator()
    kz.submits(seen, tlp="green")
    kz.submits(hidden, tlp="amber")
    visitor = Visitor(body, party=body.observer("IR").code)
    sent = {"kind": "uses", "way": "out", "text": ""}
    texts = []
    for other in (hidden["id"], "indicator--00000000-0000-4000-8000-00000000ffff"):
        answer = visitor.client.post(f"/o/{seen['id']}/relations", data={**sent, "other": other})
        texts.append((answer.status_code, answer.text.replace(other, "<id>")))
    moments = r"\d\d:\d\d(:\d\d)?[.\d]*|data-since=\"\d+\""
    assert re.sub(moments, "", texts[0][1]) == re.sub(moments, "", texts[1][1])
    assert texts[0][0] == texts[1][0] == 422


def test_auditors_only_read(told):
    body, bad, family = told
    visitor = Visitor(body, party="UZ", role="auditor")
    assert "Tie it to another object" not in visitor.see(f"/o/{bad['id']}/relations")
    assert visitor.client.post(f"/o/{bad['id']}/relations", data={"other": family["id"], "kind": "uses"}).status_code == 404


def test_nothing_tied_says_what_to_do():
    body = Body()
    kz = body.member("KZ")
    lone = indicator()
    kz.submits(lone)
    assert "Nothing is tied to it" in Visitor(body, party="KZ").see(f"/o/{lone['id']}/relations")
