"""The node's own view of its ledger: entries, verification, offline copy, proofs."""

from __future__ import annotations

import msgspec
import pytest

from comity.admin import logbook
from comity.errors import Conflict, IntegrityFault, NotFound, OperatorFault
from comity.intake.govern import add_standing
from comity.ledger import audit, proof
from comity.ledger.erasure import erase_entry
from comity.ledger.journal import Entry
from comity.store.memory import MemoryStore
from comity.terms.party import Standing
from tests.consortium import START, Body, indicator


@pytest.fixture(params=["memory", "sqlite"])
def body(request, tmp_path):
    body = Body(store="memory:" if request.param == "memory" else f"sqlite:{tmp_path / 'store.db'}")
    kz, uz = body.member("KZ"), body.member("UZ")
    kz.submits(indicator(), indicator(), by="token 1")
    uz.reads()
    yield body
    body.world.store.close()


def test_the_head_is_the_stores(body):
    assert logbook.head(body.world) == body.world.store.head()
    assert logbook.head(body.world).size == 5


def test_entries_say_what_happened(body):
    found = list(logbook.entries(body.world, 0, 100))
    assert [record["index"] for record in found] == list(range(5))
    assert [record["kind"] for record in found] == ["govern", "govern", "govern", "accept", "disclose"]
    accept, disclose = found[3:]
    assert (accept["party"], accept["actor"], accept["count"]) == ("KZ", "token 1", 2)
    assert (disclose["party"], disclose["count"], disclose["agreements"]) == ("UZ", 2, ["test@1/members"])
    assert disclose["detail"] == {"body": "sco", "purposes": ["network-defence"]}
    assert found[3]["hash"] == body.world.store.tree_hashes(0, 3, 1)[0].hex()


def test_entries_are_a_half_open_range(body):
    assert [record["index"] for record in logbook.entries(body.world, 1, 3)] == [1, 2]
    assert list(logbook.entries(body.world, 5, 9)) == []


def test_an_entry_that_is_gone_says_so(body):
    with body.world.store.write() as tx:
        head = tx.head()
        leaf = next(body.world.store.leaves(4))
        tx.put_leaf(msgspec.structs.replace(erase_entry(leaf), index=5), head)
    (record,) = logbook.entries(body.world, 5, 6)
    assert record["kind"] == "unreadable"
    assert record["why"]


def test_a_sound_log_verifies(body):
    report = logbook.verify(body.world)
    assert report.ok
    assert (report.size, report.signed, report.objects) == (5, True, 7)


def test_it_verifies_against_a_checkpoint_kept_elsewhere(body):
    kept = logbook.head(body.world).checkpoint
    body.member("TJ")
    assert logbook.verify(body.world, kept).held == 5
    stranger = Body()
    stranger.member("KZ")
    assert not logbook.verify(body.world, stranger.world.store.head().checkpoint).ok


def test_an_entry_that_no_head_accounts_for_is_named(body):
    leaf = next(body.world.store.leaves(1))
    with body.world.store.write() as tx:
        tx.put_leaf(msgspec.structs.replace(leaf, index=5), tx.head())
    assert not logbook.verify(body.world).ok


class Busy(MemoryStore):
    """A store whose node goes on working while it is read: each look at its head or leaves is followed by another entry."""

    after = None

    def head(self):
        return self._and(super().head())

    def leaves(self, first=0, last=None):
        return self._and(super().leaves(first, last))

    def tree_hashes(self, level, first, count):
        return self._and(super().tree_hashes(level, first, count))

    def _and(self, found):
        after, self.after = self.after, None
        if after is not None:
            after()
            self.after = after
        return found


def busy() -> Body:
    body = Body(agreement=None)
    store = Busy()
    object.__setattr__(body.world, "store", store)
    for party in ("KZ", "UZ"):
        body.member(party)
    store.after = lambda: add(body)
    return body


def add(body: Body) -> None:
    with body.world.store.write() as tx:
        body.world.journal.append(tx, Entry(kind="access", at=body.clock()))


def test_a_node_that_goes_on_working_verifies():
    body = busy()
    report = logbook.verify(body.world)
    assert report.ok, report.problems
    assert report.size == 2
    assert body.world.store.head().size > 2


