"""What is answered instead of a page: the only place where faults become statuses of this door."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from comity.doors.received import TooLarge, TooSlow, UnknownContent
from comity.doors.web.render import draw
from comity.doors.web.twins import ENDINGS, twin
from comity.errors import AgreementFault, Conflict, Denied, Fault, NotAuthenticated, NotFound, SenderFault

#: The status of each fault; of several that fit, the first. All others are the node's own: 500.
STATUSES: tuple[tuple[type[Fault], int], ...] = (
    (NotAuthenticated, 401),
    (Denied, 403),
    (TooSlow, 408),
    (Conflict, 409),
    (TooLarge, 413),
    (UnknownContent, 415),
    (SenderFault, 422),
    (AgreementFault, 422),
    (NotFound, 422),  # what a form names; a page that is not there is `absent`
)

Endpoint = Callable[[Request], Awaitable[Response]]


def guarded(endpoint: Endpoint, ask: Endpoint) -> Endpoint:
    """An endpoint whose faults are answered; `ask` answers whoever has to sign in first."""

    async def answered(request: Request) -> Response:
        try:
            return await endpoint(request)
        except NotFound:
            return await run_in_threadpool(absent, request)
        except NotAuthenticated:
            return await ask(request)
        except Fault as fault:
            return await run_in_threadpool(refused, request, fault)

    return answered


def status_of(fault: Fault) -> int:
    """The status of a fault."""
    return next((code for kind, code in STATUSES if isinstance(fault, kind)), 500)


def in_full(fault: Fault) -> str:
    """What a fault says and what to do about it, as one text."""
    return f"{fault}. {fault.next}" if fault.next else str(fault)


def refused(request: Request, fault: Fault) -> Response:
    """What was asked for cannot be had, and whose fault that is."""
    return plain(request, "problem.html", status_of(fault), str(fault), next=fault.next)


def absent(request: Request) -> Response:
    """What is hidden, and what is not there: one answer."""
    return plain(request, "absent.html", 404, "not found")


def plain(request: Request, template: str, status: int, said: str, headers: Mapping[str, str] | None = None, **data: str) -> Response:
    """An answer that is no page of data, in the form that was asked for."""
    if is_twin(request):
        response = twin({"error": said, **data}, status=status)
    else:
        kind = "conflict" if status == 409 else "refused" if status < 500 else "node"
        around = _around(request) if status < 500 else {}
        response = draw(request, template, {**around, "said": said, "kind": kind, **data}, status)
    response.headers.update(headers or {})
    return response


def _around(request: Request) -> Mapping[str, Any]:
    """What the site puts around a page for whoever asks (`Pages.around`)."""
    state = getattr(request.scope.get("app"), "state", None)
    around: Callable[[Request], Mapping[str, Any]] | None = getattr(state, "around", None)
    return around(request) if around else {}


def is_twin(request: Request) -> bool:
    """Whether a program asks, and not a person."""
    return request.url.path.endswith(tuple(f".{ending}" for ending in ENDINGS))
