"""What is pushed, what stays, and what a server makes of it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import httpx2
import msgspec
import pytest

from comity.admin import logbook
from comity.admin.tokens import create
from comity.errors import PeerFault
from comity.intake.govern import add_agreement, add_standing
from comity.intake.telling import tell
from comity.intake.withdraw import withdraw
from comity.peer import pushing
from comity.peer.recalled import status
from comity.peer.taxii_client import Collection
from comity.terms.item import Envelope
from comity.terms.party import Standing
from tests.consortium import MEMBERS, START, indicator, sdo
from tests.peer.nodes import GREEN, RED, Bench, Node, ids
from tests.peer.stub import HOST, Server, answer


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_push_says_what_the_origin_said_and_happens_once(bench: Bench) -> None:
    bench.link(push=True, pull=False)
    plain, narrow = indicator(), indicator()
    bench.node.adds(plain, tlp="green")
    bench.node.adds(narrow, tlp="amber", to=("KZ",), handling=("H1",))
    assert bench.sync().pushed == {"taken": 2, "refused": 0}
    (post,) = bench.posts()
    assert [said["tlp"] for said in post["comity_envelopes"]] == ["green", "amber"]
    store = bench.body.world.store
    rows = store.by_id([plain["id"], narrow["id"]])
    envelopes = [msgspec.json.decode(raw, type=Envelope) for raw in store.envelopes([row.item for row in rows]).values()]
    assert [(e.origin, e.tlp, e.to, e.handling) for e in envelopes] == [("UZ", "green", None, ()), ("UZ", "amber", ("KZ",), ("H1",))]
    again = bench.sync()
    assert (again.pushed, again.problems) == ({}, [])
    assert len(bench.posts()) == 1


def test_what_is_pulled_is_not_pushed_back(bench: Bench) -> None:
    bench.link(push=True)
    bench.kz.submits(indicator(), tlp="green")
    bench.sync()
    bench.sync()
    assert bench.posts() == []


def test_some_things_never_leave(bench: Bench) -> None:
    bench.link(push=True, pull=False)
    bench.node.adds(indicator(), tlp="green", to=())
    bench.node.adds(sdo("identity", name="A. Person", identity_class="individual"), tlp="green")
    bench.node.adds(indicator(), tlp="green", purposes=("administration",))
    for _ in range(2):
        report = bench.sync()
        assert (report.pushed, report.problems) == ({}, [])
    assert bench.posts() == []


@pytest.mark.parametrize("more", [{"realm": "exercise-1"}, {"gate": "quarantine"}, {"to": ()}, {"purposes": ("administration",)}])
def test_not_even_to_a_server_that_understands(more: dict[str, Any]) -> None:
    body = json.dumps(indicator(object_marking_refs=[GREEN])).encode()
    for understands in (True, False):
        collection = Collection(root=f"{HOST}/", id="x", understands=understands)
        assert pushing.stays(Envelope(origin="UZ", tlp="green", **more), body, collection) == ""
        assert pushing.stays(Envelope(origin="UZ", tlp="green"), body, collection) is None


def test_a_server_that_knows_no_envelopes_is_sent_only_what_the_object_says_itself() -> None:
    server, node = Server(), Node("UZ")
    add_standing(node.world, Standing(party="KZ", body="sco", standing="member", since=START), by="test")
    node.link(party="KZ", push=True, pull=False)
    marked, unmarked, addressed, restricted, purposed, red = (indicator(object_marking_refs=[GREEN]) for _ in range(6))
    del unmarked["object_marking_refs"]
    red["object_marking_refs"] = [RED]
    node.adds(marked, unmarked, red)
    node.adds(addressed, to=("KZ",))
    node.adds(restricted, handling=("H1",))
    node.adds(purposed, purposes=("statistics",))
    report = node.sync(server)
    assert [obj for post in server.posts for obj in post["objects"]] == [marked]
    assert all("comity_envelopes" not in post for post in server.posts)
    kept = ids([unmarked, addressed, restricted, purposed, red])
    assert report.pushed == {"taken": 1, "refused": 0, "kept here": 5}
    assert {problem.partition(":")[0] for problem in report.problems} == kept
    assert node.sync(server).pushed == {}


@pytest.mark.parametrize("understands", [True, False])
def test_posts_are_as_small_as_the_server_asks(understands: bool) -> None:
    """No post is over its limit; one object that is alone over it stays, is named, and holds nobody up."""
    server, node = Server(understands=understands, most=3_000), Node("UZ")
    node.link(push=True, pull=False)
    objects = [indicator(object_marking_refs=[GREEN], description="x" * size) for size in (10, 900, 20, 5_000, 1_500, 700, 30)]
    node.adds(*objects)
    report = node.sync(server)
    assert report.pushed == {"taken": 6, "refused": 0, "kept here": 1}
    assert [problem.partition(":")[0] for problem in report.problems] == [objects[3]["id"]]
    assert [obj["id"] for post in server.posts for obj in post["objects"]] == [obj["id"] for obj in objects if obj is not objects[3]]
    assert len(server.posts) > 1


def test_a_post_that_fails_is_made_again_and_what_went_before_is_not() -> None:
    server, node = Server(understands=True, most=1_500), Node("UZ")
    node.link(push=True, pull=False)
    objects = [indicator(description="x" * 700) for _ in range(3)]
    node.adds(*objects)

    def fails_second(request: httpx2.Request) -> httpx2.Response:
        if request.method == "POST" and len(server.posts) == 1:
            return answer({"title": "full"}, 500)
        return server(request)

    with pytest.raises(PeerFault, match="full"):
        node.sync(fails_second)
    assert len(server.posts) == 1
    reached = node.pushed
    assert reached
    assert node.sync(server).pushed == {"taken": 2, "refused": 0}
    assert [obj["id"] for post in server.posts for obj in post["objects"]] == [obj["id"] for obj in objects]
    assert node.pushed > reached


def test_a_push_is_in_the_log_before_it_leaves() -> None:
    server, node = Server(understands=True), Node("UZ")
    node.link(push=True, pull=False)
    node.adds(indicator(), indicator())

    def looks(request: httpx2.Request) -> httpx2.Response:
        if request.method == "POST":
            entry = node.log()[-1]
            assert (entry.kind, entry.party, entry.count, entry.detail) == ("push", "SCO-CENTRE", 2, {"peer": "centre"})
            raise httpx2.ReadError("cut")
        return server(request)

    with pytest.raises(PeerFault):
        node.sync(looks)
    assert node.pushed == 0
    assert logbook.verify(node.world).ok


def test_a_post_that_the_server_finds_too_large_is_made_in_halves() -> None:
    """It said that it takes more than it does."""
    server, node = Server(understands=True, most=10_000_000), Node("UZ")
    node.link(push=True, pull=False)
    objects = [indicator(description="x" * (5_000 if n == 4 else 200)) for n in range(9)]
    node.adds(*objects)
    server.most = 2_000
    report = node.sync(server)
    assert report.pushed == {"taken": 8, "refused": 0, "kept here": 1}
    assert [problem.partition(":")[0] for problem in report.problems] == [objects[4]["id"]]
    assert [obj["id"] for post in server.posts for obj in post["objects"]] == [obj["id"] for obj in objects if obj is not objects[4]]
    assert all(len(post["objects"]) == len(post["comity_envelopes"]) for post in server.posts)
    assert node.sync(server).pushed == {}


def test_what_a_server_refuses_is_told() -> None:
    server, node = Server(understands=True), Node("UZ")
    node.link(push=True, pull=False)
    obj = indicator()
    node.adds(obj)
    said = {"id": "s", "status": "complete", "success_count": 0, "failure_count": 1, "failures": [{"id": obj["id"], "message": "too old"}]}
    report = node.sync(lambda request: answer(said, 202) if request.method == "POST" else server(request))
    assert report.pushed == {"taken": 0, "refused": 1}
    assert report.problems == [f"{obj['id']}: too old"]


def test_nothing_is_pushed_without_a_clause_and_it_goes_when_there_is_one() -> None:
    """G1: submitting to a centre needs an agreement that makes it one; what waited for it is posted after all, once."""
    bench = Bench()
    bench.node = Node("UZ", agreement=None)
    bench.link(push=True)
    item = indicator()
    bench.node.adds(item, tlp="green")
    report = bench.sync()
    assert (report.pushed, bench.posts()) == ({"kept here": 1}, [])
    assert "no agreement held here" in report.problems[0]
    assert bench.sync().pushed == {}
    add_agreement(bench.node.world, MEMBERS, "test.toml", by="test")
    assert bench.sync().pushed == {"taken": 1, "refused": 0}
    assert bench.sync().pushed == {}
    assert [entry.agreements for entry in bench.node.log() if entry.kind == "push"] == [("test@1",)]


def test_a_peer_that_is_no_centre_gets_what_a_clause_permits_it() -> None:
    bench = Bench()
    add_standing(bench.node.world, Standing(party="TJ", body="sco", standing="observer", since=START), by="test")
    _, token = create(bench.body.world, party="UZ", scopes=("taxii:read", "taxii:write"), expires=bench.body.clock() + timedelta(days=1))
    bench.node.link(url="http://localhost/taxii2/", token=token, party="TJ", push=True, pull=False)
    green, amber = indicator(), indicator()
    bench.node.adds(green, tlp="green")
    bench.node.adds(amber, tlp="amber")
    report = bench.sync()
    assert report.pushed == {"taken": 1, "refused": 0, "kept here": 1}
    assert [obj["id"] for post in bench.posts() for obj in post["objects"]] == [green["id"]]
    assert [entry.agreements for entry in bench.node.log() if entry.kind == "push"] == [("test@1/observers",)]


def test_what_was_taken_back_is_deleted_there_or_said_to_be_revoked(bench: Bench) -> None:
    bench.link(push=True, pull=False)
    item = indicator()
    bench.node.adds(item, tlp="green")
    bench.sync()
    party, world = bench.node.world.settings.party, bench.node.world
    (recall,) = withdraw(world, party, item["id"], reason="wrong", cause="recalled")
    tell(world)
    assert {each.state for each in status(world, recall)} == {"cannot be told"}
    assert bench.sync().pushed == {"withdrawn": 1}
    assert bench.body.world.store.by_id([item["id"]]) == []
    assert {each.state for each in status(world, recall)} == {"told"}
    assert bench.sync().pushed == {}
