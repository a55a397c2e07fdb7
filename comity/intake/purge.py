"""Erasing what is due (`comity.retention`): bytes, rows, and what the log could tell of them. The log keeps that something went.

    1. gather   what is due, a part at a time, with what was made of it, and where the log names it: a walk through its leaves
    2. erase    up to 1,000 objects:                                          a critical section begins
                what is held for a reason stays (`intake.erase.hold`); of the others the records in log entries are reduced to their
                commitments, an entry of kind `purge` names these, and bytes, envelopes, index rows and notes about them go
                                                                              ... and ends, durable as a whole
               then, of facts that no item has any more, the words
    3. scrub    what the store's files still have of all that, or of what was withdrawn since: the log of changes, merged words, gaps

Recipients are not told, unlike with a withdrawal: whoever has an object has its dates too, and counts from its own receipt (ADR 22).

Crash story: each step 2 is one transaction, and what is due is found anew at every run. Cut off before 3, the bytes of what went may be in
the store's files until the next run, which scrubs first if the last one did not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from types import MappingProxyType

import msgspec

from comity.intake.erase import Hold, forget_ways, holds
from comity.intake.extending import forget_extension
from comity.ledger.erasure import erase_objects, purged
from comity.ledger.given import where
from comity.ledger.journal import MAX_OBJECTS
from comity.retention import QUARANTINE, Due, Retention
from comity.store.conditions import read_condition
from comity.store.copied import all_made, leaving_with
from comity.store.placing import forget_facts
from comity.store.protocol import Row, Tx
from comity.store.wrapped import forget_pairs, made_of
from comity.terms.item import item_hash
from comity.world import World

#: Items for which the log is walked through at once.
PART = 50_000
_SPACE, _LAST, _CLEAN = "purge", "last", "clean"
#: Private spaces of notes about items, by their numbers.
_BY_ITEM = ("gate", "gate-sample")


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a purge did. `erased` counts objects by what set their date; `held` are the reasons by object id of what is due and stays.

    `overdue` is how many are due at the end and not held: none, unless more fell due meanwhile. `scrubbed` says whether the store's files
    were overwritten too; if not, a reader was in the way, and the next run does it.
    """

    at: datetime
    erased: dict[str, int] = {}
    held: dict[str, str] = {}
    overdue: int = 0
    scrubbed: bool = True


def purge(world: World, *, by: str = "", besides: Mapping[str, Callable[[], int]] = MappingProxyType({})) -> Report:
    """Erase what is due now, and keep the report of it.

    `besides` are other things to forget afterwards, which are no items: by what they are called in the report, what forgets them and says
    how many there were.
    """
    at = world.clock()
    retention = Retention(world, at)
    erased: Counter[str] = Counter()
    kept = {each.id: each for each in holds(world)}
    for part in _parts(world, retention, at, kept):
        erased.update(_erase_part(world, part, by))
    erased.update({name: count for name, forget in besides.items() if (count := forget())})
    if erased:
        with world.store.write() as tx:
            forget_facts(world.store, tx)
    # Withdrawals and releases from quarantine remove things too, and leave the files to this.
    removals = str(world.store.counter("removals")).encode()
    dirty = bool(erased) or removals != (world.store.private(_SPACE, _CLEAN) or b"0")
    scrubbed = not dirty or world.store.scrub()
    held, overdue = _left(world, at)
    report = Report(at=at, erased=dict(sorted(erased.items())), held=held, overdue=overdue, scrubbed=scrubbed)
    with world.store.write() as tx:
        tx.put_private(_SPACE, _LAST, msgspec.json.encode(report))
        if dirty and scrubbed:
            tx.put_private(_SPACE, _CLEAN, removals)
    return report


def last(world: World) -> Report | None:
    """The report of the last purge; None before the first."""
    raw = world.store.private(_SPACE, _LAST)
    return msgspec.json.decode(raw, type=Report) if raw is not None else None


def overdue(world: World) -> list[Due]:
    """What is due now and not held."""
    at = world.clock()
    kept = {each.id for each in holds(world)}
    found = {due.row.item: due for due in Retention(world, at).until(at) if not _stays(world, kept, due.row)}
    return list(found.values())


def erase_rows(world: World, rows: Sequence[Row], *, by: str, why: str) -> int:
    """Erase items now, whatever their dates, but not what is held; how many objects went. The caller scrubs the store afterwards."""
    dues = [Due(row=row, at=world.clock(), by=why) for row in rows]
    return sum(sum(_erase_part(world, dues[start : start + PART], by).values()) for start in range(0, len(dues), PART))


def _stays(world: World, kept: Container[str], row: Row) -> bool:
    """Whether an item is held. What is in quarantine is not: nobody has reviewed it, and its deadline stands (G4)."""
    return row.id in kept and read_condition(world.store.trait_body(row.base)).base.gate != QUARANTINE


def _parts(world: World, retention: Retention, at: datetime, kept: Mapping[str, Hold]) -> Iterator[list[Due]]:
    """Step 1: what is due and not held, each once in a part."""
    met = (due for due in retention.until(at) if not _stays(world, kept, due.row))
    while part := list({due.row.item: due for due in islice(met, PART)}.values()):
        yield part


