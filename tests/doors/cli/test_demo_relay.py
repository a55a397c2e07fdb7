"""A wire passes bytes both ways, and can be cut and mended."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

import pytest

from comity.doors.cli.demo_relay import Wire

pytestmark = pytest.mark.loop


@pytest.fixture
def echo():
    """The port of a server that says what it hears."""
    listener = socket.create_server(("127.0.0.1", 0))

    def answer(one):
        with one, suppress(OSError):
            while data := one.recv(4_096):
                one.sendall(data)

    def serve():
        while True:
            try:
                one, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(one,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    yield listener.getsockname()[1]
    listener.close()


def said(port: int, data: bytes) -> bytes:
    """What comes back until as much as was sent is there, or the connection ends."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as caller:
        found = b""
        try:
            caller.sendall(data)
            while len(found) < len(data) and (part := caller.recv(4_096)):
                found += part
        except OSError:
            pass
        return found


def test_bytes_pass_and_are_counted(echo):
    with Wire(echo) as wire:
        assert said(wire.port, b"ping") == b"ping"
        assert wire.passed == 8
        assert not wire.is_cut


def test_it_is_cut_at_a_byte_and_goes_on_when_mended(echo):
    with Wire(echo, limit=100_000) as wire:
        found = said(wire.port, b"x" * 200_000)
        assert len(found) < 100_000
        assert wire.wait_cut(5)
        assert said(wire.port, b"ping") == b""
        wire.mend()
        assert said(wire.port, b"ping") == b"ping"
        wire.cut()
        assert wire.is_cut
        assert said(wire.port, b"ping") == b""
