"""Signing in, enrolling and adding a way to sign in through the node's identity provider (`peer.oidc`).

What the browser has to bring back is sealed in a cookie for some minutes, so an answer is good in the browser that asked, for what it
asked.
"""

from __future__ import annotations

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from comity.admin import credentials, links
from comity.admin.credentials import New, Subject
from comity.admin.sealed import seal, unseal
from comity.doors.web import asking
from comity.doors.web.entrance import Entrance
from comity.doors.web.refusing import refused
from comity.doors.web.render import HEADERS
from comity.doors.web.screens.account import RECENT
from comity.errors import Conflict, NotAuthenticated, NotFound, SenderFault
from comity.peer.oidc import Provider

#: How long somebody may take at the provider.
LASTS = timedelta(minutes=10)
BACK = "/sign-in/oidc/back"
_PURPOSE = "at the identity provider"


class Identity:
    """The node's identity provider, if its settings name one."""

    def __init__(self, entrance: Entrance) -> None:
        self._in = entrance
        self._world = entrance.desk.world
        settings = self._world.settings.oidc
        self._provider = Provider(settings, self._world.clock) if settings.issuer else None

    def routes(self) -> list[Route]:
        """Where one leaves for the provider, and where one comes back."""
        return [
            Route("/sign-in/oidc", self._in.reads(self.sign_in)),
            Route(BACK, self._in.reads(self.back)),
            Route("/enrol/{secret}/oidc", self._in.reads(self.enrol)),
            Route("/account/oidc", self._in.reads(self.add)),
        ]

    def sign_in(self, request: Request) -> Response:
        """Leave to sign in."""
        return self._leave(request, {"to": asking.here(request.query_params.get("next", "/"))})

    def enrol(self, request: Request) -> Response:
        """Leave to enrol by a link. Raises NotAuthenticated for a link that is none."""
        link = links.look(self._world, request.path_params["secret"])
        if not link.enrol or not link.user:
            raise NotAuthenticated("this link is for something else")
        return self._leave(request, {"enrol": request.path_params["secret"]})

    def add(self, request: Request) -> Response:
        """Leave to add an identity to one's account, soon after signing in. Raises NotAuthenticated.

        Raises Denied where another site leads here: it could have signed the browser in as somebody else at the provider before.
        """
        asking.same_site(request)
        signed = asking.signed_in(self._in.desk, request)
        if signed is None or self._world.clock() - signed.session.opened >= RECENT:
            raise NotAuthenticated("sign in first")
        return self._leave(request, {"add": signed.id})

    def back(self, request: Request) -> Response:
        """Come back from the provider: signed in, enrolled, or with one more way to sign in."""
        provider = self._known()
        try:
            sealed = request.cookies.get(self._cookie(), "")
            asked = unseal(self._world, _PURPOSE, sealed, LASTS)
            issuer, name = provider.finish(self._back(request), asked["kept"], dict(request.query_params))
            response = self._arrived(request, asked, Subject(issuer=issuer, subject=name))
        except NotAuthenticated as fault:
            response = self._in.page(request, 401, back="/", wrong=fault)
        except (Conflict, SenderFault) as fault:
            response = refused(request, fault)
        response.delete_cookie(self._cookie(), httponly=True, samesite="lax", secure=asking.secure(request))
        return response

    def _arrived(self, request: Request, asked: dict[str, str], subject: Subject) -> Response:
        browser = asking.browser(self._in.desk, request)
        if "enrol" in asked:
            cookie = credentials.enrol(self._world, asked["enrol"], New(subject=subject), agent=browser.agent, old=browser.old)
            return self._in.begun(request, cookie)
        if "add" in asked:
            signed = asking.signed_in(self._in.desk, request)
            if signed is None or signed.id != asked["add"]:
                raise NotAuthenticated("your session has ended", next="sign in, and begin again")
            credentials.add(self._world, signed, New(subject=subject))
            return _goes("/account")
        return self._in.opened(request, self._in.signing_in.subject(subject, browser), asked["to"], "")

    def _leave(self, request: Request, asked: dict[str, str]) -> Response:
        begun = self._known().begin(self._back(request))
        response = _goes(begun.url)
        sealed = seal(self._world, _PURPOSE, {**asked, "kept": begun.kept})
        seconds = int(LASTS.total_seconds())
        response.set_cookie(self._cookie(), sealed, max_age=seconds, httponly=True, samesite="lax", secure=asking.secure(request))
        return response

    def _known(self) -> Provider:
        if self._provider is None:
            raise NotFound("there is no such page")
        return self._provider

    def _cookie(self) -> str:
        return f"{asking.cookie_name(self._in.desk)}_oidc"

    def _back(self, request: Request) -> str:
        return f"{asking.site(request).origin}{BACK}"


def _goes(to: str) -> Response:
    return RedirectResponse(to, 303, {**HEADERS, "cache-control": "no-store"})
