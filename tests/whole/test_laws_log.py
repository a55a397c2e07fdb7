"""The laws of the log (P5) and of durability (P8), whatever a node does: what comes, goes and is taken back, by two processes, cut off in the
midst of writing.

P5  One root for each size, and each log extends every earlier one. What went to a party is in the log that its checkpoint covers. Whoever
    keeps one checkpoint finds a log that was cut back, reordered, rewritten, forked or put back, though its own key signs it anew; from a
    checkpoint of before the change there is nothing to find.
P8  What was acknowledged is there. What was not is wholly there or not at all: item, entry and index.
"""

from __future__ import annotations

import dataclasses
import hashlib
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.admin import logbook
from comity.admin.fsck import fsck
from comity.errors import Fault
from comity.intake.withdraw import withdraw
from comity.ledger import audit, journal, proof
from comity.ledger.given import given as released
from comity.ledger.journal import Head, Journal, Leaf
from comity.ledger.merkle import Frontier, write_frontier
from comity.ledger.note import Checkpoint, sign
from comity.release import record
from comity.release.desk import Desk
from comity.rulebook import Rulebook
from comity.store.memory import MemoryStore
from comity.terms.item import read_envelope
from comity.world import World
from tests.consortium import Body, indicator

MOVES = ("add", "add three", "read", "read", "get", "take back", "keep", "beside", "cut", "cut", "cut")
#: When a write ends with the process: when its entry has its place, when all is done, or when it is durable and nobody knows yet.
MOMENTS = ("midway", "before", "after")
Move = tuple[int, int]


class Cut(Exception):
    """The process ends here."""


