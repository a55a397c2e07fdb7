"""What an open page is told while it stays open: a stream of server-sent events (HTML Standard section 9.2) at `/live`.

A stream tells when something new came into its viewer's view, and nothing else: it looks at the viewer's own streams as every list
does, so what is hidden changes neither what is said nor when. It does not keep a session alive, and ends with it. An event's id is the
moment that the viewer was told up to, so a browser that connects again, after a restart of the node too, misses nothing.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from functools import partial

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from comity.admin import sessions
from comity.admin.sessions import Signed
from comity.doors.web.render import HEADERS
from comity.release.arriving import Arriving
from comity.release.desk import Desk
from comity.release.sight import Reader
from comity.terms.item import PURPOSES

#: Seconds between two looks, and looks between two signs of life. With each, and before anything is told, it is looked whether the session
#: is still good.
TICK, BEAT = 2.0, 8
#: Streams at once: of one person, in however many sessions, and of the node. A browser needs one, however many pages it has open
#: (`frontend/src/page/live.js`).
OWN, ALL = 8, 200


class Live:
    """The open streams of one desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        #: What ends each stream -> the person it belongs to.
        self._open: dict[asyncio.Event, str] = {}
        self._lock = threading.Lock()

    def close(self) -> None:
        """End every stream: the node stops."""
        for ending in list(self._open):
            ending.set()

    def answer(self, request: Request, signed: Signed) -> Response:
        """The stream of a person who is signed in; 503 where there are too many."""
        ending = asyncio.Event()
        with self._lock:  # many may ask at the same moment
            if list(self._open.values()).count(signed.user.name) >= OWN or len(self._open) >= ALL:
                return Response(status_code=503, headers={**HEADERS, "cache-control": "no-store", "retry-after": "60"})
            self._open[ending] = signed.user.name
        return _Stream(self._events(request, signed, ending), partial(self._leave, ending))

    def _leave(self, ending: asyncio.Event) -> None:
        with self._lock:
            self._open.pop(ending, None)

    async def _events(self, request: Request, signed: Signed, ending: asyncio.Event) -> AsyncIterator[bytes]:
        try:
            async for event in self._told(request, signed, ending):
                yield event
        finally:
            self._leave(ending)

    async def _told(self, request: Request, signed: Signed, ending: asyncio.Event) -> AsyncIterator[bytes]:
        reader = Reader(party=signed.user.party, body=self._desk.world.settings.body, purposes=PURPOSES)
        arriving = Arriving(self._desk, reader, _after(request))
        yield f"retry: 3000\nid: {arriving.after}\n\n".encode()
        beats = 0
        while not await _within(ending, TICK):
            beats = (beats + 1) % BEAT
            moments = await run_in_threadpool(arriving.new)
            good = bool(beats and not moments) or await run_in_threadpool(self._signed_in, signed)
            if not good:
                yield b"event: over\ndata: {}\n\n"
                return
            if moments:
                yield f"id: {arriving.after}\nevent: arrived\ndata: {msgspec.json.encode(moments).decode()}\n\n".encode()
            elif beats == 0:
                yield b":\n\n"

    def _signed_in(self, signed: Signed) -> bool:
        """Whether the session is still good. To look is not to use it."""
        return signed.id in sessions.of(self._desk.world, signed.user.name)


class _Stream(StreamingResponse):
    """An answer whose place is free again after it, though nothing of it may ever have been asked for."""

    def __init__(self, events: AsyncIterator[bytes], leave: Callable[[], None]) -> None:
        headers = {**HEADERS, "cache-control": "no-store", "x-accel-buffering": "no"}
        super().__init__(events, headers=headers, media_type="text/event-stream")
        self._leave = leave

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._leave()


async def _within(event: asyncio.Event, seconds: float) -> bool:
    """Wait for an event for so long; whether it came."""
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return False
    return True


def _after(request: Request) -> int | None:
    """Where the browser was when it last heard from us, else up to when its page tells; None where neither is said."""
    for told in (request.headers.get("last-event-id", ""), request.query_params.get("after", "")):
        if told.isascii() and told.isdigit() and len(told) <= 18:
            return int(told)
    return None


def route(live: Live, signed_in: Callable[[Request], Signed | None]) -> Callable[[Request], Response]:
    """The endpoint."""

    def endpoint(request: Request) -> Response:
        signed = signed_in(request)
        if signed is None:
            return Response(status_code=401, headers={**HEADERS, "cache-control": "no-store", "www-authenticate": 'Link realm="comity"'})
        return live.answer(request, signed)

    return endpoint
