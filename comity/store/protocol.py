"""What a store must do. SQLite and the in-memory store pass one contract suite (tests/store/test_contract.py).

A store keeps rows and gives them back; it never decides. One writer at a time: everything inside `Store.write()` is one critical
section that becomes durable as a whole or not at all (model.md, When).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from itertools import compress
from pathlib import Path
from typing import NamedTuple, Protocol

from comity.ledger.journal import Head, Leaf
from comity.terms.traits import Traits


class Row(NamedTuple):
    """One stored item without its bytes.

    `base` is the trait row of its facts alone, as they are today.
    `added` is unique and strictly increasing per node (microseconds). `home` is the trait row that the item entered under and
    `ordinal` its dense 1-based number there: both never change. `traits` is its trait row today (see `store.placing`).
    `version` is `modified`, else `created`; for a versionless object the text of its `added`.
    `expires` is what its origin said, or an earlier date that has come (`Tx.lapse`).
    """

    item: int
    added: int
    home: int
    ordinal: int
    base: int
    traits: int
    origin: str
    id: str
    type: str
    version: str
    spec: str
    sha: bytes
    leaf: int
    expires: int | None


class NewItem(NamedTuple):
    """An item about to be stored; `store.placing.place` finds its trait row, stamp and number.

    `refs` are the ids it names, `values` are (kind, `value_hash`), `words` what it is found by (`terms.words`).
    """

    origin: str
    id: str
    type: str
    version: str
    spec: str
    sha: bytes
    body: bytes
    envelope: bytes
    traits: Traits
    refs: tuple[str, ...]
    values: tuple[tuple[str, int], ...]
    expires: int | None
    words: tuple[str, ...] = ()


class Source(NamedTuple):
    """One sorted stream of items that a page is merged from (see `release.feed`).

    `home` > 0: the items of that home row numbered from `first` to `last` (None: no end). With `base` None they stand at their
    own `added`; otherwise number n stands at `base + n - first` (a late grant). `home` == 0: the items of `origin`.
    `home` == -1: the single late items of `reader`, each at its own late stamp. `types` leaves only items of these STIX types; a home row
    has items of one type, so it is not said there.
    """

    home: int
    first: int = 1
    last: int | None = None
    base: int | None = None
    origin: str = ""
    reader: str = ""
    types: frozenset[str] | None = None


class Stretch(NamedTuple):
    """What stands on a stretch of merged streams, as columns of one length: what releasing a page takes, and nothing else.

    `at` are the stamps, ascending; `base` is as in `Row`. `plain` is true where the store has no other item of the same id and the item
    is not one of a reader's single late items; false says nothing.
    """

    at: tuple[int, ...] = ()
    item: tuple[int, ...] = ()
    base: tuple[int, ...] = ()
    plain: tuple[int, ...] = ()
    sha: tuple[bytes, ...] = ()
    body: tuple[bytes, ...] = ()

    def only(self, wanted: Iterable[object]) -> Stretch:
        """Those whose place in `wanted` holds something true."""
        chosen = [bool(each) for each in wanted]
        return Stretch._make(tuple(compress(column, chosen)) for column in self)

    def first(self, count: int) -> Stretch:
        """At most this many of them."""
        return Stretch._make(column[:count] for column in self)

    def then(self, other: Stretch) -> Stretch:
        """These, and another stretch after them."""
        return Stretch._make(mine + more for mine, more in zip(self, other, strict=True))


class Segment(NamedTuple):
    """A run of numbers in a home row that a reader has been able to see; `last` None while it still can."""

    home: int
    first: int
    last: int | None
    base: int | None


class Claim(NamedTuple):
    """One party's copy of an object id: the base trait row it was submitted under, and what it refers to."""

    item: int
    base: int
    origin: str
    refs: tuple[str, ...]


class Space(NamedTuple):
    """Bytes that a store takes, and that its disk has left; None where it is on none."""

    used: int
    left: int | None


