"""Two-stage proofs: each holds, and no change of one does."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest

from comity.errors import IntegrityFault, NotFound
from comity.ledger.proof import prove_entry, prove_object, read_entry_proof, read_object_proof, verify_entry, verify_object, write
from comity.ledger.tiles import Hashes, listed


def hashes(log: Any) -> Hashes:
    return listed([leaf.hash for leaf in log.leaves])


def test_every_entry_and_object_can_be_proven(log: Any) -> None:
    for leaf in log.leaves:
        proof = prove_entry(leaf, hashes(log), log.stored.checkpoint)
        assert read_entry_proof(write(proof)) == proof
        proven = verify_entry(proof, [log.journal.verifier])
        assert proven.index == leaf.index
        assert proven.checkpoint.size == 6
        for position in range(proven.entry.count):
            found = prove_object(leaf, position, hashes(log), log.stored.checkpoint)
            assert read_object_proof(write(found)) == found
            again = verify_object(found, [log.journal.verifier], f"object {position}".encode())
            assert again.entry == proven.entry
            assert found.object == sha256(f"object {position}".encode()).digest()


def test_a_proof_names_no_other_object(log: Any) -> None:
    proof = write(prove_object(log.leaves[5], 2, hashes(log), log.stored.checkpoint))
    for position in (0, 1, 3, 4):
        record = log.leaves[5].opening[position * 49 : position * 49 + 49]
        assert record[1:17] not in proof
        assert record[17:] not in proof


def test_every_bit_of_a_proof_counts(log: Any) -> None:
    data = write(prove_object(log.leaves[1], 1, hashes(log), log.stored.checkpoint))
    for position in range(len(data) * 8):
        changed = bytearray(data)
        changed[position // 8] ^= 1 << position % 8
        with pytest.raises(IntegrityFault):
            verify_object(read_object_proof(bytes(changed)), [log.journal.verifier])


def test_other_bytes_another_key_another_kind(log: Any) -> None:
    proof = prove_object(log.leaves[1], 1, hashes(log), log.stored.checkpoint)
    with pytest.raises(IntegrityFault, match="another object"):
        verify_object(proof, [log.journal.verifier], b"object 2")
    with pytest.raises(IntegrityFault):
        verify_object(proof, [])
    with pytest.raises(IntegrityFault):
        read_entry_proof(write(proof))
    with pytest.raises(IntegrityFault):
        read_object_proof(write(proof) + b" ")


def test_what_is_not_there_cannot_be_proven(log: Any) -> None:
    early = log.stored.checkpoint
    log.say("accept", 1)
    with pytest.raises(NotFound, match="size 6"):
        prove_entry(log.leaves[6], hashes(log), early)
    assert verify_entry(prove_entry(log.leaves[2], hashes(log), early), [log.journal.verifier]).checkpoint.size == 6
    for position in (-1, 3):
        with pytest.raises(NotFound):
            prove_object(log.leaves[1], position, hashes(log), log.stored.checkpoint)
    log.erase(1, [0])
    with pytest.raises(NotFound):
        prove_object(log.leaves[1], 0, hashes(log), log.stored.checkpoint)
    log.erase(1)
    with pytest.raises(NotFound, match="erased"):
        prove_entry(log.leaves[1], hashes(log), log.stored.checkpoint)
