"""What other nodes ask for, under /peering/v1/: translated, never decided. Who asks is settled by `peer.guard` before anything is done.

    POST join       an invitation is shown                         by who is not known yet, signed by the key in its identity
    POST keys       a node's next keys                             signed by those before them; that is all it needs
    GET  keys       this node's keys now
    POST stands     where the caller stands, for where this node stands: which parcels each has applied
    GET  parcels    what there is for the caller, at once or as soon as there is something (`wait`, seconds);
                    `given`: the caller has given all that it had
    POST parcels    what the caller has for this node, which gives its answer to that
    GET  arrival    how far an object of the caller's has come to a party, which need have no node
    POST answers    the caller's answer to what it was given

One exchange of a link at a time, and bounded in bytes and seconds: a caller that asks too much is told when to come again (429).
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import ssl
import time
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

import msgspec
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from comity.errors import Conflict, Denied, Fault, IntegrityFault, NotAuthenticated, NotFound, PeerFault, SenderFault
from comity.peer import enrol
from comity.peer.book import Peer
from comity.peer.caller import NOW, TURN
from comity.peer.enrol import Hello
from comity.peer.guard import Asked, Busy, Guard, Stale
from comity.peer.identity import open_identity
from comity.peer.packed import CODING, LEAST, packed, unpacked

T = TypeVar("T")
#: Bytes of a request's body: of one from a node that is not known yet, of a parcel or an answer.
_SMALL, LARGEST = 16_384, 64 << 20
#: Seconds in which a body must have come, the longest wait for news, and how often it is looked for them.
_BODY, LONGEST, LOOK = 60.0, 25.0, 0.2
_MEDIA = "application/octet-stream"
#: Fault -> status. Whatever else goes wrong is this node's own affair.
_STATUS: tuple[tuple[type[Fault], int], ...] = (
    (NotAuthenticated, 401), (Busy, 429), (SenderFault, 400), (PeerFault, 400), (Conflict, 409), (NotFound, 404), (Denied, 403),
)  # fmt: skip


class TooMuch(SenderFault):
    """The body is larger, or comes more slowly, than is allowed."""


class Exchange(Protocol):
    """What the exchange over links offers this door."""

    def outgoing(self, link: Peer) -> bytes | None: ...
    def incoming(self, link: Peer, raw: bytes) -> bytes: ...
    def settled(self, link: Peer, raw: bytes) -> object: ...
    def stands(self, link: Peer, raw: bytes) -> bytes: ...
    def arrival(self, link: Peer, id_: str, party: str) -> bytes: ...
    def given(self, link: Peer) -> None: ...
    def news(self) -> object: ...


class Door:
    """The routes of one node. `front`: a proxy in front speaks TLS, so no certificate is shown here."""

    def __init__(self, guard: Guard, exchange: Exchange, *, front: bool = False) -> None:
        self._guard = guard
        self._exchange = exchange
        self._front = front
        self._turns: dict[str, asyncio.Lock] = {}

    def routes(self) -> list[Route]:
        """The routes."""
        methods: tuple[tuple[str, str, Callable[[Request], Awaitable[Response]]], ...] = (
            ("join", "POST", self._join), ("keys", "POST", self._turn), ("keys", "GET", self._keys),
            ("parcels", "GET", self._give), ("parcels", "POST", self._take), ("answers", "POST", self._settled),
            ("stands", "POST", self._stands), ("arrival", "GET", self._arrival),
        )  # fmt: skip
        return [Route(f"/peering/v1/{path}", self._plainly(handler), methods=[method]) for path, method, handler in methods]

    def _plainly(self, handler: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        """Faults as texts, and the turn of this node's keys with every answer."""

        async def answer(request: Request) -> Response:
            try:
                found = await handler(request)
            except Fault as fault:
                found = _told(fault)
            found.headers[TURN] = str(self._guard.own().identity.turn)
            found.headers["Accept-Encoding"] = CODING
            return found

        return answer

    async def _join(self, request: Request) -> Response:
        address = request.client.host if request.client else ""
        self._guard.knocks(address)
        body = await _body(request, _SMALL)
        try:
            said = msgspec.json.decode(body, type=dict[str, str])
            hello = Hello(secret=said["secret"], node=base64.b64decode(said["node"], validate=True))
        except (msgspec.MsgspecError, KeyError, binascii.Error, UnicodeDecodeError):
            raise SenderFault("this is not what an invited node sends") from None
        try:
            guest = open_identity(hello.node)
            self._guard.guest(msgspec.structs.replace(self._asked(request, body), front=True), guest)
            await run_in_threadpool(enrol.admit, self._guard.world, hello, guest)
        except IntegrityFault as fault:
            raise SenderFault(str(fault)) from None
        self._guard.admitted(address)
        return Response(self._guard.own().note, media_type=_MEDIA)

    async def _turn(self, request: Request) -> Response:
        note = await _body(request, _SMALL)
        try:
            said = open_identity(note)
        except IntegrityFault as fault:
            raise SenderFault(str(fault)) from None
        try:
            await run_in_threadpool(enrol.turn, self._guard.world, note)
        except (NotAuthenticated, IntegrityFault, SenderFault):
            # Whoever asks is not known: it must not learn who is linked. The next request by such a key is refused.
            self._guard.refused(said.party, "keys that do not follow")
        return Response(status_code=204)

    async def _keys(self, request: Request) -> Response:
        await self._linked(request)
        return Response(self._guard.own().note, media_type=_MEDIA)

    async def _give(self, request: Request) -> Response:
        link, _ = await self._linked(request)
        if _number(request, "given", 1):
            await self._turned(link, lambda: self._exchange.given(link))
        until, seen = time.monotonic() + _number(request, "wait", int(LONGEST)), object()
        while True:
            news = await run_in_threadpool(self._exchange.news)
            if news != seen:
                seen = news
                raw = await self._turned(link, lambda: self._exchange.outgoing(link))
                if raw is not None:
                    return await run_in_threadpool(_packed, request, raw)
            if time.monotonic() + LOOK > until or await request.is_disconnected():
                return Response(status_code=204)
            await asyncio.sleep(LOOK)

    async def _take(self, request: Request) -> Response:
        link, body = await self._linked(request)
        answer = await self._turned(link, lambda: self._exchange.incoming(link, body))
        return Response(answer, media_type=_MEDIA)

    async def _settled(self, request: Request) -> Response:
        link, body = await self._linked(request)
        await self._turned(link, lambda: self._exchange.settled(link, body))
        return Response(status_code=204)

    async def _stands(self, request: Request) -> Response:
        link, body = await self._linked(request)
        return Response(await self._turned(link, lambda: self._exchange.stands(link, body)), media_type=_MEDIA)

    async def _arrival(self, request: Request) -> Response:
        link, _ = await self._linked(request)
        asked = request.query_params
        found = await run_in_threadpool(self._exchange.arrival, link, asked.get("id", ""), asked.get("party", ""))
        return Response(found, media_type="application/json")

    async def _turned(self, link: Peer, work: Callable[[], T]) -> T:
        """Do a link's work, one piece at a time. Raises Busy while another one is under way."""
        lock = self._turns.setdefault(link.name, asyncio.Lock())
        if lock.locked():
            raise Busy("another exchange of this link is under way", next="ask again in a second")
        async with lock:
            return await run_in_threadpool(work)

    async def _linked(self, request: Request) -> tuple[Peer, bytes]:
        """The link that a request came over, and its body. A caller that cannot be one is refused before its body is read."""
        self._guard.expected(self._asked(request, b""))
        body = await _body(request, LARGEST)
        link = await run_in_threadpool(self._guard.link, self._asked(request, body))
        turn = request.headers.get(TURN, "")
        if turn.isascii() and turn.isdigit() and len(turn) < 10:
            await run_in_threadpool(enrol.told, self._guard.world, link, min(int(turn), self._guard.own().identity.turn))
        if request.headers.get("Content-Encoding", "").lower() == CODING:
            try:
                body = await run_in_threadpool(unpacked, body, LARGEST)
            except SenderFault as fault:
                raise TooMuch(str(fault)) from None
        return link, body

    def _asked(self, request: Request, body: bytes) -> Asked:
        headers: Headers = request.headers
        chain = request.scope.get("extensions", {}).get("tls", {}).get("client_cert_chain", [])
        return Asked(
            method=request.method, path=request.scope["raw_path"].decode("ascii", "replace"), body=body,
            query=request.scope["query_string"].decode("ascii", "replace"), to=headers.get("Comity-To", ""),
            signature_input=headers.get("Signature-Input", ""), signature=headers.get("Signature", ""),
            shown=ssl.PEM_cert_to_DER_cert(chain[0]) if chain else b"", front=self._front,
        )  # fmt: skip


