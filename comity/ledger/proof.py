"""Proofs that a member checks offline: an entry is in the log, and an object was part of that entry (two stages).

An object's proof opens one commitment (object hash, salt, place in the batch, path to the batch root) and the entry that holds
that root (entry, salt, place in the log, path to the log's root, signed checkpoint). It shows nothing of the other objects.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import TypeVar

import msgspec

from comity.errors import IntegrityFault, NotFound
from comity.ledger.erasure import is_erased
from comity.ledger.leaf import OBJECT_DOMAIN, OPEN, RECORD, SALT, Entry, Leaf, Opening, entry_hash, read_entry
from comity.ledger.merkle import leaf_hash, verify_inclusion
from comity.ledger.note import Checkpoint, Verifier, open_note, read_checkpoint, read_note
from comity.ledger.tiles import Hashes, inclusion, listed


class EntryProof(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Opens leaf `index`: its salt and canonical entry, the audit path, and the checkpoint note whose root the path leads to."""

    index: int
    salt: bytes
    entry: bytes
    path: tuple[bytes, ...]
    checkpoint: bytes


class ObjectProof(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Opens object `position` (0-based) of an entry's batch: SHA-256 of the object's bytes, salt, path to the batch root."""

    object: bytes
    salt: bytes
    position: int
    path: tuple[bytes, ...]
    log: EntryProof


class Proven(msgspec.Struct, frozen=True, kw_only=True):
    """What a proof has shown: this entry stands at `index` of the log that signed this checkpoint."""

    index: int
    entry: Entry
    checkpoint: Checkpoint


def prove_entry(leaf: Leaf, hashes: Hashes, checkpoint: bytes) -> EntryProof:
    """Build an entry's proof from the log's hashes (at least those under the checkpoint). Raises NotFound if erased."""
    if is_erased(leaf):
        raise NotFound(f"log entry {leaf.index} has been erased")
    size = read_checkpoint(read_note(checkpoint).text).size
    if leaf.index >= size:
        raise NotFound(f"log entry {leaf.index} is not in a checkpoint of size {size}", next="use a later checkpoint")
    path = inclusion(hashes, leaf.index, size)
    return EntryProof(index=leaf.index, salt=leaf.salt, entry=leaf.entry, path=path, checkpoint=checkpoint)


def prove_object(leaf: Leaf, position: int, hashes: Hashes, checkpoint: bytes) -> ObjectProof:
    """Build the proof of the object at `position` of a leaf's batch. Raises NotFound if there is none or it was erased."""
    log = prove_entry(leaf, hashes, checkpoint)
    record = leaf.opening[position * RECORD : (position + 1) * RECORD] if position >= 0 else b""
    if record[:1] != OPEN:
        raise NotFound(f"log entry {leaf.index} has no object {position}, or it was erased")
    batch = [leaf_hash(commitment) for commitment in Opening(records=leaf.opening).commitments()]
    path = inclusion(listed(batch), position, len(batch))
    return ObjectProof(object=record[1 + SALT :], salt=record[1 : 1 + SALT], position=position, path=path, log=log)


def verify_entry(proof: EntryProof, verifiers: Sequence[Verifier]) -> Proven:
    """Check an entry's proof against the log's key. Raises IntegrityFault."""
    # 1. The checkpoint is signed by a key we hold.
    checkpoint = open_note(proof.checkpoint, verifiers)
    # 2. The entry is well-formed, and it is the leaf that the path leads up from.
    entry = read_entry(proof.entry)
    if len(proof.salt) != SALT:
        raise IntegrityFault(f"a salt of {len(proof.salt)} bytes instead of {SALT}")
    leaf = entry_hash(proof.salt, proof.entry)
    verify_inclusion(leaf=leaf, index=proof.index, size=checkpoint.size, proof=proof.path, root=checkpoint.root)
    return Proven(index=proof.index, entry=entry, checkpoint=checkpoint)


def verify_object(proof: ObjectProof, verifiers: Sequence[Verifier], data: bytes | None = None) -> Proven:
    """Check an object's proof; `data`, if given, are the object's bytes, which must be the ones proven. Raises IntegrityFault."""
    # 1. and 2. The entry is in the log.
    proven = verify_entry(proof.log, verifiers)
    # 3. The object is in the entry's batch.
    if proven.entry.root is None or len(proof.salt) != SALT:
        raise IntegrityFault("the entry has no objects, or the object's salt has a wrong length")
    leaf = leaf_hash(sha256(OBJECT_DOMAIN + proof.salt + proof.object).digest())
    root = bytes.fromhex(proven.entry.root)
    verify_inclusion(leaf=leaf, index=proof.position, size=proven.entry.count, proof=proof.path, root=root)
    # 4. The bytes in hand are that object.
    if data is not None and sha256(data).digest() != proof.object:
        raise IntegrityFault("the proof is about another object than these bytes")
    return proven


_P = TypeVar("_P", EntryProof, ObjectProof)


def write(proof: EntryProof | ObjectProof) -> bytes:
    """The proof as one line of JSON; byte strings are base64."""
    return msgspec.json.encode(proof) + b"\n"


def _read(data: bytes, kind: type[_P]) -> _P:
    try:
        proof = msgspec.json.decode(data, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        raise IntegrityFault(f"not a proof: {fault}") from fault
    if write(proof) != data:
        raise IntegrityFault("not a proof: it differs from what its own contents would be written as")
    return proof


def read_entry_proof(data: bytes) -> EntryProof:
    """The inverse of `write`. Raises IntegrityFault unless these are exactly the bytes that it writes."""
    return _read(data, EntryProof)


def read_object_proof(data: bytes) -> ObjectProof:
    """The inverse of `write`. Raises IntegrityFault unless these are exactly the bytes that it writes."""
    return _read(data, ObjectProof)
