"""How often somebody may guess: so many wrong guesses within a while, by name and by address, and nobody is locked out by another's.

A guess from a browser that the person has signed in with before counts apart from the guesses of strangers, so whoever tries a name from
elsewhere cannot keep its owner out ("device cookies", OWASP). What is counted is kept in memory: a new start begins anew.
"""

from __future__ import annotations

import ipaddress
import threading
from collections import OrderedDict, deque
from collections.abc import Iterator
from datetime import datetime, timedelta

#: Within this long ...
WHILE = timedelta(minutes=15)
#: ... so many wrong guesses at one name (of strangers together, or of one known browser), and so many from one address.
BY_NAME, BY_ADDRESS = 10, 30
#: Names and addresses that are remembered: more guesses at other names push out the oldest, which costs an attacker as many.
_KEPT = 20_000


class Throttle:
    """Counts wrong guesses. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._missed: OrderedDict[str, deque[datetime]] = OrderedDict()

    def begin(self, name: str, address: str, device: str, at: datetime) -> float:
        """Seconds to wait before a guess is listened to; 0: it is, and counts as wrong until `right` is called.

        So guesses that are made at the same moment count, too. `device` is "" for a browser that is not known to be the person's, `name`
        where nobody is named.
        """
        with self._lock:
            waits = [self._wait(key, most, at) for key, most in _keys(name, address, device)]
            if not any(waits):
                for key, _ in _keys(name, address, device):
                    self._note(key, at)
            return max(waits)

    def right(self, name: str, address: str, device: str) -> None:
        """The guess was right: nothing is held against this name from there."""
        with self._lock:
            for key, _ in _keys(name, address, device):
                missed = self._missed.get(key)
                if missed:
                    missed.pop()
            if device:
                self._missed.pop(f"device {device}", None)

    def _wait(self, key: str, most: int, at: datetime) -> float:
        missed = self._missed.get(key)
        while missed and at - missed[0] >= WHILE:
            missed.popleft()
        return (missed[0] + WHILE - at).total_seconds() if missed and len(missed) >= most else 0.0

    def _note(self, key: str, at: datetime) -> None:
        self._missed.setdefault(key, deque()).append(at)
        self._missed.move_to_end(key)
        while len(self._missed) > _KEPT:
            self._missed.popitem(last=False)


def _keys(name: str, address: str, device: str) -> Iterator[tuple[str, int]]:
    if device:
        yield f"device {device}", BY_NAME
    else:
        if name:
            yield f"name {name[:100]}", BY_NAME
        yield f"address {_network(address)}", BY_ADDRESS


def _network(address: str) -> str:
    """An address as far as it tells one client from another: of IPv6, the /64 that one client has."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else str(found)
