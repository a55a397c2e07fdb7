"""The approvals queue over the JSON API, with the tokens of people and tools."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest

from comity.admin import users
from comity.admin.tokens import APPROVE, SCOPES, create
from comity.doors.taxii import app as taxii
from tests.approving import GUESTS, SILENT, TWO, Meeting
from tests.consortium import indicator, sdo
from tests.doors.api.meeting import Caller, problem
from tests.doors.api.meeting import Meeting as Served

ABSENT = "indicator--99999999-9999-4999-8999-999999999999"


class Queue:
    """The careful body, served, and its people's tokens."""

    def __init__(self) -> None:
        self.meeting = Meeting()
        self.served = Served(self.meeting.body)

    def person(self, text: str, scopes: tuple[str, ...] = (*SCOPES, APPROVE)) -> Caller:
        """`person("KZ/anna")`: a caller with anna's own token."""
        party, _, name = text.partition("/")
        world = self.meeting.body.world
        if name not in [user.name for user in users.users(world)]:
            users.add(world, name, party, "point-of-contact")
        expires = self.meeting.body.clock() + timedelta(days=60)
        return Caller(self.served.http, f"Bearer {create(world, user=name, scopes=scopes, expires=expires)[1]}")

    def tool(self, party: str) -> Caller:
        return self.served.caller(party)


@pytest.fixture
def queue() -> Queue:
    return Queue()


def ask(caller: Caller, ids, *to: str, **more):
    return caller("POST", "/approvals", json={"ids": list(ids), "to": list(to), **more})


def test_requested_approved_by_two_and_received(queue):
    (id_,) = queue.meeting.shares(indicator())
    uz, anna, bulat = queue.tool("UZ"), queue.person("KZ/anna"), queue.person("KZ/bulat")
    assert uz.get("/items")["items"] == []
    (made,) = ask(anna, [id_], "UZ").json()["items"]
    assert (made["clause"], made["state"], made["ids"], made["asks"]) == (TWO, "requested", [id_], "two persons of the origin")
    path = f"/approvals/{made['id']}"
    assert anna("POST", f"{path}/approve").json()["words"] == "1 of 2"
    assert anna("POST", f"{path}/approve").json()["words"] == "1 of 2"  # the same person twice is one
    assert bulat("POST", f"{path}/approve").json()["state"] == "approved"
    assert [each["id"] for each in uz.get("/items")["items"]] == [id_]
    shown = anna.get(path)
    assert [(act["act"], act["party"], act["person"]) for act in shown["acts"]] == [("approve", "KZ", "anna"), ("approve", "KZ", "bulat")]
    assert [act["person"] for act in uz.get(path)["acts"]] == [None, None]
    assert problem(bulat("POST", f"{path}/object"), 409)["fault"] == "conflict"
    assert bulat("POST", f"{path}/revoke").json()["state"] == "revoked"
    assert uz.get("/items")["items"] == []
    assert problem(uz("GET", path), 404)


def test_a_tool_may_ask_and_never_act(queue):
    """G10."""
    (id_,) = queue.meeting.shares(indicator(), tlp="green")
    tool = queue.tool("KZ")
    (made,) = ask(tool, [id_], "BY").json()["items"]
    for kind in ("approve", "object", "revoke"):
        said = problem(tool("POST", f"/approvals/{made['id']}/{kind}"), 403)
        assert "a tool may not" in said["detail"] and "a person" in said["next"]
    without = queue.person("KZ/anna", SCOPES)
    assert "approve" in problem(without("POST", f"/approvals/{made['id']}/approve"), 403)["detail"]
    assert tool.get(f"/approvals/{made['id']}")["state"] == "requested"


def test_a_token_says_whose_it_is(queue):
    anna, tool = queue.person("KZ/anna").get("/me"), queue.tool("KZ").get("/me")
    assert (anna["user"], anna["role"], anna["party"], "approve" in anna["scopes"]) == ("anna", "point-of-contact", "KZ", True)
    assert (tool["user"], tool["role"]) == ("", "robot")


def test_a_removed_person_acts_no_more(queue):
    (id_,) = queue.meeting.shares(indicator(), tlp="green")
    anna = queue.person("KZ/anna")
    (made,) = ask(anna, [id_], "BY").json()["items"]
    users.remove(queue.meeting.body.world, "anna")
    problem(anna("POST", f"/approvals/{made['id']}/approve"), 401)


def test_whoever_may_object_sees_it_without_the_objects_and_objects(queue):
    (id_,) = queue.meeting.shares(sdo("malware"))
    (made,) = ask(queue.person("KZ/anna"), [id_], "UZ").json()["items"]
    daler = queue.person("TJ/daler")
    shown = daler.get("/approvals")["items"]
    assert [(each["id"], each["clause"], each["objects"], each["ids"]) for each in shown] == [(made["id"], SILENT, 1, [])]
    said = problem(daler("POST", f"/approvals/{made['id']}/approve"), 403)
    assert "nobody approves" in said["next"]
    assert daler("POST", f"/approvals/{made['id']}/object").json()["state"] == "objected"
    assert [each["id"] for each in daler.get("/approvals", state="objected")["items"]] == [made["id"]]
    assert daler.get("/approvals", state="requested")["items"] == []


