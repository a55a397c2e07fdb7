"""What a request tells before anything is done about it: from which site it comes, whose session it names, and the form that it brings."""

from __future__ import annotations

import hashlib
from ipaddress import ip_address
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from comity.admin import sessions
from comity.admin.passkeys import Site
from comity.admin.signing_in import KNOWN, Browser, Opened
from comity.doors.received import UnknownContent
from comity.doors.web.page import Form
from comity.errors import Denied, SenderFault
from comity.release.desk import Desk

#: The most fields of one form.
FIELDS = 20_000


def form(request: Request, body: bytes) -> Form:
    """The fields of a form. Raises UnknownContent for another media type, SenderFault for what is not UTF-8 or has too many fields."""
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if body and media != "application/x-www-form-urlencoded":
        raise UnknownContent(f"a form arrived as {media or 'nothing in particular'}", next="send application/x-www-form-urlencoded")
    try:
        return Form(parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=FIELDS))
    except ValueError as error:
        raise SenderFault(f"the form cannot be read: {error}", next="send it again from the page") from None


def same_site(request: Request) -> bool:
    """Whether the browser says that a page of this site led here; False where it says nothing. Raises Denied if another site did.

    The cookies are SameSite=Lax besides.
    """
    origin, fetched = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    if fetched not in (None, "same-origin", "none") or (origin is not None and _host_of(origin) != request.headers.get("host")):
        raise Denied("another site sent this form", next="open the page here and send it from there")
    return origin is not None or fetched == "same-origin"


def secure(request: Request) -> bool:
    """Whether the browser came by https, to this node or to a proxy before it."""
    return request.url.scheme == "https" or request.headers.get("origin", "").startswith("https:")


def site(request: Request) -> Site:
    """Where the browser takes these pages to be, for a passkey: host and origin, both checked against the node's hosts before."""
    scheme = "https" if secure(request) else request.url.scheme
    return Site(rp=request.url.hostname or "", origin=f"{scheme}://{request.headers.get('host', '')}")


def has_name(request: Request) -> bool:
    """Whether the browser came by a host name: no passkey is made for an IP address (WebAuthn level 3, section 5.1.3)."""
    try:
        ip_address((request.url.hostname or "").strip("[]"))
    except ValueError:
        return True
    return False


def cookie_name(desk: Desk, under_tls: bool = False) -> str:
    """The session cookie's name. Browsers do not keep ports apart, so two nodes on one host need two names.

    Under TLS it has the prefix by which browsers let no other host and no plain connection set it (RFC 6265bis section 4.1.3.2).
    """
    settings = desk.world.settings
    name = "comity_" + hashlib.sha256(f"{settings.party}/{settings.name}".encode()).hexdigest()[:12]
    return f"__Host-{name}" if under_tls else name


def held(desk: Desk, request: Request) -> str | None:
    """The session's secret that the browser holds."""
    return cookie(desk, request)


def cookie(desk: Desk, request: Request, kind: str = "") -> str | None:
    """What the browser holds: the session's secret, or what has that `kind` behind the name of the session's cookie.

    A proxy may not say that the browser came by https, so both names are looked for.
    """
    names = [cookie_name(desk, True)] + ([] if request.url.scheme == "https" else [cookie_name(desk)])
    return next((request.cookies[name + kind] for name in names if name + kind in request.cookies), None)


def signed_in(desk: Desk, request: Request) -> sessions.Signed | None:
    """Whose session the request's cookie names, None without one."""
    return sessions.find(desk.world, held(desk, request))


def browser(desk: Desk, request: Request) -> Browser:
    """Where somebody signs in from."""
    return Browser(
        address=request.client.host if request.client else "",
        agent=request.headers.get("user-agent", ""),
        old=held(desk, request),
        mark=request.cookies.get(_mark_name(desk), ""),
    )


def remember(desk: Desk, request: Request, response: Response, opened: Opened) -> None:
    """Give the browser its session, and the mark by which it is known."""
    tls = secure(request)
    for name, text, lasts in (
        (cookie_name(desk, tls), opened.cookie, sessions.SESSION_LASTS),
        (_mark_name(desk), opened.mark, KNOWN),
    ):
        response.set_cookie(name, text, max_age=int(lasts.total_seconds()), httponly=True, samesite="lax", secure=tls)


def forget(desk: Desk, request: Request, response: Response) -> None:
    """Take the session away from the browser; the mark stays: it opens nothing."""
    tls = secure(request)
    response.delete_cookie(cookie_name(desk, tls), httponly=True, samesite="lax", secure=tls)


def here(path: str) -> str:
    """A path of this node's pages to go on to; `/` for anything that a browser could take for another place."""
    plain = path.startswith("/") and path.isprintable() and "\\" not in path and not path.startswith("//")
    return path if plain and len(path) <= 2000 else "/"


def _mark_name(desk: Desk) -> str:
    return f"{cookie_name(desk)}_known"


def _host_of(origin: str) -> str | None:
    """The host and port of an Origin header (RFC 6454 section 7); None for what is no URL."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None
