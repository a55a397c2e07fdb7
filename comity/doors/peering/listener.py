"""The listener for other nodes: TLS 1.3 with this node's own certificates, and the callers' certificates by their pins.

Who connects is known before a byte of a request is read: a certificate that no link is pinned to ends the handshake. A caller without one
gets as far as the routes for those who are not known yet. Which certificates are good is looked up at each handshake, so a link that is
revoked in another process is cut for the next connection, and at the next request by `peer.guard`.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from types import TracebackType

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from comity.doors.http import Bounded, bounded, server
from comity.peer import book, certificate
from comity.peer.enrol import known
from comity.peer.keyring import Keyring
from comity.world import World

#: Seconds that requests under way may take when the node stops.
_ENDING = 8.0


class Shown(Bounded):
    """uvicorn's protocol, which tells the application the caller's certificate (ASGI TLS extension, `client_cert_chain`)."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """As uvicorn."""
        super().connection_made(transport)
        over = transport.get_extra_info("ssl_object")
        shown = over.getpeercert(True) if over is not None else None
        self.app = _telling(self.app, [ssl.DER_cert_to_PEM_cert(shown)] if shown else [])


def _telling(app: ASGIApp, chain: list[str]) -> ASGIApp:
    async def told(scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("extensions", {})["tls"] = {"client_cert_chain": chain}
        await app(scope, receive, send)

    return told


class Choosing:
    """Certificates for a handshake, chosen by what the caller asks for and who is linked now. Contexts are made once for each set."""

    def __init__(self, world: World, keys: Keyring) -> None:
        self._world = world
        self._keys = keys
        self._made: tuple[tuple[int, frozenset[bytes]], ssl.SSLContext] | None = None

    def first(self) -> ssl.SSLContext:
        """The context of the listener; each handshake replaces it."""
        context = certificate.answering(self._keys.own().tls, ())
        context.sni_callback = self._choose
        return context

    def _choose(self, connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
        connection.context = self._context(name)

    def _context(self, name: str | None) -> ssl.SSLContext:
        turns = self._keys.turns()
        turn = next((each for each in turns if certificate.label(self._keys.own(each).identity.pin) == name), turns[-1])
        callers = frozenset(known(each).tls for each in book.peers(self._world) if each.kind == "comity" and not each.ended)
        if self._made is None or self._made[0] != (turn, callers):
            self._made = ((turn, callers), certificate.answering(self._keys.own(turn).tls, callers))
        return self._made[1]


class Aside:
    """Runs a server in a thread of its own while the context is open."""

    def __init__(self, running: uvicorn.Server) -> None:
        self._running = running
        self._thread = threading.Thread(target=running.run, name="peering", daemon=True)

    def __enter__(self) -> Aside:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._running.should_exit = True
        self._thread.join(timeout=_ENDING)


def listening(app: ASGIApp, world: World, keys: Keyring, host: str, port: int) -> uvicorn.Server:
    """The server of an application for other nodes."""
    return server(app, host, port, bounded(kind=Shown), context=Choosing(world, keys).first())
