"""Two-stage proofs: each holds, and no change of one does."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import msgspec
import pytest

from comity.errors import IntegrityFault, NotFound
from comity.ledger.proof import prove, read_proof, verify, write_proof
from comity.ledger.tiles import Hashes, inclusion, listed


def hashes(log: Any) -> Hashes:
    return listed([leaf.hash for leaf in log.leaves])


def test_every_entry_and_object_can_be_proven(log: Any) -> None:
    for leaf in log.leaves:
        proof = prove(leaf, hashes(log), log.stored.checkpoint)
        assert read_proof(write_proof(proof)) == proof
        proven = verify(proof, [log.journal.verifier])
        assert proven.index == leaf.index
        assert proven.checkpoint.size == 6
        for position in range(proven.entry.count):
            found = prove(leaf, hashes(log), log.stored.checkpoint, position)
            assert read_proof(write_proof(found)) == found
            again = verify(found, [log.journal.verifier], f"object {position}".encode())
            assert again.entry == proven.entry
            assert found.opened.object.hash == sha256(f"object {position}".encode()).digest()


def test_a_proof_names_no_other_object(log: Any) -> None:
    proof = msgspec.msgpack.encode(read_proof(write_proof(prove(log.leaves[5], hashes(log), log.stored.checkpoint, 2))))
    assert log.leaves[5].opening[2 * 49 + 1 : 2 * 49 + 17] in proof
    for position in (0, 1, 3, 4):
        record = log.leaves[5].opening[position * 49 : position * 49 + 49]
        assert record[1:17] not in proof
        assert record[17:] not in proof


def test_every_bit_of_a_proof_counts(log: Any) -> None:
    data = write_proof(prove(log.leaves[1], hashes(log), log.stored.checkpoint, 1))
    for position in range(len(data) * 8):
        changed = bytearray(data)
        changed[position // 8] ^= 1 << position % 8
        with pytest.raises(IntegrityFault):
            verify(read_proof(bytes(changed)), [log.journal.verifier])


def test_other_bytes_another_key_another_kind(log: Any) -> None:
    proof = prove(log.leaves[1], hashes(log), log.stored.checkpoint, 1)
    with pytest.raises(IntegrityFault, match="these bytes"):
        verify(proof, [log.journal.verifier], b"object 2")
    with pytest.raises(IntegrityFault):
        verify(proof, [])
    with pytest.raises(IntegrityFault, match="these bytes"):
        verify(prove(log.leaves[1], hashes(log), log.stored.checkpoint), [log.journal.verifier], b"object 1")


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text + b" ",
        lambda text: text.replace(b"v1", b"v2", 1),
        lambda text: text.replace(b"index ", b"index 0", 1),
        lambda text: text.replace(b"index ", b"index +", 1),
        lambda text: text.replace(b"index ", b"index " + b"9" * 20, 1),
        lambda text: text.replace(b"\nindex", b"\r\nindex", 1),
        lambda text: text.replace(b"\n\n", b"\n" + b"A" * 43 + b"=\n\n", 1),
        lambda text: text.replace(b"\n\n", b"\n" + (b"A" * 43 + b"=\n") * 64 + b"\n", 1),
        lambda text: text.replace(b"\n\n", b"\nAAAA\n\n", 1),
        lambda text: text.replace(b"extra ", b"extra  ", 1),
        lambda text: b"\n".join(line for line in text.split(b"\n") if not line.startswith(b"extra")),
        lambda text: text.partition(b"\n\n")[0],
        lambda text: b"",
    ],
)
def test_other_spellings_are_refused(log: Any, change: Callable[[bytes], bytes]) -> None:
    with pytest.raises(IntegrityFault):
        verify(read_proof(change(write_proof(prove(log.leaves[1], hashes(log), log.stored.checkpoint, 1)))), [log.journal.verifier])


def test_the_file_is_as_the_standard_says(log: Any) -> None:
    first, extra, index, *path = (
        write_proof(prove(log.leaves[3], hashes(log), log.stored.checkpoint)).decode().partition("\n\n")[0].split("\n")
    )
    assert (first, index) == ("c2sp.org/tlog-proof@v1", "index 3")
    opened = json.loads(base64.b64decode(extra.removeprefix("extra ")))
    assert base64.b64decode(opened["entry"]) == log.leaves[3].entry
    assert [base64.b64decode(part) for part in path] == list(inclusion(hashes(log), 3, 6))


def test_what_is_not_there_cannot_be_proven(log: Any) -> None:
    early = log.stored.checkpoint
    log.say("accept", 1)
    with pytest.raises(NotFound, match="size 6"):
        prove(log.leaves[6], hashes(log), early)
    assert verify(prove(log.leaves[2], hashes(log), early), [log.journal.verifier]).checkpoint.size == 6
    for position in (-1, 3):
        with pytest.raises(NotFound):
            prove(log.leaves[1], hashes(log), log.stored.checkpoint, position)
    log.erase(1, [0])
    with pytest.raises(NotFound):
        prove(log.leaves[1], hashes(log), log.stored.checkpoint, 0)
    log.erase(1)
    with pytest.raises(NotFound, match="erased"):
        prove(log.leaves[1], hashes(log), log.stored.checkpoint)