def others(door: Door) -> Starlette:
    """The application of a listener for other nodes alone."""
    return Starlette(routes=door.routes())


def _told(fault: Fault) -> Response:
    """A fault for the other node."""
    status = next((code for kind, code in _STATUS if isinstance(fault, kind)), 500)
    headers = {"Retry-After": str(fault.wait)} if isinstance(fault, Busy) else {NOW: str(fault.now)} if isinstance(fault, Stale) else {}
    if isinstance(fault, TooMuch):
        status = 413
    text = str(fault) if status < 500 else "this node cannot do that now"
    return Response(f"{text}\n", status, headers=headers, media_type="text/plain")


def _packed(request: Request, raw: bytes) -> Response:
    """A parcel, packed for a caller that reads that."""
    if CODING not in request.headers.get("Accept-Encoding", "") or len(raw) < LEAST:
        return Response(raw, media_type=_MEDIA)
    return Response(packed(raw), media_type=_MEDIA, headers={"Content-Encoding": CODING})


async def _body(request: Request, most: int) -> bytes:
    """The body. Raises TooMuch."""
    if int(request.headers.get("Content-Length", "0") or 0) > most:
        raise TooMuch(f"more than {most} bytes")
    pieces, size = [], 0
    try:
        async with asyncio.timeout(_BODY):
            async for piece in request.stream():
                size += len(piece)
                if size > most:
                    raise TooMuch(f"more than {most} bytes")
                pieces.append(piece)
    except TimeoutError:
        raise TooMuch(f"the body took longer than {_BODY:.0f} s") from None
    return b"".join(pieces)


def _number(request: Request, name: str, most: int) -> int:
    text = request.query_params.get(name, "0")
    if not (text.isascii() and text.isdigit() and len(text) < 17):
        raise SenderFault(f"{name} is a whole number")
    return min(int(text), most)