class Tx(Protocol):
    """The critical section. Also the ledger's `LeafStore`."""

    def head(self) -> Head: ...
    def put_leaf(self, leaf: Leaf, head: Head) -> None: ...
    def put_tree_hash(self, level: int, number: int, hash_: bytes) -> None: ...
    def erase_leaf(self, leaf: Leaf) -> None:
        """Keep a leaf as it is after an erasure (`ledger.erasure`) in place of what is there under its index."""

    def then(self, done: Callable[[], None]) -> None:
        """Call this, which raises nothing, once the critical section is durable, before anybody learns of it; never if it is not."""

    def last_added(self) -> int:
        """The greatest stamp ever given, 0 at first."""

    def set_last_added(self, added: int) -> None: ...

    def intern(self, body: bytes) -> int:
        """The trait row (> 0) with this body, made if new. Ids grow by one."""

    def take_ordinals(self, home: int, count: int) -> int:
        """Reserve `count` consecutive numbers in a home row; the first of them (numbers begin at 1)."""

    def insert(self, rows: Sequence[tuple[Row, NewItem]]) -> None: ...

    def move(self, item: int, traits: int) -> None:
        """Set an item's trait row of today (its home and base row stay)."""

    def rebase(self, item: int, base: int, traits: int) -> None:
        """Set an item's base row and its trait row of today (its home row stays)."""

    def lapse(self, dates: Sequence[tuple[int, int]]) -> None:
        """(item, moment): give items out up to these moments (microseconds), and no longer: their `Row.expires`."""

    def trait_body(self, row: int) -> bytes: ...
    def put_trait_body(self, row: int, body: bytes) -> None:
        """Put another body in a trait row that no item has, one that no other row has."""

    def held(self, origin: str, ids: Sequence[str]) -> dict[str, list[Row]]:
        """The items of one origin under these ids."""

    def claims(self, ids: Sequence[str]) -> dict[str, list[Claim]]:
        """Every party's claims of these ids; absent ids are not keys."""

    def referrers(self, ids: Sequence[str]) -> list[Row]:
        """Items that refer to any of these ids directly."""

    def next_item(self) -> int:
        """The item number that the next inserted item takes."""

    def delete(self, items: Sequence[int]) -> None:
        """Remove items, their bytes and index rows; counted as one of `removals`."""

    def put_private(self, space: str, key: str, value: bytes | None) -> None:
        """Set or (None) remove a value that is this node's own business: a token, a status, a cursor."""

    def bump(self, counter: str) -> int:
        """Add one to a named counter and return it."""

    def put_reader(self, reader: str, head: int) -> None: ...
    def put_segments(self, reader: str, segments: Sequence[Segment]) -> None:
        """Replace the reader's segments of the named homes."""

    def put_late(self, reader: str, stamped: Sequence[tuple[int, int]]) -> None:
        """Add (stamp, item) pairs to a reader's late items."""

    def drop_late(self, reader: str, items: Sequence[int]) -> None:
        """Remove items from a reader's late ones."""

    def last_ordinal(self, home: int, added: int) -> int:
        """The greatest number in a home row whose own stamp is at most `added`; 0 if none."""


