"""How a node's links stand."""

from __future__ import annotations

import pytest

from comity.errors import Fault
from comity.peer import book, feeds
from comity.peer.standing import standings
from tests.consortium import indicator
from tests.peer.nodes import Bench, Node


def test_a_link_before_and_after_an_exchange():
    bench = Bench()
    bench.link(push=True)
    bench.node.adds(indicator(), tlp="green")
    (before,) = standings(bench.node.desk)
    assert (before.name, before.kind, before.party, before.pulls, before.pushes) == ("centre", "taxii", "SCO-CENTRE", True, True)
    assert (before.tried, before.good) == (None, True)
    waiting = before.waiting
    assert waiting is not None
    assert waiting > 0
    bench.sync()
    (after,) = standings(bench.node.desk)
    assert (after.waiting, after.good, after.failures) == (0, True, 0)
    assert after.result.partition(",")[0] == "ok"
    assert after.tried is not None
    bench.node.adds(indicator(), indicator(), tlp="green")
    assert standings(bench.node.desk)[0].waiting == 2


def test_where_nothing_is_pushed_nothing_waits():
    node = Node("UZ")
    node.link()
    assert standings(node.desk)[0].waiting is None


def test_an_exchange_that_failed_is_not_good():
    node = Node("UZ")
    node.link()
    book.note_result(node.world, "centre", "cannot find it")
    (found,) = standings(node.desk)
    assert (found.good, found.result) == (False, "cannot find it")
    for result, good in (("ok", True), ("ok, 3 problems", True), ("okay", False), ("cut off", False)):
        book.note_result(node.world, "centre", result)
        assert standings(node.desk)[0].good is good


def test_feeds_stand_after_peers_and_show_no_key():
    node = Node("UZ")
    node.link()
    feeds.add_feed(node.world, feeds.Feed(name="a-list", url="https://feed.example/list.txt?key=secret", kind="csv", added="x"))
    found = standings(node.desk)
    assert [each.name for each in found] == ["centre", "a-list"]
    assert (found[1].address, found[1].tried, found[1].good) == ("https://feed.example/list.txt", None, True)
    assert "secret" not in repr(found)
    with pytest.raises(Fault):
        feeds.feed(node.world, "other")
