"""The logs of others that this node witnesses: it cosigns what extends what it cosigned before (C2SP tlog-witness).

Crash story: what is cosigned is durable before the cosignature leaves, in the one critical section in which it was compared with what was
cosigned before; so no two pasts of a log are ever cosigned here.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from comity.clock import micros
from comity.errors import Conflict
from comity.ledger.journal import Entry
from comity.ledger.keys import LogKey, Verifier, read_verifier
from comity.ledger.note import Checkpoint, open_note, read_note
from comity.ledger.witness import Forked, Inconsistent, cosignature, judge, origin_of, read_submission, write_answer
from comity.terms.party import party_code
from comity.world import World

_WATCHED = "witnessed"
#: Differing checkpoints of one log that are kept as evidence.
_EVIDENCE = 20


class Watched(msgspec.Struct, frozen=True, kw_only=True):
    """A log that this node witnesses: its key, whose it is, the note cosigned last, and notes that contradict those cosigned.

    `doubtful` is the last note, signed by the log, that came with no proof that it extends those cosigned: another past of another size,
    or somebody's wrong proof. Whoever holds both notes against the log can tell. Nothing that is cosigned later takes it away.
    """

    key: str
    party: str
    note: bytes = b""
    evidence: tuple[bytes, ...] = ()
    doubtful: bytes = b""

    @property
    def verifier(self) -> Verifier:
        """The log's key."""
        return read_verifier(self.key)


def watch(world: World, key: str, party: str, by: str) -> None:
    """Witness a party's log, known by its key, from now on. Raises Conflict if another key of that log is known, IntegrityFault."""
    verifier, code = read_verifier(key), party_code(party)
    with world.store.write() as tx:
        if world.store.private(_WATCHED, verifier.name) is not None:
            raise Conflict(f"{verifier.name} is witnessed already", next="comity log witness watched shows it")
        tx.put_private(_WATCHED, verifier.name, msgspec.json.encode(Watched(key=key, party=code)))
        detail = {"log": verifier.name, "key": verifier.key_id.hex()}
        world.journal.append(tx, Entry(kind="witness", at=world.clock(), actor=by, party=code, detail=detail))


def watched(world: World) -> Sequence[Watched]:
    """The logs that are witnessed here, by origin."""
    return [msgspec.json.decode(value, type=Watched) for _, value in world.store.privates(_WATCHED)]


def last_seen(log: Watched) -> Checkpoint | None:
    """The checkpoint that was cosigned last; None before the first."""
    return open_note(log.note, [log.verifier]) if log.note else None


def cosign(world: World, key: LogKey, raw: bytes) -> bytes:
    """Answer a submission: this witness's cosignature, once the checkpoint is kept as the last one. Raises what `witness.judge` does.

    A second past of a log is kept, with its log's signature on it, and is an entry in this node's own log.
    """
    said = read_submission(raw)
    origin = origin_of(said)
    try:
        with world.store.write() as tx:
            value = world.store.private(_WATCHED, origin)
            log = msgspec.json.decode(value, type=Watched) if value else None
            judge(said, [log.verifier] if log else [], log.note if log else b"")
            assert log is not None
            if log.note != said.checkpoint:
                tx.put_private(_WATCHED, origin, msgspec.json.encode(msgspec.structs.replace(log, note=said.checkpoint)))
    except Forked as fork:
        _keep_evidence(world, origin, fork)
        raise
    except Inconsistent:
        _keep_doubtful(world, origin, said.checkpoint)
        raise
    return write_answer([cosignature(read_note(said.checkpoint), key, micros(world.clock()) // 1_000_000)])


def _keep_evidence(world: World, origin: str, fork: Forked) -> None:
    with world.store.write() as tx:
        log = msgspec.json.decode(world.store.private(_WATCHED, origin) or b"", type=Watched)
        shown = read_note(fork.shown).text
        if len(log.evidence) >= _EVIDENCE or any(read_note(kept).text == shown for kept in log.evidence):
            return
        tx.put_private(_WATCHED, origin, msgspec.json.encode(msgspec.structs.replace(log, evidence=(*log.evidence, fork.shown))))
        detail = {"log": origin, "held": read_note(fork.held).text, "shown": shown}
        world.journal.append(tx, Entry(kind="fork", at=world.clock(), party=log.party, detail=detail))


def _keep_doubtful(world: World, origin: str, shown: bytes) -> None:
    """Keep the latest, and one log entry for each of another text than the one before."""
    with world.store.write() as tx:
        log = msgspec.json.decode(world.store.private(_WATCHED, origin) or b"", type=Watched)
        text, held = read_note(shown).text, read_note(log.note).text
        if log.doubtful and read_note(log.doubtful).text == text:
            return
        tx.put_private(_WATCHED, origin, msgspec.json.encode(msgspec.structs.replace(log, doubtful=shown)))
        detail = {"log": origin, "held": held, "doubtful": text}
        world.journal.append(tx, Entry(kind="witness", at=world.clock(), party=log.party, detail=detail))
