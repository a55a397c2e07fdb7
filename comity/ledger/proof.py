"""Proofs that a member checks offline, as C2SP tlog-proof files: an entry is in the log, and an object was part of that entry.

What the standard proves is that the log holds a 32-byte commitment. The file's extra data open it (salt, canonical entry), and, in a second
stage, one commitment of the entry's batch (object hash, salt, place, path to the batch's root). Nothing is shown of the other objects.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from hashlib import sha256

import msgspec

from comity.errors import IntegrityFault, NotFound
from comity.ledger.erasure import is_erased
from comity.ledger.leaf import OBJECT_DOMAIN, OPEN, RECORD, SALT, Entry, Leaf, Opening, entry_hash, read_entry
from comity.ledger.merkle import WIDTH, leaf_hash, verify_inclusion
from comity.ledger.note import MAX_NOTE, Checkpoint, Verifier, open_note, read_checkpoint, read_note
from comity.ledger.tiles import Hashes, inclusion, listed
from comity.terms.key_text import decode_base64

_FIRST, _EXTRA, _INDEX = "c2sp.org/tlog-proof@v1", "extra ", "index "
_NUMBER = re.compile(r"(?:0|[1-9][0-9]{0,18})\Z")
#: The most hashes of a path that are read: a log has fewer than 2**63 entries.
_LONGEST_PATH = 63


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Opens object `position` (0-based) of an entry's batch: SHA-256 of the object's bytes, salt, path to the batch's root."""

    hash: bytes
    salt: bytes
    position: int
    path: tuple[bytes, ...]


class Opened(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The extra data of a proof file: what opens the leaf, and, for a proof about an object, what opens its place in the batch."""

    salt: bytes
    entry: bytes
    object: Part | None = None


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """Leaf `index` opened, the audit path from it, and the checkpoint note whose root the path leads to."""

    index: int
    opened: Opened
    path: tuple[bytes, ...]
    checkpoint: bytes


class Proven(msgspec.Struct, frozen=True, kw_only=True):
    """What a proof has shown: this entry stands at `index` of the log that signed this checkpoint."""

    index: int
    entry: Entry
    checkpoint: Checkpoint


def prove(leaf: Leaf, hashes: Hashes, checkpoint: bytes, position: int | None = None) -> Proof:
    """Build a proof from the log's hashes, at least those under the checkpoint: of an entry, or of the object at a position of its batch.

    Raises NotFound for an entry that is not under the checkpoint, and for what is not there or was erased.
    """
    if is_erased(leaf):
        raise NotFound(f"log entry {leaf.index} has been erased")
    size = read_checkpoint(read_note(checkpoint).text).size
    if leaf.index >= size:
        raise NotFound(f"log entry {leaf.index} is not in a checkpoint of size {size}", next="use a later checkpoint")
    part = None if position is None else _part(leaf, position)
    opened = Opened(salt=leaf.salt, entry=leaf.entry, object=part)
    return Proof(index=leaf.index, opened=opened, path=inclusion(hashes, leaf.index, size), checkpoint=checkpoint)


def _part(leaf: Leaf, position: int) -> Part:
    record = leaf.opening[position * RECORD : (position + 1) * RECORD] if position >= 0 else b""
    if record[:1] != OPEN:
        raise NotFound(f"log entry {leaf.index} has no object {position}, or it was erased")
    batch = [leaf_hash(commitment) for commitment in Opening(records=leaf.opening).commitments()]
    path = inclusion(listed(batch), position, len(batch))
    return Part(hash=record[1 + SALT :], salt=record[1 : 1 + SALT], position=position, path=path)


def verify(proof: Proof, verifiers: Sequence[Verifier], data: bytes | None = None) -> Proven:
    """Check a proof against the log's key; `data`, if given, are the object's bytes, which must be those proven. Raises IntegrityFault."""
    # 1. The checkpoint is signed by a key we hold.
    checkpoint = open_note(proof.checkpoint, verifiers)
    # 2. The entry is well-formed, and it is the leaf that the path leads up from.
    opened, part = proof.opened, proof.opened.object
    entry = read_entry(opened.entry)
    if len(opened.salt) != SALT:
        raise IntegrityFault(f"a salt of {len(opened.salt)} bytes instead of {SALT}")
    leaf = entry_hash(opened.salt, opened.entry)
    verify_inclusion(leaf=leaf, index=proof.index, size=checkpoint.size, proof=proof.path, root=checkpoint.root)
    if part is not None:
        # 3. The object is in the entry's batch.
        if entry.root is None or len(part.salt) != SALT:
            raise IntegrityFault("the entry has no objects, or the object's salt has a wrong length")
        below = leaf_hash(sha256(OBJECT_DOMAIN + part.salt + part.hash).digest())
        root = bytes.fromhex(entry.root)
        verify_inclusion(leaf=below, index=part.position, size=entry.count, proof=part.path, root=root)
    # 4. The bytes in hand are that object.
    if data is not None and (part is None or sha256(data).digest() != part.hash):
        raise IntegrityFault("the proof is not about these bytes")
    return Proven(index=proof.index, entry=entry, checkpoint=checkpoint)


def write_proof(proof: Proof) -> bytes:
    """The proof as a file: its text, an empty line, the checkpoint as the log issued it."""
    extra = base64.b64encode(msgspec.json.encode(proof.opened)).decode()
    path = (base64.b64encode(part).decode() for part in proof.path)
    lines = (_FIRST, _EXTRA + extra, f"{_INDEX}{proof.index}", *path, "")
    return "".join(f"{line}\n" for line in lines).encode() + proof.checkpoint


def read_proof(data: bytes) -> Proof:
    """The inverse of `write_proof`. Raises IntegrityFault unless these are exactly the bytes that it writes."""
    text, _, checkpoint = data.partition(b"\n\n")
    try:
        first, extra, index, *path = text.decode("ascii").split("\n")
        if first != _FIRST or not extra.startswith(_EXTRA) or not index.startswith(_INDEX) or not _NUMBER.match(index[len(_INDEX) :]):
            raise ValueError("its first lines say something else")
        if len(path) > _LONGEST_PATH or len(checkpoint) > MAX_NOTE:
            raise ValueError("it is too long")
        hashes = tuple(map(decode_base64, path))
        if any(len(part) != WIDTH for part in hashes):
            raise ValueError(f"a hash of its path has not {WIDTH} bytes")
        opened = msgspec.json.decode(decode_base64(extra[len(_EXTRA) :]), type=Opened)
    except (msgspec.MsgspecError, ValueError, RecursionError) as fault:
        raise IntegrityFault(f"not a proof: {fault}", next="comity log prove writes one") from fault
    proof = Proof(index=int(index[len(_INDEX) :]), opened=opened, path=hashes, checkpoint=checkpoint)
    if write_proof(proof) != data:
        raise IntegrityFault("not a proof: it differs from what its own contents would be written as")
    return proof