def test_a_node_that_goes_on_working_proves():
    body = busy()
    found = proof.read_proof(logbook.prove(body.world, "1"))
    assert proof.verify(found, (body.world.journal.verifier,))


def test_the_offline_copy_verifies_anywhere(body, tmp_path):
    folder = tmp_path / "deep" / "copy"
    assert logbook.export(body.world, folder) == 5
    report = audit.verify_export(folder, key=body.world.journal.verifier)
    assert (report.ok, report.size) == (True, 5)
    body.member("TJ")
    assert logbook.export(body.world, folder) == 6
    assert audit.verify_export(folder).size == 6


def test_the_offline_copy_of_a_node_that_goes_on_working_verifies(tmp_path):
    logbook.export(busy().world, tmp_path)
    assert audit.verify_export(tmp_path).ok


def test_a_folder_that_cannot_be_written_is_the_operators(body, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OperatorFault) as fault:
        logbook.export(body.world, tmp_path / "file")
    assert fault.value.next


def test_an_entry_is_proven(body):
    for index in range(5):
        found = proof.read_proof(logbook.prove(body.world, str(index)))
        assert proof.verify(found, (body.world.journal.verifier,)).entry.kind in ("govern", "accept", "disclose")


def test_an_objects_arrival_is_proven_with_its_bytes(body):
    row = list(body.world.store.by_type("indicator"))[1]
    envelope = body.world.store.envelopes([row.item])[row.item]
    found = proof.read_proof(logbook.prove(body.world, row.id))
    assert proof.verify(found, (body.world.journal.verifier,), row.sha + envelope).entry.kind == "accept"
    with pytest.raises(IntegrityFault):
        proof.verify(found, (body.world.journal.verifier,), row.sha + envelope + b" ")


@pytest.mark.parametrize("name", ["5", "99", "9" * 30, "9" * 5000, "indicator--11111111-1111-4111-8111-111111111111", "", "-1", "٣"])
def test_what_is_not_there_has_no_proof(body, name):
    with pytest.raises(NotFound):
        logbook.prove(body.world, name)


def test_an_object_that_was_changed_has_no_proof(tmp_path):
    import sqlite3

    body = Body(store=f"sqlite:{tmp_path / 'store.db'}")
    item = indicator()
    body.member("KZ").submits(item)
    with sqlite3.connect(tmp_path / "store.db") as db:
        db.execute("UPDATE items SET envelope=CAST(envelope || ' ' AS BLOB) WHERE id=?", (item["id"],))
    with pytest.raises(IntegrityFault, match="does not commit"):
        logbook.prove(body.world, item["id"])
    with sqlite3.connect(tmp_path / "store.db") as db:
        db.execute("UPDATE items SET leaf=77 WHERE id=?", (item["id"],))
    with pytest.raises(IntegrityFault, match="leaf 77"):
        logbook.prove(body.world, item["id"])
    body.world.store.close()


def test_a_standing_has_a_proof_too(body):
    row = add_standing(body.world, Standing(party="TJ", body="sco", standing="member", since=START), by="test")
    assert proof.read_proof(logbook.prove(body.world, row.id))


@pytest.mark.parametrize("name", ["key", "log.jsonl", "letter.txt"])
def test_a_folder_with_other_things_is_left_alone(body, tmp_path, name):
    folder = tmp_path / "copy"
    folder.mkdir()
    (folder / name).write_bytes(b"mine")
    with pytest.raises(Conflict, match="other things"):
        logbook.export(body.world, folder)
    assert [(path.name, path.read_bytes()) for path in folder.iterdir()] == [(name, b"mine")]


def test_a_cut_export_is_made_anew(body, tmp_path):
    logbook.export(body.world, tmp_path / "copy")
    for name in ("checkpoint", "log.jsonl"):
        (tmp_path / "copy" / name).unlink()
        assert logbook.export(body.world, tmp_path / "copy") == 5
    assert audit.verify_export(tmp_path / "copy").ok


def test_the_lines_alone_are_those_of_the_exported_file(body, tmp_path):
    logbook.export(body.world, tmp_path / "copy")
    assert b"".join(logbook.copy(body.world)) == (tmp_path / "copy" / "log.jsonl").read_bytes()
