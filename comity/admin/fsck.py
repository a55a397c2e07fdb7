"""Checks the store and the log against each other, and names what does not fit. Changes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator

from comity.admin import logbook
from comity.admin.item_check import Items
from comity.admin.reader_check import reader_problems
from comity.admin.told import Told
from comity.errors import IntegrityFault
from comity.ledger.journal import Opening, read_entry
from comity.ledger.merkle import Frontier
from comity.ledger.tiles import HEIGHT, finished
from comity.world import World

#: Log entries whose objects are items that entered the store with them, and those whose objects are items that left it.
_ENTERING = ("accept", "govern", "derive")
_LEAVING = "withdraw"
#: Leaf hashes read at a time.
_LEAVES = 65_536


def fsck(world: World) -> Iterator[str]:
    """Problems, one line each, as they are found; none when all is sound. The node may go on meanwhile: what is newer is left out.

    1. the storage engine; 2. the log; 3. each item: bytes, envelope, row, facts and what leads to it; 4. the log's items against the
    store's; 5. tokens, people, constituencies and requests for approval against the log; 6. what readers were shown.
    """
    # 1.
    yield from _through("the store", world.store.check)
    # 2.
    size = world.store.head().size
    yield from _through("the log", lambda: logbook.verify(world).problems)
    yield from _through("the log's tree", lambda: _tree(world, size))
    # 3.
    items = Items(world)
    yield from _through("the items", items.problems)
    # 4.
    told = Told()
    yield from _through("the log's items", lambda: _against_log(world, size, items.entered, told))
    # 5.
    yield from _through("the records that the log vouches for", lambda: told.problems(world, size))
    # 6.
    yield from _through("the readers", lambda: reader_problems(world))


def _through(what: str, check: Callable[[], Iterable[str]]) -> Iterator[str]:
    """A check's problems; where damage makes the check itself stumble, that is one more, and the next check goes on."""
    try:
        yield from check()
    except Exception as error:
        yield f"{what} cannot be checked to the end: {error!r}"


def _tree(world: World, size: int) -> Iterator[str]:
    """Hashes kept for proofs that are not those of the leaves below them."""
    frontier = Frontier()
    for first in range(0, size, _LEAVES):
        for leaf in world.store.tree_hashes(0, first, min(_LEAVES, size - first)):
            for level, number, hash_ in finished(frontier, leaf):
                if world.store.tree_hashes(level, number, 1) != [hash_]:
                    yield f"log: hash {number} of level {level} of the tree is not that of its leaves"
            frontier = frontier.append(leaf)
    for level in range(1, max(2, frontier.size.bit_length() // HEIGHT + 1)):
        if world.store.tree_hashes(level, frontier.size >> HEIGHT * level, 1):
            yield f"log: level {level} of the tree has more hashes than its leaves give"


def _against_log(world: World, size: int, entered: dict[int, list[bytes]], told: Told) -> Iterator[str]:
    """`entered` is what the store has: leaf index -> item hashes. What entered and is not there must have been withdrawn later."""
    missing = _Missing()
    heard: set[int] = set()
    for leaf in world.store.leaves(0, size):
        heard.add(leaf.index)
        try:
            entry = read_entry(leaf.entry)
        except (IntegrityFault, TypeError):
            continue  # named by the log's own check
        told.hear(entry)
        told_of = Opening(records=leaf.opening).hashes() if entry.kind in (*_ENTERING, _LEAVING) else []
        hashes = [hash_ for hash_ in told_of if hash_ is not None]
        named = Counter(hashes if entry.kind in _ENTERING else ())
        # Counted, not only looked up: an item that stands in the store twice entered once.
        held = Counter(entered.get(leaf.index, ()))
        extra = (held - named).total()
        if extra:
            yield f"leaf {leaf.index}: the store has {extra} objects or envelopes that it does not commit to"
        missing.add(leaf.index, named - held)
        if entry.kind == _LEAVING:
            missing.excuse(leaf.index, hashes)
    # Items withdrawn since the log's end was looked up may be missing as well.
    end = world.store.head().size
    for leaf in world.store.leaves(size, end):
        try:
            if read_entry(leaf.entry).kind == _LEAVING:
                missing.excuse(None, Opening(records=leaf.opening).hashes())
        except (IntegrityFault, TypeError):
            continue
    yield from missing.problems({hash_ for hashes in entered.values() for hash_ in hashes} if missing.doubtful else set())
    for index in sorted(entered.keys() - heard):
        if not size <= index < end:
            yield f"items say they entered with leaf {index}, which the log does not have"


class _Missing:
    """Objects that the log says entered and the store does not have, until a later entry says that they were withdrawn."""

    def __init__(self) -> None:
        self._by_hash: dict[bytes, list[int]] = {}
        #: Entry -> objects that it says were withdrawn though none was missing.
        self.doubtful: dict[int, list[bytes]] = {}

    def add(self, index: int, hashes: Counter[bytes]) -> None:
        """Note what entered with an entry and is not there."""
        for hash_ in hashes.elements():
            self._by_hash.setdefault(hash_, []).append(index)

    def excuse(self, index: int | None, hashes: Iterable[bytes | None]) -> None:
        """Note what was withdrawn with an entry; of one (None) that came meanwhile, only as far as it explains something."""
        for hash_ in hashes:
            if hash_ is None:
                continue
            if waiting := self._by_hash.get(hash_):
                waiting.pop(0)
            elif index is not None:
                self.doubtful.setdefault(index, []).append(hash_)

    def problems(self, held: Collection[bytes]) -> Iterator[str]:
        """What was not withdrawn, and what is still `held` though it was, one line per entry."""
        counts = Counter(index for waiting in self._by_hash.values() for index in waiting)
        for index, count in sorted(counts.items()):
            yield f"leaf {index}: {count} of its objects are not in the store as they entered"
        for index, hashes in self.doubtful.items():
            count = sum(hash_ in held for hash_ in hashes)
            if count:
                yield f"leaf {index}: {count} objects that it says were withdrawn are in the store"
