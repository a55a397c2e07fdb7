"""Everything a node serves: TAXII, the JSON API, web pages, health checks, under one application."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from comity.admin import logbook
from comity.doors import tlog
from comity.doors.api import app as api
from comity.doors.taxii import app as taxii
from comity.doors.web import app as web
from comity.doors.web import asking
from comity.doors.web.live import Live, route
from comity.doors.web.page import Signer
from comity.ledger.keys import LogKey
from comity.release.desk import Desk


def site(
    desk: Desk, lifespan: Callable[[Starlette], AbstractAsyncContextManager[None]] | None = None, signer: Signer | None = None,
    witness: Callable[[], LogKey] | None = None, peering: Sequence[Route] = (),
) -> Starlette:  # fmt: skip
    """The node's ASGI application. Requests for hosts that are not configured are refused, on loopback too (DNS rebinding).

    `signer` gives the key by which the node's party signs acts about agreements; without one the pages sign nothing. `witness` gives the
    key by which checkpoints of other logs are cosigned; without one none are. `peering` are the routes for other nodes, where they come to
    this port too.
    """
    live, pages = Live(desk), web.Pages(desk, signer)
    found = Starlette(
        routes=[
            *taxii.routes(desk),
            *api.routes(desk),
            *tlog.routes(desk.world, witness),
            *pages.routes(),
            *peering,
            Route("/live", route(live, partial(asking.signed_in, desk))),
            Route("/healthz", _healthz),
            Route("/readyz", lambda request: _readyz(desk)),
            Route("/.well-known/security.txt", lambda request: _security(desk)),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=[*desk.world.settings.hosts, "[::1]"], www_redirect=False)],
        exception_handlers={HTTPException: _http_error},
        lifespan=lifespan,
    )
    found.state.around = pages.around
    found.state.endless = (live.close,)
    return found


async def _http_error(request: Request, error: Exception) -> Response:
    """Each door answers errors in its own terms."""
    path = request.url.path
    if path.startswith("/taxii2"):
        return await taxii.not_found(request, error)
    if path == "/api" or path.startswith("/api/"):
        return await api.not_found(request, error)
    return await web.not_found(request, error)


async def _healthz(request: Request) -> Response:
    """The process is alive."""
    return PlainTextResponse("ok\n")


def _readyz(desk: Desk) -> Response:
    """The store answers, and the log can go on: without that nothing leaves and nobody signs in."""
    if desk.world.journal.hindered(logbook.head(desk.world)):
        return PlainTextResponse("nothing can be entered in the log: comity doctor says why\n", 503)
    return PlainTextResponse("ready\n")


def _security(desk: Desk) -> Response:
    """RFC 9116, as far as the node knows its operator's contact."""
    return PlainTextResponse("# No security contact has been set for this node.\n", 404)
