"""Where an item goes: its stamp, its trait row, and what else must be visible before it may be.

An object that names others is shown only to somebody who may also see those: a relationship between two objects must not tell that one
of them exists. So a trait row is a condition (`store.conditions`): base facts, plus what else must be visible. What nobody has sent is
visible to nobody: hidden and absent are the same (architecture.md, idea 5). When a later claim changes a condition, the item moves to
another row; conditions only widen that way, and readers get what became visible as a late item (`release.feed`).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from itertools import accumulate

import msgspec

from comity.clock import stamp
from comity.store.conditions import CROWD, NEVER, Needs, Node, fold, read_condition, write_condition
from comity.store.protocol import Claim, NewItem, Row, Tx
from comity.terms.traits import Traits

#: How far a condition looks. What lies beyond counts as absent, so that other alternatives of the same object still stand: a chain of
#: DEPTH references; NAMED references in the claims of one object, those that name least first; and behind the objects an item names itself,
#: ALLOWANCE objects and references, and AHEAD more for each that it names.
DEPTH = 32
NAMED = 5_000
ALLOWANCE = 1_000
AHEAD = 4
#: Objects and references that one batch may look at, some seconds' work. What comes after is shown to its origin alone: the sender pays.
EFFORT = 5_000_000

#: Stamps are 1 to 99 microseconds apart at random, so that a gap does not count what is hidden in it (model.md, When).
GAP = 99


def value_hash(kind: str, value: str) -> int:
    """The signed 64-bit hash that an observable value is indexed under."""
    return int.from_bytes(hashlib.blake2b(f"{kind}\0{value}".encode(), digest_size=8).digest(), "big", signed=True)


def stamps(tx: Tx, now: int, count: int) -> list[int]:
    """`count` fresh stamps: unique, strictly increasing, not before `now`, randomly apart. Advances the store's head."""
    at = max(now, tx.last_added())
    made = []
    for byte in os.urandom(count):
        at += 1 + byte % GAP
        made.append(at)
    tx.set_last_added(at)
    return made


def reserve(tx: Tx, now: int, count: int) -> int:
    """A range of `count` consecutive fresh stamps for a late grant; the first of them."""
    (first,) = stamps(tx, now, 1)
    tx.set_last_added(first + count - 1)
    return first


def place(tx: Tx, new: Sequence[NewItem], now: int, leaf: int) -> list[Row]:
    """Store items, all at once, in the critical section.

    1. Each item's base row. 2. Its condition, worked out against this batch and the store. 3. Stamps and numbers.
    4. Items stored earlier that lead to one of these ids: their conditions again.
    """
    first = tx.next_item()
    # 1.
    fresh: dict[str, list[Claim]] = {}
    settle = _Settle(tx, fresh)
    bases: dict[Traits, int] = {}
    rows: list[int] = []
    for index, item in enumerate(new):
        base = bases.get(item.traits)
        if base is None:
            base = bases[item.traits] = tx.intern(write_condition(item.traits))
        rows.append(base)
        fresh.setdefault(item.id, []).append(Claim(first + index, base, item.origin, item.refs))
    # 2.
    settle.prime([ref for item in new for ref in item.refs])
    for index, item in enumerate(new):
        if item.type == "sighting":  # first of all: what names a sighting asks for the facts that it ends up with
            rows[index] = settle.facts(item.id, first + index)
    places: list[tuple[int, int]] = []
    for base, item in zip(rows, new, strict=True):
        places.append((base, settle.place(base, item.refs) if item.refs else base))
    # 3.
    numbers: dict[int, int] = {}
    for _, home in places:
        numbers[home] = numbers.get(home, 0) + 1
    numbers = {home: tx.take_ordinals(home, count) for home, count in numbers.items()}
    made: list[tuple[Row, NewItem]] = []
    for index, (item, (base, home), added) in enumerate(zip(new, places, stamps(tx, now, len(new)), strict=True)):
        ordinal = numbers[home]
        numbers[home] = ordinal + 1
        row = Row(
            item=first + index, added=added, home=home, ordinal=ordinal, base=base, traits=home, origin=item.origin, id=item.id,
            type=item.type, version=item.version or stamp(added), spec=item.spec, sha=item.sha, leaf=leaf, expires=item.expires,
        )  # fmt: skip
        made.append((row, item))
    tx.insert(made)
    # 4.
    _resettle(tx, [item.id for item in new], {row.item for row, _ in made})
    return [row for row, _ in made]