def test_lists_are_paged_and_given_as_lines_and_tables(queue):
    anna = queue.person("KZ/anna")
    ids = queue.meeting.shares(*(indicator() for _ in range(5)), tlp="green")
    made = [ask(anna, [id_], "BY").json()["items"][0]["id"] for id_ in ids]
    first = anna.get("/approvals", limit=2)
    assert first["more"]
    second = anna.get("/approvals", limit=10, next=first["next"])
    assert [each["id"] for each in (*first["items"], *second["items"])] == made
    lines = anna("GET", "/approvals", headers={"Accept": "application/x-ndjson"}).text.splitlines()
    assert len(lines) == 5
    table = anna("GET", "/approvals", headers={"Accept": "text/csv"}).text.splitlines()
    assert len(table) == 6 and table[0].startswith("id,clause,")


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"ids": [], "to": ["UZ"]}', b'{"ids": ["x"], "to": []}', b'{"ids": ["x"], "to": ["uz"]}',
     b'{"ids": ["x"], "to": ["UZ"], "more": 1}', b"\xff"],
)  # fmt: skip
def test_what_is_no_request_is_refused(queue, body):
    said = problem(queue.person("KZ/anna")("POST", "/approvals", content=body, headers={"Content-Type": "application/json"}), 400)
    assert said["next"]


def test_what_awaits_nothing_and_a_clause_that_is_not_awaited(queue):
    (id_,) = queue.meeting.shares(indicator(), tlp="green")
    anna = queue.person("KZ/anna")
    assert "nothing awaits approval for UZ" in problem(ask(anna, [id_], "UZ"), 400)["detail"]
    assert problem(ask(anna, [id_], "BY", clause=TWO), 400)
    assert ask(anna, [id_], "BY", clause=GUESTS).status_code == 200
    assert problem(ask(anna, [id_], "BY", origin="UZ"), 404)


def test_a_request_about_a_hidden_object_is_that_about_an_absent_one(queue):
    """Two worlds: in one of them KZ has the object. UZ, which may not see it, is told the same to the byte, and so is it of its requests."""
    uz = queue.person("UZ/zafar")
    (hidden,) = queue.meeting.shares(indicator())
    (made,) = ask(queue.person("KZ/anna"), [hidden], "TJ").json()["items"]
    for more in ({}, {"clause": TWO}, {"origin": "KZ"}, {"origin": "UZ"}):
        one, other = (ask(uz, [id_], to, **more) for id_ in (hidden, ABSENT) for to in ("BY",))
        assert problem(one, 404)["detail"].replace(hidden, "") == problem(other, 404)["detail"].replace(ABSENT, "")
        assert dict(one.headers) == dict(other.headers) | {"content-length": one.headers["content-length"]}
    absent = "apr_000000000000"
    for method, rest in (("GET", ""), ("POST", "/approve"), ("POST", "/object"), ("POST", "/revoke")):
        one, other = (uz(method, f"/approvals/{id_}{rest}") for id_ in (made["id"], absent))
        assert (one.status_code, one.content, dict(one.headers)) == (404, other.content, dict(other.headers))
    assert uz.get("/approvals")["items"] == []


def polls(http, authorization: str, after: str | None, limit: int) -> tuple[list[str], str | None]:
    """All that a TAXII client gets of `shared` after a stamp, page by page with `next`, and the last stamp."""
    found: list[str] = []
    params = {"limit": limit, **({"added_after": after} if after else {})}
    for _ in range(50):
        headers = {"Authorization": authorization, "Accept": "application/taxii+json;version=2.1"}
        answer = http.get("/taxii2/sco/collections/shared/objects/", params=params, headers=headers)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found += [obj["id"] for obj in page.get("objects", [])]
        after = answer.headers.get("X-TAXII-Date-Added-Last", after)
        if not page.get("more"):
            return found, after
        params = {"limit": limit, "next": page["next"]}
    raise AssertionError("paging does not end")


@pytest.mark.parametrize("seed", range(4))
def test_over_taxii_an_approved_object_comes_once_and_a_revoked_one_no_more(seed):
    """A client that polls with `added_after`, while people approve and revoke between its polls at random."""
    from starlette.applications import Starlette

    from tests.inside import Inside

    random, meeting = Random(seed), Meeting()
    http = Inside(Starlette(routes=taxii.routes(meeting.desk)))
    authorization = (
        f"Bearer {create(meeting.body.world, party='BY', scopes=('taxii:read',), expires=meeting.body.clock() + timedelta(days=9))[1]}"
    )
    ids = meeting.shares(*(indicator() for _ in range(12)), tlp="green")
    granted: dict[str, object] = {}
    received: list[str] = []
    found, after = polls(http, authorization, None, 5)
    assert found == []
    for _ in range(25):
        id_ = random.choice(ids)
        if id_ in granted:
            meeting.does("revoke", granted.pop(id_), "KZ/anna")
        else:
            (request,) = meeting.asks([id_], "BY")
            granted[id_] = meeting.does("approve", request, "KZ/anna")
        if random.random() < 0.5:
            found, after = polls(http, authorization, after, random.choice([1, 2, 100]))
            assert set(found) <= set(granted)
            received += found
            assert set(granted) <= set(received), "something that was granted is lost behind the cursor"
    found, after = polls(http, authorization, after, 3)
    received += found
    assert set(granted) <= set(received)
    assert len(received) == len(set(received))
    assert polls(http, authorization, after, 100)[0] == []
