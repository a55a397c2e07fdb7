"""The node's own view of its ledger: head, verification, export, proofs (for its administrator and auditor)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from comity.admin.persons import detailed, named
from comity.durable import PART, put_whole
from comity.errors import Conflict, IntegrityFault, NotFound, OperatorFault
from comity.ledger import audit
from comity.ledger.export import CHECKPOINT, KEY, LOG, export_lines, write_key
from comity.ledger.journal import Head, read_entry
from comity.ledger.leaf import Leaf, Opening
from comity.ledger.proof import prove as prove_leaf
from comity.ledger.proof import write_proof
from comity.terms.item import item_hash
from comity.world import World


def head(world: World) -> Head:
    """Size, root and signed checkpoint of the log as stored."""
    return world.store.head()


def entries(world: World, first: int, last: int) -> Iterator[dict[str, Any]]:
    """Log entries [first, last) as records; an erased or damaged one says so."""
    for leaf in world.store.leaves(first, last):
        record: dict[str, Any] = {"index": leaf.index, "hash": leaf.hash.hex()}
        try:
            entry = read_entry(leaf.entry)
            record |= {"kind": entry.kind, "at": entry.at.isoformat(), "party": entry.party, "actor": named(world, entry.actor)}
            record |= {"count": entry.count, "agreements": list(entry.agreements), "detail": detailed(world, entry)}
        except IntegrityFault as fault:
            record |= {"kind": "unreadable", "why": str(fault)}
        yield record


def verify(world: World, held: bytes | None = None) -> audit.Report:
    """Check the whole log; with `held`, also against a checkpoint kept elsewhere. The node may go on meanwhile."""
    log_head = world.store.head()
    return audit.verify(_leaves(world, log_head), log_head, world.journal.verifier, held=held, origin=world.journal.origin)


def _leaves(world: World, log_head: Head) -> Iterator[Leaf]:
    """The leaves that a head is of, and any beyond it that no later head accounts for."""
    yield from world.store.leaves(0, log_head.size)
    beyond = list(world.store.leaves(log_head.size))
    if beyond and world.store.head().size == log_head.size:
        yield from beyond


def export(world: World, folder: Path) -> int:
    """Write the offline copy of the log: key, log.jsonl, checkpoint. The number of entries.

    Raises Conflict for a folder with anything else in it than an earlier copy of this log, OperatorFault.
    """
    log_head = world.store.head()
    key = write_key(world.journal.verifier)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        held = {path.name for path in folder.iterdir()}
        if held and (
            not {name.removesuffix(PART) for name in held} <= {LOG, CHECKPOINT, KEY}
            or KEY not in held
            or (folder / KEY).read_bytes() != key
        ):
            raise Conflict(f"{folder} holds other things than a copy of this log", next="choose a new or empty folder")
        # The key first: what a cut leaves behind is known again.
        put_whole(folder / KEY, [key])
        put_whole(folder / LOG, export_lines(world.store.leaves(0, log_head.size), log_head))
        put_whole(folder / CHECKPOINT, [log_head.checkpoint])
    except OSError as error:
        raise OperatorFault(f"cannot write the log to {folder}: {error}", next="choose a folder you may write to") from error
    return log_head.size


def copy(world: World) -> Iterator[bytes]:
    """The lines of `log.jsonl` as of now: the head, then every leaf."""
    log_head = world.store.head()
    return export_lines(world.store.leaves(0, log_head.size), log_head)


def prove(world: World, name: str) -> bytes:
    """A proof file: of an entry by its index, or of an object's arrival by its id. Raises NotFound."""
    store = world.store
    # The head first: entries may come meanwhile, and the proof is of what the checkpoint covers.
    log_head = store.head()
    hashes, checkpoint = store.tree_hashes, log_head.checkpoint
    if name.isascii() and name.isdigit():
        leaf = next(store.leaves(int(name), log_head.size), None) if len(name) <= 18 else None
        if leaf is None:
            raise NotFound(f"the log has no entry {name}")
        return write_proof(prove_leaf(leaf, hashes, checkpoint))
    rows = store.by_id([name])
    if not rows:
        raise NotFound(f"this node holds no {name}")
    row = rows[-1]
    leaf = next(store.leaves(row.leaf, row.leaf + 1), None)
    if leaf is None:
        raise IntegrityFault(f"{name} says it entered with leaf {row.leaf}, which the log does not have", next="run comity fsck")
    wanted = item_hash(row.sha, store.envelopes([row.item])[row.item])
    return write_proof(prove_leaf(leaf, hashes, checkpoint, position_of(leaf, wanted)))


def position_of(leaf: Leaf, hash_: bytes) -> int:
    """Where in a batch an object stands. Raises IntegrityFault if the entry does not name it."""
    for position, found in enumerate(Opening(records=leaf.opening).hashes()):
        if found == hash_:
            return position
    raise IntegrityFault(f"leaf {leaf.index} does not commit to the object as it is stored now")
