"""Two nodes in memory and a link between them: what is pulled, what is pushed, what stays; and plain TAXII servers beside them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx2
import msgspec
import pytest
from starlette.testclient import TestClient

from comity.admin import logbook
from comity.admin.tokens import create
from comity.clock import now
from comity.doors.site import site
from comity.errors import Conflict, NotAuthenticated, NotFound, PeerFault, SenderFault
from comity.forms import stix_json
from comity.intake.govern import add_agreement, add_standing
from comity.intake.submit import Submitter, submit
from comity.ledger.journal import Entry, read_entry
from comity.node import scratch_world
from comity.peer import link
from comity.peer.link import Peer, Report
from comity.peer.taxii_client import Collection, TaxiiClient
from comity.release.desk import Desk
from comity.release.holdings import own_reader
from comity.release.select import Query
from comity.terms.item import Envelope
from comity.terms.party import Standing
from comity.terms.stix import COMITY_EXTENSION
from comity.terms.tlp import TLP2_IDS
from tests.consortium import MEMBERS, START, Body, Ticking, indicator, sdo, sighting
from tests.peer.stub import HOST, Server, answer

GREEN, RED = TLP2_IDS["green"], TLP2_IDS["red"]
T = [f"2021-10-{day:02d}T00:00:00.000000Z" for day in range(1, 29)]


class Bench:
    """A centre's node, and the node of the member UZ linked to it. `cut` breaks the connection after so many requests for pages."""

    def __init__(self) -> None:
        self.body = Body(clock=Ticking(now()))
        self.kz, self.uz = self.body.member("KZ"), self.body.member("UZ")
        self.app = TestClient(site(self.body.desk), base_url="http://localhost", follow_redirects=False)
        self.node = Node("UZ")
        self.cut: int | None = None
        self.page_limit: str | None = None
        self.requests: list[httpx2.Request] = []

    def link(self, scopes: tuple[str, ...] = ("taxii:read", "taxii:write"), **more: Any) -> None:
        _, token = create(self.body.world, party="UZ", scopes=scopes, expires=self.body.clock() + timedelta(days=1), tlp="amber")
        self.node.link(url="http://localhost/taxii2/", token=token, **more)

    def sync(self) -> Report:
        return self.node.sync(self._carry)

    def posts(self) -> list[dict[str, Any]]:
        return [json.loads(request.content) for request in self.requests if request.method == "POST"]

    def _carry(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        url = request.url
        if request.method == "GET" and url.path.endswith("/objects/"):
            if self.cut is not None:
                if self.cut == 0:
                    raise httpx2.ReadError("cut")
                self.cut -= 1
            if self.page_limit:
                url = url.copy_set_param("limit", self.page_limit)
        given = self.app.request(request.method, str(url), headers=request.headers, content=request.content)
        return httpx2.Response(given.status_code, headers=given.headers, content=given.content)


class Node:
    """A member's own node, linked to one peer."""

    def __init__(self, party: str, agreement: str | None = MEMBERS) -> None:
        self.world = scratch_world(party, "sco")
        add_standing(self.world, Standing(party=party, body="sco", standing="member", since=START), by="test")
        if agreement:
            add_agreement(self.world, agreement, "test.toml", by="test")
        self.desk = Desk(self.world)
        self.party = party

    def link(self, *, url: str = f"{HOST}/taxii2/", token: str = "secret", party: str = "SCO-CENTRE", **more: Any) -> None:
        link.add_peer(self.world, Peer(name="centre", party=party, url=url, user=self.party, token=token, **more))

    def adds(self, *objects: dict[str, Any], **options: Any) -> None:
        """Take own objects in, as from a file."""
        raw = json.dumps({"type": "bundle", "objects": list(objects)}).encode()
        outcomes = list(submit(self.world, stix_json.read(raw), Submitter(party=self.party, **options)))
        assert {outcome.outcome for outcome in outcomes} <= {"accepted", "quarantined"}

    def sync(self, carry: Callable[[httpx2.Request], httpx2.Response]) -> Report:
        kept = link.peer(self.world, "centre")
        client = TaxiiClient(kept.user, kept.token, transport=httpx2.MockTransport(carry), wait=lambda _: None)
        try:
            return link.sync(self.desk, "centre", client)
        finally:
            client.close()

    def holds(self) -> dict[str, tuple[str, Envelope]]:
        """id -> (origin, envelope) of everything here."""
        page = self.desk.page(own_reader(self.desk), Query(limit=10_000, versions=("all",)))
        envelopes = self.world.store.envelopes([row.item for _, row in page.found])
        return {row.id: (row.origin, msgspec.json.decode(envelopes[row.item], type=Envelope)) for _, row in page.found}

    @property
    def pulled(self) -> str:
        return link.peer(self.world, "centre").pulled

    @property
    def pushed(self) -> int:
        return link.peer(self.world, "centre").pushed

    def log(self) -> list[Entry]:
        return [read_entry(leaf.entry) for leaf in self.world.store.leaves()]


@pytest.fixture
def bench() -> Bench:
    return Bench()


def ids(objects: list[dict[str, Any]]) -> set[str]:
    return {obj["id"] for obj in objects}


# Pulling


def test_what_is_pulled_is_the_peers_and_for_this_node_alone(bench: Bench) -> None:
    bench.link()
    obj = indicator()
    bench.kz.submits(obj, tlp="green")
    assert bench.sync().pulled == {"accepted": 1}
    ((id_, (origin, envelope)),) = bench.node.holds().items()
    assert (id_, origin) == (obj["id"], "SCO-CENTRE")
    assert (envelope.received_from, envelope.hops) == ("SCO-CENTRE", ("SCO-CENTRE",))
    assert (envelope.handling, envelope.to, envelope.purposes) == (("H2",), ("UZ",), ("network-defence",))


def test_unmarked_objects_take_the_peers_level_and_marked_ones_their_own(bench: Bench) -> None:
    bench.link(tlp="amber+strict")
    plain, marked = indicator(), indicator(object_marking_refs=[GREEN])
    bench.kz.submits(plain, marked, tlp="green")
    bench.sync()
    assert {id_: envelope.tlp for id_, (_, envelope) in bench.node.holds().items()} == {plain["id"]: "amber+strict", marked["id"]: "green"}


def test_a_repeat_changes_nothing(bench: Bench) -> None:
    bench.link()
    bench.kz.submits(*(indicator() for _ in range(5)), tlp="green")
    bench.sync()
    before, cursor = bench.node.holds(), bench.node.pulled
    again = bench.sync()
    assert (again.pulled, again.problems) == ({}, [])
    assert (bench.node.holds(), bench.node.pulled) == (before, cursor)
    assert "added_after" in str(bench.requests[-1].url)


def test_an_empty_server_is_no_problem(bench: Bench) -> None:
    bench.link()
    report = bench.sync()
    assert (report.pulled, report.pushed, report.problems) == ({}, {}, [])


def test_a_cut_repeats_what_it_must_and_loses_nothing(bench: Bench) -> None:
    bench.link()
    objects = [indicator() for _ in range(20)]
    bench.kz.submits(*objects, tlp="green")
    bench.page_limit, bench.cut = "6", 2
    with pytest.raises(PeerFault, match="cannot reach"):
        bench.sync()
    assert len(bench.node.holds()) == 12
    kept = bench.node.pulled
    assert kept
    bench.cut = None
    report = bench.sync()
    assert set(bench.node.holds()) == ids(objects)
    # Of what had come, only the object of the last moment comes again.
    assert report.pulled == {"duplicate": 1, "accepted": 8}
    assert bench.node.pulled > kept
    assert bench.sync().pulled == {}


def test_a_page_is_kept_before_its_cursor(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped between the two, the page comes again and every object of it is a duplicate."""
    bench.link()
    bench.kz.submits(*(indicator() for _ in range(3)), tlp="green")
    keep = link._advance

    def stopped(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(link, "_advance", stopped)
    with pytest.raises(KeyboardInterrupt):
        bench.sync()
    assert (len(bench.node.holds()), bench.node.pulled) == (3, "")
    monkeypatch.setattr(link, "_advance", keep)
    assert bench.sync().pulled == {"duplicate": 3}
    assert len(bench.node.holds()) == 3


def test_a_cut_among_objects_of_one_moment_loses_none() -> None:
    """A server that stamps a whole post alike: going on after that moment would skip the rest of it."""
    server, node = Server(page=2), Node("UZ")
    objects = [indicator() for _ in range(7)]
    server.add(T[0], *objects[:1])
    server.add(T[1], *objects[1:])
    node.link()
    server.broken_after = 2
    with pytest.raises(PeerFault):
        node.sync(server)
    assert len(node.holds()) == 4
    server.broken_after = None
    node.sync(server)
    assert set(node.holds()) == ids(objects)
    assert node.pulled == T[1]
    assert node.sync(server).pulled == {}


def test_the_cursor_never_goes_back() -> None:
    server, node = Server(page=10), Node("UZ")
    server.add(T[5], indicator())
    node.link(pulled=T[3])
    node.sync(server)
    assert node.pulled == T[5]
    server.held = [(T[9], indicator())]
    back = answer({"objects": [indicator()]}, headers={"X-TAXII-Date-Added-Last": T[2]})
    report = node.sync(lambda r: back if r.url.path.endswith("/objects/") else server(r))
    assert report.pulled == {"accepted": 1}
    assert node.pulled == T[5]


def test_what_cannot_be_taken_is_said_and_the_rest_is_taken() -> None:
    server, node = Server(page=10), Node("UZ")
    agreement = sdo("comity-agreement", extensions={COMITY_EXTENSION: {"extension_type": "new-sdo"}})
    good, person = indicator(), sdo("identity", name="A. Person", identity_class="individual")
    server.add(T[0], agreement, good, person, {"type": "nonsense"})
    node.link()
    report = node.sync(server)
    assert report.pulled == {"accepted": 1, "quarantined": 1, "rejected": 2}
    assert len(report.problems) == 2
    assert any("never from a submission" in problem for problem in report.problems)
    assert (good["id"] in node.holds(), agreement["id"] in node.holds()) == (True, False)


def test_a_server_that_repeats_itself_is_told_of_and_what_came_is_kept(bench: Bench) -> None:
    server, node = Server(), Node("UZ")
    obj = indicator()
    node.link()
    same = answer({"more": True, "next": "a", "objects": [obj]}, headers={"X-TAXII-Date-Added-Last": T[0]})
    with pytest.raises(PeerFault, match="again and again"):
        node.sync(
            lambda r: httpx2.Response(200, headers=same.headers, content=same.content) if r.url.path.endswith("/objects/") else server(r)
        )
    assert set(node.holds()) == {obj["id"]}


# Pushing


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
        assert link._stays(Envelope(origin="UZ", tlp="green", **more), body, collection) == ""
        assert link._stays(Envelope(origin="UZ", tlp="green"), body, collection) is None


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


def test_what_a_server_refuses_is_told() -> None:
    server, node = Server(understands=True), Node("UZ")
    node.link(push=True, pull=False)
    obj = indicator()
    node.adds(obj)
    said = {"id": "s", "status": "complete", "success_count": 0, "failure_count": 1, "failures": [{"id": obj["id"], "message": "too old"}]}
    report = node.sync(lambda request: answer(said, 202) if request.method == "POST" else server(request))
    assert report.pushed == {"taken": 0, "refused": 1}
    assert report.problems == [f"{obj['id']}: too old"]


# Links


def test_a_sighting_goes_back_to_its_producer_over_the_links(bench: Bench) -> None:
    """There and back: pulled, matched, pushed, and with the centre."""
    bench.link(push=True)
    seen = indicator()
    bench.kz.submits(seen, tlp="green")
    bench.sync()
    bench.node.adds(sighting(seen["id"]), tlp="amber")
    assert bench.sync().pushed == {"taken": 1, "refused": 0}
    assert len(bench.kz.reads(own=False)) == 1


def test_a_wrong_token_and_a_token_without_the_scope(bench: Bench) -> None:
    bench.node.link(url="http://localhost/taxii2/", token="cmt_00000000_00")
    with pytest.raises(NotAuthenticated):
        bench.sync()
    other = Bench()
    other.link(push=True, scopes=("taxii:read",))
    with pytest.raises(PeerFault, match="may be written to"):
        other.sync()


def test_a_peer_is_kept_and_shown_without_its_token() -> None:
    node = Node("UZ")
    node.link()
    (kept,) = link.peers(node.world)
    assert kept == link.peer(node.world, "centre")
    assert "secret" not in str(link.describe(kept))
    assert (link.describe(kept)["pulled"], link.describe(kept)["pushed"]) == ("", "")
    assert link.describe(msgspec.structs.replace(kept, pushed=1))["pushed"] == "1970-01-01T00:00:00.000001Z"
    entry = node.log()[-1]
    assert (entry.kind, entry.party) == ("peer", "SCO-CENTRE")
    assert "secret" not in str(entry)
    with pytest.raises(Conflict):
        node.link()
    with pytest.raises(SenderFault, match="in the clear"):
        link.add_peer(node.world, msgspec.structs.replace(kept, name="other", url="http://peer.example/"))
    with pytest.raises(NotFound):
        link.peer(node.world, "other")
    assert [entry.kind for entry in node.log()] == ["govern", "govern", "peer"]


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
    assert [entry.agreements for entry in bench.node.log() if entry.kind == "push"] == [("test/observers",)]


# Changing


def test_a_change_keeps_how_far_the_exchange_has_come_unless_it_leads_elsewhere(bench: Bench) -> None:
    bench.link(push=True)
    bench.kz.submits(indicator(), tlp="green")
    bench.node.adds(indicator(), tlp="green")
    bench.sync()
    before = link.peer(bench.node.world, "centre")
    assert before.pulled
    assert before.pushed
    after = link.change_peer(bench.node.world, "centre", token="another", push=False, url=before.url)
    assert after == msgspec.structs.replace(before, token="another", push=False) == link.peer(bench.node.world, "centre")
    moved = link.change_peer(bench.node.world, "centre", url="https://elsewhere.example/taxii2/", token="other")
    with pytest.raises(SenderFault, match="not for another"):
        link.change_peer(bench.node.world, "centre", url="https://third.example/taxii2/")
    assert (moved.pulled, moved.pushed, moved.waiting, moved.token) == ("", 0, -1, "other")
    said = [entry for entry in bench.node.log() if entry.kind == "peer"]
    assert [entry.detail.get("changed") for entry in said[1:]] == [["token", "push"], ["url", "token"]]
    assert "another" not in repr(said)


def test_a_change_needs_a_peer_and_a_url_that_does_not_leak(bench: Bench) -> None:
    bench.link()
    entries = len(bench.node.log())
    with pytest.raises(SenderFault):
        link.change_peer(bench.node.world, "centre", url="http://elsewhere.example/", token="other")
    with pytest.raises(NotFound):
        link.change_peer(bench.node.world, "nobody", push=True)
    with pytest.raises(NotFound):
        link.remove_peer(bench.node.world, "nobody")
    assert len(bench.node.log()) == entries


def test_a_removed_peer_is_gone_and_what_came_from_it_stays(bench: Bench) -> None:
    bench.link()
    bench.kz.submits(indicator(), tlp="green")
    bench.sync()
    link.remove_peer(bench.node.world, "centre")
    assert link.peers(bench.node.world) == []
    assert len(bench.node.holds()) == 1
    last = bench.node.log()[-1]
    assert (last.kind, last.detail["removed"]) == ("peer", True)


def test_an_exchange_neither_undoes_a_change_made_meanwhile_nor_brings_a_removed_peer_back(bench: Bench) -> None:
    bench.link()
    bench.kz.submits(indicator(), tlp="green")

    def during(change: Callable[[], Any]) -> Callable[[httpx2.Request], httpx2.Response]:
        def carry(request: httpx2.Request) -> httpx2.Response:
            given = bench._carry(request)
            if request.url.path.endswith("/objects/"):
                change()
            return given

        return carry

    kept = link.peer(bench.node.world, "centre").token
    bench.node.sync(during(lambda: link.change_peer(bench.node.world, "centre", push=True)))
    assert link.peer(bench.node.world, "centre").push
    assert bench.node.pulled
    bench.kz.submits(indicator(), tlp="green")
    with pytest.raises(Conflict, match="another URL"):
        bench.node.sync(during(lambda: link.change_peer(bench.node.world, "centre", url=f"{HOST}/other/", token="other")))
    assert bench.node.pulled == ""
    link.change_peer(bench.node.world, "centre", url="http://localhost/taxii2/", push=False, token=kept)
    with pytest.raises(NotFound):
        bench.node.sync(during(lambda: link.remove_peer(bench.node.world, "centre")))
    assert link.peers(bench.node.world) == []
