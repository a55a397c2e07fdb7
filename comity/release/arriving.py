"""Whether something new came into a reader's view. It is looked at, not released: moments are told, and no item.

Only the reader's own streams are looked at, so what the reader may not see changes neither the answer nor when it is given.
"""

from __future__ import annotations

from comity.clock import micros
from comity.release.desk import Desk
from comity.release.select import Query, select
from comity.release.sight import Reader

#: Items looked at in one step, and the most moments told at once.
_STEP, TOLD = 500, 100


class Arriving:
    """What one reader has been told of: everything up to `after` (microseconds)."""

    def __init__(self, desk: Desk, reader: Reader, after: int | None = None) -> None:
        now = micros(desk.world.clock())
        self._desk = desk
        self._reader = reader
        self._state: tuple[object, ...] = ()
        self.after = now if after is None else min(after, now)

    def new(self) -> list[int]:
        """The moments since `after` at which something of others came into the reader's view, the last `TOLD` of them.

        Registers and agreements do not count. While nothing changed in the store and the rules, this costs one look at its counters.
        """
        store = self._desk.world.store
        state = (store.last_added(), store.counters(), self._desk.sight(self._reader))
        if state == self._state:
            return []
        self._state = state
        feed = self._desk.feed(self._reader)
        found: list[int] = []
        more = True
        while more:
            selection = select(self._desk.world, feed, Query(own=False, after=self.after, limit=_STEP))
            found = [*found, *(at for at, _ in selection.found)][-TOLD:]
            more, self.after = selection.more, selection.found[-1][0] if selection.found else self.after
        return found
