"""The gate's pages: what waits for a person's party, reviewed by one and released by another; hidden from everybody else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from comity.doors.gating import LOOKING, REVIEWING
from comity.doors.web.words import Words
from comity.terms.party import PEOPLE
from tests.consortium import indicator
from tests.doors.web.visitor import Visitor, body_that_reads

MAIL = "anna.b@mail.example"
REVIEW = {"category": "victim", "basis": "Article 6", "expires": "2099-01-01"}


@pytest.fixture
def body():
    return body_that_reads()[0]


def waiting(body, party="KZ", **more):
    made = indicator(pattern=f"[email-message:from_ref.value = '{MAIL}']", **more)
    body.member(party).submits(made, tlp="green")
    return made["id"]


def of(body, name, role="duty-officer", party="KZ"):
    return Visitor(body, party=party, role=role, name=name)


def does(visitor, id_, kind, **sent):
    return visitor.client.post(f"/gate/{id_}/{kind}", data=sent)


def reviewed(visitor, id_):
    return visitor.data(f"/gate/{id_}.json")["review"]["at"]


def test_one_reviews_another_approves_and_it_goes(body):
    id_, anna, bulat = waiting(body), of(body, "anna"), of(body, "bulat")
    listed = anna.data("/gate.json")["items"]
    assert [(each["id"], each["review"]) for each in listed] == [(id_, None)]
    page = anna.see("/gate")
    assert id_ in page and "/pattern" in page
    for ending in ("", ".json", ".csv", ".ndjson"):
        assert MAIL not in anna.see(f"/gate{ending}").replace("[.]", "."), "no list tells a value"
    assert MAIL in anna.see(f"/gate/{id_}").replace("[.]", ".").replace("[@]", "@")
    number = waiting(body, name="ask +7 700 000 00 00")
    assert "ask +7 700 000 00 00" in anna.see(f"/gate/{number}"), "the name is reviewed too"
    does(anna, number, "reject", reason="not needed")
    assert does(anna, id_, "review", **REVIEW).status_code == 303
    assert f"/gate/{id_}" not in {form for form in anna.see(f"/gate/{id_}").split('"') if form.endswith("/approve")}
    refused = does(anna, id_, "approve", reviewed=reviewed(anna, id_))
    assert refused.status_code == 403
    assert does(bulat, id_, "approve", reviewed=reviewed(bulat, id_)).headers["location"] == "/gate?done=released"
    assert bulat.get(f"/gate/{id_}").status_code == 404
    assert body.member("UZ").reads() == [id_]
    assert "It is released" in bulat.see("/gate?done=released")


def test_nobody_approves_a_review_that_they_have_not_seen(body):
    id_, anna, bulat, vera = waiting(body), of(body, "anna"), of(body, "bulat"), of(body, "vera")
    does(anna, id_, "review", **REVIEW)
    seen = reviewed(vera, id_)
    body.clock.at += timedelta(seconds=1)
    does(bulat, id_, "review", **REVIEW | {"category": "attacker"})
    answer = does(vera, id_, "approve", reviewed=seen)
    assert answer.status_code == 409
    assert "reviewed anew" in answer.text
    assert body.member("UZ").reads() == []


@pytest.mark.parametrize("role", PEOPLE)
def test_each_role_looks_and_decides_as_it_may(body, role):
    id_ = waiting(body)
    visitor = of(body, "somebody", role)
    for path in ("/gate", "/gate/sample", f"/gate/{id_}", f"/gate/{id_}.json"):
        assert visitor.get(path).status_code == (200 if role in LOOKING else 404), path
    assert does(visitor, id_, "review", **REVIEW).status_code == (303 if role in REVIEWING else 404)
    assert does(visitor, id_, "reject", reason="not needed").status_code == (303 if role in REVIEWING else 404)


@pytest.mark.parametrize("party", ["UZ", None])
def test_what_is_hidden_is_absent(body, party):
    """To another party, the centre's own people among them: pages, twins, acts and counts are those of a node where nothing waits."""
    visitor = Visitor(body, party=party, role="duty-officer")
    absent = "indicator--00000000-0000-4000-8000-000000000000"
    empty = {path: visitor.get(path).text for path in ("/gate.json", "/gate.csv", "/index.json", *(["/ops.json"] if party is None else []))}
    id_ = waiting(body)
    after = {path: visitor.get(path).text for path in empty}
    told = ("begun", "since", '"bytes"', '"number"', '"at"')
    assert visitor.data("/gate.json")["items"] == []
    assert [after["/gate.json"], after["/gate.csv"]] == [empty["/gate.json"], empty["/gate.csv"]]
    same = lambda text: [line for line in text.splitlines() if not any(word in line for word in told)]  # noqa: E731
    assert same(after["/index.json"]) == same(empty["/index.json"])
    if party is None:
        checks = [next(each for each in visitor.data("/ops.json")["checks"] if each["name"] == "gate")]
        assert [each["number"] for each in checks] == [None]
    for path in ("", ".json", ".csv", ".ndjson"):
        one, other = visitor.get(f"/gate/{id_}{path}"), visitor.get(f"/gate/{absent}{path}")
        assert (one.status_code, one.text.replace(id_, absent)) == (404, other.text)
    for kind, sent in (("review", REVIEW), ("approve", {"reviewed": "2021-11-01T00:00:00Z"}), ("reject", {"reason": "x"})):
        assert does(visitor, id_, kind, **sent).status_code == does(visitor, absent, kind, **sent).status_code == 404


