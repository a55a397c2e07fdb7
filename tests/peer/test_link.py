"""Whole exchanges, and the choice of a collection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from comity.errors import Conflict, NotAuthenticated, NotFound, PeerFault
from comity.peer import book, link
from comity.peer.book import Peer
from comity.peer.report import Report
from comity.peer.taxii_client import Collection, TaxiiClient
from tests.consortium import indicator, sighting
from tests.peer.nodes import Bench
from tests.peer.stub import HOST


@pytest.fixture
def bench() -> Bench:
    return Bench()


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

    kept = book.peer(bench.node.world, "centre").token
    bench.node.sync(during(lambda: book.change_peer(bench.node.world, "centre", push=True)))
    assert book.peer(bench.node.world, "centre").push
    assert bench.node.pulled
    bench.kz.submits(indicator(), tlp="green")
    with pytest.raises(Conflict, match="another URL"):
        bench.node.sync(during(lambda: book.change_peer(bench.node.world, "centre", url=f"{HOST}/other/", token="other")))
    assert bench.node.pulled == ""
    book.change_peer(bench.node.world, "centre", url="http://localhost/taxii2/", push=False, token=kept)
    with pytest.raises(NotFound):
        bench.node.sync(during(lambda: book.remove_peer(bench.node.world, "centre")))
    assert book.peers(bench.node.world) == []


# The choice of a collection, and a look


def collection(id_: str, alias: str = "", *, read: bool = True, write: bool = False) -> Collection:
    return Collection(root=f"{HOST}/api/", id=id_, alias=alias, title=id_.upper(), can_read=read, can_write=write)


def picked(offered: list[Collection], way: link.Way, **more: Any) -> str:
    kept = Peer(**{"name": "p", "party": "KZ", "url": f"{HOST}/taxii2/", "user": "u", "token": "t", **more})
    return link.chosen(kept, offered, way).id


def test_the_collection_of_a_comity_node_is_known_by_its_alias() -> None:
    offered = [collection("a", "exchange", write=True), collection("b", "shared"), collection("c")]
    assert picked(offered, "pull") == "b"
    assert picked(offered, "push") == "a"


def test_the_only_one_that_fits_needs_no_name_and_of_several_one_must_be_named() -> None:
    one, two, drop = collection("a"), collection("b", "bee"), collection("c", read=False, write=True)
    assert picked([one, drop], "pull") == "a"
    assert picked([one, two, drop], "push") == "c"
    with pytest.raises(PeerFault, match=r"2 collections that may be read: a \(A\), b \(bee\)") as fault:
        picked([one, two, drop], "pull")
    assert fault.value.next == "comity peer set p --collection ID"
    for name in ("b", "bee"):
        assert picked([one, two, drop], "pull", collection=name) == "b"
        assert picked([one, two, drop], "pull", url=f"{HOST}/api/collections/{name}/") == "b"
    with pytest.raises(PeerFault, match="no collection 'z' that may be read, but a"):
        picked([one, two], "pull", collection="z")


def test_a_collection_that_is_named_is_posted_to_if_it_may_be() -> None:
    both, only, drop = collection("a", write=True), collection("b"), collection("c", read=False, write=True)
    assert picked([both, only, drop], "push", collection="a") == "a"
    assert picked([only, drop], "push", collection="b") == "c"
    assert picked([both, only, drop], "push", collection="b", push_collection="c") == "c"
    with pytest.raises(PeerFault, match="may be written to") as fault:
        picked([both, drop], "push")
    assert "--push-collection" in fault.value.next
    with pytest.raises(PeerFault, match="no collection 'b' that may be written to"):
        picked([both, only, drop], "push", push_collection="b")
    with pytest.raises(PeerFault, match="no collection that may be written to"):
        picked([only], "push")


def test_one_way_alone(bench: Bench) -> None:
    bench.link(push=True, pull=False)
    bench.kz.submits(indicator(), tlp="green")
    bench.node.adds(indicator(), tlp="green")
    kept = book.peer(bench.node.world, "centre")

    def once(way: link.Way | None) -> Report:
        client = TaxiiClient(kept.user, kept.token, transport=httpx2.MockTransport(bench._carry))
        return link.sync(bench.node.desk, "centre", client, way)

    report = once("pull")
    assert (report.pulled, report.pushed) == ({"accepted": 1}, {})
    report = once("push")
    assert (report.pulled, report.pushed) == ({}, {"taken": 1, "refused": 0})


def test_a_look_says_what_there_is_and_changes_nothing(bench: Bench) -> None:
    bench.link(push=True)
    bench.kz.submits(indicator(), tlp="green")
    kept = book.peer(bench.node.world, "centre")

    def look() -> dict[str, Any]:
        client = TaxiiClient(kept.user, kept.token, transport=httpx2.MockTransport(bench._carry))
        return link.look(bench.node.world, "centre", client)

    found = look()
    assert (found["server"], found["news"]) == ("answers", True)
    assert found["collection"] != found["push_collection"]
    assert book.peer(bench.node.world, "centre") == kept
    assert bench.node.holds() == {}
    bench.sync()
    assert look()["news"] is False
    assert look()["result"] == "ok"
    assert kept.token not in str(look())


def test_a_look_at_a_server_that_is_wrong_says_so_and_so_does_an_exchange(bench: Bench) -> None:
    bench.node.link(url="http://localhost/taxii2/", token="cmt_00000000_00")
    client = TaxiiClient("UZ", "x", transport=httpx2.MockTransport(bench._carry))
    assert "refused the token" in link.look(bench.node.world, "centre", client)["server"]
    with pytest.raises(NotAuthenticated):
        bench.sync()
    assert "refused the token" in book.peer(bench.node.world, "centre").result
