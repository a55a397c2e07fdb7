"""What this node shows others of its log, and who witnesses it (C2SP tlog-witness).

The log is published at a fixed interval, so that its size tells no more of when something happens (model.md, Declared leakage).

Crash story: a cosignature is kept in one critical section with what it is of; one that is lost on the way is asked for again.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from comity.durable import put_whole
from comity.errors import Conflict, IntegrityFault, NotFound, OperatorFault
from comity.ledger.erasure import commitment
from comity.ledger.journal import Entry
from comity.ledger.keys import COSIGNATURE, Verifier, cosigned_at, read_verifier
from comity.ledger.note import Note, Signature, open_note, read_checkpoint, read_note, write_note
from comity.ledger.tiles import WIDTH, Tile, consistency, tiles, width, write_bundle, write_path
from comity.ledger.witness import Submission, read_answer
from comity.terms.party import party_code
from comity.world import World

_PUBLISHED, _WITNESSES = "published", "witnesses"
#: Independent witnesses below which a log is called unwitnessed.
ENOUGH = 2


class Witness(msgspec.Struct, frozen=True, kw_only=True):
    """One that witnesses this node's log: where it is asked, its key (type 4), whose it is, how far it has cosigned.

    `problem` is what went wrong when it was asked last, "" if nothing did.
    """

    name: str
    url: str
    key: str
    party: str
    size: int = 0
    problem: str = ""

    @property
    def verifier(self) -> Verifier:
        """Its key."""
        return read_verifier(self.key, COSIGNATURE)


def add_witness(world: World, witness: Witness, by: str) -> None:
    """Ask a witness from now on. Raises Conflict for a name that is taken, IntegrityFault for a key that is no witness's."""
    witness = msgspec.structs.replace(witness, party=party_code(witness.party))
    key = witness.verifier
    with world.store.write() as tx:
        if world.store.private(_WITNESSES, witness.name) is not None:
            raise Conflict(f"there is a witness {witness.name!r} already", next="choose another name, or drop that one")
        tx.put_private(_WITNESSES, witness.name, msgspec.json.encode(witness))
        detail = {"witness": witness.name, "key": key.key_id.hex()}
        world.journal.append(tx, Entry(kind="witness", at=world.clock(), actor=by, party=witness.party, detail=detail))


def drop_witness(world: World, name: str, by: str) -> None:
    """Ask a witness no longer. Raises NotFound."""
    with world.store.write() as tx:
        gone = _witness(world, name)
        tx.put_private(_WITNESSES, name, None)
        detail = {"witness": name, "dropped": True}
        world.journal.append(tx, Entry(kind="witness", at=world.clock(), actor=by, party=gone.party, detail=detail))


def witnesses(world: World) -> list[Witness]:
    """Who is asked, by name."""
    return [msgspec.json.decode(value, type=Witness) for _, value in world.store.privates(_WITNESSES)]


def _witness(world: World, name: str) -> Witness:
    value = world.store.private(_WITNESSES, name)
    if value is None:
        raise NotFound(f"there is no witness {name!r}", next="comity log witness list shows them")
    return msgspec.json.decode(value, type=Witness)


def publish(world: World) -> bytes:
    """Show the log as it is now from here on; the checkpoint's note. Nothing is written if it has not grown."""
    head = world.store.head()
    before = published(world)
    if not head.size or (before and read_checkpoint(read_note(before).text).size == head.size):
        return before
    with world.store.write() as tx:
        tx.put_private(_PUBLISHED, "note", head.checkpoint)
    return head.checkpoint


def published(world: World) -> bytes:
    """The checkpoint as others are shown it, with the cosignatures that it has by now; b"" before the first time."""
    return world.store.private(_PUBLISHED, "note") or b""


def tile(world: World, which: Tile) -> bytes | None:
    """A tile or bundle of what is published, as tlog-tiles has it; None if that has no such tile."""
    note = published(world)
    size = read_checkpoint(read_note(note).text).size if note else 0
    wide = width(which.level, which.number, size)
    # A partial tile stays available once the whole one is (tlog-tiles, Partial Tiles).
    if not 0 < which.width <= wide:
        return None
    first = which.number * WIDTH
    if which.level is not None:
        return b"".join(world.store.tree_hashes(which.level, first, which.width))
    return write_bundle([commitment(leaf) for leaf in world.store.leaves(first, first + which.width)])


