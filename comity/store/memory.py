"""A store in memory: for `comity preview`, which has no node, and for tests. Same contract as SQLite, nothing durable."""

from __future__ import annotations

import heapq
import threading
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from operator import itemgetter
from pathlib import Path

from comity.errors import OperatorFault
from comity.ledger.journal import EMPTY_HEAD, Head, Leaf
from comity.store.protocol import Claim, NewItem, Row, Segment, Source, Space, Stretch


class MemoryStore:
    """`store.protocol.Store` and, inside `write()`, `store.protocol.Tx`, over plain dictionaries.

    Lists of item numbers are ascending, which is also ascending by stamp. Each change notes its inverse, so that a failed critical
    section leaves nothing.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._undo: list[Callable[[], object]] = []
        self._then: list[Callable[[], None]] = []
        self._rows: dict[int, tuple[Row, NewItem]] = {}
        self._lists: dict[tuple[str, object], list[int]] = {}
        self._trait_bodies: list[bytes] = []
        self._trait_rows: dict[bytes, int] = {}
        self._counters: dict[str, int] = {}
        self._leaves: list[Leaf] = []
        self._head = EMPTY_HEAD
        self._tree: dict[tuple[int, int], bytes] = {}
        self._private: dict[tuple[str, str], bytes] = {}
        self._readers: dict[str, int] = {}
        self._segments: dict[str, dict[int, list[Segment]]] = {}
        self._late: dict[str, dict[int, int]] = {}

    def close(self) -> None:
        """Nothing to close."""

    @contextmanager
    def write(self) -> Iterator[MemoryStore]:
        """The critical section."""
        with self._lock:
            self._undo.clear()
            self._then.clear()
            try:
                yield self
            except BaseException:
                for undo in reversed(self._undo):
                    undo()
                raise
            finally:
                self._undo.clear()
            for done in self._then:
                done()

    # Writing

    def then(self, done: Callable[[], None]) -> None:
        self._then.append(done)

    def put_leaf(self, leaf: Leaf, head: Head) -> None:
        before = self._head
        self._leaves.append(leaf)
        self._head = head

        def undo() -> None:
            self._leaves.pop()
            self._head = before

        self._undo.append(undo)

    def put_tree_hash(self, level: int, number: int, hash_: bytes) -> None:
        self._set(self._tree, (level, number), hash_)

    def erase_leaf(self, leaf: Leaf) -> None:
        before, self._leaves[leaf.index] = self._leaves[leaf.index], leaf
        self._undo.append(lambda: self._leaves.__setitem__(leaf.index, before))

    def set_last_added(self, added: int) -> None:
        self._set(self._counters, "added", added)

    def intern(self, body: bytes) -> int:
        row = self._trait_rows.get(body)
        if row is None:
            self._trait_bodies.append(body)
            row = self._trait_rows[body] = len(self._trait_bodies)
            self._undo.append(lambda: (self._trait_bodies.pop(), self._trait_rows.pop(body)))
        return row

    def trait_body(self, row: int) -> bytes:
        return self._trait_bodies[row - 1]

    def put_trait_body(self, row: int, body: bytes) -> None:
        before = self._trait_bodies[row - 1]
        self._exchange(row, before, body)
        self._undo.append(lambda: self._exchange(row, body, before))

    def _exchange(self, row: int, old: bytes, new: bytes) -> None:
        self._trait_bodies[row - 1] = new
        self._trait_rows[new] = self._trait_rows.pop(old)

    def take_ordinals(self, home: int, count: int) -> int:
        last = self.counter(f"ordinal {home}")
        self._set(self._counters, f"ordinal {home}", last + count)
        return last + 1

    def next_item(self) -> int:
        return self.counter("items") + 1

    def insert(self, rows: Sequence[tuple[Row, NewItem]]) -> None:
        for row, new in rows:
            self._set(self._rows, row.item, (row, new))
            for key in _keys(row, new):
                numbers = self._lists.setdefault(key, [])
                numbers.append(row.item)
                self._undo.append(numbers.pop)
        self._set(self._counters, "items", rows[-1][0].item)

    def move(self, item: int, traits: int) -> None:
        row, new = self._rows[item]
        self._set(self._rows, item, (row._replace(traits=traits), new))

    def rebase(self, item: int, base: int, traits: int) -> None:
        row, new = self._rows[item]
        self._set(self._rows, item, (row._replace(base=base, traits=traits), new))

    def lapse(self, dates: Sequence[tuple[int, int]]) -> None:
        for item, moment in dates:
            row, new = self._rows[item]
            self._set(self._rows, item, (row._replace(expires=moment), new))

    def delete(self, items: Sequence[int]) -> None:
        self.bump("removals")
        for item in items:
            row, new = self._rows[item]
            self._set(self._rows, item, None)
            for key in _keys(row, new):
                numbers = self._lists[key]
                at = bisect_left(numbers, item)
                del numbers[at]
                self._undo.append(lambda numbers=numbers, at=at, item=item: numbers.insert(at, item))  # type: ignore[misc]
            for stamps in self._late.values():
                if item in stamps:
                    self._set(stamps, item, None)

    def put_private(self, space: str, key: str, value: bytes | None) -> None:
        self._set(self._private, (space, key), value)

    def bump(self, counter: str) -> int:
        self._set(self._counters, counter, self.counter(counter) + 1)
        return self._counters[counter]

    def put_reader(self, reader: str, head: int) -> None:
        self._set(self._readers, reader, head)

    def put_segments(self, reader: str, segments: Sequence[Segment]) -> None:
        mine = self._segments.setdefault(reader, {})
        for home in {segment.home for segment in segments}:
            self._set(mine, home, [segment for segment in segments if segment.home == home])

    def put_late(self, reader: str, stamped: Sequence[tuple[int, int]]) -> None:
        mine = self._late.setdefault(reader, {})
        for added, item in stamped:
            self._set(mine, item, added)

    def drop_late(self, reader: str, items: Sequence[int]) -> None:
        for item in items:
            self._set(self._late.get(reader, {}), item, None)

    def _set(self, table: dict, key: object, value: object) -> None:  # type: ignore[type-arg]
        """Change one entry (None removes it) and note the way back."""
        before = table.get(key)
        self._undo.append(lambda: table.pop(key, None) if before is None else table.__setitem__(key, before))
        if value is None:
            table.pop(key, None)
        else:
            table[key] = value

    # Reading, inside a critical section or not

    def head(self) -> Head:
        return self._head

    def last_added(self) -> int:
        return self.counter("added")

    def counter(self, name: str) -> int:
        return self._counters.get(name, 0)

    def counters(self) -> dict[str, int]:
        return {name: value for name, value in self._counters.items() if value}

    def held(self, origin: str, ids: Sequence[str]) -> dict[str, list[Row]]:
        found = {id_: [row for row in self._found(("id", id_)) if row.origin == origin] for id_ in ids}
        return {id_: rows for id_, rows in found.items() if rows}

    def claims(self, ids: Sequence[str]) -> dict[str, list[Claim]]:
        found = {id_: [Claim(r.item, r.base, r.origin, self._rows[r.item][1].refs) for r in self._found(("id", id_))] for id_ in ids}
        return {id_: claims for id_, claims in found.items() if claims}

    def referrers(self, ids: Sequence[str]) -> list[Row]:
        return list({row.item: row for id_ in ids for row in self._found(("target", id_))}.values())

    def last_ordinal(self, home: int, added: int) -> int:
        rows = self._found(("home", home))
        at = bisect_right(rows, added, key=lambda row: row.added)
        return rows[at - 1].ordinal if at else 0

    def trait_rows(self, after: int) -> list[tuple[int, bytes]]:
        return list(enumerate(self._trait_bodies[after:], after + 1))

    def page(self, sources: Sequence[Source], after: int, limit: int, now: int) -> list[tuple[int, Row]]:
        merged = heapq.merge(*(self._stream(source, after) for source in sources), key=itemgetter(0))
        return list(islice(((stamp, row) for stamp, row in merged if row.expires is None or row.expires > now), limit))

    def stretch(self, sources: Sequence[Source], after: int, limit: int, now: int, room: int | None = None) -> Stretch:
        late = {(at, row.item) for source in sources if source.home < 0 for at, row in self._stream(source, after)}
        columns = []
        left = room or 0
        for at, row in self.page(sources, after, limit, now):
            body = self._rows[row.item][1].body if room is not None else b""
            plain = (at, row.item) not in late and len(self._lists["id", row.id]) == 1
            columns.append((at, row.item, row.base, plain, row.sha, body))
            left -= len(body)
            if left < 0:
                break
        return Stretch(*zip(*columns)) if columns else Stretch()

    def rows(self, items: Sequence[int]) -> dict[int, Row]:
        return {item: self._rows[item][0] for item in items if item in self._rows}

    def kin(self, items: Sequence[int]) -> list[Row]:
        return self.by_id([row.id for row in self.rows(items).values()])

    def _stream(self, source: Source, after: int) -> Iterator[tuple[int, Row]]:
        if source.home < 0:
            late = sorted((stamp, item) for item, stamp in self._late.get(source.reader, {}).items())
            met = ((stamp, self._rows[item][0]) for stamp, item in late if stamp > after)
            return (found for found in met if source.types is None or found[1].type in source.types)
        if source.home == 0:
            own = self._found(("origin", source.origin))
            return ((row.added, row) for row in own if row.added > after and (source.types is None or row.type in source.types))
        last = source.last if source.last is not None else 1 << 62
        rows = [row for row in self._found(("home", source.home)) if source.first <= row.ordinal <= last]
        if source.base is None:
            return ((row.added, row) for row in rows if row.added > after)
        shift = source.base - source.first
        return ((row.ordinal + shift, row) for row in rows if row.ordinal + shift > after)

    def _found(self, key: tuple[str, object]) -> list[Row]:
        return [self._rows[item][0] for item in self._lists.get(key, ())]

    def by_id(self, ids: Sequence[str]) -> list[Row]:
        return sorted((row for id_ in set(ids) for row in self._found(("id", id_))), key=lambda row: row.added)

    def by_type(self, type_: str) -> Iterator[Row]:
        return iter(self._found(("type", type_)))

    def naming(self, id_: str) -> Iterator[tuple[Row, bool]]:
        return ((row, len(self._lists["id", row.id]) == 1) for row in self._found(("target", id_)))

    def by_value(self, hashes: Collection[int]) -> list[Row]:
        found = {row.item: row for hash_ in hashes for row in self._found(("value", hash_))}
        return [found[item] for item in sorted(found)]

    def by_words(
        self, words: Sequence[str], homes: Collection[int], items: Collection[int], limit: int, before: int | None = None
    ) -> list[Row]:
        def has(new: NewItem) -> bool:
            return all(any(each.startswith(word[:-1]) for each in new.words) if word[-1] == "*" else word in new.words for word in words)

        every = (pair for item, pair in sorted(self._rows.items(), reverse=True) if before is None or item < before)
        met = (row for row, new in every if (row.home in homes or row.item in items) and has(new))
        return list(islice(met, limit)) if words else []

    def expiring(self, since: int, until: int, limit: int) -> list[Row]:
        due = [(row.expires, row.item, row) for row, _ in self._rows.values() if row.expires is not None and since <= row.expires < until]
        return [row for _, _, row in sorted(due)[:limit]]

    def tidy(self) -> bool:
        return True

    def scrub(self) -> bool:
        return True

    def compact(self) -> None:
        """Nothing is kept that is free."""

    def recent(self, limit: int, before: int | None = None) -> list[Row]:
        rows = (self._rows[item][0] for item in sorted(self._rows, reverse=True))
        return list(islice((row for row in rows if before is None or row.added < before), limit))

    def bodies(self, items: Sequence[int], room: int | None = None) -> dict[int, bytes]:
        found: dict[int, bytes] = {}
        for item in items:
            if item in self._rows:
                found[item] = self._rows[item][1].body
                if room is not None and (room := room - len(found[item])) < 0:
                    break
        return found

    def envelopes(self, items: Sequence[int]) -> dict[int, bytes]:
        return {item: self._rows[item][1].envelope for item in items if item in self._rows}

    def links(self, items: Sequence[int]) -> dict[int, tuple[str, ...]]:
        return {item: self._rows[item][1].refs for item in items if item in self._rows and self._rows[item][1].refs}

    def values(self, items: Sequence[int]) -> dict[int, list[tuple[str, int]]]:
        return {item: list(self._rows[item][1].values) for item in items if item in self._rows and self._rows[item][1].values}

    def words(self, items: Sequence[int]) -> dict[int, tuple[str, ...]]:
        return {item: self._rows[item][1].words for item in items if item in self._rows and self._rows[item][1].words}

    def numbered(self) -> dict[int, int]:
        return {row: self.counter(f"ordinal {row}") for row in range(1, len(self._trait_bodies) + 1)}

    def counts(self) -> dict[str, int]:
        return {str(key[1]): len(numbers) for key, numbers in sorted(self._lists.items(), key=str) if key[0] == "type" and numbers}

    def arrivals(self, since: int, now: int) -> dict[int, int]:
        rows = (row for row, _ in self._rows.values() if row.added >= since and (row.expires is None or row.expires > now))
        return dict(Counter(row.traits for row in rows))

    def reader(self, reader: str) -> int | None:
        return self._readers.get(reader)

    def readers(self) -> list[str]:
        return sorted({*self._readers, *(name for kept in (self._segments, self._late) for name, rows in kept.items() if rows)})

    def segments(self, reader: str) -> list[Segment]:
        return [segment for _, runs in sorted(self._segments.get(reader, {}).items()) for segment in runs]

    def late(self, reader: str, items: Sequence[int]) -> dict[int, int]:
        mine = self._late.get(reader, {})
        return {item: mine[item] for item in items if item in mine}

    def moved(self) -> list[Row]:
        return [row for _, (row, _) in sorted(self._rows.items()) if row.home != row.traits]

    def leaves(self, first: int = 0, last: int | None = None) -> Iterator[Leaf]:
        return iter(self._leaves[first:last])

    def tree_hashes(self, level: int, first: int, count: int) -> list[bytes]:
        if level == 0:
            return [leaf.hash for leaf in self._leaves[first : first + count]]
        return [self._tree[level, number] for number in range(first, first + count) if (level, number) in self._tree]

    def private(self, space: str, key: str) -> bytes | None:
        return self._private.get((space, key))

    def privates(self, space: str, after: str = "", limit: int | None = None) -> Iterable[tuple[str, bytes]]:
        return sorted((key, value) for (where, key), value in self._private.items() if where == space and key > after)[:limit]

    def space(self) -> Space:
        return Space(used=sum(len(new.body) + len(new.envelope) for _, new in self._rows.values()), left=None)

    def copy_to(self, path: Path) -> None:
        raise OperatorFault("a store in memory has no backup", next="use a node with a file")

    def check(self) -> list[str]:
        return []


def _keys(row: Row, new: NewItem) -> Iterator[tuple[str, object]]:
    """The lists that an item stands in."""
    yield "id", row.id
    yield "home", row.home
    yield "origin", row.origin
    yield "type", row.type
    for target in dict.fromkeys(new.refs):
        yield "target", target
    for hash_ in {hash_ for _, hash_ in new.values}:
        yield "value", hash_
