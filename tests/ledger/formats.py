"""Every format of the ledger that comes from outside, with how it is written and real examples: strict is `write(read(b)) == b`.

A tile of hashes is no text: it is right or wrong by its length and by the tree alone.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, NamedTuple

_AT = datetime(2021, 10, 4, 9, 0, 0, 250_000, tzinfo=UTC)


class Format(NamedTuple):
    """How one format is read and written, and examples of it, in bytes."""

    read: Callable[[bytes], Any]
    write: Callable[[Any], bytes]
    examples: tuple[bytes, ...]

    def same(self, data: bytes) -> None:
        """Read bytes; whatever is read is written as it was. Raises what `read` raises."""
        assert self.write(self.read(data)) == data


def _text(read: Callable[[str], Any]) -> Callable[[bytes], Any]:
    """A reader of text for bytes that may be none."""
    from comity.errors import IntegrityFault

    def reader(data: bytes) -> Any:
        try:
            return read(data.decode())
        except UnicodeDecodeError as fault:
            raise IntegrityFault("not text") from fault

    return reader


def formats() -> dict[str, Format]:
    """The formats by name. What they need is imported here, so that a fuzzer may import it again."""
    from comity.ledger import export, journal, keys, leaf, merkle, note, proof, tiles, witness

    log = keys.LogKey("log.kz.example/sample", bytes(range(32)))
    cosigner = keys.LogKey("witness.uz.example", bytes(32), keys.COSIGNATURE)
    hashes = [sha256(bytes([number])).digest() for number in range(20)]
    said = journal.prepare(journal.Entry(kind="accept", at=_AT, actor="p-1", party="KZ"), [*hashes[:3]])
    leaves = [leaf.Leaf(index=0, hash=said.hash, salt=said.salt, entry=said.entry, opening=said.opening)]
    top = [said.hash, *hashes]
    frontier = merkle.Frontier()
    for each in top:
        frontier = frontier.append(each)
    point = note.Checkpoint(origin=log.name, size=21, root=frontier.root(), extensions=("comity-guardrails/v1 sha256:00",))
    checkpoint = note.sign(point, log)
    signature = witness.cosignature(note.read_note(checkpoint), cosigner, 1_679_315_147)
    cosigned = note.write_signed(note.read_note(checkpoint), signature)
    asked = witness.Submission(old=3, proof=tiles.consistency(tiles.listed(top), 3, 21), checkpoint=checkpoint)
    head = leaf.Head(size=21, frontier=merkle.write_frontier(frontier), root=frontier.root(), checkpoint=checkpoint)
    lines = list(export.export_lines(leaves, head))
    proofs = [proof.prove(leaves[0], tiles.listed(top), cosigned, position) for position in (None, 1)]
    checkpoint_of = _text(note.read_checkpoint)
    return {
        "checkpoint": Format(checkpoint_of, lambda found: note.write_checkpoint(found).encode(), (note.write_checkpoint(point).encode(),)),
        "note": Format(note.read_note, note.write_note, (checkpoint, cosigned)),
        "cosignature": Format(witness.read_signatures, witness.write_answer, (witness.write_answer([signature]),)),
        "submission": Format(witness.read_submission, witness.write_submission, (witness.write_submission(asked),)),
        "proof": Format(proof.read_proof, proof.write_proof, tuple(map(proof.write_proof, proofs))),
        "tile-path": Format(
            _text(tiles.read_path), lambda found: tiles.write_path(found).encode(), (b"tile/0/x001/234.p/7", b"tile/entries/000")
        ),
        "bundle": Format(tiles.read_bundle, tiles.write_bundle, (tiles.write_bundle([b"", *hashes[:3]]),)),
        "verifier-key": Format(_text(keys.read_verifier), lambda key: keys.write_verifier(key).encode(), (keys.write_verifier(log.verifier).encode(),)),
        "key-file": Format(export.read_key, export.write_key, (export.write_key(log.verifier),)),
        "entry": Format(leaf.read_entry, leaf.write_entry, (said.entry,)),
        "export": Format(export.read_leaf, lambda found: list(export.export_lines([found], head))[1], (lines[1],)),
        "export-head": Format(export.read_head, lambda found: next(export.export_lines([], found)), (lines[0],)),
        "frontier": Format(merkle.read_frontier, merkle.write_frontier, (merkle.write_frontier(frontier),)),
    }  # fmt: skip
