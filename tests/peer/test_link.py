"""Two nodes in memory and a link between them: what is pulled, what is pushed, what stays; and plain TAXII servers beside them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import httpx2
import msgspec
import pytest
from starlette.testclient import TestClient

from comity.admin import logbook
from comity.admin.tokens import create
from comity.clock import now
from comity.config import Settings
from comity.doors.site import site
from comity.errors import Conflict, NotAuthenticated, NotFound, PeerFault, SenderFault
from comity.intake.submit import submit
from comity.ledger.journal import Journal, read_entry
from comity.ledger.keys import LogKey
from comity.node import scratch_world
from comity.peer import link
from comity.peer.link import Peer, Report
from comity.peer.taxii_client import TaxiiClient
from comity.release.desk import Desk
from comity.release.holdings import own_reader
from comity.release.select import Query
from comity.rulebook import Rulebook
from comity.store import open_store
from comity.terms.item import Envelope
from comity.terms.stix import COMITY_EXTENSION
from comity.terms.tlp import TLP2_IDS
from comity.world import World
from tests.consortium import Body, Member, Ticking, drafts, indicator, sdo
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

    def link(self, **more: Any) -> None:
        scopes = ("taxii:read", "taxii:write")
        _, token = create(self.body.world, party="UZ", scopes=scopes, expires=self.body.clock() + timedelta(days=1), tlp="amber")
        self.node.link(url="http://localhost/taxii2/", token=token, **more)

    def sync(self) -> Report:
        return self.node.sync(self._carry)

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
    """A member's own node."""

    def __init__(self, party: str) -> None:
        store = open_store("memory:")
        journal = Journal(LogKey.generate(f"comity.example/{party}"), f"comity.example/{party}")
        settings = Settings(party=party, name=party, body="sco")
        self.world = World(store=store, journal=journal, rulebook=Rulebook(store), clock=Ticking(now()), settings=settings)
        self.desk = Desk(self.world)
        self.me = Member(Body(), party)
        self.me.body.world, self.me.body.desk = self.world, self.desk

    def link(self, *, url: str, token: str = "secret", party: str = "SCO-CENTRE", **more: Any) -> None:
        link.add_peer(self.world, Peer(name="centre", party=party, url=url, user=self.world.settings.party, token=token, **more))

    def sync(self, carry: Any) -> Report:
        waits: list[float] = []
        client = TaxiiClient(*self._words(), transport=httpx2.MockTransport(carry), wait=waits.append)
        try:
            return link.sync(self.desk, "centre", client)
        finally:
            client.close()

    def _words(self) -> tuple[str, str]:
        kept = link.peer(self.world, "centre")
        return kept.user, kept.token

    def holds(self) -> dict[str, tuple[str, Envelope]]:
        """id -> (origin, envelope) of everything here."""
        page = self.desk.page(own_reader(self.desk), Query(limit=10_000, versions=("all",)))
        envelopes = self.world.store.envelopes([row.item for _, row in page.found])
        return {row.id: (row.origin, msgspec.json.decode(envelopes[row.item], type=Envelope)) for _, row in page.found}

    @property
    def pulled(self) -> str:
        return link.peer(self.world, "centre").pulled