def export(world: World, folder: Path) -> int:
    """Publish the log and write it as static files (tlog-tiles); how many entries. Files that are there already are right, and stay.

    The checkpoint comes last, so that whoever reads meanwhile finds every tile of the one that is there. Raises OperatorFault.
    """
    note = publish(world)
    size = read_checkpoint(read_note(note).text).size
    try:
        _check_ours(world, folder / "checkpoint")
        for each in tiles(size):
            path = folder / write_path(each)
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                put_whole(path, [tile(world, each) or b""])
        put_whole(folder / "checkpoint", [note])
    except OSError as error:
        raise OperatorFault(f"cannot write the log to {folder}: {error}", next="choose a folder you may write to") from error
    return size


def _check_ours(world: World, path: Path) -> None:
    """Refuse a folder with the tiles of another log. Raises Conflict."""
    try:
        ours = not path.exists() or open_note(path.read_bytes(), [world.journal.verifier]).origin == world.journal.origin
    except IntegrityFault:
        ours = False
    if not ours:
        raise Conflict(f"{path} is not of this log", next="choose a new or empty folder")


def submission(world: World, name: str, old: int | None = None) -> Submission | None:
    """What a witness is to be asked now, from what it has cosigned (`old`: as it says itself); None if it has cosigned all there is."""
    witness, note = _witness(world, name), published(world)
    if not note or any(_is_by(found, witness.verifier) for found in read_note(note).signatures):
        return None
    size = read_checkpoint(read_note(note).text).size
    old = witness.size if old is None else old
    proof = consistency(world.store.tree_hashes, old, size) if 0 < old <= size else ()
    return Submission(old=old, proof=proof, checkpoint=note)


def answered(world: World, name: str, asked: Submission, answer: bytes) -> None:
    """Keep a witness's cosignature with the checkpoint that it is of, if that is still the published one. Raises IntegrityFault."""
    with world.store.write() as tx:
        witness, note = _witness(world, name), read_note(published(world))
        found = read_answer(answer, asked.checkpoint, witness.verifier)
        asked_note = read_note(asked.checkpoint)
        size = read_checkpoint(asked_note.text).size
        done = msgspec.structs.replace(witness, size=max(size, witness.size), problem="")
        tx.put_private(_WITNESSES, name, msgspec.json.encode(done))
        if note.text == asked_note.text and not any(_is_by(other, witness.verifier) for other in note.signatures):
            tx.put_private(_PUBLISHED, "note", write_note(Note(text=note.text, signatures=(*note.signatures, found))))


def failed(world: World, name: str, problem: str) -> None:
    """Keep why a witness did not cosign."""
    witness = _witness(world, name)
    if witness.problem != problem:
        with world.store.write() as tx:
            tx.put_private(_WITNESSES, name, msgspec.json.encode(msgspec.structs.replace(witness, problem=problem)))


def _is_by(signature: Signature, key: Verifier) -> bool:
    return (signature.name, signature.key_id) == (key.name, key.key_id)


class Witnessed(msgspec.Struct, frozen=True, kw_only=True):
    """How the published checkpoint is witnessed: its size, and per witness that cosigned it its party and when (seconds since 1970).

    `independent` counts the parties among them that are not the log's own: two nodes of one party are one voice.
    """

    size: int
    by: dict[str, tuple[str, int]]
    independent: int

    @property
    def enough(self) -> bool:
        """Whether a split view would need several parties to collude."""
        return self.independent >= ENOUGH


def witnessed(world: World) -> Witnessed:
    """Who has cosigned what is published now."""
    note = published(world)
    if not note:
        return Witnessed(size=0, by={}, independent=0)
    read, by = read_note(note), dict[str, tuple[str, int]]()
    for witness in witnesses(world):
        for found in read.signatures:
            if _is_by(found, witness.verifier) and witness.verifier.valid(read.text.encode(), found.value):
                by[witness.name] = witness.party, cosigned_at(found.value)
    parties = {party for party, _ in by.values()} - {world.settings.party}
    return Witnessed(size=read_checkpoint(read.text).size, by=by, independent=len(parties))
