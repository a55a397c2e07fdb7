"""Forms as they arrive, and how it is known that they come from our own pages (cross-site request forgery).

Every form of a page carries a token: an HMAC (RFC 2104) under the secret that its browser holds in a cookie. Nobody who cannot read that
cookie can make one up, and nothing is kept for it here. A page of somebody who is signed in has one of their session, the pages before have
one of a secret that opens nothing (`guest`). Beside the token, what the browser says of where a form comes from must not speak against it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from comity.doors.received import read_body
from comity.doors.web import asking
from comity.doors.web.page import Form
from comity.errors import Denied
from comity.release.desk import Desk

#: The field that has the token.
FIELD = "csrf"
#: Seconds for a form to arrive.
UPLOAD = 60.0
_GUEST = "_guest"


class Doubtful(Denied):
    """A form of this site, as the browser says, whose token is none of this session: nothing is done, and nothing in it need be lost."""

    def __init__(self, form: Form) -> None:
        super().__init__(
            "this page was opened before your session began, or it is not complete", next="open it again and send the form from there"
        )
        self.form = form


def token(secret: str) -> str:
    """The token of the forms that a browser with this secret is given."""
    return hmac.new(secret.encode("utf-8", "surrogateescape"), b"a form of Comity's pages", hashlib.sha256).hexdigest()


def field(secret: str) -> Markup:
    """The hidden field that every form of a page starts with: `{{ token }}` in the templates."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, token(secret))


async def received(request: Request, limit: int, ours: Iterable[str | None]) -> Form:
    """A form of at most `limit` bytes, without its token, which is of one of `ours`: the secrets that the browser may hold for it.

    Raises Denied for a form of another site, and for one that neither has the token nor is said by the browser to come from here;
    Doubtful for one of this site with a wrong token or none; TooLarge, TooSlow, UnknownContent and SenderFault.
    """
    here = asking.same_site(request)
    form = asking.form(request, await read_body(request, limit, UPLOAD))
    given, bare = form.text(FIELD), Form([(name, text) for name, text in form.fields if name != FIELD])
    if any(secret and hmac.compare_digest(token(secret).encode(), given.encode("utf-8", "surrogateescape")) for secret in ours):
        return bare
    if here:
        raise Doubtful(bare)
    raise Denied("this form is not from a page that was opened here", next="open the page here and send it from there")


def guest(desk: Desk, request: Request) -> str | None:
    """The secret for forms that the browser holds beside any session."""
    return asking.cookie(desk, request, _GUEST)


def welcome(desk: Desk, request: Request, response: Response, secret: str) -> None:
    """Have the browser hold a secret for forms, until it is closed."""
    if secret != guest(desk, request):
        tls = asking.secure(request)
        response.set_cookie(asking.cookie_name(desk, tls) + _GUEST, secret, httponly=True, samesite="lax", secure=tls)


def new() -> str:
    """A secret for a browser that has none."""
    return secrets.token_urlsafe(32)
