"""A link to a MISP as a whole: over real connections, by the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from comity import samples
from comity.errors import NotAuthenticated, PeerFault
from comity.peer import book, link, misp
from comity.peer.report import Report
from tests.consortium import indicator, report
from tests.peer.misp_standin import KEY, URL, StandIn, attribute
from tests.peer.nodes import Node


def linked(**more: Any) -> Node:
    node = Node("KZ")
    node.link(url=URL, token=KEY, party="UZ", kind="misp", **more)
    return node


def test_a_look_says_as_whom_we_are_known() -> None:
    node, there = linked(), StandIn()
    found = misp.look(book.peer(node.world, "centre"), there.transport())
    assert found == {"collection": "MISP 2.5.34, as KZ", "news": False}
    book.change_peer(node.world, "centre", pull=False)
    assert misp.look(book.peer(node.world, "centre"), there.transport())["news"] is None


def test_both_ways_as_the_peer_is_set_up_push_first() -> None:
    there = StandIn()
    there.holds(attribute())
    for push, pull in ((True, False), (False, True)):
        node = linked(push=push, pull=pull)
        node.adds(indicator(), tlp="green")
        found = Report(peer="centre", pulled={}, pushed={}, problems=[])
        misp.exchange(node.desk, book.peer(node.world, "centre"), found, None, there.transport())
        assert (bool(found.pushed), bool(found.pulled)) == (push, pull)


def test_however_it_ends_is_kept_with_the_peer() -> None:
    there = StandIn()
    with there.serving() as url:
        node = Node("KZ")
        node.link(url=url, token=KEY, party="UZ", kind="misp")
        there.holds(attribute())
        assert link.sync(node.desk, "centre").pulled == {"accepted": 3}
        assert link.look(node.world, "centre")["server"] == "answers"
        book.change_peer(node.world, "centre", token="w" * 40)
        with pytest.raises(NotAuthenticated):
            link.sync(node.desk, "centre")
        assert "refused the key" in book.peer(node.world, "centre").result
        assert "check the key" in link.look(node.world, "centre")["server"]
    with pytest.raises(PeerFault, match="cannot reach"):
        link.sync(node.desk, "centre")


@pytest.mark.loop
def test_the_command_line_links_a_misp_both_ways(tmp_path: Path, comity: Any) -> None:
    there = StandIn()
    event = there.holds(attribute(), Tag=[{"name": "tlp:green"}])

    def run(*words: str, code: int = 0) -> list[Any]:
        done = comity(*words, code=code)
        assert KEY.encode() not in done.stdout + done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()] if words[0] in ("peer", "sync") else []

    one = indicator(pattern="[domain-name:value = 'ours.example']")
    (tmp_path / "bundle.json").write_text(json.dumps({"type": "bundle", "objects": [one, report(one["id"])]}))
    (tmp_path / "agreement.toml").write_bytes(samples.read("sco-ict-sample.toml"))
    (tmp_path / "key").write_text(f"{KEY}\n")
    run("init", "--party", "KZ", "--body", "sco")
    run("party", "add", "--party", "UZ", "--body", "sco", "--standing", "member", "--from", "2001-06-15")
    run("agreement", "add", "agreement.toml")
    run("add", "bundle.json", "--tlp", "green")
    with there.serving() as url:
        run("peer", "add", "partner", "--misp", url, "--party", "UZ", "--key-file", "key", "--push")
        (looked,) = run("peer", "status", "partner")
        assert (looked["server"], looked["collection"], looked["news"]) == ("answers", "MISP 2.5.34, as KZ", True)
        (done,) = run("sync", "partner")
        assert (done["pushed"], done["pulled"], done["problems"]) == ({"added": 1}, {"accepted": 3}, 0)
        (done,) = run("sync")
        assert (done["pushed"], done["pulled"]) == ({}, {})
    assert [found["value"] for each in there.events.values() for found in each["Attribute"]] == ["bad.example", "ours.example"]
    run("get", f"report--{event['uuid']}")
    run("sync", code=7)
