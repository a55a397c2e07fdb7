"""Enrolling by a one-time link: its person chooses what they sign in with from now on. The link's secret guards these pages."""

from __future__ import annotations

import base64
import io
from typing import Any

import segno
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from comity.admin import credentials, links, passkeys, passwords, totp
from comity.admin.credentials import New
from comity.admin.links import Link
from comity.doors.web import asking
from comity.doors.web.entrance import Entrance, exact
from comity.doors.web.page import Form
from comity.doors.web.refusing import status_of
from comity.doors.web.render import draw
from comity.doors.web.twins import twin
from comity.errors import Conflict, NotAuthenticated, SenderFault


class Enrolment:
    """The pages of enrolment links."""

    def __init__(self, entrance: Entrance) -> None:
        self._in = entrance
        self._world = entrance.desk.world

    def routes(self) -> list[Route]:
        """Every address of an enrolment."""
        return [
            Route("/account/question.json", self._in.reads(self.own_question)),
            Route("/enrol/{secret}/question.json", self._in.reads(self.question)),
            Route("/enrol/{secret}/passkey", self._in.takes(self.passkey), methods=["POST"]),
            Route("/enrol/{secret}", self._in.reads(lambda request: self.page(request))),
            Route("/enrol/{secret}", self._in.takes(self.password), methods=["POST"]),
        ]

    def page(self, request: Request, wrong: dict[str, str] | None = None, name: str = "", status: int = 200) -> Response:
        """The page of a link. `wrong`: field -> what has to be corrected."""
        try:
            link = self._link(request)
        except NotAuthenticated:
            return draw(request, "refused.html", {}, 403)
        data = {
            "here_is": f"/enrol/{request.path_params['secret']}",
            "first": not link.user,
            "name": link.user or name,
            "secret": totp.text(link.seed),
            "picture": _picture(totp.uri(link.seed, link.user or self._world.settings.party, self._world.settings.party)),
            "wrong": wrong or {},
            "provider": self._in.provider if link.user else "",
            "has_name": asking.has_name(request),
        }
        return self._in.drawn(request, "enrol.html", data, status)

    def password(self, request: Request, form: Form) -> Response:
        """Choose a password, and prove that the code generator has its secret."""
        link, name = self._link(request), form.text("name")
        password, wrong = exact(form, "password"), {}
        try:
            passwords.check(password, _words(link.user or name, self._world.settings.party))
        except SenderFault:
            wrong["password"] = "enrol.weak"
        step = totp.step_of(link.seed, form.text("code"), self._world.clock())
        if step is None:
            wrong["code"] = "enrol.code_wrong"
        if wrong:
            return self.page(request, wrong, name, 422)
        return self._enrol(request, New(password=passwords.hashed(password), totp=link.seed, step=step or 0), name)

    def question(self, request: Request) -> Response:
        """What a browser is to make a passkey for."""
        link = self._link(request)
        asked = passkeys.ask_new(self._world, asking.site(request), link.user or request.query_params.get("name", "").strip())
        return twin({"options": asked.options, "sealed": asked.sealed})

    def own_question(self, request: Request) -> Response:
        """The same for somebody who is signed in."""
        signed = asking.signed_in(self._in.desk, request)
        if signed is None:
            raise NotAuthenticated("not signed in")
        held = credentials.held(self._world, signed.user.name)
        asked = passkeys.ask_new(self._world, asking.site(request), signed.user.name, held.passkeys if held else ())
        return twin({"options": asked.options, "sealed": asked.sealed})

    def passkey(self, request: Request, form: Form) -> Response:
        """Choose a passkey."""
        link = self._link(request)
        name = link.user or form.text("name")
        made = passkeys.made(self._world, asking.site(request), name, form.text("sealed"), form.text("answer"), form.text("label"))
        return self._enrol(request, New(passkey=made), name)

    def _link(self, request: Request) -> Link:
        link = links.look(self._world, request.path_params["secret"])
        if not link.enrol:
            raise NotAuthenticated("this link is for something else")
        return link

    def _enrol(self, request: Request, new: New, name: str) -> Response:
        browser = asking.browser(self._in.desk, request)
        try:
            cookie = credentials.enrol(
                self._world, request.path_params["secret"], new, name=name, agent=browser.agent, old=browser.old
            )  # fmt: skip
        except (SenderFault, Conflict) as fault:
            return self.page(request, {"name": str(fault)}, name, status_of(fault))
        return self._in.begun(request, cookie)


def _words(name: str, party: str) -> list[str]:
    """What anybody knows of a person: no part of a password."""
    return [name, *name.replace("_", ".").replace("-", ".").split("."), party, "comity", "password"]


def _picture(text: str) -> str:
    """A QR code as a `data:` URL: dark on light in both themes, as cameras want it."""
    out: Any = io.BytesIO()
    segno.make(text, error="m").save(out, kind="svg", scale=4, border=4, light="#fff", dark="#000", xmldecl=False)
    return "data:image/svg+xml;base64," + base64.b64encode(out.getvalue()).decode()
