"""`comity get` and `comity search`."""

from __future__ import annotations

import json

import pytest

from comity import node
from comity.intake.submit import Submitter, submit
from tests.consortium import drafts, indicator


@pytest.fixture
def held(comity, tmp_path):
    comity("init", "--party", "KZ")
    item = indicator(pattern="[domain-name:value = 'bad.example']", name="one")
    (tmp_path / "a.json").write_text(json.dumps(item, indent=1))
    comity("add", "a.json")
    return comity, item, tmp_path


def test_get_prints_the_very_bytes(held):
    comity, item, folder = held
    assert comity("get", item["id"]).stdout.rstrip(b"\n") == (folder / "a.json").read_bytes()
    assert json.loads(comity("get", f"{item['id']}@{item['modified']}").stdout) == item
    comity("get", f"{item['id']}@2001-01-01T00:00:00Z", code=3)


def test_hidden_and_absent_are_told_apart_by_nothing(held, tmp_path):
    comity, _, _ = held
    hidden = indicator()
    (tmp_path / "h.json").write_text(json.dumps(hidden))
    comity("add", "h.json", "--as", "UZ")
    absent = "indicator--00000000-0000-4000-8000-00000000ffff"
    one, other = comity("get", hidden["id"], code=3), comity("get", absent, code=3)
    assert one.stdout == other.stdout == b""
    assert one.stderr.replace(hidden["id"].encode(), b"") == other.stderr.replace(absent.encode(), b"")


@pytest.mark.parametrize("query", ["bad.example", "BAD[.]example", "hxxp://x.example/", "indicator"])
def test_search(held, query):
    comity, item, _ = held
    found = comity("search", query if query != "indicator" else item["id"], code=3 if query.startswith("hxxp") else 0)
    assert (item["id"].encode() in found.stdout) == (not query.startswith("hxxp"))


def test_g2_a_purpose_that_an_object_was_not_shared_for_is_refused(held, tmp_path):
    """Of what came from others: get, search and export check what is declared, and the refusal stands on record."""
    comity, own, _ = held
    world = node.open_node(tmp_path / "node")
    item = indicator(pattern="[domain-name:value = 'theirs.example']")
    list(submit(world, drafts([item]), Submitter(party="UZ", purposes=("network-defence",), received_from="SCO-CENTRE")))
    world.store.close()
    for command in (("get", item["id"]), ("search", "theirs.example"), ("export", "misp", item["id"])):
        assert comity(*command).stdout
        assert comity(*command, "--purpose", "network-defence").stdout
        refused = comity(*command, "--purpose", "training", code=4)
        assert refused.stdout == b""
        assert b"not shared with KZ for training" in refused.stderr
        assert b"it was shared for network-defence" in refused.stderr
        comity(*command, "--purpose", "snooping", code=2)
    comity("get", "indicator--00000000-0000-4000-8000-000000000000", "--purpose", "training", code=3)
    assert comity("get", own["id"], "--purpose", "training").stdout
    said = json.loads(comity("why", item["id"], "KZ").stdout)
    assert [(each["purposes"], each["times"]) for each in said["refusals"]] == [(["training"], 3)]
    text = comity("why", item["id"], "KZ", "-o", "table").stdout.decode()
    assert "when asked for training, 3 times in all: it was not shared for that." in text
    (row,) = [row for row in map(json.loads, comity("audience", item["id"]).stdout.splitlines()) if row["party"] == "KZ"]
    assert row["refused"]
    comity("fsck")