class Store(Protocol):
    """Reading, and the one way to write."""

    def close(self) -> None: ...

    def write(self) -> AbstractContextManager[Tx]:
        """Enter the critical section; leaving it normally commits durably, by an exception rolls everything back."""

    def counter(self, name: str) -> int: ...
    def counters(self) -> dict[str, int]:
        """All counters that are not 0: those that `Tx.bump` made, `added` (the last stamp), and what else the store counts."""

    def trait_body(self, row: int) -> bytes:
        """The body of a trait row."""

    def trait_rows(self, after: int) -> list[tuple[int, bytes]]:
        """Trait rows with an id greater than `after`, ascending."""

    def page(self, sources: Sequence[Source], after: int, limit: int, now: int) -> list[tuple[int, Row]]:
        """The first `limit` (stamp, row) over all sources with stamp > after and not expired at `now`, ascending by stamp."""

    def stretch(self, sources: Sequence[Source], after: int, limit: int, now: int, room: int | None = None) -> Stretch:
        """What `page` finds, with the received bytes; it ends early with the item that takes the bytes of all beyond `room`.

        With `room` None no bytes are read: each body is empty.
        """

    def rows(self, items: Sequence[int]) -> dict[int, Row]:
        """The rows of items; those that are not there are left out."""

    def kin(self, items: Sequence[int]) -> list[Row]:
        """All items that share an id with one of these, these included, ascending by `added`."""

    def by_id(self, ids: Sequence[str]) -> list[Row]:
        """All claims of these object ids, ascending by `added`."""

    def by_type(self, type_: str) -> Iterator[Row]: ...
    def naming(self, id_: str) -> Iterator[tuple[Row, bool]]:
        """Items that refer to an id directly, in the order they came; the flag is `Stretch.plain`. Read as far as it is asked for."""

    def by_value(self, hashes: Collection[int]) -> list[Row]:
        """Items that carry an observable value with one of these 64-bit hashes (`store.placing.value_hash`), in the order they came."""

    def by_words(
        self, words: Sequence[str], homes: Collection[int], items: Collection[int], limit: int, before: int | None = None
    ) -> list[Row]:
        """The latest items that have all of these words, newest first; `*` ends a word of which only the beginning is meant.

        Only those that entered under one of these home rows, or are among `items`; none for no words. `before` is an item's number.
        """

    def expiring(self, since: int, until: int, limit: int) -> list[Row]:
        """The items that expire within [since, until), the first to go first."""

    def tidy(self) -> bool:
        """Overwrite a part of what was kept to find removed items by their words; whether nothing of it is left."""

    def scrub(self) -> bool:
        """Overwrite all that removed things have left behind, step by step; False if a reader was in the way of it."""

    def compact(self) -> None:
        """Give space that is free within the store back to the disk; it needs as much again while it runs, and nobody writes meanwhile."""

    def recent(self, limit: int, before: int | None = None) -> list[Row]:
        """The latest items, newest first."""

    def bodies(self, items: Sequence[int], room: int | None = None) -> dict[int, bytes]:
        """The received bytes of items; with `room`, in the order given up to the item that takes the bytes of all beyond it."""

    def envelopes(self, items: Sequence[int]) -> dict[int, bytes]: ...
    def links(self, items: Sequence[int]) -> dict[int, tuple[str, ...]]:
        """item -> the ids it names (`NewItem.refs`); items that name none are left out."""

    def values(self, items: Sequence[int]) -> dict[int, list[tuple[str, int]]]:
        """item -> the (kind, hash) it is found by (`NewItem.values`), in any order; items without any are left out."""

    def words(self, items: Sequence[int]) -> dict[int, tuple[str, ...]]:
        """item -> the words it is found by (`NewItem.words`), in any order; items without any are left out."""

    def numbered(self) -> dict[int, int]:
        """Trait row -> the greatest number given in it as a home row, 0 if none was."""

    def counts(self) -> dict[str, int]:
        """Number of items by STIX type."""

    def arrivals(self, since: int, now: int) -> dict[int, int]:
        """Trait row of today -> how many of its items have a stamp from `since` on and are not expired at `now`; others are left out."""

    def reader(self, reader: str) -> int | None:
        """The head that the reader was last served at, None if it never read."""

    def readers(self) -> list[str]:
        """The names under which a head, segments or late items are kept, sorted."""

    def segments(self, reader: str) -> list[Segment]: ...
    def late(self, reader: str, items: Sequence[int]) -> dict[int, int]:
        """item -> late stamp, of those of these items that the reader has late."""

    def moved(self) -> list[Row]:
        """The items whose trait row changed after they entered, ascending by item."""

    def last_added(self) -> int: ...
    def head(self) -> Head: ...
    def leaves(self, first: int = 0, last: int | None = None) -> Iterator[Leaf]: ...
    def tree_hashes(self, level: int, first: int, count: int) -> list[bytes]:
        """That many consecutive hashes of a level of the log's tree (`ledger.tiles`), fewer where the log ends."""

    def private(self, space: str, key: str) -> bytes | None: ...
    def privates(self, space: str, after: str = "", limit: int | None = None) -> Iterable[tuple[str, bytes]]:
        """(key, value) of a private space whose keys come after one, by key; at most `limit` of them."""

    def space(self) -> Space:
        """What the store takes, and what is left."""

    def copy_to(self, path: Path) -> None:
        """Write the store as it is at one moment into a new file, while others go on. Raises OperatorFault for one that is no file."""

    def check(self) -> list[str]:
        """Problems of the storage engine itself (SQLite: integrity_check, entries of items that are not there), empty when sound."""
