"""Checks the store and the log against each other, and names what does not fit. Changes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from comity.admin import logbook
from comity.admin.item_check import Items
from comity.admin.reader_check import reader_problems
from comity.admin.tokens import Told
from comity.errors import IntegrityFault
from comity.ledger.journal import Entry, read_entry
from comity.ledger.leaf import Leaf, Opening
from comity.world import World

#: Log entries whose objects are items that entered the store with them.
_ENTERING = ("accept", "govern")


def fsck(world: World) -> Iterator[str]:
    """Problems, one line each, as they are found; none when all is sound. The node may go on meanwhile: what is newer is left out.

    1. the storage engine; 2. the log; 3. each item: bytes, envelope, row, facts and what leads to it; 4. the log's items against the
    store's; 5. tokens against the log; 6. what readers were shown.
    """
    # 1.
    yield from _through("the store", world.store.check)
    # 2.
    size = world.store.head().size
    yield from _through("the log", lambda: logbook.verify(world).problems)
    # 3.
    items = Items(world)
    yield from _through("the items", items.problems)
    # 4.
    told = Told()
    yield from _through("the log's items", lambda: _against_log(world, size, items.entered, told))
    # 5.
    yield from _through("the tokens", lambda: told.problems(world, size))
    # 6.
    yield from _through("the readers", lambda: reader_problems(world))


def _through(what: str, check: Callable[[], Iterable[str]]) -> Iterator[str]:
    """A check's problems; where damage makes the check itself stumble, that is one more, and the next check goes on."""
    try:
        yield from check()
    except Exception as error:
        yield f"{what} cannot be checked to the end: {error!r}"


def _against_log(world: World, size: int, entered: dict[int, list[bytes]], told: Told) -> Iterator[str]:
    for leaf in world.store.leaves(0, size):
        try:
            entry = read_entry(leaf.entry)
        except (IntegrityFault, TypeError):
            entered.pop(leaf.index, None)
            continue  # named by the log's own check
        told.hear(entry)
        yield from _against_items(leaf, entry, entered.pop(leaf.index, []))
    end = world.store.head().size
    for index in sorted(entered):
        if not size <= index < end:
            yield f"items say they entered with leaf {index}, which the log does not have"


def _against_items(leaf: Leaf, entry: Entry, stored: list[bytes]) -> Iterator[str]:
    """Counted, not only looked up: an item that stands in the store twice entered once."""
    hashes = Opening(records=leaf.opening).hashes() if entry.kind in _ENTERING else []
    named, held = Counter(hash_ for hash_ in hashes if hash_ is not None), Counter(stored)
    missing, extra = (named - held).total(), (held - named).total()
    if missing:
        yield f"leaf {leaf.index}: {missing} of its objects are not in the store as they entered"
    if extra:
        yield f"leaf {leaf.index}: the store has {extra} objects or envelopes that it does not commit to"