def _erase_part(world: World, part: Sequence[Due], by: str) -> Counter[str]:
    """Steps 1 and 2 for some items."""
    rows = [due.row for due in part]
    whole = list({row.item: row for row in (*rows, *made_of(world.store, rows), *all_made(world.store, rows))}.values())
    walk = _Walk(world, whole)
    erased: Counter[str] = Counter()
    # Each may take others along: what is made of it, and a relationship to that.
    step = MAX_OBJECTS // 4
    for start in range(0, len(part), step):
        erased.update(_erase(world, part[start : start + step], walk, by))
    return erased


class _Walk:
    """Where the log names some items: found in one walk, which goes on to the log's end within each critical section."""

    def __init__(self, world: World, rows: Sequence[Row]) -> None:
        self._world = world
        envelopes = world.store.envelopes([row.item for row in rows])
        self._of: dict[bytes, set[int]] = {}
        for row in rows:
            if row.item in envelopes:
                for hash_ in (row.sha, item_hash(row.sha, envelopes[row.item])):
                    self._of.setdefault(hash_, set()).add(row.item)
        self._places: dict[bytes, list[tuple[int, int]]] = {}
        self._next = min((row.leaf for row in rows), default=0)
        self.on()

    def on(self) -> None:
        """Walk on to the log's end."""
        size = self._world.store.head().size
        for leaf, position, hash_ in where(self._world.store.leaves(self._next, size), self._of):
            self._places.setdefault(hash_, []).append((leaf, position))
        self._next = max(self._next, size)

    def places(self, rows: Sequence[Row], envelopes: Mapping[int, bytes], others: set[bytes]) -> dict[int, set[int]]:
        """Leaf -> positions at which the log names these items, but for bytes that `others` have too."""
        found: dict[int, set[int]] = {}
        for row in rows:
            for hash_ in (row.sha, item_hash(row.sha, envelopes[row.item])):
                for leaf, position in self._places.get(hash_, ()) if hash_ not in others else ():
                    found.setdefault(leaf, set()).add(position)
        return found


def _erase(world: World, part: Sequence[Due], walk: _Walk, by: str) -> Counter[str]:
    """Step 2."""
    store = world.store
    with store.write() as tx:
        kept = {each.id for each in holds(world)}
        there = store.rows([due.row.item for due in part])
        dues = {due.row.item: due for due in part if due.row.item in there and not _stays(world, kept, due.row)}
        if not dues:
            return Counter()
        rows = [there[item] for item in dues]
        pairs = [row for row in made_of(store, rows) if row.item not in dues]
        going = [*rows, *pairs, *leaving_with(store, tx, [*rows, *pairs])]
        going = list({row.item: row for row in going}.values())
        forget_pairs(store, tx, going)
        walk.on()
        items = {row.item for row in going}
        left = [row for row in store.by_id(list({row.id for row in going})) if row.item not in items]
        places = walk.places(going, store.envelopes(list(items)), {row.sha for row in left})
        for index, positions in places.items():
            (leaf,) = store.leaves(index, index + 1)
            tx.erase_leaf(erase_objects(leaf, positions))
        detail = {"objects": len(going), "because": dict(sorted(Counter(due.by for due in dues.values()).items()))}
        for entry in purged(places, at=world.clock(), actor=by, detail=detail):
            world.journal.append(tx, entry)
        tx.delete([row.item for row in going])
        _forget(world, tx, going, left)
    return Counter(due.by for due in dues.values())


def _forget(world: World, tx: Tx, rows: Iterable[Row], left: Sequence[Row]) -> None:
    """Remove what this node noted about items that go, and about objects of which nothing is left here."""
    ids, origins = {row.id for row in left}, {(row.origin, row.id) for row in left}
    parties = {world.settings.party, *(each.party for each in world.rulebook.current()[1].register.standings)}
    spaces = [f"{name}|{party}" for name in ("triage", "mutes") for party in sorted(parties)]
    spaces += [f"inbox|{party}|{world.settings.body}" for party in sorted(parties)]
    for row in rows:
        for space in _BY_ITEM:
            tx.put_private(space, f"{row.item:020d}", None)
        if (row.origin, row.id) not in origins:
            forget_ways(world, tx, row.origin, row.sha)
            forget_extension(tx, row.origin, row.id)
        for space in spaces if row.id not in ids else ():
            tx.put_private(space, row.id, None)
    tx.bump("triage")  # what was read of notes is read anew


def _left(world: World, at: datetime) -> tuple[dict[str, str], int]:
    """What is due still: why it is held, by object id, and how much is not held."""
    kept = {each.id: each.reason for each in holds(world)}
    due = {each.row.item: each.row for each in Retention(world, at).until(at)}
    held = [row.id for row in due.values() if _stays(world, kept, row)]
    return {id_: kept[id_] for id_ in sorted(set(held))}, len(due) - len(held)
