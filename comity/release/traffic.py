"""How much came in from each party and went out to it, by the log: entries of arrivals and disclosures, never objects.

The log is read once, backwards from its end as far as somebody asks, so much at a time that no page waits long; what is new is added.
Whoever asks is told how far back it has been read. Whose business the numbers are is decided by who asks (`seen_by`).
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from typing import Literal

import msgspec

from comity.errors import IntegrityFault
from comity.ledger.journal import Leaf, read_entry
from comity.release.desk import Desk

#: Entries that are read for one look.
LEAVES = 1_000
#: Kind of entry -> which way objects went.
_WAYS: dict[str, Literal["in", "out"]] = {"accept": "in", "disclose": "out", "push": "out"}


class Flow(msgspec.Struct, frozen=True, kw_only=True):
    """Objects that came in from a party, or went out to it, with the clauses relied on (`agreement@version/clause` -> objects)."""

    party: str
    way: Literal["in", "out"]
    items: int
    clauses: dict[str, int]


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """Flows since a moment, by party; `whole` unless the log has been read back to `back` alone so far."""

    flows: tuple[Flow, ...]
    whole: bool
    back: datetime | None


class Traffic:
    """What one node's log says, day by day. Safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._items: Counter[tuple[date, str, Literal["in", "out"]]] = Counter()
        self._clauses: Counter[tuple[date, str, str]] = Counter()
        self._low = self._high = -1
        self._back: datetime | None = None

    def since(self, desk: Desk, moment: datetime, party: str | None = None) -> Counted:
        """The flows of whole days from a moment's on; with `party` those from and to that one alone."""
        with self._lock:
            self._read(desk, moment)
            whole = self._low <= 0 or (self._back is not None and self._back < moment)
            first = moment.date()
            items: Counter[tuple[str, Literal["in", "out"]]] = Counter()
            for (day, code, way), count in self._items.items():
                if day >= first and party in (None, code):
                    items[code, way] += count
            clauses: dict[str, Counter[str]] = {}
            for (day, code, clause), count in self._clauses.items():
                if day >= first and party in (None, code):
                    clauses.setdefault(code, Counter())[clause] += count
            flows = tuple(
                Flow(
                    party=code, way=way, items=count, clauses=dict(clauses[code].most_common()) if way == "out" and code in clauses else {}
                )
                for (code, way), count in sorted(items.items())
            )
            return Counted(flows=flows, whole=whole, back=None if whole else self._back)

    def _read(self, desk: Desk, moment: datetime) -> None:
        """What is new first, then further back."""
        store, size = desk.world.store, desk.world.store.head().size
        if self._high < 0:
            self._low = self._high = size
        end = min(size, self._high + LEAVES)
        self._add(store.leaves(self._high, end))
        left, self._high = LEAVES - (end - self._high), end
        while left > 0 and self._low > 0 and (self._back is None or self._back >= moment):
            start = max(0, self._low - min(left, 500))
            leaves = list(store.leaves(start, self._low))
            left, self._low = left - len(leaves), start
            self._back = self._add(leaves) or self._back

    def _add(self, leaves: Iterable[Leaf]) -> datetime | None:
        """Count some entries; the moment of the first of them."""
        first = None
        for leaf in leaves:
            try:
                entry = read_entry(leaf.entry)
            except IntegrityFault:
                continue  # erased, or for the log's own check
            first = first or entry.at
            way = _WAYS.get(entry.kind)
            if way is None or entry.party is None:
                continue
            self._items[entry.at.date(), entry.party, way] += entry.count
            for clause in entry.agreements:
                self._clauses[entry.at.date(), entry.party, clause] += entry.count
        return first


def seen_by(desk: Desk, party: str) -> str | None:
    """Whose flows a party's people see: None for all parties', as the log of a node is open to its own people; else those of this one."""
    return None if party == desk.world.settings.party else party
