"""Routes of the node's own pages. Each page has a JSON twin at the same path with `.json`; only a signed-in browser gets either.

Nothing here decides and nothing here reads the store: pages ask the desk, by way of `release.views`. The one thing that a page can
change is the browser's own session, at `/enter/`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from comity.admin import sessions
from comity.doors.web.pages import Pages
from comity.doors.web.render import HEADERS, draw, static, twin
from comity.errors import Fault, NotAuthenticated, NotFound
from comity.release.desk import Desk

#: Builds a page's data from its request. Raises NotFound.
Build = Callable[[Request], Mapping[str, Any]]


def routes(desk: Desk) -> list[Route]:
    """The pages, their twins, the style sheet and the way to sign in."""
    pages = Pages(desk)
    drawn: list[tuple[str, str, Build]] = [
        ("/", "home.html", lambda request: pages.home(_number(request, "before"), request.query_params.get("type") or None)),
        ("/log", "log.html", lambda request: pages.log(_number(request, "before"))),
        ("/log/{index}", "entry.html", lambda request: pages.entry(_index(request.path_params["index"]))),
        ("/o/{id}", "object.html", lambda request: pages.object(request.path_params["id"], request.query_params.get("version"))),
    ]
    found = [
        Route("/static/{name}", _static),
        Route("/enter/{secret}", lambda request: draw(request, "enter.html", {})),
        Route("/enter/{secret}", lambda request: _enter(desk, request), methods=["POST"]),
        Route("/index.json", _guarded(desk, None, drawn[0][2])),
    ]
    # A twin stands before its page: `{id}` would take the ending for a part of the id.
    for path, template, build in drawn:
        found += [Route(path + ".json", _guarded(desk, None, build)), Route(path, _guarded(desk, template, build))]
    return found


def _guarded(desk: Desk, template: str | None, build: Build) -> Callable[[Request], Response]:
    """The endpoint of a page (or, without a template, of its twin): the only place where faults become statuses of this door."""

    def endpoint(request: Request) -> Response:
        if sessions.find(desk.world, request.cookies.get(cookie_name(desk))) is None:
            return _plain(request, "out.html", 401, "not signed in", {"www-authenticate": 'Link realm="comity"'})
        try:
            data = build(request)
        except NotFound:
            return absent(request)
        except Fault as fault:
            return _plain(request, "problem.html", 500, str(fault), {}, next=fault.next)
        return twin(data) if template is None else draw(request, template, data)

    return endpoint


def cookie_name(desk: Desk) -> str:
    """The session cookie's name. Browsers do not keep ports apart, so two nodes on one host need two names."""
    settings = desk.world.settings
    return "comity_" + hashlib.sha256(f"{settings.party}/{settings.name}".encode()).hexdigest()[:12]


def _enter(desk: Desk, request: Request) -> Response:
    """Use a one-time link. The secret in the path is what guards this: who does not know it can do nothing here."""
    origin = request.headers.get("origin")
    if origin is not None and _host_of(origin) != request.headers.get("host"):
        return draw(request, "refused.html", {"reason": "enter.other_site"}, 403)
    try:
        agent, old = request.headers.get("user-agent", ""), request.cookies.get(cookie_name(desk))
        session = sessions.enter(desk.world, request.path_params["secret"], agent=agent, old=old)
    except NotAuthenticated:
        return draw(request, "refused.html", {"reason": "enter.bad_lead"}, 403)
    response = RedirectResponse("/", 303, {**HEADERS, "cache-control": "no-store"})
    seconds = int(sessions.SESSION_LASTS.total_seconds())
    secure = request.url.scheme == "https" or (origin or "").startswith("https:")
    response.set_cookie(cookie_name(desk), session, max_age=seconds, httponly=True, samesite="lax", secure=secure)
    return response


def _host_of(origin: str) -> str | None:
    """The host and port of an Origin header (RFC 6454 section 7); None for what is no URL."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None


def _static(request: Request) -> Response:
    return static(request) or absent(request)


def absent(request: Request) -> Response:
    """What is hidden, and what is not there: one answer."""
    return _plain(request, "absent.html", 404, "not found", {})


async def not_found(request: Request, error: Exception) -> Response:
    """Unknown paths (as `absent`) and methods that a path does not have."""
    if isinstance(error, HTTPException) and error.status_code != 404:
        return _plain(request, "method.html", error.status_code, "not possible", dict(error.headers or {}))
    return absent(request)


def _plain(request: Request, template: str, status: int, said: str, headers: Mapping[str, str], **data: str) -> Response:
    """An answer that is no page of data, in the form that was asked for."""
    if request.url.path.endswith(".json"):
        response = twin({"error": said, **data}, status)
    else:
        response = draw(request, template, {"said": said, **data}, status)
    response.headers.update(headers)
    return response


def _number(request: Request, name: str) -> int | None:
    text = request.query_params.get(name)
    return _index(text) if text else None


def _index(text: str) -> int:
    """A number in an address. Raises NotFound for anything else."""
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise NotFound("there is no such page")
    return int(text)
