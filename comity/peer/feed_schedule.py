"""Pulls feeds as they fall due, one at a time, in a thread beside the server: a slow feed keeps the next one waiting and nobody else."""

from __future__ import annotations

import sys
import threading
from types import TracebackType

from comity.errors import Fault
from comity.peer.feed_pull import pull
from comity.peer.feeds import due
from comity.world import World

#: How often it is looked for feeds that are due, seconds.
LOOK = 10.0
#: How long the end of the program waits for a pull under way; a pull that is cut off is made again.
_PATIENCE = 5.0


class Schedule:
    """Runs while the context is open. What goes wrong with a feed is kept as its result (`comity feed list`) and said on stderr."""

    def __init__(self, world: World, look: float = LOOK) -> None:
        self._world = world
        self._look = look
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="feeds", daemon=True)

    def __enter__(self) -> Schedule:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stop.set()
        self._thread.join(timeout=_PATIENCE)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                for name in due(self._world):
                    if self._stop.is_set():
                        return
                    self._pull(name)
            except Exception as error:  # the schedule must outlive one bad moment, such as a store that is locked
                self._say(f"feeds: {error}")
            self._stop.wait(self._look)

    def _pull(self, name: str) -> None:
        try:
            pull(self._world, name, scheduled=True)
        except Fault as fault:
            self._say(f"feed {name}: {fault}")

    def _say(self, text: str) -> None:
        if not self._stop.is_set():
            print(f"comity: {text}", file=sys.stderr, flush=True)