@pytest.mark.parametrize("lang", ["en", "ru", "zh"])
def test_what_a_form_lacks_is_said_in_ones_language_and_nothing_is_lost(body, lang):
    id_, anna = waiting(body), of(body, "anna")
    for wrong, key in (
        ({"category": "suspect"}, "gate.wrong.category"), ({"basis": ""}, "gate.wrong.basis"), ({"expires": "soon"}, "gate.wrong.expires"),
        ({"expires": "2001-01-01"}, "gate.wrong.expires"),
    ):  # fmt: skip
        answer = anna.client.post(f"/gate/{id_}/review?lang={lang}", data=REVIEW | {"basis": "Article <6>"} | wrong)
        assert answer.status_code == 422
        assert Words(lang)(key, longest=300) in answer.text
        assert wrong.get("basis") == "" or "Article &lt;6&gt;" in answer.text
    assert anna.client.post(f"/gate/{id_}/reject?lang={lang}", data={}).status_code == 422
    assert anna.data(f"/gate/{id_}.json")["review"] is None


def test_a_rejected_one_is_erased_and_pages_count_what_waits(body):
    id_, anna = waiting(body), of(body, "anna")
    assert anna.data("/index.json")["review"] == {"count": 1, "more": False}
    assert 'href="/gate">1</a>' in anna.see("/")
    assert of(body, "lena", "analyst").data("/index.json")["review"] is None
    assert f'href="/gate/{id_}"' in anna.see(f"/o/{id_}")
    does(anna, id_, "reject", reason="not needed")
    assert anna.data("/index.json")["review"]["count"] == 0
    assert body.world.store.by_id([id_]) == []
    assert "Nothing waits" in anna.see("/gate")


def test_health_counts_what_is_ones_own_and_leads_there(body):
    waiting(body)
    waiting(body, "SCO-CENTRE")
    own = Visitor(body, role="duty-officer")
    assert [each["number"] for each in own.data("/ops.json")["checks"] if each["name"] == "gate"] == [1]
    assert '<a href="/gate">' in own.see("/ops")
    assert '<a href="/gate">' not in Visitor(body, role="administrator").see("/ops")


def test_a_long_list_goes_on(body, monkeypatch):
    monkeypatch.setattr("comity.doors.web.screens.gate.SIZE", 2)
    ids = [waiting(body) for _ in range(5)]
    anna, found, path = of(body, "anna"), [], "/gate.json"
    while path:
        data = anna.data(path)
        found += [each["id"] for each in data["items"]]
        path = f"/gate.json?after={data['next']}" if data["next"] else None
    assert found == ids
    assert anna.get("/gate?after=x").status_code == 422


def test_what_passed_is_listed_for_those_who_see_it_and_taken_off(body):
    passed = [indicator(pattern=f"[email-addr:value = 'a{n}@mail.example']") for n in range(400)]
    body.member("KZ").submits(*passed, tlp="green", person="attacker")
    anna = of(body, "anna")
    listed = anna.data("/gate/sample.json")
    assert 2 <= listed["count"] < 100
    first = listed["items"][0]["id"]
    assert anna.client.post("/gate/sample/seen", data={"id": first}).status_code == 303
    assert anna.data("/gate/sample.json")["count"] == listed["count"] - 1
    uz = of(body, "u", party="UZ")
    assert uz.data("/gate/sample.json")["items"] == []
    assert uz.client.post("/gate/sample/seen", data={"id": listed["items"][1]["id"]}).status_code == 404
    assert of(body, "lena", "analyst").client.post("/gate/sample/seen", data={"id": first}).status_code == 404
