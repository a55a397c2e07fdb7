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


#: One named object: at least one of its alternatives must be met.
Group = tuple[Alternative, ...]
#: Groups that must all be met.
Needs = tuple[Group, ...]

#: The condition that nobody meets.
NEVER: Needs = ((),)

#: A condition of more parts than this counts as never met: hostile webs of references cost their sender, not the node.
PARTS = 2_000
#: Of the claims of one object count no more than make this many parts, the simple and early ones first.
CROWD = PARTS // 4
#: A chain of references longer than this is never met either.
DEPTH = 32
#: And so does what cannot be worked out without meeting objects of a dense web of circles this often again.
AGAIN = 200

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
            if (base, traits) != (row.base, row.traits):
                tx.move(row.item, base, traits)
                tx.bump("moves")
        frontier = list({row.id for row in waiting})


class _Settle:
    """Works out conditions; asks the store for each id's claims once.

    A condition is the greatest one that fits: objects that name each other are visible together, unless something else hides one.
    """

    def __init__(self, tx: Tx, fresh: dict[str, list[Claim]]) -> None:
        self._tx = tx
        self._fresh = fresh
        self._claims: dict[str, list[Claim]] = {}
        self._facts: dict[int, Traits] = {}
        self._groups: dict[str, Group] = {}
        self._path: set[str] = set()
        self._met: set[str] = set()
        self._again = 0

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

    def facts(self, id_: str, item: int) -> int:
        """The base row of a sighting: its facts, with the producers of what it is a sighting of. To be asked before any condition."""
        at, claim = next((at, claim) for at, claim in enumerate(self.claims(id_)) if claim.item == item)
        traits = self._base(claim.base)
        producers = tuple(sorted({other.origin for other in self.claims(claim.refs[0])}))
        if producers == traits.about:
            return claim.base
        base = self._tx.intern(write_condition(msgspec.structs.replace(traits, about=producers)))
        self._claims[id_][at] = claim._replace(base=base)
        return base

    def place(self, base: int, refs: tuple[str, ...]) -> int:
        """The trait row of an item with these facts that names others."""
        found: list[Group] = []
        for ref in refs:
            self._path, self._met, self._again = set(), set(), AGAIN
            group, _ = self._group(ref, DEPTH)
            found.append(group)
        needs = self._flat(base, found)
        if _parts(needs) > PARTS:
            needs = NEVER
        return self._tx.intern(write_condition(self._base(base), needs))

    def _group(self, ref: str, depth: int) -> tuple[Group, set[str]]:
        """One alternative per claim of an object; and which objects on the way there it takes for granted.

        A reference back to one of those adds nothing. An answer that takes something for granted is good for this way alone, so only
        the others are remembered; working such answers out again is limited, so that a dense web of circles costs no more than others.
        """
        if ref in self._groups:
            return self._groups[ref], set()
        if ref in self._met:
            self._again -= 1
        if self._again < 0:
            return (), set()
        self._met.add(ref)
        self._path.add(ref)
        found: set[Alternative] = set()
        granted: set[str] = set()
        # In an order that does not tell which came first; the simple ones before those that may use up the limit.
        for _, base, refs in sorted({(len(claim.refs), claim.base, claim.refs) for claim in self.claims(ref)}):
            needs, assumed = self._needs(base, refs, depth - 1)
            granted |= assumed
            found.add(Alternative(base, needs))
        self._path.discard(ref)
        granted.discard(ref)
        group = _kept(found)
        if not granted and self._again >= 0:
            self._groups[ref] = group
        return group, granted

    def _needs(self, base: int, refs: tuple[str, ...], depth: int) -> tuple[Needs, set[str]]:
        """The groups for the references of a claim with these facts, and what they take for granted."""
        found: list[Group] = []
        granted: set[str] = set()
        for ref in refs:
            if ref in self._path:
                granted.add(ref)
                continue
            group, assumed = self._group(ref, depth) if depth else ((), set())
            if not group:
                return NEVER, set()
            found.append(group)
            granted |= assumed
        return self._flat(base, found), granted

    def _flat(self, base: int, found: Sequence[Group]) -> Needs:
        """Groups as the condition of something with these facts.

        Where there is nothing to choose, a group's parts join it, so that one party's web stays flat. Not so another party's object:
        that party sees it whatever it names.
        """
        groups: set[Group] = set()
        for group in found:
            if len(group) == 1 and self._owner(group[0].row) == self._owner(base):
                groups.add((Alternative(group[0].row),))
                groups.update(group[0].needs)
            else:
                groups.add(group)
        return NEVER if () in groups else tuple(sorted(groups))

    def _base(self, row: int) -> Traits:
        if row not in self._facts:
            self._facts[row] = read_condition(self._tx.trait_body(row)).base
        return self._facts[row]

    def _owner(self, row: int) -> tuple[str, bool]:
        """Who sees items of a row without asking any agreement (`release.sight`)."""
        traits = self._base(row)
        return traits.origin, traits.received_from is None


def _kept(found: set[Alternative]) -> Group:
    """The alternatives of one object, the simple ones first where they are too many: an intricate claim does not crowd out others."""
    sized = sorted((1 + _parts(each.needs), each) for each in found)
    kept, total = [], 0
    for parts, each in sized:
        total += parts
        if total > CROWD:
            break
        kept.append(each)
    return tuple(sorted(kept))


def _parts(needs: Needs) -> int:
    """How many base rows a condition mentions."""
    return sum(1 + _parts(each.needs) for group in needs for each in group) + len(needs)
