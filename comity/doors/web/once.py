"""What the page after an act says once: that it is done. Held for the session: no address, reload or link to a colleague says it again.

Kept in this process alone: what was done stands on the pages themselves, and after a restart nothing is said besides.
"""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from urllib.parse import unquote, urlsplit

import msgspec

#: How long something waits for the page that says it.
WAITS = timedelta(minutes=2)


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A text of the catalogue, of how many it speaks, and the object that was made, if any."""

    word: str
    count: int = 0
    made: str = ""


class Once:
    """What waits to be said, the latest for each session. Safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[str, tuple[datetime, str, Told]] = {}

    def tell(self, session: str, to: str, told: Told, at: datetime) -> None:
        """Have the page at an address say something to a session; what nobody came for in time is let go."""
        with self._lock:
            self._held = {key: each for key, each in self._held.items() if at - each[0] < WAITS}
            self._held[session] = at, unquote(urlsplit(to).path), told

    def take(self, session: str, path: str, at: datetime) -> Told | None:
        """What the page at a path is to say to a session now, and never again."""
        with self._lock:
            since, wanted, told = self._held.get(session, (at, "", None))
            if told is None or wanted != path:
                return None
            del self._held[session]
            return told if at - since < WAITS else None
