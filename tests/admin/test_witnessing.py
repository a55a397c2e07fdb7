"""A node as a witness: it never cosigns two pasts of a log, and keeps what shows them."""

from __future__ import annotations

import threading

import pytest

from comity.admin import logbook, publishing, witnessing
from comity.errors import Conflict, Fault, IntegrityFault, NotFound
from comity.ledger.keys import COSIGNATURE, LogKey, write_verifier
from comity.ledger.note import Checkpoint, open_note, read_note, sign
from comity.ledger.tiles import consistency
from comity.ledger.witness import Behind, Forked, Inconsistent, Submission, read_answer, write_submission
from comity.world import World
from tests.consortium import Body, indicator

KEY = LogKey("comity.example/uz/witness", bytes(32), COSIGNATURE)


@pytest.fixture
def log() -> World:
    body = Body()
    body.member("KZ").submits(indicator(), indicator())
    return body.world


@pytest.fixture
def witness(log: World) -> World:
    world = Body(party="UZ").world
    witnessing.watch(world, write_verifier(log.journal.verifier), "SCO-CENTRE", "test")
    return world


def shown(log: World, old: int) -> bytes:
    head = log.store.head()
    proof = consistency(log.store.tree_hashes, old, head.size) if old else ()
    return write_submission(Submission(old=old, proof=proof, checkpoint=head.checkpoint))


def grow(log: World) -> None:
    publishing.add_witness(
        log,
        publishing.Witness(name=f"w{log.store.head().size}", url="https://w.example", key=write_verifier(KEY.verifier), party="UZ"),
        "test",
    )


def test_each_checkpoint_is_cosigned_from_the_one_before(log, witness):
    size = 0
    for _ in range(3):
        answer = witnessing.cosign(witness, KEY, shown(log, size))
        read_answer(answer, log.store.head().checkpoint, KEY.verifier)
        size = log.store.head().size
        assert witnessing.last_seen(witnessing.watched(witness)[0]) == open_note(log.store.head().checkpoint, [log.journal.verifier])
        with pytest.raises(Behind):
            witnessing.cosign(witness, KEY, shown(log, 0))
        assert witnessing.cosign(witness, KEY, shown(log, size))  # once more, later
        grow(log)


def test_a_log_must_be_trusted_first_and_once(log, witness):
    with pytest.raises(NotFound):
        witnessing.cosign(Body(party="IR").world, KEY, shown(log, 0))
    with pytest.raises(Conflict):
        witnessing.watch(witness, write_verifier(log.journal.verifier), "KZ", "test")
    with pytest.raises(IntegrityFault):
        witnessing.watch(witness, write_verifier(KEY.verifier), "KZ", "test")


def test_a_second_past_is_refused_kept_once_and_in_the_log(log, witness):
    witnessing.cosign(witness, KEY, shown(log, 0))
    head = log.store.head()
    other = sign(Checkpoint(origin=log.journal.origin, size=head.size, root=bytes(32)), log.journal._key)
    for _ in range(2):
        with pytest.raises(Forked):
            witnessing.cosign(witness, KEY, write_submission(Submission(old=head.size, proof=(), checkpoint=other)))
    (watched,) = witnessing.watched(witness)
    assert watched.evidence == (other,)
    found = [entry for entry in logbook.entries(witness, 0, 99) if entry["kind"] == "fork"]
    assert [(entry["party"], entry["detail"]["shown"]) for entry in found] == [("SCO-CENTRE", read_note(other).text)]
    assert witnessing.last_seen(watched) == open_note(head.checkpoint, [log.journal.verifier])


def test_a_second_past_of_another_size_is_refused_kept_as_doubtful_and_in_the_log(log, witness):
    witnessing.cosign(witness, KEY, shown(log, 0))
    head = log.store.head()
    other = sign(Checkpoint(origin=log.journal.origin, size=head.size + 3, root=bytes(32)), log.journal._key)
    for _ in range(2):
        with pytest.raises(Inconsistent):
            witnessing.cosign(witness, KEY, write_submission(Submission(old=head.size, proof=(bytes(32),), checkpoint=other)))
    (watched,) = witnessing.watched(witness)
    assert (watched.evidence, watched.doubtful) == ((), other)
    found = [entry["detail"] for entry in logbook.entries(witness, 0, 99) if "doubtful" in entry["detail"]]
    assert found == [{"log": log.journal.origin, "held": read_note(head.checkpoint).text, "doubtful": read_note(other).text}]
    grow(log)
    assert witnessing.cosign(witness, KEY, shown(log, head.size))  # the true one goes on
    assert witnessing.watched(witness)[0].doubtful == other


def test_of_two_pasts_at_once_only_one_is_cosigned(log, tmp_path):
    """The check and what is kept of it are one critical section, for threads and processes alike."""
    body = Body(store=f"sqlite:{tmp_path / 'w.db'}", party="UZ")
    witnessing.watch(body.world, write_verifier(log.journal.verifier), "SCO-CENTRE", "test")
    pasts = [sign(Checkpoint(origin=log.journal.origin, size=7, root=bytes([number]) * 32), log.journal._key) for number in range(8)]
    cosigned, start = [], threading.Barrier(len(pasts))

    def submit(note: bytes) -> None:
        start.wait()
        try:
            witnessing.cosign(body.world, KEY, write_submission(Submission(old=0, proof=(), checkpoint=note)))
            cosigned.append(note)
        except Fault:
            pass

    threads = [threading.Thread(target=submit, args=(note,)) for note in pasts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(cosigned) == 1
    assert witnessing.watched(body.world)[0].note == cosigned[0]
    body.world.store.close()
