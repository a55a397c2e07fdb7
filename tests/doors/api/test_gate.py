"""The gate and redress over the JSON API: people's tokens, and what is hidden is absent."""

from __future__ import annotations

from datetime import timedelta

import pytest

from comity.admin import users
from comity.admin.tokens import APPROVE, SCOPES, create
from tests.consortium import Body, indicator
from tests.doors.api.meeting import Caller, Meeting, problem

MAIL = "anna.b@mail.example"
REVIEW = {"category": "victim", "basis": "Article 6", "expires": "2099-01-01T00:00:00Z"}
ABSENT = "indicator--99999999-9999-4999-8999-999999999999"


class Queue:
    """A body, served, and its people's tokens."""

    def __init__(self) -> None:
        self.body = Body()
        self.served = Meeting(self.body)

    def person(self, text: str, role: str = "duty-officer", scopes: tuple[str, ...] = (*SCOPES, APPROVE)) -> Caller:
        party, _, name = text.partition("/")
        users.add(self.body.world, name, party, role)
        expires = self.body.clock() + timedelta(days=60)
        return Caller(self.served.http, f"Bearer {create(self.body.world, user=name, scopes=scopes, expires=expires)[1]}")

    def waiting(self, party: str = "KZ") -> str:
        made = indicator(pattern=f"[email-message:from_ref.value = '{MAIL}']")
        self.body.member(party).submits(made, tlp="green")
        return str(made["id"])


@pytest.fixture
def queue() -> Queue:
    return Queue()


def test_two_persons_release_it(queue):
    id_, anna, bulat = queue.waiting(), queue.person("KZ/anna"), queue.person("KZ/bulat")
    (listed,) = anna.get("/gate")["items"]
    assert (listed["id"], listed["found"], listed["review"]) == (id_, [{"kind": "e-mail", "where": "/pattern"}], None)
    for media in ("application/json", "application/x-ndjson", "text/csv"):
        assert MAIL not in anna("GET", "/gate", headers={"Accept": media}).text
    assert MAIL in anna.get(f"/gate/{id_}")["object"]["pattern"]
    said = anna("POST", f"/gate/{id_}/review", json=REVIEW).json()
    assert said["review"]["person"] == "anna"
    consent = {"reviewed": said["review"]["at"]}
    problem(anna("POST", f"/gate/{id_}/approve", json=consent), 403)
    problem(bulat("POST", f"/gate/{id_}/approve", json={"reviewed": "2021-01-01T00:00:00Z"}), 409)
    assert bulat("POST", f"/gate/{id_}/approve", json=consent).json()["state"] == "released"
    assert queue.body.member("UZ").reads() == [id_]
    problem(bulat("POST", f"/gate/{id_}/approve", json=consent), 404)


@pytest.mark.parametrize("role", ["analyst", "auditor", "administrator"])
def test_g3_roles_hold_here_as_on_the_pages(queue, role):
    id_, other, bulat = queue.waiting(), queue.person("KZ/other", role), queue.person("KZ/bulat")
    problem(other("POST", f"/gate/{id_}/review", json=REVIEW), 403)
    problem(other("POST", f"/gate/{id_}/reject", json={"reason": "x"}), 403)
    said = bulat("POST", f"/gate/{id_}/review", json=REVIEW).json()
    problem(other("POST", f"/gate/{id_}/approve", json={"reviewed": said["review"]["at"]}), 403)
    for path in ("/gate", f"/gate/{id_}", "/gate/sample"):
        assert other("GET", path).status_code == (200 if role == "analyst" else 403)
    assert queue.body.world.store.by_id([id_]) and queue.body.member("UZ").reads() == []


def test_it_is_a_persons_and_hidden_is_absent(queue):
    id_, uz, centre = queue.waiting(), queue.person("UZ/u"), queue.person("SCO-CENTRE/c")
    for caller in (uz, centre):
        assert caller.get("/gate")["items"] == []
        hidden, absent = caller("GET", f"/gate/{id_}"), caller("GET", f"/gate/{ABSENT}")
        assert (hidden.status_code, hidden.text.replace(id_, ABSENT)) == (404, absent.text)
        problem(caller("POST", f"/gate/{id_}/reject", json={"reason": "x"}), 404)
    for path in ("/gate", f"/gate/{id_}", "/gate/sample", "/redress"):
        problem(queue.served.caller("KZ")("GET", path), 403)
    problem(queue.person("KZ/reader", scopes=SCOPES)("GET", "/gate"), 403)


@pytest.mark.parametrize(
    "sent",
    [{}, {**REVIEW, "category": "suspect"}, {**REVIEW, "basis": ""}, {**REVIEW, "expires": "2001-01-01T00:00:00Z"}, {**REVIEW, "x": 1}],
)
def test_a_review_that_is_none(queue, sent):
    id_ = queue.waiting()
    problem(queue.person("KZ/anna")("POST", f"/gate/{id_}/review", json=sent), 400)


def test_pages_of_what_waits(queue):
    ids, anna = [queue.waiting() for _ in range(5)], queue.person("KZ/anna")
    first = anna.get("/gate", limit=2)
    second = anna.get("/gate", limit=2, next=first["next"])
    assert [each["id"] for each in first["items"] + second["items"]] == ids[:4]
    lines = anna("GET", "/gate", headers={"Accept": "application/x-ndjson"}, limit=3).text.splitlines()
    assert len(lines) == 3


def test_a_sample_is_looked_at(queue):
    passed = [indicator(pattern=f"[email-addr:value = 'a{n}@mail.example']") for n in range(400)]
    queue.body.member("KZ").submits(*passed, tlp="green", person="attacker")
    anna = queue.person("KZ/anna")
    listed = [each["id"] for each in anna.get("/gate/sample")["items"]]
    left = anna("POST", f"/gate/sample/{listed[0]}/seen").json()["items"]
    assert [each["id"] for each in left] == listed[1:]
    problem(queue.person("UZ/u")("POST", f"/gate/sample/{listed[1]}/seen"), 404)


def test_tickets(queue):
    anna, auditor, kz = queue.person("SCO-CENTRE/anna"), queue.person("SCO-CENTRE/eye", "auditor"), queue.person("KZ/kz")
    made = anna("POST", "/redress", json={"about": "an address", "who": "hotline"}).json()
    assert (made["state"], made["answer"]) == ("open", None)
    assert [each["ticket"] for each in auditor.get("/redress")["items"]] == [made["ticket"]]
    said = {"decision": "kept", "text": "an office's"}
    problem(auditor("POST", f"/redress/{made['ticket']}/answer", json=said), 403)
    for path in ("/redress", f"/redress/{made['ticket']}", "/redress/rdr_000000000000"):
        assert problem(kz("GET", path), 403)["detail"] == problem(kz("GET", "/redress"), 403)["detail"]
    assert anna("POST", f"/redress/{made['ticket']}/answer", json=said).json()["answer"]["by"] == "anna"
    problem(anna("POST", f"/redress/{made['ticket']}/answer", json={**said, "decision": "erased"}), 409)
    assert auditor.get(f"/redress/{made['ticket']}")["state"] == "kept"
