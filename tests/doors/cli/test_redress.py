"""`comity redress` on the command line."""

from __future__ import annotations

import json

import pytest

from comity.config import Settings
from comity.intake.submit import Submitter, submit
from comity.node import create_node
from tests.consortium import drafts, indicator

WRONG = indicator()


@pytest.fixture
def node(comity, tmp_path):
    world = create_node(tmp_path / "node", Settings(party="KZ", name="kz", body="sco"), "member")
    list(submit(world, drafts([WRONG]), Submitter(party="KZ")))
    world.store.close()
    return comity


def test_from_the_ticket_to_the_recall(node):
    made = json.loads(node("redress", "open", "--about", WRONG["id"], "--by", "hotline 12").stdout)
    assert made["state"] == "open"
    done = node("redress", "answer", made["ticket"], "--decision", "erased", "--text", "it named a customer")
    assert json.loads(done.stdout)["gone"] == ["KZ"] and b"comity recall show" in done.stderr
    assert json.loads(node("redress", "list").stdout)["state"] == "erased"
    assert b"it named a customer" in node("redress", "show", made["ticket"], "-o", "table").stdout
    assert json.loads(node("recall", "list").stdout)["id"] == WRONG["id"]
    node("redress", "show", "rdr_000000000000", code=3)
    assert node("fsck").stdout.strip() in (b"", b"sound")
