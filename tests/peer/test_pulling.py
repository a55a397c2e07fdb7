"""What is pulled, what it counts as, and what a cut leaves behind."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from comity.errors import PeerFault
from comity.peer import book, pulling
from comity.peer.report import Report
from comity.peer.taxii_client import TaxiiClient
from comity.terms.stix import COMITY_EXTENSION
from tests.consortium import indicator, sdo
from tests.peer.nodes import GREEN, Bench, Node, T, ids
from tests.peer.stub import COLLECTION, Server, answer


@pytest.fixture
def bench() -> Bench:
    return Bench()


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


def test_c9_a_repeat_changes_nothing(bench: Bench) -> None:
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


def test_c9_a_cut_repeats_what_it_must_and_loses_nothing(bench: Bench) -> None:
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


def test_c9_a_page_is_kept_before_its_cursor(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped between the two, the page comes again and every object of it is a duplicate."""
    bench.link()
    bench.kz.submits(*(indicator() for _ in range(3)), tlp="green")
    keep = book.advance

    def stopped(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(book, "advance", stopped)
    with pytest.raises(KeyboardInterrupt):
        bench.sync()
    assert (len(bench.node.holds()), bench.node.pulled) == (3, "")
    monkeypatch.setattr(book, "advance", keep)
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


def test_a_spec_version_that_repeats_the_type_is_set_right() -> None:
    """OpenTAXII 0.9 gives out every object so."""
    server, node = Server(page=10), Node("UZ")
    good, wrong = indicator(), indicator()
    server.add(T[0], good, {**wrong, "spec_version": "indicator"}, {**indicator(), "spec_version": "9.9"})
    node.link()
    report = node.sync(server)
    assert report.pulled == {"accepted": 2, "rejected": 1}
    assert set(node.holds()) == ids([good, wrong])
    assert node.sync(server).pulled == {}


def test_what_cannot_be_known_is_a_problem_of_the_report(monkeypatch: pytest.MonkeyPatch) -> None:
    server, node = Server(page=10), Node("UZ")
    node.link()
    body = {"more": True, "objects": [indicator(), indicator()]}
    pages = [answer(body, headers={"X-TAXII-Date-Added-Last": T[1]})] * 3 + [answer({})]
    report = node.sync(lambda r: pages.pop(0) if r.url.path.endswith("/objects/") else server(r))
    assert report.pulled == {"accepted": 2, "duplicate": 4}
    assert any("cannot be known" in problem for problem in report.problems)


def test_an_exchange_that_takes_too_long_stops_between_pages_and_goes_on_the_next_time() -> None:
    server, node = Server(page=2), Node("UZ")
    objects = [indicator() for _ in range(10)]
    for moment, obj in zip(T, objects, strict=False):
        server.add(moment, obj)
    node.link()
    seconds = iter(range(0, 10**9, 10**4))
    report = Report(peer="centre", pulled={}, pushed={}, problems=[])
    client = TaxiiClient("UZ", "x", transport=httpx2.MockTransport(server))
    pulling.pull(node.world, "centre", COLLECTION, client, report, clock=lambda: next(seconds))
    assert report.pulled == {"accepted": 6}
    assert "stopped after" in report.problems[0]
    node.sync(server)
    assert set(node.holds()) == ids(objects)
