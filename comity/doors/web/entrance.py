"""The way in: signing in, enrolling by a link, going on with what was sent when a session had ended, and signing out.

Whoever is not signed in gets the sign-in page at the address that they asked for, and comes back to it. A form that meets an ended session
is kept sealed in that page, and shown again with all that was written once its writer has signed in: nothing is lost, and nothing is kept
here for somebody who may never come back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from comity.admin import passkeys, sessions
from comity.admin.sealed import seal, unseal
from comity.admin.signing_in import Opened, SigningIn, Wait, mark
from comity.doors.web import asking, forgery
from comity.doors.web.page import Form
from comity.doors.web.refusing import Endpoint, guarded, is_twin, plain, refused
from comity.doors.web.render import HEADERS, draw
from comity.doors.web.twins import twin
from comity.errors import Fault, NotAuthenticated
from comity.release.desk import Desk

#: Bytes of a form that is kept for somebody who has to sign in first, and how long they have.
HELD, HELD_LASTS = 2 << 20, timedelta(hours=12)
_PURPOSE = "a form that was sent"
#: Where the form of the sign-in page goes.
_SIGN_IN = ("/sign-in", "/sign-in/passkey", "/sign-in/resume")


class Entrance:
    """The ways in to one desk's pages."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.signing_in = SigningIn(desk.world)
        oidc = desk.world.settings.oidc
        #: What people call the identity provider; "" without one.
        self.provider = oidc.title if oidc.issuer else ""

    def routes(self) -> list[Route]:
        """Every address that somebody who is not signed in may use."""
        return [
            Route("/sign-in", self.reads(lambda request: self.page(request, 200))),
            Route("/sign-in", self.takes(self.password), methods=["POST"]),
            Route("/sign-in/question.json", self.reads(self.question)),
            Route("/sign-in/passkey", self.takes(self.passkey), methods=["POST"]),
            Route("/sign-in/resume", self.takes(self.resume), methods=["POST"]),
            Route("/sign-out", self.takes(self.sign_out), methods=["POST"]),
            Route("/enter/{secret}", self.reads(lambda request: self.drawn(request, "enter.html", {}))),
            Route("/enter/{secret}", self.takes(self.enter), methods=["POST"]),
        ]

    def reads(self, answer: Any) -> Endpoint:
        """An endpoint that shows something."""
        return guarded(lambda request: run_in_threadpool(answer, request), self.ask)

    def takes(self, answer: Any) -> Endpoint:
        """An endpoint that takes a form, from our own pages only."""

        async def endpoint(request: Request) -> Response:
            try:
                # What is held travels sealed, so it is longer than it was.
                form = await forgery.received(request, 2 * HELD, [forgery.guest(self.desk, request), asking.held(self.desk, request)])
            except forgery.Doubtful as doubtful:
                if request.url.path not in _SIGN_IN:
                    raise
                held, back = doubtful.form.text("held"), doubtful.form.text("back")
                return await run_in_threadpool(lambda: self.page(request, 403, held=held, back=back or "/"))
            return await run_in_threadpool(answer, request, form)

        return guarded(endpoint, self.ask)

    async def ask(self, request: Request) -> Response:
        """What somebody gets who is not signed in: the page to do so, at whatever address they asked for."""
        return await run_in_threadpool(self.page, request, 401)

    def page(
        self, request: Request, status: int, *, sent: Form | None = None, held: str = "", back: str = "", wrong: Fault | None = None,
        wait: float = 0, name: str = "",
    ) -> Response:  # fmt: skip
        """The sign-in page. `sent` is a form that is to be kept, `held` one that is kept already."""
        if is_twin(request):
            return plain(request, "sign_in.html", status, "not signed in", {"www-authenticate": 'Link realm="comity"'})
        if sent is not None:
            held = seal(self.desk.world, _PURPOSE, [request.url.path, sent.fields])
        asked = request.method == "GET" and not request.url.path.startswith("/sign-in")
        query = f"?{request.url.query}" if request.url.query else ""
        back = back or (request.url.path + query if asked else request.query_params.get("next", "/"))
        signed = asking.signed_in(self.desk, request)
        data = {
            "held": held, "back": asking.here(back), "wrong": wrong, "wait": _minutes(wait), "name": name,
            "signed": signed.user.name if signed else "", "title": self.desk.world.settings.title or self.desk.world.settings.party,
            "provider": self.provider, "has_name": asking.has_name(request),
        }  # fmt: skip
        response = self.drawn(request, "sign_in.html", data, status)
        if status == 401:
            response.headers["www-authenticate"] = 'Link realm="comity"'
        if wait:
            response.headers["retry-after"] = str(int(wait) + 1)
        return response

    def password(self, request: Request, form: Form) -> Response:
        """Sign in with a password and a code."""
        name, held, back = form.text("name"), form.text("held"), form.text("back") or "/"
        try:
            opened = self.signing_in.password(name, exact(form, "password"), form.text("code"), asking.browser(self.desk, request))
        except NotAuthenticated as fault:
            return self.page(request, 401, held=held, back=back, wrong=fault, name=name)
        if isinstance(opened, Wait):
            return self.page(request, 429, held=held, back=back, wait=opened.seconds, name=name)
        return self.opened(request, opened, back, held)

    def question(self, request: Request) -> Response:
        """What a browser is to have a passkey answer."""
        asked = passkeys.ask(self.desk.world, asking.site(request))
        return twin({"options": asked.options, "sealed": asked.sealed})

    def passkey(self, request: Request, form: Form) -> Response:
        """Sign in with a passkey."""
        held, back = form.text("held"), form.text("back") or "/"
        try:
            opened = self.signing_in.passkey(
                asking.site(request), form.text("sealed"), form.text("answer"), asking.browser(self.desk, request)
            )  # fmt: skip
        except NotAuthenticated as fault:
            return self.page(request, 401, held=held, back=back, wrong=fault)
        if isinstance(opened, Wait):
            return self.page(request, 429, held=held, back=back, wait=opened.seconds)
        return self.opened(request, opened, back, held)

    def resume(self, request: Request, form: Form) -> Response:
        """Go on with a form after signing in elsewhere, as in another tab."""
        if asking.signed_in(self.desk, request) is None:
            return self.page(request, 401, held=form.text("held"), back=form.text("back"))
        return self._again(request, form.text("held"), asking.held(self.desk, request) or "")

    def enter(self, request: Request, form: Form) -> Response:
        """Use a one-time link. The secret in the path is what guards this: who does not know it can do nothing here."""
        browser = asking.browser(self.desk, request)
        try:
            cookie = sessions.enter(self.desk.world, request.path_params["secret"], agent=browser.agent, old=browser.old)
        except NotAuthenticated:
            return draw(request, "refused.html", {}, 403)
        return self.begun(request, cookie)

    def begun(self, request: Request, cookie: str) -> Response:
        """A session has begun by a link."""
        signed = sessions.find(self.desk.world, cookie)
        name = signed.user.name if signed else ""
        return self.opened(request, Opened(cookie=cookie, name=name, mark=mark(self.desk.world, name)), "/", "")

    def opened(self, request: Request, opened: Opened, back: str, held: str) -> Response:
        """A session has begun: go on to where its person wanted to be, or show what they had sent."""
        response = self._again(request, held, opened.cookie) if held else _goes(back)
        asking.remember(self.desk, request, response, opened)
        return response

    def sign_out(self, request: Request, form: Form) -> Response:
        """End the session, here and in the browser."""
        signed = asking.signed_in(self.desk, request)
        if signed is not None:
            sessions.end(self.desk.world, signed.user.name, [signed.id])
        response = _goes("/sign-in")
        asking.forget(self.desk, request, response)
        return response

    def doubted(self, request: Request, form: Form, signed: bool) -> Response:
        """A form of a page that was opened in another session, or before it: to be looked at once more, or to be sent after signing in."""
        if not signed:
            return self.page(request, 401, sent=form)
        return self._shown(request, request.url.path, form.fields, asking.held(self.desk, request) or "", 403)

    def drawn(self, request: Request, template: str, data: Mapping[str, Any], status: int = 200) -> Response:
        """A page with forms for somebody who need not be signed in."""
        secret = forgery.guest(self.desk, request) or forgery.new()
        response = draw(request, template, {**data, "token": forgery.field(secret)}, status)
        forgery.welcome(self.desk, request, response, secret)
        return response

    def _again(self, request: Request, held: str, session: str) -> Response:
        """The form that was kept, with all that was written in it, to be sent now, in the session with that secret."""
        try:
            path, fields = unseal(self.desk.world, _PURPOSE, held, HELD_LASTS)
        except NotAuthenticated as fault:
            return refused(request, fault)
        return self._shown(request, asking.here(path), fields, session)

    def _shown(self, request: Request, to: str, fields: Sequence[Sequence[str]], session: str, status: int = 200) -> Response:
        data = {"to": to, "fields": [(name, text) for name, text in fields], "token": forgery.field(session)}
        return draw(request, "resume.html", data, status)


def _goes(to: str) -> Response:
    """The browser goes on to a path here."""
    return RedirectResponse(asking.here(to), 303, {**HEADERS, "cache-control": "no-store"})


def exact(form: Form, name: str) -> str:
    """A text as it was typed: spaces count in a password."""
    return next((text for key, text in reversed(form.fields) if key == name), "")


def _minutes(seconds: float) -> int:
    return -int(-seconds // 60)
