"""What a server does by itself, again and again, in a thread beside it: telling producers, looking back, feeds, publishing its log."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from types import TracebackType

#: How often it is looked for something to do, seconds.
LOOK = 60.0
#: How long the end of the program waits for what is under way; what is cut off is done again.
_PATIENCE = 5.0


class Beside:
    """Does some things in turn, again and again, while the context is open. One that fails is told on stderr, and tried again."""

    def __init__(self, *doing: Callable[[], object], look: float = LOOK, what: str = "matching") -> None:
        self._doing = doing
        self._look = look
        self._what = what
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=what, daemon=True)

    def __enter__(self) -> Beside:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stop.set()
        self._thread.join(timeout=_PATIENCE)

    def _run(self) -> None:
        while not self._stop.is_set():
            for do in self._doing:
                try:
                    do()
                except Exception as error:  # it must outlive one bad moment, such as a store that is locked
                    if not self._stop.is_set():
                        print(f"comity: {self._what}: {error}", file=sys.stderr, flush=True)
            self._stop.wait(self._look)
