"""Where an item goes: its stamp, its trait row, and what else must be visible before it may be.

An object that names others is shown only to somebody who may also see those: a relationship between two objects must not tell that one
of them exists. So a trait row is a *condition*: base facts, plus groups of alternatives (one group per named object, one alternative per
party's claim of it), each again a condition. An object that nobody has sent has no alternatives, and an empty group is met by nobody:
hidden and absent are the same (architecture.md, idea 5). When a later claim changes a condition, the item moves to another row;
conditions only widen that way, and readers get what became visible as a late item (`release.feed`).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence

import msgspec

from comity.clock import stamp
from comity.store.protocol import Claim, NewItem, Row, Tx
from comity.terms.traits import Traits


class Alternative(msgspec.Struct, frozen=True, order=True, array_like=True, omit_defaults=True):
    """One way to meet a group: what a base row says, and the groups that must be met besides."""

    row: int
    needs: tuple[tuple[Alternative, ...], ...] = ()


#: Groups that must all be met, each by at least one of its alternatives.
Needs = tuple[tuple[Alternative, ...], ...]

#: The condition that nobody meets.
NEVER: Needs = ((),)

#: A condition of more parts than this counts as never met: hostile webs of references cost their sender, not the node.
PARTS = 2_000
#: So does a chain of references longer than this.
DEPTH = 32

#: Stamps are 1 to 99 microseconds apart at random, so that a gap does not count what is hidden in it (model.md, When).
GAP = 99


class Condition(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of a trait row: the facts of the item itself, and what else must be visible."""

    base: Traits
    needs: Needs = ()


_encode = msgspec.json.Encoder(order="deterministic").encode
_decode = msgspec.json.Decoder(Condition).decode


def write_condition(base: Traits, needs: Needs = ()) -> bytes:
    """A trait row's body; equal conditions give equal bytes."""
    return _encode(Condition(base, needs))


def read_condition(body: bytes) -> Condition:
    """The inverse of `write_condition`."""
    return _decode(body)


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
    places: list[tuple[int, int]] = []
    for base, item in zip(rows, new, strict=True):
        places.append(settle.place(base, item.type, item.refs) if item.refs else (base, base))
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
        for row in waiting:
            done.add(row.item)
            (claim,) = (claim for claim in settle.claims(row.id) if claim.item == row.item)
            base, traits = settle.place(claim.base, row.type, claim.refs)
            if traits != row.traits:
                tx.move(row.item, base, traits)
                tx.bump("moves")
        frontier = list({row.id for row in waiting})


class _Settle:
    """Works out conditions; asks the store for each id's claims once."""

    def __init__(self, tx: Tx, fresh: dict[str, list[Claim]]) -> None:
        self._tx = tx
        self._fresh = fresh
        self._claims: dict[str, list[Claim]] = {}

    def prime(self, ids: Sequence[str]) -> None:
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

    def place(self, base: int, type_: str, refs: tuple[str, ...]) -> tuple[int, int]:
        """(base row, trait row) of an item that names others."""
        traits = read_condition(self._tx.trait_body(base)).base
        if type_ == "sighting":
            producers = tuple(sorted({claim.origin for claim in self.claims(refs[0])}))
            if producers != traits.about:
                traits = msgspec.structs.replace(traits, about=producers)
                base = self._tx.intern(write_condition(traits))
        needs = self._needs(refs, {}, DEPTH)
        if _parts(needs) > PARTS:
            needs = NEVER
        return base, self._tx.intern(write_condition(traits, needs))

    def _needs(self, refs: tuple[str, ...], memo: dict[str, tuple[Alternative, ...] | None], depth: int) -> Needs:
        """The groups for some references. A reference back to an object on the way there adds nothing (`memo` holds None for it)."""
        groups: set[tuple[Alternative, ...]] = set()
        for ref in refs:
            if depth == 0:
                return NEVER
            if ref not in memo:
                memo[ref] = None
                found = {Alternative(claim.base, self._needs(claim.refs, memo, depth - 1)) for claim in self.claims(ref)}
                memo[ref] = tuple(sorted(found)) if sum(_parts(each.needs) + 1 for each in found) <= PARTS else ()
            group = memo[ref]
            if group is None:
                continue
            if len(group) == 1:  # nothing to choose: its parts join ours, so that a web of single claims stays flat
                groups.add((Alternative(group[0].row),))
                groups.update(group[0].needs)
            else:
                groups.add(group)
        return tuple(sorted(groups))


def _parts(needs: Needs) -> int:
    """How many base rows a condition mentions."""
    return sum(1 + _parts(each.needs) for group in needs for each in group) + len(needs)
