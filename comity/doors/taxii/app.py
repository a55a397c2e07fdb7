"""Routes of the TAXII 2.1 server. Every response carries the TAXII media type, errors included (TAXII 2.1 section 3.1)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from comity.admin.collections import bodies
from comity.admin.tokens import Token
from comity.doors.auth import principal
from comity.doors.taxii.resources import Root
from comity.doors.taxii.wire import Refusal, check_accept, check_coding, check_content_type, respond, unauthenticated
from comity.errors import Fault, NotAuthenticated, SenderFault
from comity.release.desk import Desk

_log = logging.getLogger("comity.taxii")
_COLLECTION = "/taxii2/{body}/collections/{collection}/"
#: Seconds for a whole message to arrive. A client that sends 10 MiB needs 90 kB/s.
UPLOAD = 120.0


def routes(desk: Desk, upload: float = UPLOAD) -> list[Route]:
    """The server's routes over one desk: GET (and HEAD) everywhere, POST on `objects`, DELETE on one object.

    The last one answers everything else below /taxii2, a path without its last slash included.
    """

    def at(path: str, answer: Callable[[Root, Request], Response], method: str = "GET") -> Route:
        work = _guarded(desk, lambda request, token: answer(Root(desk, token, request.path_params["body"]), request))
        return Route(path, work, methods=[method])

    def named(answer: Callable[[Root, str, Request], Response]) -> Callable[[Root, Request], Response]:
        return lambda root, request: answer(root, request.path_params["collection"], request)

    known = [
        Route("/taxii2/", _guarded(desk, lambda request, token: _discovery(desk, token))),
        at("/taxii2/{body}/", lambda root, _: root.describe()),
        at("/taxii2/{body}/status/{id}/", lambda root, request: root.status(request.path_params["id"])),
        at("/taxii2/{body}/collections/", lambda root, _: root.collections()),
        at(_COLLECTION, named(lambda root, name, _: root.collection(name))),
        at(_COLLECTION + "manifest/", named(lambda root, name, request: root.manifest(name, request.query_params))),
        Route(_COLLECTION + "objects/", _post(desk, upload), methods=["POST"]),
        at(_COLLECTION + "objects/", named(lambda root, name, request: root.objects(name, request.query_params))),
        at(
            _COLLECTION + "objects/{id}/",
            named(lambda root, name, request: root.object(name, request.path_params["id"], request.query_params)),
        ),
        at(
            _COLLECTION + "objects/{id}/",
            named(lambda root, name, request: root.delete(name, request.path_params["id"], request.query_params)),
            "DELETE",
        ),
        at(
            _COLLECTION + "objects/{id}/versions/",
            named(lambda root, name, request: root.versions(name, request.path_params["id"], request.query_params)),
        ),
    ]
    return [*known, Route("/taxii2{rest:path}", _Elsewhere(known))]


class _Elsewhere:
    """Answers what no route does: 405 for a method that a path does not have (RFC 9110 section 15.5.6), else 404."""

    def __init__(self, known: list[Route]) -> None:
        self._known = known

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        methods = {name for route in self._known if route.path_regex.match(scope["path"]) for name in route.methods or ()}
        if methods:
            refusal = Refusal(405, "Method not allowed", headers={"Allow": ", ".join(sorted(methods))})
        else:
            refusal = Refusal(404, "Not found")
        await refusal.response()(scope, receive, send)


def _discovery(desk: Desk, token: Token) -> Response:
    """The discovery resource (section 4.1)."""
    visible = [body for body in bodies(desk.world) if token.body in (None, body)]
    resource: dict[str, object] = {"title": desk.world.settings.title or f"Comity node {desk.world.settings.name}"}
    if visible:
        own = desk.world.settings.body
        resource["default"] = f"/taxii2/{own if own in visible else visible[0]}/"
        resource["api_roots"] = [f"/taxii2/{body}/" for body in visible]
    return respond(resource)


def _guarded(desk: Desk, answer: Callable[[Request, Token], Response]) -> Callable[[Request], object]:
    async def endpoint(request: Request) -> Response:
        def work() -> Response:
            return answer(request, _asking(desk, request))

        return await _answered(lambda: run_in_threadpool(work))

    return endpoint


def _asking(desk: Desk, request: Request) -> Token:
    """Who asks, if what it accepts can be answered at all."""
    token = principal(desk.world, request.headers.get("authorization"))
    check_accept(",".join(request.headers.getlist("accept")))
    return token


def _post(desk: Desk, upload: float) -> Callable[[Request], object]:
    async def endpoint(request: Request) -> Response:
        def enter() -> Root:
            root = Root(desk, _asking(desk, request), request.path_params["body"])
            root.writable(request.path_params["collection"])
            check_content_type(request.headers.get("content-type"))
            check_coding(request.headers.get("content-encoding"))
            return root

        async def work() -> Response:
            await run_in_threadpool(enter)
            try:
                async with asyncio.timeout(upload):
                    body = await _body(request, desk.world.settings.limits.content_bytes)
            except TimeoutError:
                raise Refusal(
                    408, "The message took too long", f"it has to arrive within {upload:.0f} seconds: post fewer at once"
                ) from None
            # Meanwhile the token may have been revoked.
            root = await run_in_threadpool(enter)
            return await run_in_threadpool(root.post, body)

        return await _answered(work)

    return endpoint


async def _body(request: Request, limit: int) -> bytes:
    """The request's body; 413 as soon as it is longer than `limit`, without holding more than that."""
    declared = request.headers.get("content-length", "")
    pieces, size = [], int(declared) if declared.isascii() and declared.isdigit() else 0
    if size <= limit:
        size = 0
        async for piece in request.stream():
            size += len(piece)
            if size > limit:
                break
            pieces.append(piece)
    if size > limit:
        raise Refusal(413, "The message is too large", f"at most {limit} bytes: see max_content_length")
    return b"".join(pieces)


async def _answered(work: Callable[[], object]) -> Response:
    """The one place where faults become HTTP statuses of this door."""
    try:
        return await work()  # type: ignore[misc,no-any-return]
    except Refusal as refusal:
        return refusal.response()
    except NotAuthenticated as fault:
        return unauthenticated(str(fault)).response()
    except SenderFault as fault:
        return Refusal(400, str(fault), fault.next).response()
    except Fault as fault:
        return Refusal(500, "The node has a problem", str(fault)).response()
    except ClientDisconnect:
        return Refusal(400, "The message broke off").response()  # which nobody hears
    except Exception:
        # Ours to mend: all of it to the node's own records, nothing of it to the client.
        _log.exception("a TAXII request failed")
        return Refusal(500, "The node has a problem").response()


async def not_found(request: Request, error: Exception) -> Response:
    """What the application itself refuses below /taxii2/, in TAXII's own terms too."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    return Refusal(status, {404: "Not found"}.get(status, "Error")).response()