class Run:
    """A centre's node and what others know of it: checkpoints that a member keeps, bytes that went to it, what was acknowledged."""

    def __init__(self) -> None:
        self.body = Body()
        self.kz, self.uz = self.body.member("KZ"), self.body.member("UZ")
        world = self.body.world
        with world.store.write() as tx:  # a whole tile (tlog-tiles) is full soon
            for _ in range(250):
                world.journal.append(tx, journal.Entry(kind="peer", at=world.clock()))
        self.other = self.begun()
        self.kept: list[bytes] = []
        self.roots: dict[int, bytes] = {}
        self.given: set[bytes] = set()
        self.here: set[str] = set()
        #: What a cut left open: it is there as a whole, or not at all.
        self.open: set[str] = set()

    def move(self, what: int, which: int) -> None:
        name = MOVES[what % len(MOVES)]
        if name == "beside":
            self.goes_on(self.other)
        elif name == "keep":
            self.kept.append(self.body.world.store.head().checkpoint)
        elif name == "cut":
            with cut_off(self.body.world.store, which % 3, MOMENTS[which // 3 % 3]):
                self.do(("add three", "read", "get", "take back")[which // 9 % 4], which)
            self.body.world = self.other
            self.goes_on(self.begun())
        else:
            self.do(name, which)
        self.look()

    def do(self, name: str, which: int) -> None:
        if name.startswith("add"):
            objects = [indicator() for _ in range(3 if name == "add three" else 1)]
            ids = {obj["id"] for obj in objects}
            self.open |= ids
            assert [each.outcome for each in self.kz.submits(*objects)] == ["accepted"] * len(objects)
            self.open -= ids
            self.here |= ids
        elif name == "read":
            self.gets(self.uz.page(limit=5).bodies)
        elif name == "get" and self.here:
            self.gets(self.uz.gets(self._one(which)))
        elif name == "take back" and self.here:
            id_ = self._one(which)
            self.here.discard(id_)
            self.open.add(id_)
            withdraw(self.body.world, "KZ", id_, cause="recalled")
            self.open.discard(id_)

    def gets(self, bodies: list[bytes]) -> None:
        """The bytes are there: by now a checkpoint covers that they are."""
        shas = {hashlib.sha256(body).digest() for body in bodies}
        size = self.body.world.store.head().size
        named = {sha for _, entry, found in released(self.body.world.store.leaves(0, size), shas) if entry.party == "UZ" for sha in found}
        assert named == shas
        self.given |= shas

    def _one(self, which: int) -> str:
        return sorted(self.here)[which % len(self.here)]

    def begun(self) -> World:
        """A new process of the same node."""
        world = self.body.world
        fresh = Journal(world.journal._key, world.journal.origin)
        return dataclasses.replace(world, journal=fresh, rulebook=Rulebook(world.store))

    def goes_on(self, process: World) -> None:
        """Another of the node's two processes is asked from now on."""
        self.body.world, self.other = process, self.body.world
        self.body.desk = Desk(process)

    def look(self) -> None:
        head = self.body.world.store.head()
        assert self.roots.setdefault(head.size, head.root) == head.root

    def check(self) -> None:
        world = self.body.world
        # P5.
        for held in [None, *self.kept]:
            report = logbook.verify(world, held)
            assert report.ok, report.problems
        for sha in self.given:
            assert any(entry.party == "UZ" for _, entry, _ in released(world.store.leaves(), {sha}))
        # P8.
        there = {row.id for row in world.store.by_type("indicator")}
        assert self.here <= there <= self.here | self.open
        assert list(fsck(world)) == []
        for id_ in sorted(self.here)[:3]:
            body, envelope = _stored(world.store, id_)
            proven = proof.read_proof(logbook.prove(world, id_))
            assert proof.verify(proven, (world.journal.verifier,), hashlib.sha256(body).digest() + envelope)
        assert set(self.uz.reads(own=False)) == there

    def tampered(self, chance: random.Random) -> None:
        """Whoever has the log's key changes its past from a leaf on: every checkpoint of more than that shows it, no other can."""
        world = self.body.world
        leaves, kept = list(world.store.leaves()), [*self.kept, world.store.head().checkpoint]
        for harm in (cut_back, taken_out, exchanged, rewritten, gone_on):
            at = chance.randrange(1, len(leaves) - 1)
            changed = harm(leaves, at)
            head = signed(changed, world.journal)
            assert audit.verify(changed, head, world.journal.verifier).ok, harm.__name__  # by itself it looks sound
            for held in kept:
                size = int(held.split(b"\n")[1])
                found = not audit.verify(changed, head, world.journal.verifier, held=held).ok
                assert found == (size > at), (harm.__name__, at, size)


def _stored(store: Any, id_: str) -> tuple[bytes, bytes]:
    (row,) = store.by_id([id_])
    envelope = store.envelopes([row.item])[row.item]
    assert read_envelope(envelope).origin == "KZ"
    return store.bodies([row.item])[row.item], envelope


def cut_back(leaves: list[Leaf], at: int) -> list[Leaf]:
    return leaves[:at]


def taken_out(leaves: list[Leaf], at: int) -> list[Leaf]:
    return placed([*leaves[:at], *leaves[at + 1 :]])


def exchanged(leaves: list[Leaf], at: int) -> list[Leaf]:
    return placed([*leaves[:at], leaves[at + 1], leaves[at], *leaves[at + 2 :]])


def rewritten(leaves: list[Leaf], at: int) -> list[Leaf]:
    entry = journal.read_entry(leaves[at].entry)
    return [*leaves[:at], leaf(at, msgspec.structs.replace(entry, actor="nobody"), leaves[at].opening), *leaves[at + 1 :]]


def gone_on(leaves: list[Leaf], at: int) -> list[Leaf]:
    """A backup of then was put back, and other things happened since."""
    entry = journal.Entry(kind="peer", at=journal.read_entry(leaves[at].entry).at)
    return [*leaves[:at], *(leaf(number, entry, b"") for number in range(at, len(leaves) + 2))]


def leaf(index: int, entry: journal.Entry, opening: bytes) -> Leaf:
    body, salt = journal.write_entry(entry), hashlib.sha256(b"%d" % index).digest()[:16]
    salt = salt.ljust(journal.SALT, b"\0")[: journal.SALT]
    return Leaf(index=index, hash=journal.entry_hash(salt, body), salt=salt, entry=body, opening=opening)


def placed(leaves: list[Leaf]) -> list[Leaf]:
    return [msgspec.structs.replace(each, index=index) for index, each in enumerate(leaves)]


def signed(leaves: list[Leaf], by: Journal) -> Head:
    """The head of such a log, as its own key signs it."""
    frontier = Frontier()
    for each in leaves:
        frontier = frontier.append(each.hash)
    checkpoint = sign(Checkpoint(origin=by.origin, size=frontier.size, root=frontier.root(), extensions=()), by._key)
    return Head(size=frontier.size, frontier=write_frontier(frontier), root=frontier.root(), checkpoint=checkpoint)


@contextmanager
def cut_off(store: Any, writes: int, moment: str) -> Iterator[None]:
    """The process ends with its next write but so many, at one of the MOMENTS of it."""
    left = [writes]
    real, put_leaf = type(store).write, type(store).put_leaf

    @contextmanager
    def write() -> Iterator[Any]:
        left[0] -= 1
        with real(store) as tx:
            yield tx
            if left[0] < 0 and moment == "before":
                raise Cut
        if left[0] < 0:
            raise Cut

    def put(*given: Any) -> None:
        put_leaf(store, *given)
        if left[0] < 0 and moment == "midway":
            raise Cut

    store.write, store.put_leaf = write, put
    try:
        with suppress(Cut):
            yield
    finally:
        del store.write, store.put_leaf


def run(moves: list[Move], seed: int = 0) -> None:
    made = Run()
    for what, which in moves:
        made.move(what, which)
    made.check()
    made.tampered(random.Random(seed))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(MOVES) - 1), st.integers(0, 1_000)), max_size=25), st.integers(0, 1_000))
