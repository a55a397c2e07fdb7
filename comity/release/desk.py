"""The one way out. Whatever leaves does so as a `Page`, and a page that others' items stand on carries the log's receipt.

    1. settle   the reader's streams under the rules of this moment         release.feed
    2. merge    the next items in order, versions and filters applied       release.select
    3. record   one log leaf per page, with a salted commitment per object  here, durable before 4
    4. release  the received bytes, untouched

Crash story: the entry commits before the bytes leave. A crash or a broken connection after it counts as disclosed; a crash before it
discloses nothing. What cannot be recorded is not released.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import datetime

from comity.agree.decide import next_change
from comity.ledger.journal import MAX_OBJECTS, Entry, Receipt
from comity.release.feed import Feed, settle
from comity.release.select import Query, Selection, select, select_ids
from comity.release.sight import Conditions, Reader, Sight
from comity.store.protocol import Row, Tx
from comity.world import World

#: Bytes of objects on one page, whatever its limit: a page of large objects is shorter, and `more` says so.
PAGE_BYTES = 8 << 20
_CHUNK = 64


class Page:
    """What may leave: (stamp, row, received bytes) ascending by stamp; `more` says whether others follow. Made by `Desk` only."""

    def __init__(self, found: Sequence[tuple[int, Row]], bodies: dict[int, bytes], more: bool, receipt: Receipt | None) -> None:
        self.found = found
        self.bodies = [bodies[row.item] for _, row in found]
        self.more = more
        self.receipt = receipt


class Desk:
    """Gives out pages for a world. Keeps what it worked out per reader until the rules, a date or the store changes it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._conditions = Conditions(world.store)
        self._lock = threading.Lock()
        self._sights: dict[str, tuple[int, datetime | None, Sight]] = {}
        self._feeds: dict[str, tuple[tuple[int, int, int], Feed]] = {}
        self._heads: dict[Reader, int] = {}
        self._refused: dict[str, dict[bytes, None]] = {}
        self._reads: dict[str, int] = {}

    def sight(self, reader: Reader, at: datetime | None = None) -> Sight:
        """What the reader may see now, or might at another moment under the agreements held today."""
        version, rules = self.world.rulebook.current()
        if at is not None:
            return Sight(self._conditions, reader, self.world.settings.party, rules, at)
        now = self.world.clock()
        with self._lock:
            known = self._sights.get(reader.key)
            # A clock that was set back is as good a reason to look again as a date that came.
            if known is None or known[0] != version or not (known[2].question.valid_at <= now and (known[1] is None or now < known[1])):
                sight = Sight(self._conditions, reader, self.world.settings.party, rules, now)
                known = self._sights[reader.key] = (version, next_change(rules, now), sight)
        return known[2]

    def _feed(self, reader: Reader) -> Feed:
        """Step 1."""
        sight = self.sight(reader)
        state = (id(sight), len(sight.homes()), self.world.store.counter("moves"))
        with self._lock:
            known, read = self._feeds.get(reader.key), self._heads.get(reader, 0)
        if known is None or known[0] != state:
            known = (state, settle(self.world, sight, read))
            with self._lock:
                self._feeds[reader.key] = known
        return known[1]

    def page(self, reader: Reader, query: Query) -> Page:
        """A page of a collection, recorded and ready to leave."""
        return self._release(reader, query, lambda feed: select(self.world, feed, query))

    def object(self, reader: Reader, query: Query) -> Page:
        """The visible versions of the objects that `query.ids` names, recorded; empty when hidden or absent, which is the same."""
        page = self._release(reader, query, lambda feed: select_ids(self.world, feed, query))
        if not page.found and query.after == 0:
            self._note_refusal(reader, query.ids or ())
        return page

    def _release(self, reader: Reader, query: Query, choose: Callable[[Feed], Selection]) -> Page:
        store = self.world.store
        before = store.last_added()
        feed = self._feed(reader)
        # 2.
        selection = choose(feed)
        found, bodies = self._bodies(selection.found)
        more = selection.more or len(found) < len(selection.found)
        given = [row for _, row in found if row.origin != reader.party]
        # How far the reader has read: to the end of this page, or of everything. Looking up objects by name moves no cursor.
        last = found[-1][0] if found else 0
        head = 0 if query.ids is not None else last if more else max(before, last)
        if reader.party == self.world.settings.party:
            with self._lock:
                self._reads[reader.party] = self._reads.get(reader.party, 0) + len(found)
            return Page(found, bodies, more, None)
        if not given:
            self._note_head(reader, head, moved=bool(found))
            return Page(found, bodies, more, None)
        # 3.
        entry = Entry(
            kind="disclose",
            at=self.world.clock(),
            party=reader.party,
            count=len(given),
            agreements=tuple(sorted({ground for row in given for ground in feed.sight.grounds(row.base)})),
            detail={"body": reader.body, "purposes": list(reader.purposes)},
        )
        with store.write() as tx:
            receipt = self.world.journal.append(tx, entry, [row.sha for row in given])
            self._advance(tx, reader, head)
        # 4.
        return Page(found, bodies, more, receipt)

    def _bodies(self, selected: Sequence[tuple[int, Row]]) -> tuple[list[tuple[int, Row]], dict[int, bytes]]:
        """The bytes of selected items, no more than `PAGE_BYTES` (but one item at least), and which items these are."""
        found: list[tuple[int, Row]] = []
        bodies: dict[int, bytes] = {}
        size = 0
        for start in range(0, len(selected), _CHUNK):
            part = selected[start : start + _CHUNK]
            got = self.world.store.bodies([row.item for _, row in part])
            for at, row in part:
                body = got.get(row.item)
                if body is None:  # a purge took it between the two reads
                    continue
                size += len(body)
                if found and size > PAGE_BYTES:
                    return found, bodies
                found.append((at, row))
                bodies[row.item] = body
        return found, bodies

    def _note_head(self, reader: Reader, head: int, *, moved: bool) -> None:
        """Note how far a reader got by a page without others' items: durably if its cursor moved, else with the next `flush`."""
        if moved and head > (self.world.store.reader(reader.key) or 0):
            with self.world.store.write() as tx:
                self._advance(tx, reader, head)
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
                self._advance(tx, reader, head)

    def _advance(self, tx: Tx, reader: Reader, head: int) -> None:
        """Note how far a reader has read; a slower request of the same reader takes nothing back."""
        if (self.world.store.reader(reader.key) or 0) < head:
            tx.put_reader(reader.key, head)

    def sees(self, reader: Reader, query: Query) -> bool:
        """Whether a query of named objects would find anything; nothing is released, so nothing is recorded."""
        return bool(select_ids(self.world, self._feed(reader), query).found)
