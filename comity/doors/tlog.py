"""The node's log as static files, and the node as a witness of others' logs: C2SP tlog-tiles and tlog-witness, below /tlog/.

    GET  checkpoint              what is published of the log, with the cosignatures that it has
    GET  tile/<L>/<N>[.p/<W>]    hashes of the tree; tile/entries/<N>[.p/<W>]: the commitments that the leaves are
    POST add-checkpoint          another log's checkpoint, to be cosigned

Entries are commitments: what they open to is nobody's but the node's. Nothing beyond the published checkpoint is shown.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from comity.admin import publishing, witnessing
from comity.doors.auth import principal
from comity.errors import Fault, IntegrityFault, NotAuthenticated, NotFound, SenderFault
from comity.ledger.keys import LogKey
from comity.ledger.tiles import WIDTH, read_path
from comity.ledger.witness import LARGEST, Behind, Forked, Inconsistent
from comity.world import World

#: Seconds for a submission to arrive.
_PATIENCE = 10.0
_TEXT, _BYTES = "text/plain; charset=utf-8", "application/octet-stream"
#: Fault -> status, the first that fits (tlog-witness, add-checkpoint).
_STATUS: tuple[tuple[type[Fault], int], ...] = (
    (NotAuthenticated, 401), (NotFound, 404), (Behind, 409), (Forked, 409), (Inconsistent, 422), (IntegrityFault, 403), (SenderFault, 400),
)  # fmt: skip


def routes(world: World, witness: Callable[[], LogKey] | None) -> list[Route]:
    """The door's routes. `witness` gives the key that cosigns; without it nothing is cosigned here."""
    shown = [Route("/tlog/checkpoint", partial(_shown, world, _checkpoint)), Route("/tlog/tile/{path:path}", partial(_shown, world, _tile))]
    return shown if witness is None else [*shown, Route("/tlog/add-checkpoint", partial(_submitted, world, witness), methods=["POST"])]


async def _shown(world: World, what: Callable[[World, Request], Response], request: Request) -> Response:
    def work() -> Response:
        if not world.settings.log.open:
            principal(world, request.headers.get("authorization"))
        return what(world, request)

    return await _answered(work)


async def _answered(work: Callable[[], Response]) -> Response:
    try:
        return await run_in_threadpool(work)
    except Fault as fault:
        status = next((status for kind, status in _STATUS if isinstance(fault, kind)), 500)
        if isinstance(fault, Behind):
            return Response(f"{fault.size}\n", status, {"Content-Type": "text/x.tlog.size"})
        headers = {"WWW-Authenticate": 'Basic realm="comity"'} if status == 401 else None
        said = "the node has a problem" if status == 500 else f"{fault}; {fault.next}" if fault.next else str(fault)
        return Response(f"{said}\n", status, headers, media_type=_TEXT)


def _checkpoint(world: World, request: Request) -> Response:
    note = publishing.published(world)
    if not note:
        raise NotFound("nothing of the log is published yet")
    return Response(note, headers={"Cache-Control": "no-cache"}, media_type=_TEXT)


def _tile(world: World, request: Request) -> Response:
    try:
        tile = read_path("tile/" + request.path_params["path"])
    except IntegrityFault as fault:
        raise NotFound(str(fault)) from fault
    data = publishing.tile(world, tile)
    if data is None:
        raise NotFound("the published log has no such tile")
    lasting = "private, max-age=31536000, immutable" if tile.width == WIDTH else "private, max-age=3600"
    return Response(data, headers={"Cache-Control": lasting}, media_type=_BYTES)


async def _submitted(world: World, witness: Callable[[], LogKey], request: Request) -> Response:
    raw = bytearray()
    try:
        async with asyncio.timeout(_PATIENCE):
            async for piece in request.stream():
                raw += piece
                if len(raw) > LARGEST:
                    return Response("a submission is not as large as this\n", 413, media_type=_TEXT)
    except TimeoutError:
        return Response("the submission did not arrive in time\n", 408, media_type=_TEXT)
    return await _answered(lambda: Response(witnessing.cosign(world, witness(), bytes(raw)), media_type=_TEXT))
