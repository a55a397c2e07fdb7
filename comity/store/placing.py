"""Where an item goes: its stamp, its trait row, and what else must be visible before it may be.

An object that names others is shown only to somebody who may also see those: a relationship between two objects must not tell that one
of them exists. So a trait row is a condition (`store.conditions`): base facts, plus what else must be visible. What nobody has sent is
visible to nobody: hidden and absent are the same (architecture.md, idea 5). When a later claim changes a condition, the item moves to
another row; conditions only widen that way, and readers get what became visible as a late item (`release.feed`).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Any

from comity.clock import micros, stamp
from comity.store.conditions import NEVER, NOTHING, Needs, Node, fold, read_condition, write_condition
from comity.store.protocol import Claim, NewItem, Row, Source, Store, Tx
from comity.terms.item import Envelope
from comity.terms.stix import references, spec_version, version
from comity.terms.traits import Traits, base_traits
from comity.terms.values import observables
from comity.terms.words import found_by

#: How far a condition looks. What lies beyond counts as absent, so that other ways to meet it still stand. Every bound is each origin's
#: own: what one party claims never takes the room of another's. Of an origin's claims of one object count the latest CLAIMS different
#: ones, and NAMED references in them, those that name least first; behind the objects that an item names itself, each origin's claims
#: lead to ALLOWANCE objects and references, and AHEAD more for each that the item names; and no further than DEPTH steps.
DEPTH = 32
CLAIMS = 8
NAMED = 2_500
ALLOWANCE = 1_000
AHEAD = 4
#: Objects and references that one batch may look at, some seconds' work. What comes after is shown to its origin alone: the sender pays.
EFFORT = 5_000_000

#: The type that a trait row says which no item has any more.
_GONE = "x-comity-gone"

#: Stamps are 1 to 49 microseconds apart at random, so that a gap does not count what is hidden in it (model.md, When); on average less than
#: an object takes to store, so that they do not run ahead of the clock.
GAP = 49


def value_hash(kind: str, value: str) -> int:
    """The signed 64-bit hash that an observable value is indexed under."""
    return int.from_bytes(hashlib.blake2b(f"{kind}\0{value}".encode(), digest_size=8).digest(), "big", signed=True)


def new_item(raw: bytes, obj: Mapping[str, Any], envelope: Envelope, written: bytes) -> NewItem:
    """An object about to be stored: its bytes and what they say, its envelope and the bytes of that."""
    return NewItem(
        origin=envelope.origin,
        id=obj["id"],
        type=obj["type"],
        version=version(obj),
        spec=spec_version(obj),
        sha=hashlib.sha256(raw).digest(),
        body=raw,
        envelope=written,
        traits=base_traits(obj, envelope),
        refs=references(obj),
        values=tuple((kind, value_hash(kind, value)) for kind, value in observables(obj)),
        expires=micros(envelope.expires) if envelope.expires else None,
        words=words_of(obj, envelope),
    )


def words_of(obj: Mapping[str, Any], envelope: Envelope) -> tuple[str, ...]:
    """What an item is found by; nothing of one in quarantine, which may have to go without a trace (G4)."""
    return () if envelope.gate == "quarantine" else found_by(obj)


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


def refit(tx: Tx, rows: Sequence[Row], change: Callable[[Traits], Traits]) -> None:
    """Give stored items other facts, in the critical section. Streams go by the row that an item entered under, so a change may only widen.

    1. Each item's new base row, beside what it names as before. 2. Conditions of items that lead to one of them, again.
    """
    # 1.
    for row in rows:
        facts = change(read_condition(tx.trait_body(row.base)).base)
        needs = read_condition(tx.trait_body(row.traits)).needs
        tx.rebase(row.item, tx.intern(write_condition(facts)), tx.intern(write_condition(facts, needs)))
        tx.bump("moves")
    # 2.
    _resettle(tx, [row.id for row in rows], set())


def forget_facts(store: Store, tx: Tx) -> int:
    """Overwrite the trait rows that no item has and that hold words of a sender's (threat kinds), in the critical section; how many.

    The numbers of such rows stay: they are nobody's, and permit nobody anything.
    """
    bodies = dict(store.trait_rows(0))
    conditions = {row: read_condition(body) for row, body in bodies.items()}
    homes = {row for row, count in store.numbered().items() if count and store.page([Source(row)], 0, 1, 0)}
    moved = store.moved()
    used = homes | {each for row in moved for each in (row.base, row.traits)}
    facts = {conditions[row].base for row in used}
    named = {part.row for row in used for group in conditions[row].needs.web for part in group}
    gone = 0
    for row, condition in conditions.items():
        kept = row in used or row in named or (condition.needs == NOTHING and condition.base in facts)
        if condition.base.threat and condition.base.type != _GONE and not kept:
            tx.put_trait_body(row, write_condition(Traits(type=_GONE, origin="", purposes=(), tlp="red", to=(), threat=(f"{row}",))))
            gone += 1
    return gone


def _resettle(tx: Tx, ids: Sequence[str], done: set[int]) -> None:
    """Work out again the conditions of stored items that lead to these ids, directly or over other items."""
    frontier: list[str] = list(dict.fromkeys(ids))
    settle = _Settle(tx, {})
    for _ in range(DEPTH):
        waiting = [row for row in tx.referrers(frontier) if row.item not in done]
        if not waiting:
            return
        settle.prime([row.id for row in waiting])
        for row in waiting:
            done.add(row.item)
            traits = settle.place(row.base, next(claim.refs for claim in settle.claims(row.id) if claim.item == row.item))
            if settle.exhausted:  # others' claims must not take away what could be seen: what is there stays as it is
                return
            if traits != row.traits:
                tx.move(row.item, traits)
                tx.bump("moves")
        frontier = list({row.id for row in waiting})


class _Settle:
    """Works out conditions; asks the store for each id's claims once."""

    def __init__(self, tx: Tx, fresh: dict[str, list[Claim]]) -> None:
        self._tx = tx
        self._fresh = fresh
        self._claims: dict[str, list[Claim]] = {}
        self._nodes: dict[str, list[tuple[str, int, tuple[str, ...]]]] = {}
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
        left: dict[str, int] = {}
        level: dict[str, dict[str, None]] = {ref: {} for ref in refs}  # each object, and whose claims lead to it
        for _ in range(DEPTH):
            self.prime(level)
            further: dict[str, dict[str, None]] = {}
            for ref, payers in level.items():
                nodes = self._nodes_of(ref)
                cost = 1 + sum(len(named) for _, _, named in nodes)
                payer = next((origin for origin in payers if left.setdefault(origin, ALLOWANCE + AHEAD * len(refs)) >= cost), None)
                if payers and payer is None:
                    continue
                if payer is not None:
                    left[payer] -= cost
                self._spent += cost
                web[ref] = [(base, named) for _, base, named in nodes]
                for origin, _, named in nodes:
                    for other in named:
                        further.setdefault(other, {}).setdefault(origin)
            level = {ref: payers for ref, payers in further.items() if ref not in web}
            if not level or self.exhausted:
                break
        return NEVER if self.exhausted else fold(refs, web)

    def _nodes_of(self, ref: str) -> list[tuple[str, int, tuple[str, ...]]]:
        """(origin, base row, references) of the claims of an object that count."""
        nodes = self._nodes.get(ref)
        if nodes is None:
            nodes = self._nodes[ref] = []
            by_origin: dict[str, dict[tuple[int, tuple[str, ...]], None]] = {}
            for claim in reversed(self.claims(ref)):
                by_origin.setdefault(claim.origin, {}).setdefault((claim.base, claim.refs))
            for origin, different in by_origin.items():
                claims = sorted(list(different)[:CLAIMS], key=lambda claim: (len(claim[1]), claim))
                within = accumulate(len(named) for _, named in claims)
                nodes += [(origin, base, named) for (base, named), sum_ in zip(claims, within, strict=True) if sum_ <= NAMED]
        return nodes
