"""Routes of the JSON API, and the one place where faults become statuses of this door."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable
from http import HTTPStatus
from itertools import groupby

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from comity.doors.api import accessions, approvals, constituency, gate, inbox, items, links, log, reached, rules, submitting
from comity.doors.api.answer import answer, problem
from comity.doors.api.asked import Call, Unacceptable, content_of, read_query, wanted
from comity.doors.api.declare import JSON, Operation
from comity.doors.api.openapi import document
from comity.doors.auth import check_scope, principal
from comity.doors.received import TooLarge, TooSlow, UnknownContent, read_body
from comity.errors import AgreementFault, Conflict, Denied, Fault, NotAuthenticated, NotFound, SenderFault
from comity.release.desk import Desk
from comity.wire import FAULTS, Problem

_log = logging.getLogger("comity.api")
PREFIX = "/api/v1"
DOCUMENT = "/api/openapi.json"
#: Seconds for a whole body to arrive. A client that sends 10 MiB needs 90 kB/s.
UPLOAD = 120.0
OPERATIONS: tuple[Operation, ...] = (
    *rules.OPERATIONS, *items.OPERATIONS, *inbox.OPERATIONS, *constituency.OPERATIONS, *submitting.OPERATIONS,
    *approvals.OPERATIONS, *accessions.OPERATIONS, *gate.OPERATIONS, *reached.OPERATIONS, *links.OPERATIONS, *log.OPERATIONS,
)  # fmt: skip
#: The status of each fault; of several that fit, the first. All others are the node's own: 500.
STATUSES: tuple[tuple[type[Fault], int], ...] = (
    (NotAuthenticated, 401),
    (Denied, 403),
    (NotFound, 404),
    (Unacceptable, 406),
    (TooSlow, 408),
    (Conflict, 409),
    (TooLarge, 413),
    (UnknownContent, 415),
    (SenderFault, 400),
    (AgreementFault, 400),
)
_CHALLENGE = 'Bearer realm="comity", Basic realm="comity", charset="UTF-8"'


def routes(desk: Desk, upload: float = UPLOAD) -> list[Route]:
    """The API's routes over one desk: one for each path, whatever can be done there."""
    described = msgspec.json.encode(document(OPERATIONS, PREFIX))
    headers = {"Content-Type": JSON, "Cache-Control": "no-cache"}
    found = [Route(DOCUMENT, lambda request: Response(described, headers=headers))]
    # What is fixed stands before what has a part to fill in: `/agreements/lint` is no agreement.
    ordered = sorted(OPERATIONS, key=lambda operation: ("{" in operation.path, operation.path))
    for path, group in groupby(ordered, key=lambda operation: operation.path):
        here = {operation.method: operation for operation in group}
        found.append(Route(PREFIX + path, _endpoint(desk, here, upload), methods=list(here)))
    return found


def _endpoint(desk: Desk, here: dict[str, Operation], upload: float) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        operation = here["GET" if request.method == "HEAD" else request.method]
        try:
            return await _carry_out(desk, operation, request, upload)
        except Fault as fault:
            return refused(fault, request)
        except ClientDisconnect:
            return _problem(400, "the message broke off", "sender")  # which nobody hears
        except Exception:
            # Ours to mend: all of it to the node's own records, nothing of it to the client.
            _log.exception("an API request failed")
            return _problem(500, "the node has a problem", "node")

    return endpoint


async def _carry_out(desk: Desk, operation: Operation, request: Request, upload: float) -> Response:
    """1. who asks; 2. in what form; 3. the parameters; 4. the body; 5. the answer. Nothing of 4 is read before 1 to 3 are sound."""

    def enter() -> Call:
        # 1.
        token = principal(desk.world, request.headers.get("authorization"))
        if operation.scope is not None:
            check_scope(token, operation.scope)
        return Call(desk=desk, token=token, path=request.path_params)

    call = await run_in_threadpool(enter)
    # 2. and 3.
    media = wanted(",".join(request.headers.getlist("accept")), operation)
    query = read_query(request.query_params, operation.query)
    # 4.
    if operation.takes:
        content = content_of(request.headers.get("content-type"), operation)
        body = await read_body(request, desk.world.settings.limits.content_bytes, upload)
        # Meanwhile the token may have been revoked.
        call = msgspec.structs.replace(await run_in_threadpool(enter), media=content.media, body=body)
    # 5.
    return await run_in_threadpool(answer, operation, call, query, media, body=request.method != "HEAD")


def refused(fault: Fault, request: Request) -> Response:
    """The problem that a fault is. What is wrong with the node itself is told to its own records as well."""
    status = next((code for kind, code in STATUSES if isinstance(fault, kind)), 500)
    if status == 500:
        _log.error("%s %s: %s", request.method, request.url.path, fault)
    word = next(word for word, kind in FAULTS.items() if isinstance(fault, kind))
    return _problem(status, str(fault), word, fault.next, {"WWW-Authenticate": _CHALLENGE} if status == 401 else {})


def _problem(status: int, detail: str, fault: str, next_: str = "", headers: dict[str, str] | None = None) -> Response:
    said = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail, fault=fault, next=next_)
    return problem(said, headers)


async def not_found(request: Request, error: Exception) -> Response:
    """Paths that are not there, and methods that a path does not have."""
    if isinstance(error, HTTPException) and error.status_code != 404:
        return _problem(error.status_code, f"{request.method} is not possible here", "sender", headers=dict(error.headers or {}))
    return _problem(404, f"there is no {request.url.path} here", "not-found", "see " + DOCUMENT)


def paths(operations: Iterable[Operation] = OPERATIONS) -> list[tuple[str, str]]:
    """(method, path) of every operation, for the documentation."""
    return [(operation.method, PREFIX + operation.path) for operation in operations]
