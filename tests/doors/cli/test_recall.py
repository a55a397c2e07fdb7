"""`comity recall`: what was withdrawn, and who had received it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from comity import node, samples
from comity.intake.withdraw import withdraw
from comity.release.desk import Desk
from comity.release.select import Query
from comity.release.sight import Reader
from tests.consortium import indicator

ITEM = indicator(id="indicator--11111111-1111-4111-8111-111111111111")
OTHER = indicator(id="indicator--22222222-2222-4222-8222-222222222222")


@pytest.fixture
def centre(comity, tmp_path: Path):
    """A centre from which UZ has read one of KZ's two objects, before KZ withdrew both."""
    comity("init", "--party", "SCO-CENTRE", "--standing", "partner")
    (tmp_path / "a.toml").write_bytes(samples.read("sco-ict-sample.toml"))
    comity("agreement", "add", "a.toml")
    for party in ("KZ", "UZ"):
        comity("party", "add", "--party", party, "--body", "sco", "--standing", "member", "--from", "2001-06-15")
    for name, item in (("item", ITEM), ("other", OTHER)):
        (tmp_path / name).write_text(json.dumps(item))
        comity("add", name, "--as", "KZ")
    world = node.open_node(tmp_path / "node")
    reader = Reader(party="UZ", body="sco", purposes=("network-defence",))
    assert Desk(world).object(reader, Query(ids=(ITEM["id"],))).found
    for item in (ITEM, OTHER):
        assert withdraw(world, "KZ", item["id"], by="token 1")
    world.store.close()
    return comity


def test_list_says_who_had_received_what(centre):
    rows = [json.loads(line) for line in centre("recall", "list").stdout.splitlines()]
    assert [(row["party"], row["id"], row["by"], row["received"], row["told"]) for row in rows] == [
        ("KZ", ITEM["id"], "token 1", ["UZ"], "1 cannot be told"), ("KZ", OTHER["id"], "token 1", [], ""),
    ]  # fmt: skip
    assert b"cannot be told" in centre("recall", "list", "-o", "table").stdout


def test_show_by_object_and_by_recall(centre):
    (row,) = [json.loads(line) for line in centre("recall", "show", ITEM["id"]).stdout.splitlines()]
    assert (row["party"], row["times"], row["told"], row["first"]) == ("UZ", 1, "cannot be told", row["last"])
    assert json.loads(centre("recall", "show", row["recall"]).stdout) == row


def test_nobody_had_it_and_there_is_none(centre):
    done = centre("recall", "show", OTHER["id"])
    assert (done.stdout, b"nobody" in done.stderr) == (b"", True)
    centre("recall", "show", "indicator--33333333-3333-4333-8333-333333333333", code=3)


def test_the_node_is_sound(centre):
    centre("fsck")
    centre("log", "verify")


def test_status_says_of_each_party_what_became_of_it(centre):
    (row,) = [json.loads(line) for line in centre("recall", "status", ITEM["id"]).stdout.splitlines()]
    assert (row["party"], row["state"], row["proven"]) == ("UZ", "cannot be told", False)
    assert b"nobody" in centre("recall", "status", OTHER["id"]).stderr
    centre("recall", "status", "indicator--33333333-3333-4333-8333-333333333333", code=3)


def test_an_own_object_is_taken_back_with_a_reason(centre, tmp_path: Path):
    own = indicator(id="indicator--44444444-4444-4444-8444-444444444444")
    (tmp_path / "own").write_text(json.dumps(own))
    centre("add", "own")
    centre("recall", own["id"], code=2)
    (row,) = [json.loads(line) for line in centre("recall", own["id"], "--reason", "cleaned").stdout.splitlines()]
    assert (row["id"], row["received"]) == (own["id"], [])
    centre("recall", own["id"], "--reason", "cleaned", code=3)
    centre("get", own["id"], code=3)


def test_a_hold_is_for_what_is_here_until_it_ends(centre, tmp_path: Path):
    own = indicator(id="indicator--44444444-4444-4444-8444-444444444444")
    (tmp_path / "own").write_text(json.dumps(own))
    centre("recall", "hold", own["id"], "--reason", "evidence", code=3)
    centre("add", "own")
    centre("recall", "hold", own["id"], "--reason", "evidence")
    centre("recall", "let-go", own["id"])
    centre("recall", "let-go", own["id"], code=3)