@pytest.fixture
def bench() -> Iterator[Bench]:
    yield Bench()


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
    keep = link._keep

    def stopped(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(link, "_keep", stopped)
    with pytest.raises(KeyboardInterrupt):
        bench.sync()
    assert (len(bench.node.holds()), bench.node.pulled) == (3, "")
    monkeypatch.setattr(link, "_keep", keep)
    assert bench.sync().pulled == {"duplicate": 3}
    assert len(bench.node.holds()) == 3


def test_a_cut_among_objects_of_one_moment_loses_none() -> None:
    """A server that stamps a whole post alike: going on after that moment would skip the rest of it."""
    server, node = Server(page=2), Node("UZ")
    objects = [indicator() for _ in range(7)]
    server.add(T[0], *objects[:1])
    server.add(T[1], *objects[1:])
    node.link(url=f"{HOST}/taxii2/")
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
    node.link(url=f"{HOST}/taxii2/", pulled=T[3])
    node.sync(server)
    assert node.pulled == T[5]
    server.held = [(T[9], indicator())]
    back = answer({"objects": [indicator()]}, **{"X-TAXII-Date-Added-Last": T[2]})
    report = node.sync(lambda r: back if r.url.path.endswith("/objects/") else server(r))
    assert report.pulled == {"accepted": 1}
    assert node.pulled == T[5]


def test_what_cannot_be_taken_is_said_and_the_rest_is_taken() -> None:
    server, node = Server(page=10), Node("UZ")
    agreement = sdo("comity-agreement", extensions={COMITY_EXTENSION: {"extension_type": "new-sdo"}})
    good, person = indicator(), sdo("identity", name="A. Person", identity_class="individual")
    server.add(T[0], agreement, good, person, {"type": "nonsense"})
    node.link(url=f"{HOST}/taxii2/")
    report = node.sync(server)
    assert report.pulled == {"accepted": 1, "quarantined": 1, "rejected": 2}
    assert len(report.problems) == 2
    assert any("never from a submission" in problem for problem in report.problems)
    assert (good["id"] in node.holds(), agreement["id"] in node.holds()) == (True, False)


def test_a_server_that_repeats_itself_is_told_of_and_what_came_is_kept(bench: Bench) -> None:
    server, node = Server(), Node("UZ")
    obj = indicator()
    node.link(url=f"{HOST}/taxii2/")
    same = answer({"more": True, "next": "a", "objects": [obj]}, **{"X-TAXII-Date-Added-Last": T[0]})
    with pytest.raises(PeerFault, match="again and again"):
        node.sync(lambda r: httpx2.Response(200, headers=same.headers, content=same.content) if r.url.path.endswith("/objects/") else server(r))
    assert set(node.holds()) == {obj["id"]}


# Pushing


def test_a_push_says_what_the_origin_said_and_happens_once(bench: Bench) -> None:
    bench.link(push=True, pull=False)
    plain, narrow = indicator(), indicator()
    bench.node.me.submits(plain, tlp="green")
    bench.node.me.submits(narrow, tlp="amber", to=("KZ",), handling=("H1",))
    assert bench.sync().pushed == {"taken": 2, "refused": 0}
    (post,) = [json.loads(r.content) for r in bench.requests if r.method == "POST"]
    assert [said["tlp"] for said in post["comity_envelopes"]] == ["green", "amber"]
    store = bench.body.world.store
    rows = store.by_id([plain["id"], narrow["id"]])
    envelopes = [msgspec.json.decode(raw, type=Envelope) for raw in store.envelopes([row.item for row in rows]).values()]
    assert [(e.origin, e.tlp, e.to, e.handling) for e in envelopes] == [("UZ", "green", None, ()), ("UZ", "amber", ("KZ",), ("H1",))]
    again = bench.sync()
    assert (again.pushed, again.problems) == ({}, [])
    assert sum(r.method == "POST" for r in bench.requests) == 1


def test_what_is_pulled_is_not_pushed_back(bench: Bench) -> None:
    bench.link(push=True)
    bench.kz.submits(indicator(), tlp="green")
    bench.sync()
    bench.sync()
    assert not any(r.method == "POST" for r in bench.requests)


def test_some_things_never_leave(bench: Bench) -> None:
    bench.link(push=True, pull=False)
    bench.node.me.submits(indicator(), tlp="green", to=())
    bench.node.me.submits(sdo("identity", name="A. Person", identity_class="individual"), tlp="green")
    bench.node.me.submits(indicator(), tlp="green", purposes=("administration",))
    report = bench.sync()
    assert (report.pushed, report.problems) == ({}, [])
    assert not any(r.method == "POST" for r in bench.requests)
    assert bench.sync().pushed == {}


def test_an_item_of_an_exercise_never_leaves_for_the_real_world() -> None:
    envelope = Envelope(origin="UZ", realm="exercise-1")
    assert link._stays(envelope, b"{}", Server_understands) == ""


Server_understands = link.Collection(root=f"{HOST}/", id="x", understands=True)


def test_a_server_that_knows_no_envelopes_is_sent_none_and_only_what_the_object_says_itself() -> None:
    server, node = Server(), Node("UZ")
    node.link(url=f"{HOST}/taxii2/", party="KZ", push=True, pull=False)
    marked = indicator(object_marking_refs=[GREEN])
    node.me.submits(marked)
    kept = [indicator(), indicator(object_marking_refs=[GREEN]), indicator(object_marking_refs=[GREEN]), indicator(object_marking_refs=[RED])]
    # draft markings are read from the bytes, as from a file
    outcomes = _submits_as_read(node, marked, *kept[:1])
    assert set(outcomes) <= {"accepted", "duplicate"}
    _submits_as_read(node, kept[1], to=("KZ",))
    _submits_as_read(node, kept[2], handling=("H1",))
    _submits_as_read(node, kept[3])
    report = node.sync(server)
    assert [obj["id"] for post in server.posts for obj in post["objects"]] == [marked["id"]]
    assert all("comity_envelopes" not in post for post in server.posts)
    assert report.pushed == {"taken": 1, "refused": 0, "kept here": 4}
    assert {problem.partition(":")[0] for problem in report.problems} == ids(kept)
    assert node.sync(server).pushed == {}


def _submits_as_read(node: Node, *objects: dict[str, Any], **options: Any) -> list[str]:
    from comity.forms import stix_json
    from comity.intake.submit import Submitter

    raw = json.dumps({"type": "bundle", "objects": list(objects)}).encode()
    return [outcome.outcome for outcome in submit(node.world, stix_json.read(raw), Submitter(party="UZ", **options))]
