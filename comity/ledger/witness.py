"""What a log and its witnesses say to each other (C2SP tlog-witness), and what makes a witness cosign. Pure; `admin.witnessing` keeps it.

A witness cosigns a checkpoint once it has seen that it extends the last one it cosigned. So whoever holds a checkpoint with cosignatures of
members that do not collude knows that these members were shown no other past.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence

import msgspec

from comity.errors import Conflict, IntegrityFault, NotFound, SenderFault
from comity.ledger.keys import LogKey, Verifier
from comity.ledger.merkle import verify_consistency
from comity.ledger.note import MAX_NOTE, Checkpoint, Note, Signature, open_note, read_checkpoint, read_note, write_signatures
from comity.terms.key_text import decode_base64

#: The most lines of a consistency proof, and the most bytes of a request.
_LINES = 63
LARGEST = MAX_NOTE + 64 * 50
_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})\Z")


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """A checkpoint shown to a witness: the size that it cosigned last, the proof from there, and the signed checkpoint."""

    old: int
    proof: tuple[bytes, ...]
    checkpoint: bytes


class Behind(Conflict):
    """The submission goes on from another size than the witness cosigned last, which is `size`."""

    def __init__(self, size: int) -> None:
        super().__init__(f"the last checkpoint cosigned here is of size {size}", next="submit a proof from there")
        self.size = size


class Forked(Conflict):
    """A checkpoint of the size that was cosigned, with another root: the log shows two pasts. `held` and `shown` are the proof of it."""

    def __init__(self, held: bytes, shown: bytes) -> None:
        super().__init__("another checkpoint of this size was cosigned: the log has two pasts", next="keep both; each is signed by the log")
        self.held, self.shown = held, shown


class Inconsistent(IntegrityFault):
    """The proof does not show that the checkpoint extends the one that was cosigned."""


def write_submission(said: Submission) -> bytes:
    """The body of `add-checkpoint`."""
    lines = [f"old {said.old}", *(base64.b64encode(part).decode() for part in said.proof), ""]
    return "".join(f"{line}\n" for line in lines).encode() + said.checkpoint


def read_submission(data: bytes) -> Submission:
    """The inverse of `write_submission`. Raises SenderFault unless these are exactly the bytes that it writes."""
    text, _, checkpoint = data.partition(b"\n\n")
    try:
        first, *lines = text.decode("ascii").split("\n")
        match = _OLD.match(first)
        if not match or len(lines) > _LINES or len(data) > LARGEST:
            raise ValueError("an old size, at most 63 hashes, an empty line and a checkpoint")
        said = Submission(old=int(match[1]), proof=tuple(map(decode_base64, lines)), checkpoint=checkpoint)
    except ValueError as fault:
        raise SenderFault(f"not a submission of a checkpoint: {fault}", next="see c2sp.org/tlog-witness") from fault
    if write_submission(said) != data:
        raise SenderFault("not a submission of a checkpoint: another spelling", next="see c2sp.org/tlog-witness")
    return said


def origin_of(said: Submission) -> str:
    """The log that a submission claims to be of; nothing is verified. Raises SenderFault."""
    try:
        return read_checkpoint(read_note(said.checkpoint).text).origin
    except IntegrityFault as fault:
        raise SenderFault(str(fault), next="see c2sp.org/tlog-checkpoint") from fault


def judge(said: Submission, verifiers: Sequence[Verifier], held: bytes) -> Checkpoint:
    """The checkpoint, if it is to be cosigned after `held`, the note that was cosigned last (b"": none).

    Raises NotFound for a log without a known key, IntegrityFault for no good signature, SenderFault for an old size beyond the checkpoint,
    Behind, Forked, Inconsistent: in the order in which tlog-witness has them checked.
    """
    # 1. A log that is known, and signed it.
    if not verifiers:
        raise NotFound("the log is not one that is witnessed here", next="ask the witness's operator to trust its key")
    checkpoint = open_note(said.checkpoint, verifiers)
    before = open_note(held, verifiers) if held else Checkpoint(origin=checkpoint.origin, size=0, root=b"")
    # 2. It goes on from where it was.
    if said.old > checkpoint.size:
        raise SenderFault(f"the old size {said.old} is beyond the checkpoint's {checkpoint.size}", next="see c2sp.org/tlog-witness")
    if checkpoint.size == before.size and held and checkpoint.root != before.root:
        raise Forked(held, said.checkpoint)
    if said.old != before.size:
        raise Behind(before.size)
    # 3. And nothing that was there has changed.
    try:
        if before.size:
            verify_consistency(old_size=before.size, old_root=before.root, size=checkpoint.size, root=checkpoint.root, proof=said.proof)
        elif said.proof:
            raise IntegrityFault("a proof from size 0 shows nothing")
    except IntegrityFault as fault:
        raise Inconsistent(f"the proof does not show that the log extends what was cosigned: {fault}") from fault
    return checkpoint


def cosignature(note: Note, key: LogKey, at: int) -> Signature:
    """A witness's cosignature of a checkpoint at a moment, seconds since 1970 (tlog-cosignature, Ed25519)."""
    return Signature(name=key.name, key_id=key.verifier.key_id, value=key.cosign(note.text.encode(), at))


def write_answer(signatures: Sequence[Signature]) -> bytes:
    """What a witness answers: its signature lines."""
    return write_signatures(signatures).encode()


def read_signatures(data: bytes) -> tuple[Signature, ...]:
    """The inverse of `write_answer`; verifies none. Raises IntegrityFault unless these are signature lines and nothing else."""
    note = read_note(b"-\n\n" + data)
    if note.text != "-\n":
        raise IntegrityFault("not an answer of a witness: it has more than signature lines")
    return note.signatures


def read_answer(data: bytes, checkpoint: bytes, witness: Verifier) -> Signature:
    """The witness's own cosignature of a checkpoint from its answer; lines of other keys are ignored. Raises IntegrityFault."""
    note = read_note(checkpoint)
    for found in read_signatures(data):
        if (found.name, found.key_id) == (witness.name, witness.key_id):
            if not witness.valid(note.text.encode(), found.value):
                raise IntegrityFault(f"the cosignature by {witness.name} is wrong")
            return found
    raise IntegrityFault(f"the answer has no cosignature by {witness.name}")
