"""Routes of the node's own pages: each page of `screens` with its twins, each act, the style sheet and the way to sign in.

Nothing here decides and nothing here reads the store: screens ask the desk. This is the one place that knows who is signed in, from which
site a form comes, and which status a fault has.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from comity.admin import shortcuts
from comity.admin.sessions import Signed
from comity.clock import micros
from comity.doors.web import asking, forgery
from comity.doors.web.enrolment import Enrolment
from comity.doors.web.entrance import HELD, Entrance
from comity.doors.web.frame import frame
from comity.doors.web.identity import Identity
from comity.doors.web.jobs import Jobs
from comity.doors.web.once import Once, Told
from comity.doors.web.page import Act, Again, File, Form, Page, Signer, Visit, may
from comity.doors.web.refusing import Endpoint, absent, guarded, plain
from comity.doors.web.render import HEADERS, draw, language, static
from comity.doors.web.screens import ACTS, FILES, NAVIGATION, PAGES
from comity.doors.web.twins import ENDINGS, twin
from comity.errors import NotAuthenticated, NotFound
from comity.release.desk import Desk
from comity.release.techniques import atlas
from comity.release.traffic import Traffic
from comity.release.views import Remembered, Tally


class Pages:
    """The pages of one desk; `signer` as for `site`."""

    def __init__(self, desk: Desk, signer: Signer | None = None) -> None:
        self.desk = desk
        self.signer = signer
        self.tally = Tally()
        self.jobs = Jobs()
        self.once = Once()
        self.traffic = Traffic()
        self.atlases = Remembered(atlas)
        self.entrance = Entrance(desk)
        self.enrolment = Enrolment(self.entrance)
        self.identity = Identity(self.entrance)

    def routes(self) -> list[Route]:
        """Everything under `/` that is pages."""
        found = [Route("/static/{name:path}", _static), *self.entrance.routes(), *self.identity.routes(), *self.enrolment.routes()]
        # A twin stands before its page: `{id}` would take the ending for a part of the id. What is fixed stands before what is filled in.
        for page in sorted(PAGES, key=lambda page: "{" in page.path):
            for ending in ENDINGS if page.rows else ("json",):
                found.append(Route(f"{page.path}.{ending}", self.page(page, ending)))
                if page.path == "/":
                    found.append(Route(f"/index.{ending}", self.page(page, ending)))
            found.append(Route(page.path, self.page(page)))
        found = [*(Route(file.path, self.file(file)) for file in FILES), *found]
        return [*found, *(Route(act.path, self.act(act), methods=["POST"]) for act in sorted(ACTS, key=lambda act: "{" in act.path))]

    def around(self, request: Request) -> Mapping[str, Any]:
        """What stands around a refusal for somebody who is signed in, as around every page; nothing for anybody else.

        Without the time and the place: of two refusals, one of what is hidden and one of what is not there, not a byte may differ.
        """
        signed = asking.signed_in(self.desk, request)
        if signed is None:
            return {}
        visit = self._visited(request, signed)
        timeless = {key: each for key, each in self._framed(visit).items() if key not in ("now", "live_since")}
        return {**frame(visit), **timeless, "here": ""}

    def page(self, page: Page, ending: str | None = None) -> Endpoint:
        """The endpoint of a page or of its twin with that ending."""

        def endpoint(request: Request) -> Response:
            visit = self._visit(request, page)
            data = {**frame(visit), **page.build(visit)}
            if ending:
                return twin(data, ending, page.rows)
            # Whoever only asks whether the page is there (HEAD) is not told.
            told = self.once.take(visit.signed.id, request.scope["path"], visit.at) if request.method == "GET" else None
            return self._drawn(visit, page.template, {**data, "twins": twins_of(request, page)}, told=told)

        return guarded(lambda request: run_in_threadpool(endpoint, request), self.entrance.ask)

    def file(self, file: File) -> Endpoint:
        """The endpoint of a file."""

        def endpoint(request: Request) -> Response:
            given = file.give(self._visit(request, file))
            kept = {"cache-control": "no-store", "content-disposition": f'attachment; filename="{given.name}"'}
            return Response(given.body, 200, {**HEADERS, **kept}, given.media)

        return guarded(lambda request: run_in_threadpool(endpoint, request), self.entrance.ask)

    def act(self, act: Act) -> Endpoint:
        """The endpoint of an act."""

        async def endpoint(request: Request) -> Response:
            signed = await run_in_threadpool(asking.signed_in, self.desk, request)
            ours = [asking.held(self.desk, request)] + ([] if signed else [forgery.guest(self.desk, request)])
            try:
                form = await forgery.received(request, self.desk.world.settings.limits.content_bytes if signed else HELD, ours)
            except forgery.Doubtful as doubtful:
                return await run_in_threadpool(self.entrance.doubted, request, doubtful.form, signed is not None)
            return await run_in_threadpool(carry_out, request, form)

        def carry_out(request: Request, form: Form) -> Response:
            try:
                visit = self._visit(request, act)
            except NotAuthenticated:  # nothing that was written is lost
                return self.entrance.page(request, 401, sent=form)
            done = act.do(visit, form)
            if isinstance(done, Again):
                return self._drawn(visit, done.template, {**frame(visit), **done.data}, done.status)
            if done.told:
                self.once.tell(visit.signed.id, done.to, done.told, visit.at)
            return RedirectResponse(done.to, 303, {**HEADERS, "cache-control": "no-store"})

        return guarded(endpoint, self.entrance.ask)

    def _visit(self, request: Request, place: Page | File | Act) -> Visit:
        """The visit of a person who may be here. Raises NotAuthenticated, and NotFound for a person who may not."""
        signed = asking.signed_in(self.desk, request)
        if signed is None:
            raise NotAuthenticated("not signed in")
        if not may(signed.user, self.desk.world.settings.party, place):
            raise NotFound("there is no such page")
        return self._visited(request, signed)

    def _visited(self, request: Request, signed: Signed) -> Visit:
        return Visit(
            desk=self.desk,
            request=request,
            signed=signed,
            words=language(request),
            tally=self.tally,
            jobs=self.jobs,
            traffic=self.traffic,
            atlases=self.atlases,
            at=self.desk.world.clock(),
            signer=self.signer,
        )

    def _drawn(self, visit: Visit, template: str, data: Mapping[str, Any], status: int = 200, told: Told | None = None) -> Response:
        return draw(visit.request, template, {**data, **self._framed(visit), "just_done": told}, status)

    def _framed(self, visit: Visit) -> dict[str, Any]:
        """What a page's frame has besides `frame`, and no twin: the way to other pages, the person's keys, the session's token."""
        party = self.desk.world.settings.party
        open_to = {page.nav: page.path for page in PAGES if page.nav and may(visit.user, party, page)}
        nav = [[(open_to[name], name) for name in group if name in open_to] for group in NAVIGATION]
        now = visit.at.isoformat(timespec="seconds").replace("+00:00", "Z")
        chosen = shortcuts.of(self.desk.world, visit.user)
        return {
            "nav": nav,
            "now": now,
            "live_since": micros(visit.at),
            "keymap": chosen.keys,
            "single_keys": chosen.single,
            "token": forgery.field(asking.held(self.desk, visit.request) or ""),
        }


def twins_of(request: Request, page: Page) -> list[tuple[str, str]]:
    """(ending, address) of what says the same as a page to programs."""
    path = "/index" if page.path == "/" else quote(request.url.path)
    asked = f"?{request.url.query}" if request.url.query else ""
    return [(ending, f"{path}.{ending}{asked}") for ending in (ENDINGS if page.rows else ("json",))]


def _static(request: Request) -> Response:
    return static(request) or absent(request)


async def not_found(request: Request, error: Exception) -> Response:
    """Unknown paths (as `absent`) and methods that a path does not have."""
    if isinstance(error, HTTPException) and error.status_code != 404:
        headers = dict(error.headers or {})
        return await run_in_threadpool(plain, request, "method.html", error.status_code, "not possible", headers)
    return await run_in_threadpool(absent, request)
