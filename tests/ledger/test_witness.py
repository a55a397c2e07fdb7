"""What makes a witness cosign, and what it refuses, in the standard's order."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import Fault, IntegrityFault, NotFound, SenderFault
from comity.ledger.keys import COSIGNATURE, LogKey, cosigned_at, read_verifier, write_verifier
from comity.ledger.merkle import root
from comity.ledger.note import Checkpoint, Note, read_note, sign, write_checkpoint, write_note
from comity.ledger.tiles import consistency, listed
from comity.ledger.witness import (
    Behind,
    Forked,
    Inconsistent,
    Submission,
    cosignature,
    judge,
    origin_of,
    read_answer,
    read_submission,
    write_answer,
    write_submission,
)

LOG = LogKey("log.kz.example/sample", bytes(range(32)))
WITNESS = LogKey("witness.uz.example", bytes(32), COSIGNATURE)
LEAVES = [sha256(bytes([number])).digest() for number in range(20)]
FORKED = [*LEAVES[:3], sha256(b"another").digest(), *LEAVES[4:]]


def note(size: int, leaves: list[bytes] = LEAVES, key: LogKey = LOG, origin: str = LOG.name) -> bytes:
    return sign(Checkpoint(origin=origin, size=size, root=root(leaves[:size])), key)


def shown(old: int, size: int, leaves: list[bytes] = LEAVES, **more: Any) -> Submission:
    proof = consistency(listed(leaves), old, size) if 0 < old <= size else ()
    return Submission(old=old, proof=proof, checkpoint=note(size, leaves, **more))


@pytest.mark.parametrize(("old", "size"), [(0, 1), (0, 20), (3, 9), (9, 9), (0, 0)])
def test_what_extends_the_last_one_is_cosigned(old: int, size: int) -> None:
    held = note(old) if old else b""
    assert judge(shown(old, size), [LOG.verifier], held).size == size


@pytest.mark.parametrize(
    ("said", "held", "kind"),
    [
        (shown(3, 9, key=LogKey("log.kz.example/sample", bytes(32))), 3, IntegrityFault),
        (shown(9, 3), 3, SenderFault),
        (shown(4, 9), 3, Behind),
        (shown(0, 9), 3, Behind),
        (shown(3, 2), 3, SenderFault),
        (shown(2, 2), 3, Behind),
        (shown(9, 9, FORKED), 9, Forked),
        (shown(0, 9, FORKED), 9, Forked),
        (shown(9, 12, FORKED), 9, Inconsistent),
        (Submission(old=3, proof=(), checkpoint=note(9)), 3, Inconsistent),
        (Submission(old=0, proof=(LEAVES[0],), checkpoint=note(9)), 0, Inconsistent),
        (Submission(old=9, proof=(LEAVES[0],), checkpoint=note(9)), 9, Inconsistent),
    ],
)
def test_everything_else_is_refused(said: Submission, held: int, kind: type[Fault]) -> None:
    with pytest.raises(kind) as refused:
        judge(said, [LOG.verifier], note(held) if held else b"")
    assert type(refused.value) is kind
    if isinstance(refused.value, Behind):
        assert refused.value.size == held


def test_a_log_that_nobody_trusts_is_not_found() -> None:
    with pytest.raises(NotFound):
        judge(shown(0, 9), [], b"")


@given(st.integers(0, 2**62), st.lists(st.binary(min_size=32, max_size=32), max_size=63), st.integers(0, 20))
def test_submissions_are_read_as_written(old: int, proof: list[bytes], size: int) -> None:
    said = Submission(old=old, proof=tuple(proof), checkpoint=note(size))
    assert read_submission(write_submission(said)) == said
    assert origin_of(said) == LOG.name


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: raw.replace(b"old 3", b"old 03"),
        lambda raw: raw.replace(b"old 3", b"old +3"),
        lambda raw: raw.replace(b"old 3", b"old  3"),
        lambda raw: raw.replace(b"old 3\n", b"old 3\r\n"),
        lambda raw: raw.replace(b"old 3\n", b"old 3\nAAA\n"),
        lambda raw: raw.replace(b"old 3\n", b"old 3\n" + b"A" * 43 + b"=\n" * 64),
        lambda raw: raw.replace(b"old 3\n", b"old 3\n" + (b"A" * 43 + b"=\n") * 64),
        lambda raw: raw.replace(b"old 3", b"old " + b"9" * 20),
        lambda raw: raw.partition(b"\n\n")[0],
        lambda raw: b"\xff" + raw,
        lambda raw: b"",
    ],
)
def test_other_spellings_are_refused(change: Callable[[bytes], bytes]) -> None:
    with pytest.raises(SenderFault):
        origin_of(read_submission(change(write_submission(shown(3, 9)))))


def test_a_cosignature_is_of_a_moment_and_a_text() -> None:
    checkpoint = read_note(note(9))
    made = cosignature(checkpoint, WITNESS, 1_679_315_147)
    assert cosigned_at(made.value) == 1_679_315_147
    assert len(made.value) == 72
    message = b"cosignature/v1\ntime 1679315147\n" + write_checkpoint(Checkpoint(origin=LOG.name, size=9, root=root(LEAVES[:9]))).encode()
    assert LogKey("x", bytes(32)).verifier.valid(message, made.value[8:])
    assert read_answer(write_answer([made]), note(9), WITNESS.verifier) == made
    whole = write_note(Note(text=checkpoint.text, signatures=(*checkpoint.signatures, made)))
    assert len(read_note(whole).signatures) == 2
    for position in range(72):
        wrong = made.value[:position] + bytes([made.value[position] ^ 1]) + made.value[position + 1 :]
        assert not WITNESS.verifier.valid(checkpoint.text.encode(), wrong)


def test_answers_of_others_do_not_count() -> None:
    other = LogKey("witness.kg.example", bytes([7]) * 32, COSIGNATURE)
    both = write_answer([cosignature(read_note(note(9)), key, 5) for key in (other, WITNESS)])
    assert read_answer(both, note(9), WITNESS.verifier).name == WITNESS.name
    for raw in (
        write_answer([cosignature(read_note(note(9)), other, 5)]),
        b"",
        b"no\n",
        write_answer([cosignature(read_note(note(8)), WITNESS, 5)]),
    ):
        with pytest.raises(IntegrityFault):
            read_answer(raw, note(9), WITNESS.verifier)


def test_keys_of_the_two_types_do_not_stand_for_each_other() -> None:
    text = write_verifier(WITNESS.verifier)
    assert read_verifier(text, COSIGNATURE) == WITNESS.verifier
    assert LogKey.from_bytes(WITNESS.to_bytes()).verifier == WITNESS.verifier
    assert LogKey("witness.uz.example", bytes(32)).verifier.key_id != WITNESS.verifier.key_id
    with pytest.raises(IntegrityFault) as refused:
        read_verifier(text)
    assert "type 1" in refused.value.next
    with pytest.raises(IntegrityFault) as refused:
        read_verifier(write_verifier(LOG.verifier), COSIGNATURE)
    assert "type 4" in refused.value.next
