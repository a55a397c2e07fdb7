"""What connections may cost before they ask: met with raw sockets, as no client behaves."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from comity.doors.http import HEAD, bounded, server

pytestmark = pytest.mark.loop
ASK = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


async def answer(request: Request) -> Response:
    return PlainTextResponse("here\n")


async def take(request: Request) -> Response:
    return PlainTextResponse(f"{len(await request.body())}\n")


@contextmanager
def serving(patience: float = 15.0, most: int = 400) -> Iterator[int]:
    """A small application behind the node's own server; its port."""
    application = Starlette(routes=[Route("/", answer), Route("/", take, methods=["POST"])])
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    running = server(application, "127.0.0.1", port, bounded(patience, most))
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    until = time.monotonic() + 10
    while not running.started:
        assert time.monotonic() < until
        time.sleep(0.01)
    try:
        yield port
    finally:
        running.should_exit = True
        thread.join(timeout=10)


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=10)


def received(sock: socket.socket) -> bytes:
    """What comes until the other side closes; a reset is an end too."""
    found = b""
    with contextlib.suppress(ConnectionError):
        while piece := sock.recv(65_536):
            found += piece
    return found


def asks(port: int) -> bytes:
    with connected(port) as sock:
        sock.sendall(ASK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        return received(sock)


def test_a_header_of_a_megabyte_is_refused_before_it_is_whole():
    with serving() as port, connected(port) as sock:
        sent = 0
        with contextlib.suppress(ConnectionError):
            sock.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: ")
            for _ in range(16):
                sent += sock.send(b"x" * HEAD)
        found = received(sock)
        assert found.startswith(b"HTTP/1.1 400") or (found == b"" and sent)
        assert asks(port).endswith(b"here\n")


def test_a_head_below_the_bound_is_taken():
    with serving() as port, connected(port) as sock:
        sock.sendall(ASK[:-2] + b"X-Long: " + b"x" * (HEAD - 200) + b"\r\nConnection: close\r\n\r\n")
        assert received(sock).endswith(b"here\n")


def test_silence_is_closed():
    with serving(patience=0.3) as port, connected(port) as sock:
        began = time.monotonic()
        assert received(sock) == b""
        assert 0.2 < time.monotonic() - began < 10


def test_a_head_that_drips_is_closed_however_lively_it_is():
    with serving(patience=0.5) as port, connected(port) as sock:
        began = time.monotonic()
        with contextlib.suppress(ConnectionError):
            while time.monotonic() - began < 20:
                sock.sendall(b"x")
                time.sleep(0.05)
        assert time.monotonic() - began < 10


def test_the_second_request_of_a_connection_has_no_more_time():
    with serving(patience=0.5) as port, connected(port) as sock:
        sock.sendall(ASK)
        assert sock.recv(65_536).startswith(b"HTTP/1.1 200")
        began = time.monotonic()
        with contextlib.suppress(ConnectionError):
            while time.monotonic() - began < 20:
                sock.sendall(b"x")
                time.sleep(0.05)
        assert time.monotonic() - began < 10


def test_a_request_that_is_on_its_way_is_not_cut():
    """The bound is on heads: a body may take longer."""
    with serving(patience=0.3) as port, connected(port) as sock:
        sock.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 4\r\n\r\n")
        for _ in range(4):
            time.sleep(0.2)
            sock.sendall(b"x")
        assert received(sock).endswith(b"4\n")


def test_a_body_that_nobody_reads_buys_no_time():
    """Answered already: what still drips in belongs to no request."""
    with serving(patience=0.5) as port, connected(port) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n")
        assert sock.recv(65_536).startswith(b"HTTP/1.1 200")
        began = time.monotonic()
        with contextlib.suppress(ConnectionError):
            while time.monotonic() - began < 20:
                sock.sendall(b"x")
                time.sleep(0.05)
        assert time.monotonic() - began < 10


def test_many_silent_connections_do_not_keep_others_out():
    with serving() as port, contextlib.ExitStack() as stack:
        silent = [stack.enter_context(connected(port)) for _ in range(520)]
        assert asks(port).endswith(b"here\n")
        assert received(silent[0]) == b""  # the longest silent made room
        silent[-1].sendall(ASK)
        assert silent[-1].recv(65_536).startswith(b"HTTP/1.1 200")


def test_who_waits_longest_makes_room():
    with serving(most=3) as port, contextlib.ExitStack() as stack:
        socks = []
        for _ in range(5):
            socks.append(stack.enter_context(connected(port)))
            time.sleep(0.05)
        assert [received(sock) for sock in socks[:2]] == [b"", b""]
        for sock in socks[2:]:
            sock.sendall(ASK)
            assert sock.recv(65_536).startswith(b"HTTP/1.1 200")


def test_an_upgrade_is_not_offered():
    with serving() as port, connected(port) as sock:
        sock.sendall(
            ASK[:-2]
            + b"Connection: Upgrade, close\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        )
        assert received(sock).startswith(b"HTTP/1.1 200")


def test_a_server_of_its_own_for_each():
    assert bounded().waiting is not bounded().waiting


def test_an_answer_that_goes_on_for_ever_ends_when_the_server_stops():
    """An open page's stream must not hold up a node that stops, nor its restart."""
    ending = asyncio.Event()

    async def endless(request: Request) -> Response:
        async def events() -> AsyncIterator[bytes]:
            yield b"begun\n"
            await ending.wait()

        return StreamingResponse(events())

    application = Starlette(routes=[Route("/", endless)])
    application.state.endless = (ending.set,)
    running = server(application, "127.0.0.1", 0)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    while not running.started:
        time.sleep(0.01)
    with socket.create_connection(running.servers[0].sockets[0].getsockname(), timeout=10) as client:
        client.sendall(ASK)
        assert b"200" in client.recv(4096)
        began = time.monotonic()
        running.should_exit = True
        thread.join(timeout=10)
    assert time.monotonic() - began < 10
    assert not thread.is_alive()


_TOLD = ("203.0.113.5", "https")


@pytest.mark.parametrize(("peer", "seen"), [("192.0.2.7", _TOLD), ("127.0.0.1", _TOLD), ("192.0.2.8", ("192.0.2.8", "http"))])
def test_only_the_proxy_in_front_says_who_the_client_is(peer, seen):
    """What is counted by address, as wrong guesses are, would else be counted for everybody together, or for whom a stranger names."""
    found = []

    async def app(scope, receive, send):
        found.append((scope["client"][0], scope["scheme"]))

    config = server(app, "127.0.0.1", 0, proxy="192.0.2.7").config
    config.load()
    headers = [(b"x-forwarded-for", b"203.0.113.5"), (b"x-forwarded-proto", b"https")]
    asyncio.run(config.loaded_app({"type": "http", "scheme": "http", "client": (peer, 5), "headers": headers}, None, None))
    assert found == [seen]
