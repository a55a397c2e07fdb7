"""The one way out. Whatever leaves does so as a `Pull` (with rows: a `Page`); one that others' items stand on carries the log's receipt.

    1. settle   what has lapsed, what redacted copies it is to get, and     comity.lapsing, release.copies, release.feed
                its streams under the rules of this moment
    2. merge    the next items in order, versions and filters applied       release.select
    3. record   one log leaf per page, with a salted commitment per object  release.record, durable before 4
    4. release  the received bytes, untouched

Crash story: the entry commits before the bytes leave. A crash or a broken connection after it counts as disclosed; a crash before it
discloses nothing. What cannot be recorded is not released.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

from comity.agree.decide import Rules, next_change
from comity.lapsing import Lapsing
from comity.ledger.given import ABOUT
from comity.ledger.journal import MAX_OBJECTS, Entry, Receipt, prepare
from comity.release.across import Across
from comity.release.copies import make
from comity.release.feed import Feed, settle
from comity.release.record import Disclosure, Recorder, advance, counted
from comity.release.select import Query, cut, select_ids
from comity.release.sight import Conditions, Reader, Sight
from comity.store.protocol import Row, Stretch
from comity.world import World

#: Batches of redacted copies that are made for one page: about a second's work. The others are made for the pages after it.
COPIED = 4
#: Bytes of objects on one page, whatever its limit: a page of large objects is shorter, and `more` says so.
PAGE_BYTES = 8 << 20


class Pull:
    """What may leave: stamps, ascending, and the received bytes of each; `more` says whether others follow. Made by `Desk` only."""

    def __init__(self, stamps: Sequence[int], bodies: list[bytes], more: bool, receipt: Receipt | None) -> None:
        self.stamps = stamps
        self.bodies = bodies
        self.more = more
        self.receipt = receipt


#: Of items that may be given, those that are. What is kept back is not in the log, and the page goes on behind it.
Goes = Callable[[Sequence[int]], Collection[int]]


class Page(Pull):
    """The same with rows: `found` holds (stamp, row). `reached` is the stamp of the last item that was looked at, None without any."""

    def __init__(
        self, found: Sequence[tuple[int, Row]], bodies: list[bytes], more: bool, receipt: Receipt | None, reached: int | None
    ) -> None:
        super().__init__([at for at, _ in found], bodies, more, receipt)
        self.found = found
        self.reached = reached


class Desk:
    """Gives out pages for a world. Keeps what it worked out per reader until the rules, a date or the store changes it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._conditions = Conditions(world.store)
        self._recorder = Recorder(world)
        self._lapsing = Lapsing(world)
        self._lock = threading.Lock()
        # One page at a time is put together: only one thread runs Python anyway, and taking turns at every row costs thrice as much.
        self._turn = threading.Lock()
        self._sights: dict[str, tuple[int, datetime | None, Sight]] = {}
        self._feeds: dict[str, tuple[tuple[int, int, int], Feed]] = {}
        self._copied: dict[str, tuple[Sight, int, int]] = {}
        self._heads: dict[Reader, int] = {}
        self._refused: dict[str, dict[bytes, None]] = {}
        self._reads: dict[str, int] = {}

    def sight(self, reader: Reader, at: datetime | None = None, known: datetime | None = None, supposed: Rules | None = None) -> Sight:
        """What the reader may see now, or might at another moment, under the rules held today, those that were `known` at a moment, or
        others that are only `supposed`.
        """
        version, rules = self.world.rulebook.current()
        now = self.world.clock()
        self._lapsing.look(version, rules, now)
        if at is not None or known is not None or supposed is not None:
            return self._look(reader, supposed or rules, at or now, known)
        with self._lock:
            kept = self._sights.get(reader.key)
            # A clock that was set back is as good a reason to look again as a date that came.
            if kept is None or kept[0] != version or not (kept[2].question.valid_at <= now and (kept[1] is None or now < kept[1])):
                sight = self._look(reader, rules, now)
                kept = self._sights[reader.key] = (version, next_change(rules, now), sight)
        return kept[2]

    def _look(self, reader: Reader, rules: Rules, at: datetime, known: datetime | None = None) -> Sight:
        made = Across if reader.across else Sight
        return made(self._conditions, reader, self.world.settings.party, rules, at, known)

    def _feed(self, reader: Reader, moves: int) -> Feed:
        """Step 1."""
        sight = self.sight(reader)
        state = (id(sight), len(sight.homes()), moves)
        with self._lock:
            known, read = self._feeds.get(reader.key), self._heads.get(reader, 0)
        if known is None or known[0] != state:
            known = (state, settle(self.world, sight, read))
            with self._lock:
                self._feeds[reader.key] = known
        return known[1]

    def forget(self, reader: Reader) -> None:
        """Work the reader's streams out anew at its next request: they were changed elsewhere."""
        with self._lock:
            self._feeds.pop(reader.key, None)

    def feed(self, reader: Reader) -> Feed:
        """The reader's streams as they are now, for what only looks at them: nothing is released."""
        counters = self.world.store.counters()
        feed = self._feed(reader, counters.get("moves", 0))
        if self._uncopied(feed.sight, counters):
            self._copy(feed.sight, counters)
            feed = self._feed(reader, self.world.store.counter("moves"))
        return feed

    def _uncopied(self, sight: Sight, counters: Mapping[str, int]) -> bool:
        """Whether there may be items of which the reader is to get redacted copies that have not been made."""
        return bool(sight.copied) and self._copied.get(sight.reader.key) != _state(sight, counters)

    def _copy(self, sight: Sight, counters: Mapping[str, int], batches: int | None = None) -> bool:
        """Make them, or as many `batches`; whether all are made. `counters` are from before: what comes meanwhile is found next time."""
        if not make(self.world, sight, batches):
            return False
        self._copied[sight.reader.key] = _state(sight, counters)
        return True

    def pull(self, reader: Reader, query: Query) -> Pull:
        """A page of a collection, recorded and ready to leave, as bytes alone."""
        found, more, receipt, _ = self._release(reader, query)
        return Pull(found.at, list(found.body), more, receipt)

    def page(self, reader: Reader, query: Query, goes: Goes | None = None) -> Page:
        """A page of a collection, recorded and ready to leave, with its rows; of others' items only those that `goes` lets go."""
        found, more, receipt, reached = self._release(reader, query, goes)
        rows = self.world.store.rows(found.item)
        if len(rows) < len(found.item):  # a withdrawal came between: what it took does not leave
            found = found.only(item in rows for item in found.item)
        return Page([(at, rows[item]) for at, item in zip(found.at, found.item)], list(found.body), more, receipt, reached)

    def object(self, reader: Reader, query: Query) -> Page:
        """The visible versions of the objects that the query names, recorded; empty when hidden or absent, which is the same."""
        page = self.page(reader, query)
        if not page.found and query.after == 0:
            self._note_refusal(reader, query.ids or ())
        return page

    def _release(self, reader: Reader, query: Query, goes: Goes | None = None) -> tuple[Stretch, bool, Receipt | None, int | None]:
        copied = complete = False
        while True:
            with self._turn:
                counters = self.world.store.counters()
                feed = self._feed(reader, counters.get("moves", 0))
                behind = not copied and self._uncopied(feed.sight, counters)
                if not behind:
                    found, more, disclosure, reached = self._choose(feed, query, counters, goes, complete=complete or not copied)
            if behind:  # nobody else waits for that
                copied, complete = True, self._copy(feed.sight, counters, None if query.values else COPIED)
                complete = complete or query.ids is not None  # the id of what has not been copied yet is known to nobody
                continue
            if copied and not complete and reached is None:  # there is more, so the page must lead on to it
                copied = False
                continue
            # 3.
            receipt = self._recorder.record(disclosure) if disclosure is not None else None
            # 4.
            if disclosure is None or receipt is not None:
                return found, more, receipt, reached

    def _choose(
        self, feed: Feed, query: Query, counters: Mapping[str, int], goes: Goes | None, *, complete: bool
    ) -> tuple[Stretch, bool, Disclosure | None, int | None]:  # fmt: skip
        """Step 2, and what is to be recorded if any of it is others'. Without `complete` more will follow, though it is not there yet."""
        reader = feed.sight.reader
        chosen = cut(self.world, feed, query, PAGE_BYTES)
        found, more = chosen.found, chosen.more or not complete
        own = {base for base in set(found.base) if feed.sight.traits(base).origin == reader.party}
        # How far the reader has read: to the end of this page, or of everything. Looking up objects by name moves no cursor.
        reached = found.at[-1] if found.at else None
        last = reached or 0
        if goes is not None:
            going = set(goes(found.item))
            found = found.only(item in going for item in found.item)
        given = found if not own else found.only(base not in own for base in found.base)
        head = 0 if query.named else last if more else max(counters.get("added", 0), last)
        if reader.party == self.world.settings.party:
            self.again(len(found.at))
            return found, more, None, reached
        if not given.at:
            self._note_head(reader, head, moved=reached is not None)
            return found, more, None, reached
        entry = Entry(
            kind="disclose",
            at=self.world.clock(),
            party=reader.party,
            count=len(given.at),
            agreements=tuple(sorted({ground for base in set(given.base) for ground in feed.sight.grounds(base)})),
            detail={"body": reader.body, "purposes": list(reader.purposes), **({ABOUT: True} if query.about else {})},
        )
        leaf = prepare(entry, given.sha)
        return found, more, Disclosure(leaf=leaf, reader=reader, head=head, counted=counted(counters)), reached

    def again(self, count: int) -> None:
        """Count reads by the node's own party of what was kept of an earlier reading."""
        with self._lock:
            own = self.world.settings.party
            self._reads[own] = self._reads.get(own, 0) + count

    def _note_head(self, reader: Reader, head: int, *, moved: bool) -> None:
        """Note how far a reader got by a page without others' items: durably if its cursor moved, else with the next `flush`."""
        if moved and head > (self.world.store.reader(reader.key) or 0):
            with self.world.store.write() as tx:
                advance(self.world, tx, reader, head)
        elif not moved:
            with self._lock:
                self._heads[reader] = max(self._heads.get(reader, 0), head)

    def _note_refusal(self, reader: Reader, ids: Sequence[str]) -> None:
        """Remember that hidden objects were asked for by name; absent ones take the same way and leave nothing."""
        hidden = [row.sha for row in self.world.store.by_id(ids)]
        with self._lock:
            self._refused.setdefault(reader.party, {}).update(dict.fromkeys(hidden))

    def flush(self, *, reads: bool = True) -> None:
        """Record what was gathered since last time: refusals, how far readers got, and reads by the node's own party (if `reads`).

        Gathered first, so that a request for a hidden object takes no longer than one for an object that is not there. Called by a
        ticker, which lets reads gather for longer: they are one aggregated entry (model.md, How it is recorded).
        """
        with self._lock:
            refused, self._refused = self._refused, {}
            counts, self._reads = (self._reads, {}) if reads else ({}, self._reads)
            heads, self._heads = self._heads, {}
        refused = {party: hashes for party, hashes in refused.items() if hashes}
        counts = {party: count for party, count in counts.items() if count}
        stale = {reader: head for reader, head in heads.items() if (self.world.store.reader(reader.key) or 0) < head}
        if not (refused or counts or stale):
            return
        at = self.world.clock()
        with self.world.store.write() as tx:
            for party, hashes in refused.items():
                named = list(hashes)
                for part in (named[start : start + MAX_OBJECTS] for start in range(0, len(named), MAX_OBJECTS)):
                    self.world.journal.append(tx, Entry(kind="refuse", at=at, party=party, count=len(part)), part)
            if counts:
                self.world.journal.append(tx, Entry(kind="access", at=at, detail={"reads": counts}))
            for reader, head in stale.items():
                advance(self.world, tx, reader, head)

    def seen(self, reader: Reader, query: Query) -> list[Row]:
        """What a query of named objects would find; nothing is released, so nothing is recorded, and nothing may be told of it but that."""
        return [row for _, row in select_ids(self.world, self._feed(reader, self.world.store.counter("moves")), query).found]


def _state(sight: Sight, counters: Mapping[str, int]) -> tuple[Sight, int, int]:
    """Changes whenever an item comes or moves, or the rules change."""
    return sight, counters.get("added", 0), counters.get("moves", 0)
