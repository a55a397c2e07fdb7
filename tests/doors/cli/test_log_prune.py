"""`comity log prune`, on a node that has disclosed something."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from comity import node, samples
from comity.release.desk import Desk
from comity.release.select import Query
from comity.release.sight import Reader
from tests.consortium import indicator


@pytest.fixture
def centre(comity, tmp_path: Path):
    """A centre from which UZ has read an object of KZ's."""
    comity("init", "--party", "SCO-CENTRE", "--standing", "partner")
    (tmp_path / "a.toml").write_bytes(samples.read("sco-ict-sample.toml"))
    comity("agreement", "add", "a.toml")
    for party in ("KZ", "UZ"):
        comity("party", "add", "--party", party, "--body", "sco", "--standing", "member", "--from", "2001-06-15")
    (tmp_path / "item").write_text(json.dumps(indicator()))
    comity("add", "item", "--as", "KZ")
    world = node.open_node(tmp_path / "node")
    assert Desk(world).page(Reader(party="UZ", body="sco", purposes=("network-defence",)), Query()).found
    world.store.close()
    return comity


def test_old_entries_go_the_log_verifies_and_says_so(centre) -> None:
    tomorrow = ("--before", "2999-01-01")
    assert json.loads(centre("log", "prune", *tomorrow, "--dry-run").stdout) == {"prunable": 1}
    said = json.loads(centre("log", "prune", *tomorrow, "--compact").stdout)
    assert said["pruned"] == 1 and said["bytes"] > 0
    report = json.loads(centre("log", "verify").stdout)
    assert (report["ok"], report["erased"], report["kinds"]["prune"]) == (True, 1, 1)
    assert centre("fsck").stdout == b""
    centre("log", "replay", "--from", "0")
    assert json.loads(centre("log", "prune", "--before", "2000-01-01").stdout)["pruned"] == 0
