"""A wire between two nodes of a demo that can be cut: passes bytes on from a port of loopback to another one, and counts them."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from types import TracebackType

from comity.doors.cli.demo_servers import free_port

_CHUNK = 4_096


class Wire:
    """Listens on `port` while the context is open. Cut, it takes nobody; so it is once `limit` bytes have passed."""

    def __init__(self, target: int, limit: int | None = None) -> None:
        self.port = free_port()
        self.passed = 0
        self._target = target
        self._limit = limit
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._cut = threading.Event()
        self._closed = False

    def __enter__(self) -> Wire:
        threading.Thread(target=self._serve, name="wire", daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._closed = True
        self._listener.close()
        self.cut()

    @property
    def is_cut(self) -> bool:
        """Whether nothing passes."""
        return self._cut.is_set()

    @property
    def limited(self) -> bool:
        """Whether it is settled after how many bytes it is cut."""
        return self._limit is not None

    def wait_cut(self, seconds: float) -> bool:
        """Wait until so many bytes have passed that it is cut; whether they have."""
        return self._cut.wait(seconds)

    def cut(self) -> None:
        """End what goes over it, wherever that is, and take nobody."""
        self._cut.set()
        with self._lock:
            for each in self._open:
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

    def mend(self, limit: int | None = None) -> None:
        """Take callers again, until so many more bytes have passed."""
        with self._lock:
            self._limit = None if limit is None else self.passed + limit
        self._cut.clear()

    def _serve(self) -> None:
        while not self._closed:
            try:
                caller, _ = self._listener.accept()
            except OSError:
                return
            try:
                if self._cut.is_set():
                    caller.close()
                    continue
                node = socket.create_connection(("127.0.0.1", self._target), timeout=10)
            except OSError:
                caller.close()
                continue
            node.settimeout(None)
            with self._lock:
                self._open |= {caller, node}
            for one, other in ((caller, node), (node, caller)):
                threading.Thread(target=self._pass_on, args=(one, other), daemon=True).start()

    def _pass_on(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(_CHUNK):
                with self._lock:
                    full = self._limit is not None and self.passed + len(data) > self._limit
                    self.passed += 0 if full else len(data)
                if full:
                    self.cut()
                    break
                other.sendall(data)
        with self._lock:
            self._open -= {one, other}
        for each in (one, other):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
