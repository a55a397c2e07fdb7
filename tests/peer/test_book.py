"""What is kept of a peer, and how it is changed."""

from __future__ import annotations

import msgspec
import pytest

from comity.errors import Conflict, NotFound, SenderFault
from comity.peer import book
from tests.consortium import indicator
from tests.peer.nodes import Bench, Node, T


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_peer_is_kept_and_shown_without_its_token() -> None:
    node = Node("UZ")
    node.link()
    (kept,) = book.peers(node.world)
    assert kept == book.peer(node.world, "centre")
    assert "secret" not in str(book.describe(kept))
    assert (book.describe(kept)["pulled"], book.describe(kept)["pushed"]) == ("", "")
    assert book.describe(msgspec.structs.replace(kept, pushed=1))["pushed"] == "1970-01-01T00:00:00.000001Z"
    entry = node.log()[-1]
    assert (entry.kind, entry.party) == ("peer", "SCO-CENTRE")
    assert "secret" not in str(entry)
    with pytest.raises(Conflict):
        node.link()
    with pytest.raises(SenderFault, match="in the clear"):
        book.add_peer(node.world, msgspec.structs.replace(kept, name="other", url="http://peer.example/"))
    with pytest.raises(NotFound):
        book.peer(node.world, "other")
    assert [entry.kind for entry in node.log()] == ["govern", "govern", "peer"]


def test_a_change_keeps_how_far_the_exchange_has_come_unless_it_leads_elsewhere(bench: Bench) -> None:
    bench.link(push=True)
    bench.kz.submits(indicator(), tlp="green")
    bench.node.adds(indicator(), tlp="green")
    bench.sync()
    before = book.peer(bench.node.world, "centre")
    assert before.pulled
    assert before.pushed
    after = book.change_peer(bench.node.world, "centre", token="another", push=False, url=before.url)
    assert after == msgspec.structs.replace(before, token="another", push=False) == book.peer(bench.node.world, "centre")
    moved = book.change_peer(bench.node.world, "centre", url="https://elsewhere.example/taxii2/", token="other")
    with pytest.raises(SenderFault, match="not for another"):
        book.change_peer(bench.node.world, "centre", url="https://third.example/taxii2/")
    assert (moved.pulled, moved.pushed, moved.waiting, moved.token) == ("", 0, -1, "other")
    said = [entry for entry in bench.node.log() if entry.kind == "peer"]
    assert [entry.detail.get("changed") for entry in said[1:]] == [["token", "push"], ["url", "token"]]
    assert "another" not in repr(said)


def test_a_change_needs_a_peer_and_a_url_that_does_not_leak(bench: Bench) -> None:
    bench.link()
    entries = len(bench.node.log())
    with pytest.raises(SenderFault):
        book.change_peer(bench.node.world, "centre", url="http://elsewhere.example/", token="other")
    with pytest.raises(NotFound):
        book.change_peer(bench.node.world, "nobody", push=True)
    with pytest.raises(NotFound):
        book.remove_peer(bench.node.world, "nobody")
    assert len(bench.node.log()) == entries


def test_a_removed_peer_is_gone_and_what_came_from_it_stays(bench: Bench) -> None:
    bench.link()
    bench.kz.submits(indicator(), tlp="green")
    bench.sync()
    book.remove_peer(bench.node.world, "centre")
    assert book.peers(bench.node.world) == []
    assert len(bench.node.holds()) == 1
    last = bench.node.log()[-1]
    assert (last.kind, last.detail["removed"]) == ("peer", True)


def test_another_collection_begins_anew_in_its_own_way_only() -> None:
    node = Node("UZ")
    node.link(push=True, pulled=T[3], pushed=5)
    before = book.peer(node.world, "centre")
    assert book.change_peer(node.world, "centre", user="other", collection="") == msgspec.structs.replace(before, user="other")
    pulls = book.change_peer(node.world, "centre", collection="x")
    assert (pulls.pulled, pulls.pushed) == ("", 5)
    posts = book.change_peer(node.world, "centre", push_collection="y")
    assert (posts.pulled, posts.pushed) == ("", 0)
    with pytest.raises(Conflict, match="another URL or collection"):
        book.advance(node.world, pulls, pulled=T[1])


def test_a_peers_authority_is_one() -> None:
    node = Node("UZ")
    with pytest.raises(SenderFault, match="no certificate"):
        node.link(ca="nonsense")
    node.link()
    with pytest.raises(SenderFault, match="no certificate"):
        book.change_peer(node.world, "centre", ca="nonsense")


def test_plain_http_is_kept_only_where_it_is_named() -> None:
    node = Node("UZ")
    with pytest.raises(SenderFault, match="in the clear"):
        node.link(url="http://peer.example/taxii2/")
    node.link(url="http://peer.example/taxii2/", insecure_http=True)
    book.change_peer(node.world, "centre", push=True)


def test_how_an_exchange_ended_is_kept_unless_the_peer_is_gone() -> None:
    node = Node("UZ")
    node.link()
    book.note_result(node.world, "centre", "x" * 1_000)
    kept = book.describe(book.peer(node.world, "centre"))
    assert len(kept["result"]) == 500
    assert kept["tried"] > "2020"
    book.remove_peer(node.world, "centre")
    book.note_result(node.world, "centre", "ok")
    assert book.peers(node.world) == []


def test_a_place_is_kept_only_forward() -> None:
    node = Node("UZ")
    node.link()
    kept = book.peer(node.world, "centre")
    for pulled, reached in (
        (T[4], T[4]),
        (T[2], T[4]),
        (None, T[4]),
        (T[5].replace(".000000", ""), T[5].replace(".000000", "")),
        (T[5], T[5]),
    ):
        kept = book.forward(node.world, kept, pulled)
        assert kept.pulled in (reached, T[5].replace(".000000", ""))
        assert book.peer(node.world, "centre").pulled == kept.pulled
