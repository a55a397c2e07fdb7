"""The log's pages."""

from __future__ import annotations

import base64

import pytest

from comity.doors.web.screens.log import steps
from comity.ledger.erasure import erase_entry
from comity.ledger.leaf import entry_hash
from comity.ledger.merkle import inclusion_proof, root
from comity.ledger.note import open_note
from tests.consortium import indicator
from tests.doors.web.visitor import Visitor, body_that_reads


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 13])
def test_the_steps_lead_to_the_root(size):
    leaves = [bytes([number]) * 32 for number in range(size)]
    for index in range(size):
        path = inclusion_proof(leaves, index)
        found = steps(leaves[index], index, size, path)
        assert [step["hash"] for step in found] == [part.hex() for part in path]
        assert (found[-1]["result"] if found else leaves[0].hex()) == root(leaves).hex()


def test_an_entry_can_be_checked_from_its_page_alone():
    body, kz = body_that_reads()
    kz.submits(indicator())
    visitor = Visitor(body)
    for index in range(body.world.store.head().size):
        data = visitor.data(f"/log/{index}.json")
        assert entry_hash(bytes.fromhex(data["salt"]), data["canonical"].encode()).hex() == data["leaf"]
        checkpoint = open_note(data["checkpoint"].encode(), (body.world.journal.verifier,))
        assert (checkpoint.size, checkpoint.root.hex()) == (data["size"], data["root"])
        assert data["steps"][-1]["result"] == data["root"]
        assert base64.b64decode(data["proof"]["checkpoint"]).decode() == data["checkpoint"]


def test_an_erased_entry_is_named_as_such():
    body, kz = body_that_reads()
    kz.submits(indicator())
    visitor = Visitor(body)
    body.world.store._leaves[1] = erase_entry(body.world.store._leaves[1])
    data = visitor.data("/log/1.json")
    assert (data["kind"], data["proof"]) == (None, None)
    assert data["steps"][-1]["result"] == data["root"]
    assert any(entry["kind"] is None for entry in visitor.data("/log.json")["entries"])


def test_the_log_shows_own_reads_as_counts():
    body, kz = body_that_reads()
    kz.submits(indicator(), tlp="green")
    visitor = Visitor(body)
    visitor.data("/.json")
    body.desk.flush()
    newest = visitor.data("/log.json")["entries"][0]
    assert (newest["kind"], newest["reads"]) == ("access", 1)
