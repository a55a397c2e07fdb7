"""What the node's own pages show: one object, who would get it, how much there is, and the log.

Whatever is shown leaves by `Desk.page` or `Desk.object`, so that reads are counted and the rules are those of every other way out.
Reading the log shows entries, never objects.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeVar

import msgspec

from comity.clock import micros
from comity.errors import NotFound
from comity.ledger.erasure import is_erased
from comity.ledger.journal import Head, Leaf
from comity.ledger.keys import write_verifier
from comity.ledger.proof import Proof, prove
from comity.ledger.tiles import inclusion
from comity.release.desk import Desk
from comity.release.feed import Feed
from comity.release.select import Query
from comity.release.sight import Reader
from comity.store.protocol import Row
from comity.terms.item import Envelope
from comity.terms.stix import OWN_TYPES, version_moment

_T = TypeVar("_T")
#: The most items that are counted one by one.
COUNTED = 10_000


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """An item as a reader sees it: `stamp` is when it came into this reader's view (microseconds).

    `grounds` are `agreement@version/clause`.
    """

    stamp: int
    row: Row
    body: bytes
    envelope: Envelope
    grounds: tuple[str, ...]


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """One version of an object, and every visible claim of its id (all versions, all parties), newest version first.

    `versions` are the claims with their bytes; of one origin's copies of one version the first.
    """

    seen: Seen
    claims: list[Row]
    versions: list[Seen]


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """Different objects by STIX type among those a reader may see, registers and agreements last.

    `more` when there are more than `COUNTED` items to count.
    """

    by_type: dict[str, int]
    more: bool

    @property
    def total(self) -> int:
        """All but registers and agreements, which stand in no list that does not ask for them."""
        return sum(n for type_, n in self.by_type.items() if type_ not in OWN_TYPES)


class LogPage(msgspec.Struct, frozen=True, kw_only=True):
    """The log's head, its public key and name, and some of its leaves, newest first; `before` is the index to go on from."""

    head: Head
    origin: str
    verifier: str
    leaves: list[Leaf]
    before: int | None


class LogEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One leaf with its audit path under a head; `proof` is None for an erased leaf, whose place can still be shown."""

    leaf: Leaf
    head: Head
    path: tuple[bytes, ...]
    proof: Proof | None
    verifier: str


def ample(desk: Desk, ids: Sequence[str]) -> int:
    """A limit that no page of these ids reaches."""
    return max(1, len(desk.world.store.by_id(ids)))


def seen_of(desk: Desk, reader: Reader, found: Sequence[tuple[int, Row, bytes]]) -> list[Seen]:
    """What the desk gave, with envelopes and grounds; what was withdrawn meanwhile is left out."""
    sight = desk.sight(reader)
    envelopes = desk.world.store.envelopes([row.item for _, row, _ in found])
    return [
        Seen(
            stamp=at,
            row=row,
            body=body,
            envelope=msgspec.json.decode(envelopes[row.item], type=Envelope),
            grounds=sight.came(row.base),
        )
        for at, row, body in found
        if row.item in envelopes
    ]


def opened(desk: Desk, reader: Reader, id_: str, version: str | None = None) -> Opened:
    """One object, in its latest visible version or the given one. Raises NotFound when hidden or absent, with the same words."""
    query = Query(ids=(id_,), versions=("all",), spec_versions=frozenset({"2.0", "2.1"}), copies=True, limit=ample(desk, (id_,)))
    page = desk.object(reader, query)
    claims = _claims(desk, desk.feed(reader), id_)
    seen = seen_of(desk, reader, [(at, row, body) for (at, row), body in zip(page.found, page.bodies, strict=True)])
    meant = [one for one in seen if version is None or version_moment(one.row.version) == version_moment(version)]
    if not meant:
        raise NotFound("there is no such object, or it is not for you to see")
    # Of several parties' copies of a version the reader's own stands for all, else the first (`select`).
    shown = max(meant, key=lambda one: (version_moment(one.row.version), one.row.origin == reader.party, -one.row.added))
    ordered = sorted(seen, key=lambda one: (version_moment(one.row.version), one.row.added), reverse=True)
    return Opened(seen=shown, claims=claims, versions=ordered)


def _claims(desk: Desk, feed: Feed, id_: str) -> list[Row]:
    """The claims of an id that a feed gives, newest version first."""
    now = micros(desk.world.clock())
    alive = [row for row in desk.world.store.by_id([id_]) if row.expires is None or row.expires > now]
    stamps = feed.stamps(alive)
    visible = [row for row in alive if row.item in stamps]
    return sorted(visible, key=lambda row: (version_moment(row.version), row.added), reverse=True)


def named(desk: Desk, reader: Reader, ids: Iterable[str]) -> dict[str, bytes]:
    """id -> bytes of one claim, for those of these objects that the reader may see."""
    wanted = tuple(dict.fromkeys(ids))
    if not wanted:
        return {}
    page = desk.page(reader, Query(ids=wanted, limit=ample(desk, wanted)))
    return {row.id: body for (_, row), body in zip(page.found, page.bodies, strict=True)}


class Remembered(Generic[_T]):
    """What a look gave each reader; looks again only after the store, the rules or the minute changed. Thread-safe."""

    def __init__(self, look: Callable[[Desk, Reader], _T]) -> None:
        self._look = look
        self._lock = threading.Lock()
        self._known: dict[str, tuple[tuple[int, ...], _T]] = {}

    def of(self, desk: Desk, reader: Reader) -> _T:
        """What the look gives as of now."""
        store = desk.world.store
        minute = micros(desk.world.clock()) // 60_000_000
        state = (id(desk.sight(reader)), store.last_added(), store.counter("moves"), store.head().size, minute)
        with self._lock:
            known = self._known.get(reader.key)
        if known is None or known[0] != state:
            known = (state, self._look(desk, reader))
            with self._lock:
                self._known[reader.key] = known
        return known[1]


class Tally:
    """Counts what readers may see."""

    def __init__(self) -> None:
        self._counts = Remembered(lambda desk, reader: _count(desk, desk.feed(reader), micros(desk.world.clock())))

    def counts(self, desk: Desk, reader: Reader) -> Counts:
        """Different objects by type, oldest first, of at most `COUNTED` items."""
        return self._counts.of(desk, reader)


def _count(desk: Desk, feed: Feed, now: int) -> Counts:
    sources = feed.sources(own=True, others=True, types=None)
    types: dict[str, str] = {}
    after, left, more = 0, COUNTED, True
    while left and more:
        asked = min(left, 1000)
        met = desk.world.store.page(sources, after, asked, now)
        stamps = feed.stamps([row for _, row in met])
        types.update((row.id, row.type) for _, row in met if row.item in stamps and not feed.sight.spared(row.base))
        after, left, more = met[-1][0] if met else after, left - len(met), len(met) == asked
    more = more and bool(desk.world.store.page(sources, after, 1, now))
    by_type: dict[str, int] = {}
    for type_ in types.values():
        by_type[type_] = by_type.get(type_, 0) + 1
    return Counts(by_type=dict(sorted(by_type.items(), key=lambda pair: (pair[0] in OWN_TYPES, -pair[1], pair[0]))), more=more)


def log_page(desk: Desk, *, before: int | None = None, limit: int = 50) -> LogPage:
    """The log's head and its latest entries, or those with an index less than `before`."""
    store, journal = desk.world.store, desk.world.journal
    head = store.head()
    end = head.size if before is None else max(0, min(before, head.size))
    start = max(0, end - limit)
    leaves = list(store.leaves(start, end)) if end > start else []
    return LogPage(
        head=head, origin=journal.origin, verifier=write_verifier(journal.verifier), leaves=leaves[::-1], before=start or None
    )  # fmt: skip


def log_entry(desk: Desk, index: int) -> LogEntry:
    """One entry with its proof under the present head. Raises NotFound outside the log."""
    store = desk.world.store
    head = store.head()
    leaf = next(iter(store.leaves(index, index + 1)), None) if 0 <= index < head.size else None
    if leaf is None:
        raise NotFound(f"the log has no entry {index}")
    proof = None if is_erased(leaf) else prove(leaf, store.tree_hashes, head.checkpoint)
    path = proof.path if proof else inclusion(store.tree_hashes, index, head.size)
    return LogEntry(leaf=leaf, head=head, path=path, proof=proof, verifier=write_verifier(desk.world.journal.verifier))
