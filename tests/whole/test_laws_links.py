"""The laws of deliveries (P6, P7, P8) over links between nodes, whatever happens on the way: what is lost, repeated, held back, cut short or
altered; clocks that are a day off; nodes that are cut off in the midst of writing, or restored from a backup.

A run is a list of moves over KZ's node, the centre's and UZ's. After it, once everybody can reach everybody: UZ's node has exactly what KZ
shares with it now, each object once; nothing that was taken back has come back; and a further exchange writes nothing.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.errors import Fault
from comity.intake.withdraw import withdraw
from comity.peer import outgoing as leaving
from comity.peer import taking, withdrawals
from comity.peer.incoming import incoming, position
from comity.peer.outgoing import outgoing, settled
from comity.peer.partner import State, state
from comity.terms.item import read_envelope
from tests.consortium import indicator
from tests.linked import Node, backup
from tests.peer.test_outgoing import body

WAYS = ("whole", "lost", "twice", "held", "truncated", "altered", "unheard", "cut")
MOVES = (
    "add",
    "add",
    "add to UZ",
    "add to RU",
    "take back",
    "share again",
    "narrow",
    "suspend",
    "resume",
    "skew",
    "keep",
    "restore",
    *(("carry",) * 8),
)
Move = tuple[int, int]


class Cut(Exception):
    """The process ends here."""


class Run:
    """The three nodes, what is on the way between them, and what KZ shares with UZ now."""

    def __init__(self) -> None:
        self.hub, self.kz, self.uz = body()
        self.hub.member("RU")
        self.live: dict[str, tuple[dict[str, Any], bool]] = {}
        self.gone: list[dict[str, Any]] = []
        self.held: list[tuple[Node, Node, bytes]] = []
        self.backups: dict[str, dict[str, Any]] = {}

    def move(self, what: int, which: int) -> None:
        name = MOVES[what % len(MOVES)]
        if name.startswith("add"):
            obj, to = indicator(), {"add": None, "add to UZ": ("UZ",), "add to RU": ("RU",)}[name]
            self.kz.adds(obj, to=to)
            self.live[obj["id"]] = obj, name != "add to RU"
        elif name == "take back" and self.live:
            id_ = sorted(self.live)[which % len(self.live)]
            withdraw(self.kz.world, "KZ", id_, cause="recalled")
            self.gone.append(self.live.pop(id_)[0])
        elif name == "share again" and self.gone:
            obj = self.gone.pop(which % len(self.gone))
            self.kz.adds(obj)
            self.live[obj["id"]] = obj, True
        elif name == "narrow" and self.live:
            id_ = sorted(self.live)[which % len(self.live)]
            obj, shared = self.live[id_]
            if shared:
                self.kz.adds(obj, to=("RU",))
                self.live[id_] = obj, self._open_to_uz(id_)
        elif name in ("suspend", "resume"):
            self.hub.party("UZ", "suspended" if name == "suspend" else "member", since=self.hub.clock())
        elif name == "skew":
            self._one(which).clock.at += timedelta(days=1 if which % 2 else -1)
        elif name == "keep":
            self.backups["UZ"] = backup(self.uz.world.store)
        elif name == "restore" and self.backups:
            # Its own journal goes on where the backup ends: what a log is to do then has its own tests.
            vars(self.uz.world.store).update(deepcopy(self.backups["UZ"]))
            self.uz.world.rulebook._at = -1
            self.uz.desk.__init__(self.uz.world)  # type: ignore[misc]
        elif name == "carry":
            self.carry(which)

    def _open_to_uz(self, id_: str) -> bool:
        rows = self.kz.world.store.by_id([id_])
        said = [read_envelope(raw) for raw in self.kz.world.store.envelopes([row.item for row in rows]).values()]
        return any(each.to is None or "UZ" in each.to for each in said)

    def _one(self, which: int) -> Node:
        return (self.hub, self.kz, self.uz)[which // 2 % 3]

    def carry(self, which: int) -> None:
        """One parcel over one of the links, one of the ways."""
        pairs = ((self.kz, self.hub), (self.hub, self.uz), (self.hub, self.kz), (self.uz, self.hub))
        (one, other), way = pairs[which % 4], WAYS[which // 4 % len(WAYS)]
        late = [each for each in self.held if each[:2] == (one, other)]
        if late and which % 3 == 0:
            self.held.remove(late[0])
            incoming(other.world, other.partners[one.code], other.key, late[0][2])
        if way == "cut":
            self.cut(one, other, which)
            return
        raw = outgoing(one.desk, one.partners[other.code], one.key)
        if raw is None or way == "lost":
            return
        if way == "held":
            self.held.append((one, other, raw))
            return
        if way == "truncated":
            raw = raw[: len(raw) * (which % 7) // 7]
        if way == "altered":
            raw = raw.replace(b'"payload":"eyJib2R5', b'"payload":"eyJib2R6')
        for _ in range(2 if way == "twice" else 1):
            answer = incoming(other.world, other.partners[one.code], other.key, raw)
            if way != "unheard":
                settled(one.world, one.partners[other.code], answer)

    def cut(self, one: Node, other: Node, which: int) -> None:
        """An exchange in the midst of which one of the two ends, at one of its next writes, before or after that is durable."""
        with cut_off(one if which % 2 else other, which // 2 % 7, durable=which % 5 == 0):
            exchange(one, other)

    def quiet(self) -> None:
        """Everybody reaches everybody, until nothing is new."""
        for _ in range(6):
            for member in (self.kz, self.uz):
                exchange(member, self.hub)
                exchange(self.hub, member)

    def check(self) -> None:
        self.quiet()
        # What a clock that was set back makes of a standing from then on is decided by the centre's clock, and by nobody else's.
        member = self.hub.world.rulebook.current()[1].register.standing("UZ", "sco", self.hub.clock()) == "member"
        entitled = {id_ for id_, (_, shared) in self.live.items() if shared} if member else set()
        assert sorted(id_ for _, id_, _ in self.uz.stored()) == sorted(entitled)
        assert len(self.uz.world.store.by_id(list(entitled))) == len(entitled)
        assert {id_ for _, id_, _ in self.hub.stored()} == set(self.live)
        before = [(node.world.store.head().size, node.world.store.counters()) for node in (self.hub, self.kz, self.uz)]
        self.quiet()
        assert [(node.world.store.head().size, node.world.store.counters()) for node in (self.hub, self.kz, self.uz)] == before


def exchange(one: Node, other: Node) -> None:
    """What a transport does; it gives up after a few refusals."""
    settled(one.world, one.partners[other.code], position(other.world, other.partners[one.code], other.key))
    for _ in range(50):
        raw = outgoing(one.desk, one.partners[other.code], one.key)
        if raw is None:
            return
        settled(one.world, one.partners[other.code], incoming(other.world, other.partners[one.code], other.key, raw))
    raise AssertionError("the exchange does not end")


@contextmanager
def cut_off(node: Node, writes: int, *, durable: bool) -> Iterator[None]:
    """The node's process ends with its next write but so many; what it has in memory is gone."""
    store, left = node.world.store, [writes]
    real = type(store).write

    @contextmanager
    def write() -> Iterator[Any]:
        with real(store) as tx:
            yield tx
            left[0] -= 1
            if left[0] < 0 and not durable:
                raise Cut
        if left[0] < 0:
            raise Cut

    store.write = write  # type: ignore[method-assign]
    try:
        yield
    except Cut:
        node.desk.__init__(node.world)  # type: ignore[misc]
    finally:
        del store.write


