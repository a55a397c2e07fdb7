"""Routes of the node's own pages: each page of `screens` with its twins, each act, the style sheet and the way to sign in.

Nothing here decides and nothing here reads the store: screens ask the desk. This is the one place that knows who is signed in, from which
site a form comes, and which status a fault has.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from comity.admin import sessions
from comity.doors.received import TooLarge, TooSlow, UnknownContent, read_body
from comity.doors.web.frame import frame
from comity.doors.web.page import Act, Again, Form, Page, Visit, may
from comity.doors.web.render import HEADERS, draw, language, static
from comity.doors.web.screens import ACTS, PAGES
from comity.doors.web.twins import ENDINGS, twin
from comity.errors import Conflict, Denied, Fault, NotAuthenticated, NotFound, SenderFault
from comity.release.desk import Desk
from comity.release.views import Tally

#: The status of each fault; of several that fit, the first. All others are the node's own: 500.
STATUSES: tuple[tuple[type[Fault], int], ...] = (
    (NotAuthenticated, 401),
    (Denied, 403),
    (TooSlow, 408),
    (Conflict, 409),
    (TooLarge, 413),
    (UnknownContent, 415),
    (SenderFault, 422),
)
#: Seconds for a form to arrive, and the most fields of one.
UPLOAD, FIELDS = 60.0, 20_000

_Endpoint = Callable[[Request], Awaitable[Response]]


def routes(desk: Desk) -> list[Route]:
    """Everything under `/` that is pages."""
    site = _Site(desk)
    found = [
        Route("/static/{name:path}", _static),
        Route("/enter/{secret}", lambda request: draw(request, "enter.html", {})),
        Route("/enter/{secret}", lambda request: _enter(desk, request), methods=["POST"]),
    ]
    # A twin stands before its page: `{id}` would take the ending for a part of the id. What is fixed stands before what is to be filled in.
    for page in sorted(PAGES, key=lambda page: "{" in page.path):
        for ending in ENDINGS if page.rows else ("json",):
            found.append(Route(f"{page.path}.{ending}", site.page(page, ending)))
            if page.path == "/":
                found.append(Route(f"/index.{ending}", site.page(page, ending)))
        found.append(Route(page.path, site.page(page)))
    return [*found, *(Route(act.path, site.act(act), methods=["POST"]) for act in ACTS)]


class _Site:
    """The pages of one desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.tally = Tally()

    def page(self, page: Page, ending: str | None = None) -> _Endpoint:
        """The endpoint of a page or of its twin with that ending."""

        def endpoint(request: Request) -> Response:
            visit = self._visit(request, page)
            data = {**frame(visit), **page.build(visit)}
            return twin(data, ending, page.rows) if ending else self._drawn(visit, page.template, data)

        return _guarded(lambda request: run_in_threadpool(endpoint, request))

    def act(self, act: Act) -> _Endpoint:
        """The endpoint of an act."""

        async def endpoint(request: Request) -> Response:
            _same_site(request)
            await run_in_threadpool(self._visit, request, act)
            body = await read_body(request, self.desk.world.settings.limits.content_bytes, UPLOAD)
            return await run_in_threadpool(carry_out, request, body)

        def carry_out(request: Request, body: bytes) -> Response:
            visit = self._visit(request, act)  # once more: a session may have ended while the form arrived
            done = act.do(visit, _form(request, body))
            if isinstance(done, Again):
                return self._drawn(visit, done.template, {**frame(visit), **done.data}, done.status)
            return RedirectResponse(done.to, 303, {**HEADERS, "cache-control": "no-store"})

        return _guarded(endpoint)

    def _visit(self, request: Request, place: Page | Act) -> Visit:
        """The visit of a person who may be here. Raises NotAuthenticated, and NotFound for a person who may not."""
        signed = signed_in(self.desk, request)
        if signed is None:
            raise NotAuthenticated("not signed in")
        if not may(signed.user, self.desk.world.settings.party, place):
            raise NotFound("there is no such page")
        return Visit(desk=self.desk, request=request, signed=signed, words=language(request), tally=self.tally)

    def _drawn(self, visit: Visit, template: str, data: Mapping[str, Any], status: int = 200) -> Response:
        party = self.desk.world.settings.party
        nav = [(page.path, page.nav) for page in PAGES if page.nav and may(visit.user, party, page)]
        now = self.desk.world.clock().isoformat(timespec="seconds").replace("+00:00", "Z")
        return draw(visit.request, template, {**data, "nav": nav, "now": now}, status)


def _guarded(endpoint: _Endpoint) -> _Endpoint:
    """The only place where faults become statuses of this door."""

    async def guarded(request: Request) -> Response:
        try:
            return await endpoint(request)
        except NotFound:
            return absent(request)
        except NotAuthenticated:
            return _plain(request, "out.html", 401, "not signed in", {"www-authenticate": 'Link realm="comity"'})
        except Fault as fault:
            status = next((code for kind, code in STATUSES if isinstance(fault, kind)), 500)
            return _plain(request, "problem.html", status, str(fault), {}, next=fault.next)

    return guarded


def _form(request: Request, body: bytes) -> Form:
    """The fields of a form. Raises UnknownContent for another media type, SenderFault for what is not UTF-8 or has too many fields."""
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if body and media != "application/x-www-form-urlencoded":
        raise UnknownContent(f"a form arrived as {media or 'nothing in particular'}", next="send application/x-www-form-urlencoded")
    try:
        return Form(parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=FIELDS))
    except ValueError as error:
        raise SenderFault(f"the form cannot be read: {error}", next="send it again from the page") from None


def _same_site(request: Request) -> None:
    """Refuse a form of another site (the cookie is SameSite=Lax besides). Raises Denied."""
    origin, fetched = request.headers.get("origin"), request.headers.get("sec-fetch-site", "same-origin")
    if fetched not in ("same-origin", "none") or (origin is not None and _host_of(origin) != request.headers.get("host")):
        raise Denied("another site sent this form", next="open the page here and send it from there")


def signed_in(desk: Desk, request: Request) -> sessions.Signed | None:
    """Whose session the request's cookie names, None without one."""
    return sessions.find(desk.world, request.cookies.get(cookie_name(desk)))


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
    if request.url.path.endswith((".json", ".csv", ".ndjson")):
        response = twin({"error": said, **data}, status=status)
    else:
        response = draw(request, template, {"said": said, **data}, status)
    response.headers.update(headers)
    return response