def test_whatever_a_node_does_its_log_says_so_and_nothing_is_lost(moves: list[Move], seed: int) -> None:
    run(moves, seed)


def drawn(seed: int) -> list[Move]:
    chance = random.Random(seed)
    return [(chance.randrange(len(MOVES)), chance.randrange(1_000)) for _ in range(25)]


@contextmanager
def _no_undo(self: MemoryStore) -> Iterator[MemoryStore]:
    with self._lock:
        self._then.clear()
        yield self
        for done in self._then:
            done()


def _forgets_the_last(self: Any, tx: Any, disclosure: Any, _real: Callable[..., Any] = record.Recorder._enter) -> Any:
    entry = journal.read_entry(disclosure.leaf.entry)
    return _real(self, tx, msgspec.structs.replace(disclosure, leaf=journal.prepare(msgspec.structs.replace(entry, count=0, root=None))))


def _believes_itself(self: Journal, head: Head, _real: Callable[..., Any] = Journal._past) -> Frontier:
    return self._sound[1] if self._sound is not None else _real(self, head)


def _sizes_only(self: Any) -> None:
    if self.held is not None and self.held_root is None:
        self.problem("its end was removed")


#: Defects, each as what is put in the place of what: one of a few runs must tell.
BUGS: dict[str, tuple[object, str, Callable[..., Any]]] = {
    "what a cut-off process did is half there": (MemoryStore, "write", _no_undo),
    "a page is logged without what is on it": (record.Recorder, "_enter", _forgets_the_last),
    "a process does not see that another one went on": (Journal, "_past", _believes_itself),
    "a checkpoint kept elsewhere is compared by size alone": (audit._Audit, "against_held", _sizes_only),
    "a checkpoint kept elsewhere is not looked at": (audit._Audit, "against_held", lambda self: None),
    "the hashes of whole tiles are forgotten": (journal, "finished", lambda frontier, hash_: iter(())),
    "a checkpoint is of the size before": (
        journal,
        "sign",
        lambda said, key, _real=sign: _real(msgspec.structs.replace(said, size=said.size - 1), key),
    ),
}


@pytest.mark.parametrize("bug", BUGS)
def test_a_seeded_defect_is_found(bug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    place, name, instead = BUGS[bug]
    monkeypatch.setattr(place, name, instead)
    for seed in range(60):
        try:
            run(drawn(seed), seed)
        except (AssertionError, Fault):
            return
    raise AssertionError(f"nobody noticed: {bug}")


def test_the_runs_that_find_defects_are_sound_without_them() -> None:
    for seed in range(8):
        run(drawn(seed), seed)
