"""The HTTP server around the application, and what a connection may cost before it has asked for anything.

A request head is bounded in size (h11) and in time: whoever has not sent a whole one in time is closed, however slowly its bytes drip. Of
connections that wait for a request only so many stay open; each further one closes the one that has waited longest. So silent connections,
however many, push out each other and nobody who asks at once.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from functools import partial
from typing import ClassVar

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

#: Seconds for a request head to arrive, from the connection's beginning or from the end of the previous answer.
PATIENCE = 15.0
#: Seconds for a TLS handshake.
HANDSHAKE = 10.0
#: Connections that may wait for a request at once: well below the 1,024 files that a process may usually open.
WAITING = 400
#: Bytes of a request head.
HEAD = 65_536


class Bounded(H11Protocol):
    """uvicorn's HTTP/1.1 protocol with those bounds. Each server has a subclass of its own (`bounded`), which holds who waits."""

    patience: ClassVar[float] = PATIENCE
    most: ClassVar[int] = WAITING
    #: Who waits for a request, with the timer that ends it; the longest first.
    waiting: ClassVar[dict[Bounded, asyncio.TimerHandle]] = {}

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """As uvicorn; the time for a request begins."""
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        """As uvicorn; a whole request head ends the wait for it."""
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        """As uvicorn; the time for the next request begins."""
        super().on_response_complete()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """As uvicorn; nobody waits any more."""
        self._stop()
        super().connection_lost(exc)

    def _watch(self) -> None:
        """Begin or end the wait, by whether a request is being answered. A wait that goes on is not begun anew."""
        if self.transport.is_closing() or (self.cycle is not None and not self.cycle.response_complete):
            self._stop()
        elif self not in self.waiting:
            self.waiting[self] = self.loop.call_later(self.patience, self._close)
            if len(self.waiting) > self.most:
                next(iter(self.waiting))._close()

    def _stop(self) -> None:
        timer = self.waiting.pop(self, None)
        if timer is not None:
            timer.cancel()

    def _close(self) -> None:
        self._stop()
        self.transport.close()


def bounded(patience: float = PATIENCE, most: int = WAITING, kind: type[Bounded] = Bounded) -> type[Bounded]:
    """The protocol for one server."""

    class Own(kind):  # type: ignore[valid-type, misc]
        waiting: ClassVar[dict[Bounded, asyncio.TimerHandle]] = {}

    Own.patience, Own.most = patience, most
    return Own


class Ending(uvicorn.Server):
    """uvicorn's server. When it stops it first ends the answers that would go on for ever (the application's `state.endless`)."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn, which sets asyncio no bound for a TLS handshake."""
        loop = asyncio.get_running_loop()
        plain = loop.create_server
        if self.config.is_ssl:
            loop.create_server = partial(plain, ssl_handshake_timeout=HANDSHAKE)  # type: ignore[method-assign]
        try:
            await super().startup(sockets)
        finally:
            loop.create_server = plain  # type: ignore[method-assign]

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn, which waits for every answer."""
        for end in getattr(getattr(self.config.app, "state", None), "endless", ()):
            end()
        await super().shutdown(sockets)


def server(
    app: ASGIApp, host: str, port: int, protocol: type[Bounded] | None = None, *, proxy: str | None = None,
    context: ssl.SSLContext | None = None,
) -> uvicorn.Server:  # fmt: skip
    """A server for an application, over TLS if it is given a `context`; `run()` serves until told to stop.

    What `proxy` (an address or a network), or a proxy on this machine, says of a request's client and scheme is believed
    (X-Forwarded-For, X-Forwarded-Proto): else all clients behind it would be one, and wrong guesses of one would keep all others out.
    """
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http=protocol or bounded(),
        ws="none",
        h11_max_incomplete_event_size=HEAD,
        log_level="warning",
        access_log=False,
        server_header=False,
        ssl_context_factory=(lambda *_: context) if context else None,
        forwarded_allow_ips=["127.0.0.1", "::1", *([proxy] if proxy else [])],
        timeout_graceful_shutdown=5,
    )
    return Ending(config)