def run(moves: list[Move]) -> None:
    made = Run()
    for what, which in moves:
        made.move(what, which)
    made.check()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(MOVES) - 1), st.integers(0, 10_000)), max_size=40))
def test_whatever_happens_on_the_way_every_node_has_what_it_should(moves: list[Move]) -> None:
    run(moves)


@pytest.mark.parametrize("seed", range(20))
def test_twenty_random_cuts_converge(seed: int) -> None:
    chance = random.Random(seed)
    made = Run()
    for _ in range(12):
        made.move(chance.randrange(7), chance.randrange(10_000))
        pair = chance.choice(((made.kz, made.hub), (made.hub, made.uz)))
        made.cut(*pair, chance.randrange(10_000))
    made.check()


def drawn(seed: int) -> list[Move]:
    chance = random.Random(seed)
    moves = [(chance.randrange(len(MOVES)), chance.randrange(10_000)) for _ in range(60)]
    return [*moves, (MOVES.index("suspend"), 0)] if seed % 3 == 2 else moves


def _nothing(*_: Any) -> Any:
    return None


#: Defects, each as what is put in the place of what: one of a few runs must tell.
BUGS: dict[str, tuple[object, str, Callable[..., Any]]] = {
    "withdrawals are not told": (withdrawals, "fill", lambda desk, partner, entries, place, limit, key: (place, False)),
    "what became hidden is not told": (withdrawals, "note", _nothing),
    "what was made counts as received": (leaving.partners, "state", lambda *a, _real=leaving.partners.state: _ahead(_real(*a))),
    "an object of a parcel is left out": (
        taking.Taking,
        "objects",
        lambda self, entries, _real=taking.Taking.objects: _real(self, entries[: max(1, len(entries) - 1)]),
    ),
    "a restored receiver is not noticed": (
        leaving.partners,
        "change",
        lambda *a, _real=leaving.partners.change, **f: _real(*a, **_forward(a, f)),
    ),
    "what was taken back is taken in again from whoever brings it": (taking, "erase", lambda world, notice: ""),
    "what is shared again counts as taken back": (
        taking,
        "taken_back",
        lambda *a, _real=taking.taken_back: (_real(*a) > 0) << 62,
    ),
}


def _ahead(stands: State) -> State:
    return msgspec.structs.replace(stands, reached=stands.made)


def _forward(given: tuple[Any, ...], fields: dict[str, Any]) -> dict[str, Any]:
    world, _, name = given
    return {**fields, **({"reached": max(fields["reached"], state(world, name).reached)} if "reached" in fields else {})}


@pytest.mark.parametrize("bug", BUGS)
def test_a_seeded_defect_is_found(bug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    place, name, instead = BUGS[bug]
    monkeypatch.setattr(place, name, instead)
    for seed in range(150):
        try:
            run(drawn(seed))
        except (AssertionError, Fault):
            return
    raise AssertionError(f"nobody noticed: {bug}")


def test_the_runs_that_find_defects_are_sound_without_them() -> None:
    for seed in range(6):
        run(drawn(seed))
