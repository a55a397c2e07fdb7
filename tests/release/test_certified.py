"""A decision record can be checked without the node, and nothing in it be changed."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from comity.errors import IntegrityFault
from comity.ledger.journal import read_entry
from comity.ledger.proof import read_proof, verify
from comity.release import explain
from comity.release.certified import PROOF, RECORD, certified
from tests.consortium import Body, indicator


def test_a_record_is_what_the_log_of_the_node_commits_to() -> None:
    body = Body()
    kz, obj = body.member("KZ"), indicator()
    body.member("UZ")
    kz.submits(obj)
    verdicts = explain.audience(body.desk, obj["id"], "sco", ("network-defence",))
    with zipfile.ZipFile(io.BytesIO(certified(body.desk, verdicts, ("network-defence",), by="anna"))) as archive:
        record, proof = archive.read(RECORD), read_proof(archive.read(PROOF))
    said = json.loads(record)
    decided = {each["party"]: each["effect"] for each in said["decisions"]}
    assert decided["UZ"] == "permit" and said["node"] == body.world.journal.origin
    (agreement,) = body.world.rulebook.current()[1].agreements
    assert said["agreements"] == {agreement.ref: agreement.sha256}
    proven = verify(proof, (body.world.journal.verifier,), record)
    assert proven.entry.kind == "record" and proven.checkpoint.size == body.world.store.head().size
    with pytest.raises(IntegrityFault):
        verify(proof, (body.world.journal.verifier,), record.replace(b'"permit"', b'"deny"', 1))
    entries = [read_entry(leaf.entry) for leaf in body.world.store.leaves()]
    assert [entry.count for entry in entries if entry.kind == "record"] == [1]
