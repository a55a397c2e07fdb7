"""Three nodes in processes of their own, linked: what their body decides holds everywhere within seconds."""

from __future__ import annotations

import json
import time

import pytest

from comity.node import open_node
from comity.peer.unconfirmed import last
from tests.consortium import MEMBERS, indicator
from tests.running import free_port, running, until

pytestmark = pytest.mark.loop


@pytest.fixture
def linked(comity, tmp_path):
    """A centre that makes the rules, and the nodes of KZ and UZ, which have nothing but their keys and an invitation."""
    (tmp_path / "a.toml").write_text(MEMBERS)
    comity("init", "--party", "SCO-CENTRE", "--standing", "partner", node="centre")
    comity("agreement", "add", "a.toml", node="centre")
    for code in ("KZ", "UZ"):
        comity("party", "add", "--party", code, "--body", "sco", "--standing", "member", "--from", "2001-06-15", node="centre")
        comity("init", "--party", code, node=code)
    port = free_port()
    with running(tmp_path / "centre", port), running(tmp_path / "KZ"), running(tmp_path / "UZ"):
        for code in ("KZ", "UZ"):
            url = f"https://127.0.0.1:{port}/"
            comity("peer", "invite", "--party", code, "--url", url, "--rules", "--out", f"{code}.invitation", node="centre")
            comity("peer", "join", f"{code}.invitation", "--name", "centre", node=code)
        yield tmp_path


def adds(comity, folder, node: str) -> str:
    obj = indicator()
    bundle = {"type": "bundle", "id": "bundle--00000000-0000-4000-8000-000000000001", "objects": [obj]}
    (folder / "i.json").write_text(json.dumps(bundle))
    comity("add", "i.json", "--tlp", "amber", node=node)
    return str(obj["id"])


def has(comity, node: str, id_: str) -> bool:
    return bool(comity("get", id_, node=node, code=None).stdout)


def test_rules_and_items_arrive_and_a_suspension_cuts_within_5_seconds(comity, linked):
    # The rules come from the centre: neither member was given any.
    until(lambda: all(b"test@1" in comity("agreement", "list", node=code).stdout for code in ("KZ", "UZ")), 20)
    first = adds(comity, linked, "KZ")
    assert until(lambda: has(comity, "UZ", first), 15) < 6

    began = time.monotonic()
    comity("party", "add", "--party", "UZ", "--body", "sco", "--standing", "suspended", "--from", "2021-01-01", node="centre")
    decided = time.monotonic()
    until(lambda: b'"suspended"' in comity("party", "list", node="KZ").stdout, 5 + (decided - began))
    assert time.monotonic() - decided < 5
    second = adds(comity, linked, "KZ")
    until(lambda: json.loads(comity("peer", "status", "kz", node="centre").stdout)["applied"] >= 2, 10)
    time.sleep(3)
    assert not has(comity, "UZ", second)
    world = open_node(linked / "KZ")
    assert last(world) is not None, "a server looks for what is unconfirmed"
    world.store.close()
    assert b'"suspended"' in comity("party", "list", node="UZ").stdout


def test_nothing_is_written_while_nothing_is_new(comity, linked):
    adds(comity, linked, "KZ")
    until(lambda: all(b"test@1" in comity("agreement", "list", node=code).stdout for code in ("KZ", "UZ")), 20)
    time.sleep(4)
    before = [comity("log", "head", node=node).stdout for node in ("centre", "KZ", "UZ")]
    time.sleep(4)
    assert [comity("log", "head", node=node).stdout for node in ("centre", "KZ", "UZ")] == before
