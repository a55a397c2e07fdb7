"""Routes of the TAXII 2.1 server. Every response carries the TAXII media type, errors included (TAXII 2.1 section 3.1)."""

from __future__ import annotations

import logging
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from comity.admin.collections import bodies
from comity.admin.tokens import Token
from comity.doors.auth import principal
from comity.doors.taxii.resources import Root
from comity.doors.taxii.wire import Refusal, check_accept, check_content_type, respond
from comity.errors import Fault, NotAuthenticated, SenderFault
from comity.release.desk import Desk

_log = logging.getLogger("comity.taxii")
_COLLECTION = "/taxii2/{body}/collections/{collection}/"


def routes(desk: Desk) -> list[Route]:
    """The server's routes over one desk. GET (and HEAD) everywhere, POST on `objects` alone."""

    def get(path: str, answer: Callable[[Root, Request], Response]) -> Route:
        return Route(path, _guarded(desk, lambda request, token: answer(Root(desk, token, request.path_params["body"]), request)))

    def named(answer: Callable[[Root, str, Request], Response]) -> Callable[[Root, Request], Response]:
        return lambda root, request: answer(root, request.path_params["collection"], request)

    return [
        Route("/taxii2/", _guarded(desk, lambda request, token: _discovery(desk, token))),
        get("/taxii2/{body}/", lambda root, _: root.describe()),
        get("/taxii2/{body}/status/{id}/", lambda root, request: root.status(request.path_params["id"])),
        get("/taxii2/{body}/collections/", lambda root, _: root.collections()),
        get(_COLLECTION, named(lambda root, name, _: root.collection(name))),
        get(_COLLECTION + "manifest/", named(lambda root, name, request: root.manifest(name, request.query_params))),
        Route(_COLLECTION + "objects/", _post(desk), methods=["POST"]),
        get(_COLLECTION + "objects/", named(lambda root, name, request: root.objects(name, request.query_params))),
        get(
            _COLLECTION + "objects/{id}/",
            named(lambda root, name, request: root.object(name, request.path_params["id"], request.query_params)),
        ),
        get(
            _COLLECTION + "objects/{id}/versions/",
            named(lambda root, name, request: root.versions(name, request.path_params["id"], request.query_params)),
        ),
    ]


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
            token = principal(desk.world, request.headers.get("authorization"))
            check_accept(request.headers.get("accept"))
            return answer(request, token)

        return await _answered(lambda: run_in_threadpool(work))

    return endpoint


def _post(desk: Desk) -> Callable[[Request], object]:
    async def endpoint(request: Request) -> Response:
        def enter() -> Root:
            token = principal(desk.world, request.headers.get("authorization"))
            check_accept(request.headers.get("accept"))
            root = Root(desk, token, request.path_params["body"])
            root.writable(request.path_params["collection"])
            check_content_type(request.headers.get("content-type"))
            return root

        async def work() -> Response:
            root = await run_in_threadpool(enter)
            body = await _body(request, desk.world.settings.limits.content_bytes)
            return await run_in_threadpool(root.post, body)

        return await _answered(work)

    return endpoint


async def _body(request: Request, limit: int) -> bytes:
    """The request's body; 413 as soon as it is longer than `limit`, without holding more than that."""
    declared = request.headers.get("content-length", "")
    pieces, size = [], int(declared) if declared.isdigit() and len(declared) < 19 else 0
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
        return Refusal(401, "Not authenticated", str(fault)).response()
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
    """Unknown paths and methods below /taxii2/ answer in TAXII's own terms too."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    return Refusal(status, {404: "Not found", 405: "Method not allowed"}.get(status, "Error")).response()