def _resettle(tx: Tx, ids: Sequence[str], done: set[int]) -> None:
    """Work out again the conditions of stored items that lead to these ids, directly or over other items."""
    frontier: list[str] = list(dict.fromkeys(ids))
    settle = _Settle(tx, {})
    for _ in range(DEPTH):
        waiting = [row for row in tx.referrers(frontier) if row.item not in done]
        if not waiting:
            return
        settle.prime([row.id for row in waiting])
        bases = {row.item: settle.facts(row.id, row.item) if row.type == "sighting" else row.base for row in waiting}
        for row in waiting:
            done.add(row.item)
            base = bases[row.item]
            traits = settle.place(base, next(claim.refs for claim in settle.claims(row.id) if claim.item == row.item))
            if settle.exhausted:  # others' claims must not take away what could be seen: what is there stays as it is
                return
            if (base, traits) != (row.base, row.traits):
                tx.move(row.item, base, traits)
                tx.bump("moves")
        frontier = list({row.id for row in waiting})


class _Settle:
    """Works out conditions; asks the store for each id's claims once."""

    def __init__(self, tx: Tx, fresh: dict[str, list[Claim]]) -> None:
        self._tx = tx
        self._fresh = fresh
        self._claims: dict[str, list[Claim]] = {}
        self._nodes: dict[str, list[Node]] = {}
        self._rows: dict[tuple[int, Needs], int] = {}
        self._spent = 0

    @property
    def exhausted(self) -> bool:
        """Whether this batch has looked at more than EFFORT."""
        return self._spent > EFFORT

    def prime(self, ids: Iterable[str]) -> None:
        """Fetch the claims of ids that will be needed."""
        missing = list({id_ for id_ in ids if id_ not in self._claims})
        stored = self._tx.claims(missing) if missing else {}
        for id_ in missing:
            self._claims[id_] = stored.get(id_, []) + self._fresh.get(id_, [])

    def claims(self, id_: str) -> list[Claim]:
        """All claims of an id, of the store and of this batch."""
        if id_ not in self._claims:
            self.prime((id_,))
        return self._claims[id_]

    def facts(self, id_: str, item: int) -> int:
        """The base row of a sighting: its facts, with the producers of what it is a sighting of. To be asked before any condition."""
        at, claim = next((at, claim) for at, claim in enumerate(self.claims(id_)) if claim.item == item)
        traits = read_condition(self._tx.trait_body(claim.base)).base
        producers = tuple(sorted({other.origin for other in self.claims(claim.refs[0])}))
        if producers == traits.about:
            return claim.base
        base = self._tx.intern(write_condition(msgspec.structs.replace(traits, about=producers)))
        self._claims[id_][at] = claim._replace(base=base)
        return base

    def place(self, base: int, refs: tuple[str, ...]) -> int:
        """The trait row of an item with these facts that names others."""
        needs = self._needs(refs)
        row = self._rows.get((base, needs))
        if row is None:
            facts = read_condition(self._tx.trait_body(base)).base
            row = self._rows[base, needs] = self._tx.intern(write_condition(facts, needs))
        return row

    def _needs(self, refs: tuple[str, ...]) -> Needs:
        web: dict[str, list[Node]] = {}
        level = dict.fromkeys(refs)
        left = ALLOWANCE + AHEAD * len(refs)
        for depth in range(DEPTH):
            self.prime(level)
            for ref in level:
                nodes = self._nodes_of(ref)
                cost = 1 + sum(len(named) for _, named in nodes)
                left -= cost if depth else 0
                if left < 0:
                    break
                web[ref] = nodes
                self._spent += cost
            level = dict.fromkeys(ref for id_ in level if id_ in web for _, named in web[id_] for ref in named if ref not in web)
            if not level or left < 0 or self.exhausted:
                break
        return NEVER if self.exhausted else fold(refs, web)

    def _nodes_of(self, ref: str) -> list[Node]:
        nodes = self._nodes.get(ref)
        if nodes is None:
            claims = sorted({(len(claim.refs), claim.base, claim.refs) for claim in self.claims(ref)})[:CROWD]
            within = accumulate(count for count, _, _ in claims)
            nodes = self._nodes[ref] = [(base, refs) for (_, base, refs), sum_ in zip(claims, within, strict=True) if sum_ <= NAMED]
        return nodes
